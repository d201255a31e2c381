"""The first tables, and the triggers that keep ratings and the audit trail append-only.

A later migration that rebuilds `rating` or `audit_event` on SQLite must call the same triggers into being
again, because a rebuilt table loses its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("rating", "audit_event")
# Parents first.
TABLES = ("study", "arm", "item", "truth", "rater", "assignment", "rating", "investigator", "audit_event")


def upgrade() -> None:
    _create_study()
    _create_arm()
    _create_item()
    _create_truth()
    _create_rater()
    _create_assignment()
    _create_rating()
    _create_investigator()
    _create_audit_event()
    for table in APPEND_ONLY:
        _make_append_only(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")


def _create_study() -> None:
    op.create_table(
        "study",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("minimum_view_seconds", sa.Double(), nullable=False),
        sa.Column("question_plausibility", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_study_closed_at")),
        sa.CheckConstraint("(state = 'draft') = (opened_at IS NULL)", name=op.f("ck_study_opened_at")),
        sa.CheckConstraint("state IN ('draft', 'open', 'closed')", name=op.f("ck_study_state")),
        sa.CheckConstraint("minimum_view_seconds >= 0", name=op.f("ck_study_minimum_view_seconds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
        sqlite_autoincrement=True,
    )


def _create_arm() -> None:
    op.create_table(
        "arm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=9), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.CheckConstraint("origin IN ('real', 'synthetic')", name=op.f("ck_arm_origin")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_arm_study_id_study"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arm")),
        sa.UniqueConstraint("study_id", "name", name=op.f("uq_arm_study_id_name")),
    )


def _create_item() -> None:
    op.create_table(
        "item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stated", sa.Text(), nullable=False),
        sa.CheckConstraint("length(payload) > 0", name=op.f("ck_item_payload")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_item_number")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_item_study_id_study"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("study_id", "number", name=op.f("uq_item_study_id_number")),
        sa.UniqueConstraint("study_id", "sha256", name=op.f("uq_item_study_id_sha256")),
    )


def _create_truth() -> None:
    op.create_table(
        "truth",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("arm_id", sa.Integer(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("provenance", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["arm_id"], ["arm.id"], name=op.f("fk_truth_arm_id_arm"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_truth_item_id_item"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_truth")),
    )
    op.create_index(op.f("ix_truth_arm_id"), "truth", ["arm_id"], unique=False)


def _create_rater() -> None:
    op.create_table(
        "rater",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number >= 0", name=op.f("ck_rater_number")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_rater_study_id_study"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rater")),
        sa.UniqueConstraint("study_id", "name", name=op.f("uq_rater_study_id_name")),
        sa.UniqueConstraint("study_id", "number", name=op.f("uq_rater_study_id_number")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_rater_token_sha256")),
    )


def _create_assignment() -> None:
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rater_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("presentation", sa.String(length=32), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("viewing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("viewed_seconds", sa.Double(), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_assignment_position")),
        sa.CheckConstraint("viewed_seconds >= 0", name=op.f("ck_assignment_viewed_seconds")),
        sa.CheckConstraint("viewing_since IS NULL OR shown_at IS NOT NULL", name=op.f("ck_assignment_viewing_since")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_assignment_item_id_item"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["rater_id"], ["rater.id"], name=op.f("fk_assignment_rater_id_rater"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("presentation", name=op.f("uq_assignment_presentation")),
        sa.UniqueConstraint("rater_id", "item_id", name=op.f("uq_assignment_rater_id_item_id")),
        sa.UniqueConstraint("rater_id", "position", name=op.f("uq_assignment_rater_id_position")),
    )
    op.create_index(op.f("ix_assignment_item_id"), "assignment", ["item_id"], unique=False)


def _create_rating() -> None:
    op.create_table(
        "rating",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.SmallInteger(), nullable=False),
        sa.Column("plausibility", sa.SmallInteger(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("plausibility BETWEEN 1 AND 5", name=op.f("ck_rating_plausibility")),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_rating_seconds")),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_rating_sequence")),
        sa.CheckConstraint("verdict BETWEEN 1 AND 6", name=op.f("ck_rating_verdict")),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_rating_assignment_id_assignment"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint("assignment_id", "sequence", name=op.f("uq_rating_assignment_id_sequence")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_rating_submission_id")),
    )


def _create_investigator() -> None:
    op.create_table(
        "investigator",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("passphrase_hash", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_investigator_failures")),
        sa.CheckConstraint("id = 1", name=op.f("ck_investigator_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_investigator")),
    )


def _create_audit_event() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index(op.f("ix_audit_event_study_id"), "audit_event", ["study_id"], unique=False)


def _make_append_only(table: str) -> None:
    dialect = op.get_bind().dialect.name
    for statement in {"sqlite": _sqlite_triggers, "postgresql": _postgresql_triggers}[dialect](table):
        op.execute(statement)


def _sqlite_triggers(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: add a new row instead'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def _postgresql_triggers(table: str) -> list[str]:
    return [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only: add a new row instead', TG_TABLE_NAME; END $$",
        f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]
