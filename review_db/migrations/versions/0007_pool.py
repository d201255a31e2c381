"""ECGs that an investigator picked by hand for a study to come, until it is composed.

Going back forgets them, and nothing that was studied is lost: a study keeps the truth about its ECGs itself. It is
refused once somebody filled a pool, or changed the own records, because the older program does not know such an event
of the audit trail.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UNKNOWN_BEFORE = ("ECGs put into a pool", "ECG taken out of a pool", "own records added", "own records removed")
EVENT = sa.table("audit_event", sa.column("kind", sa.String))


def upgrade() -> None:
    op.create_table(
        "pooled",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("provenance", sa.JSON(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_pooled_account_id_account"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pooled")),
        sa.UniqueConstraint("account_id", "sha256", name=op.f("uq_pooled_account_id_sha256")),
    )


def downgrade() -> None:
    _require_no_events()
    op.drop_table("pooled")


def _require_no_events() -> None:
    unknown = sa.select(sa.func.count()).select_from(EVENT).where(EVENT.c.kind.in_(UNKNOWN_BEFORE))
    if op.get_bind().scalar(unknown):
        raise RuntimeError("The audit trail tells of a pool or of own records, which the older program cannot read.")
