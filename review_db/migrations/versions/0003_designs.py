"""Studies get a protocol and its versions, items a case, presentations a second ECG, readers consent and profile.

The protocol of an older study is made of the two settings that it had; each of its items becomes a case of its own;
an open or closed one gets version 1 with the hash of its opening, empty if there was none before migration 0002. Going
back keeps single readings: pairs, grades, repeats and practice are refused, because the older tables have no room for
them, and would take grades for verdicts. Deleting a rating is refused as before, unless
its reader has withdrawn with erasure; that trigger reads `assignment` and `rater`, so a later migration that rebuilds
one of these on SQLite must drop the trigger before and make it again.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

RATER_TIMES = ("paused_at", "reminded_at", "withdrawn_at", "erased_at", "consented_at")
STUDY = sa.table(
    "study",
    sa.column("id", sa.Integer),
    sa.column("description", sa.Text),
    sa.column("protocol", sa.JSON),
    sa.column("protocol_sha256", sa.String),
    sa.column("opened_at", sa.DateTime(timezone=True)),
    sa.column("minimum_view_seconds", sa.Double),
    sa.column("question_plausibility", sa.Boolean),
)


def upgrade() -> None:
    _give_studies_protocols()
    _create_protocol_version()
    _give_items_cases()
    _give_readers_consent()
    _give_presentations_a_second_ecg()
    _give_ratings_reasons()
    _drop_refusals("rating")
    _refuse_but_erasure()


def downgrade() -> None:
    _require_single_readings()
    _drop_refusals("rating")
    _allow_no_deletion()
    for column in ("reasons", "plausibility_beside"):
        op.drop_column("rating", column)
    _take_second_ecg_away()
    for column in ("profile", "consent_version", *reversed(RATER_TIMES)):
        op.drop_column("rater", column)
    with op.batch_alter_table("item") as table:
        table.drop_constraint(op.f("ck_item_case_number"), type_="check")
        for column in ("is_practice", "case_number"):
            table.drop_column(column)
    op.drop_table("protocol_version")
    _take_protocols_away()


# ---------------------------------------------------------------------------------------------------- protocols


def _give_studies_protocols() -> None:
    op.add_column("study", sa.Column("protocol", sa.JSON(), nullable=True))
    connection = op.get_bind()
    for row in connection.execute(sa.select(STUDY)).all():
        protocol = {
            "design": "single",
            "minimum_view_seconds": row.minimum_view_seconds,
            "asks_plausibility": row.question_plausibility,
        }
        connection.execute(sa.update(STUDY).where(STUDY.c.id == row.id).values(protocol=protocol))
    with _rebuilt_study() as table:
        table.drop_constraint(op.f("ck_study_minimum_view_seconds"), type_="check")
        table.alter_column("protocol", existing_type=sa.JSON(), nullable=False)
        table.drop_column("minimum_view_seconds")
        table.drop_column("question_plausibility")


def _take_protocols_away() -> None:
    op.add_column("study", sa.Column("minimum_view_seconds", sa.Double(), nullable=True))
    op.add_column("study", sa.Column("question_plausibility", sa.Boolean(), nullable=True))
    connection = op.get_bind()
    for row in connection.execute(sa.select(STUDY)).all():
        values = {
            "minimum_view_seconds": row.protocol.get("minimum_view_seconds", 1.0),
            "question_plausibility": row.protocol.get("asks_plausibility", True),
        }
        connection.execute(sa.update(STUDY).where(STUDY.c.id == row.id).values(**values))
    with _rebuilt_study() as table:
        table.alter_column("minimum_view_seconds", existing_type=sa.Double(), nullable=False)
        table.alter_column("question_plausibility", existing_type=sa.Boolean(), nullable=False)
        table.drop_column("protocol")
        table.create_check_constraint(op.f("ck_study_minimum_view_seconds"), "minimum_view_seconds >= 0")


def _create_protocol_version() -> None:
    table = op.create_table(
        "protocol_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("protocol", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_protocol_version_version")),
        sa.ForeignKeyConstraint(
            ["study_id"], ["study.id"], name=op.f("fk_protocol_version_study_id_study"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol_version")),
        sa.UniqueConstraint("study_id", "version", name=op.f("uq_protocol_version_study_id_version")),
    )
    opened = sa.select(STUDY.c.id, STUDY.c.description, STUDY.c.protocol, STUDY.c.protocol_sha256, STUDY.c.opened_at)
    rows = op.get_bind().execute(opened.where(STUDY.c.opened_at.is_not(None))).all()
    first = [
        {"study_id": row.id, "version": 1, "description": row.description, "protocol": row.protocol,
         "sha256": row.protocol_sha256 or "", "reason": "", "at": row.opened_at}
        for row in rows
    ]  # fmt: skip
    if first:
        op.bulk_insert(table, first)
    for statement in _refusals("protocol_version", ("UPDATE", "DELETE")):
        op.execute(statement)


# ------------------------------------------------------------------------------------- items, readers, answers


def _give_items_cases() -> None:
    op.add_column("item", sa.Column("case_number", sa.Integer(), nullable=True))
    op.add_column("item", sa.Column("is_practice", sa.Boolean(), nullable=True))
    op.execute(sa.text("UPDATE item SET case_number = number, is_practice = false"))
    with op.batch_alter_table("item") as table:
        table.alter_column("case_number", existing_type=sa.Integer(), nullable=False)
        table.alter_column("is_practice", existing_type=sa.Boolean(), nullable=False)
        table.create_check_constraint(op.f("ck_item_case_number"), "case_number >= 1")


def _give_readers_consent() -> None:
    for name in RATER_TIMES:
        op.add_column("rater", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("rater", sa.Column("consent_version", sa.Text(), nullable=True))
    op.add_column("rater", sa.Column("profile", sa.JSON(), nullable=True))


def _give_presentations_a_second_ecg() -> None:
    op.add_column("assignment", sa.Column("beside_item_id", sa.Integer(), nullable=True))
    op.add_column("assignment", sa.Column("is_practice", sa.Boolean(), nullable=True))
    op.add_column("assignment", sa.Column("repeat", sa.Integer(), nullable=True))
    op.execute(sa.text("UPDATE assignment SET is_practice = false, repeat = 0"))
    with op.batch_alter_table("assignment") as table:
        table.alter_column("is_practice", existing_type=sa.Boolean(), nullable=False)
        table.alter_column("repeat", existing_type=sa.Integer(), nullable=False)
        table.drop_constraint(op.f("uq_assignment_rater_id_item_id"), type_="unique")
        table.drop_constraint(op.f("uq_assignment_rater_id_position"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_assignment_rater_id_is_practice_position"), ["rater_id", "is_practice", "position"]
        )
        table.create_unique_constraint(op.f("uq_assignment_rater_id_item_id_repeat"), ["rater_id", "item_id", "repeat"])
        table.create_foreign_key(
            op.f("fk_assignment_beside_item_id_item"), "item", ["beside_item_id"], ["id"], ondelete="RESTRICT"
        )
        table.create_check_constraint(op.f("ck_assignment_repeat"), "repeat >= 0")
    op.create_index(op.f("ix_assignment_beside_item_id"), "assignment", ["beside_item_id"], unique=False)


def _take_second_ecg_away() -> None:
    op.drop_index(op.f("ix_assignment_beside_item_id"), "assignment")
    with op.batch_alter_table("assignment") as table:
        table.drop_constraint(op.f("ck_assignment_repeat"), type_="check")
        table.drop_constraint(op.f("uq_assignment_rater_id_is_practice_position"), type_="unique")
        table.drop_constraint(op.f("uq_assignment_rater_id_item_id_repeat"), type_="unique")
        table.drop_constraint(op.f("fk_assignment_beside_item_id_item"), type_="foreignkey")
        table.create_unique_constraint(op.f("uq_assignment_rater_id_position"), ["rater_id", "position"])
        table.create_unique_constraint(op.f("uq_assignment_rater_id_item_id"), ["rater_id", "item_id"])
        for column in ("repeat", "is_practice", "beside_item_id"):
            table.drop_column(column)


def _give_ratings_reasons() -> None:
    op.add_column(
        "rating",
        sa.Column(
            "plausibility_beside",
            sa.SmallInteger(),
            sa.CheckConstraint("plausibility_beside BETWEEN 1 AND 5", name=op.f("ck_rating_plausibility_beside")),
            nullable=True,
        ),
    )
    op.add_column("rating", sa.Column("reasons", sa.JSON(), nullable=True))


def _require_single_readings() -> None:
    connection = op.get_bind()
    other = "SELECT count(*) FROM assignment WHERE is_practice OR repeat > 0 OR beside_item_id IS NOT NULL"
    practice = "SELECT count(*) FROM item WHERE is_practice"
    designs = {protocol.get("design", "single") for protocol in connection.scalars(sa.select(STUDY.c.protocol))}
    if connection.scalar(sa.text(other)) or connection.scalar(sa.text(practice)) or designs - {"single"}:
        raise RuntimeError("This store has pairs, grades, repeats or practice, which the older tables cannot hold.")


# --------------------------------------------------------------------------------------- what databases differ in


def _rebuilt_study() -> Any:
    """SQLite changes a table by copying it, and would give the numbers of deleted drafts again without this."""
    return op.batch_alter_table("study", table_kwargs={"sqlite_autoincrement": True})


def _drop_refusals(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in ("change", "deletion"):
            op.execute(f"DROP TRIGGER IF EXISTS {table}_refuses_{name} ON {table}")
    else:
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_refuses_{verb}")


def _refusals(table: str, verbs: tuple[str, ...]) -> list[str]:
    if op.get_bind().dialect.name == "postgresql":
        return [
            f"CREATE TRIGGER {table}_refuses_change BEFORE {' OR '.join((*verbs, 'TRUNCATE'))} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        ]
    return [
        f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: add a new row instead'); END"
        for verb in verbs
    ]


NOT_ERASED = (
    "NOT EXISTS (SELECT 1 FROM assignment JOIN rater ON rater.id = assignment.rater_id "
    "WHERE assignment.id = OLD.assignment_id AND rater.erased_at IS NOT NULL)"
)


def _refuse_but_erasure() -> None:
    for statement in _refusals("rating", ("UPDATE",)):
        op.execute(statement)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {NOT_ERASED} THEN RAISE EXCEPTION '% is append-only: add a new row instead', TG_TABLE_NAME; END IF; "
            "RETURN OLD; END $$"
        )
        op.execute(
            "CREATE TRIGGER rating_refuses_deletion BEFORE DELETE ON rating "
            "FOR EACH ROW EXECUTE FUNCTION refuse_deletion()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER rating_refuses_delete BEFORE DELETE ON rating WHEN {NOT_ERASED} "
            "BEGIN SELECT RAISE(ABORT, 'rating is append-only: add a new row instead'); END"
        )


def _allow_no_deletion() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_deletion()")
    for statement in _refusals("rating", ("UPDATE", "DELETE")):
        op.execute(statement)
