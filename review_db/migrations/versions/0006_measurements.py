"""What readers measure is kept with the presentation; an ECG may carry the measurements that are shown with it.

Going back is refused once a protocol asks for either, because the older tables have no room for them, and the older
program would not read such a protocol. The trigger that lets the measurements of an erased reader go reads `assignment`
and `rater`, as that of `rating` does (see 0003).
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NEW_RULES = ("keeps_calipers", "shows_measurements")
NOT_ERASED = (
    "NOT EXISTS (SELECT 1 FROM assignment JOIN rater ON rater.id = assignment.rater_id "
    "WHERE assignment.id = OLD.assignment_id AND rater.erased_at IS NOT NULL)"
)
REFUSAL = "BEGIN SELECT RAISE(ABORT, 'caliper is append-only: add a new row instead'); END"


def upgrade() -> None:
    op.add_column("item", sa.Column("measured", sa.JSON(), nullable=True))
    _create_caliper()
    _make_append_only_but_for_erasure()


def downgrade() -> None:
    _require_neither()
    op.drop_table("caliper")  # and its triggers with it
    op.drop_column("item", "measured")


def _create_caliper() -> None:
    op.create_table(
        "caliper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("is_beside", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=9), nullable=False),
        sa.Column("lead", sa.String(length=3), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("millivolts", sa.Double(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('time', 'amplitude')", name=op.f("ck_caliper_kind")),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_caliper_sequence")),
        sa.CheckConstraint("value >= 0", name=op.f("ck_caliper_value")),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_caliper_assignment_id_assignment"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caliper")),
        sa.UniqueConstraint("assignment_id", "sequence", name=op.f("uq_caliper_assignment_id_sequence")),
    )


def _make_append_only_but_for_erasure() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER caliper_refuses_change BEFORE UPDATE OR TRUNCATE ON caliper "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            "CREATE TRIGGER caliper_refuses_deletion BEFORE DELETE ON caliper "
            "FOR EACH ROW EXECUTE FUNCTION refuse_deletion()"
        )
    else:
        op.execute(f"CREATE TRIGGER caliper_refuses_update BEFORE UPDATE ON caliper {REFUSAL}")
        op.execute(f"CREATE TRIGGER caliper_refuses_delete BEFORE DELETE ON caliper WHEN {NOT_ERASED} {REFUSAL}")


def _require_neither() -> None:
    connection = op.get_bind()
    protocols = [
        protocol
        for name in ("study", "protocol_version")
        for protocol in connection.scalars(sa.select(sa.table(name, sa.column("protocol", sa.JSON)).c.protocol))
    ]
    if any(rule in protocol for protocol in protocols for rule in NEW_RULES):
        raise RuntimeError("This store has a study that keeps or shows measurements, which the older tables lack.")
