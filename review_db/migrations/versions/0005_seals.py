"""Events seal what they wrote; studies and readers get a key for that, the audit trail a head.

The seals of what is there already are set after the migrations, by `review_db.anchoring` (see `env.py`): they are the
program's, and a later migration may change what is sealed.

Going back lifts all seals, removes the events of kinds that the earlier program does not know (answers, failed
sign-ins, readers' profiles and anchors) and computes the chain anew, because that program would not find it whole.
"""

import hashlib
import json
import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BEFORE_THE_FIRST = "0" * 64
UNKNOWN_BEFORE = (
    "reader introduced",
    "sign-in refused",
    "wrong passphrase",
    "guess refused",
    "ECG shown",
    "ECG hidden",
    "answered",
    "answer corrected",
    "anchored",
    "reader anchored",
)
EVENT = sa.table(
    "audit_event",
    sa.column("id", sa.Integer),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("kind", sa.String),
    sa.column("study_id", sa.Integer),
    sa.column("detail", sa.Text),
    sa.column("sha256", sa.String),
    sa.column("actor", sa.Text),
)


def upgrade() -> None:
    for table in ("study", "rater"):
        op.add_column(table, sa.Column("seal_key", sa.String(32), server_default=sa.text("''"), nullable=False))
        _give_keys(table)
    op.add_column("guessing", sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("audit_event", sa.Column("seals", sa.JSON(), nullable=True))
    op.drop_index(op.f("ix_audit_event_study_id"), "audit_event")
    op.create_index(op.f("ix_audit_event_study_id_kind"), "audit_event", ["study_id", "kind"], unique=False)
    _create_head()


def downgrade() -> None:
    op.drop_table("audit_head")
    op.drop_index(op.f("ix_audit_event_study_id_kind"), "audit_event")
    _drop_triggers()
    op.get_bind().execute(sa.delete(EVENT).where(EVENT.c.kind.in_(UNKNOWN_BEFORE)))
    _chain_without_seals()
    op.drop_column("audit_event", "seals")
    _make_append_only()
    op.create_index(op.f("ix_audit_event_study_id"), "audit_event", ["study_id"], unique=False)
    op.drop_column("guessing", "refused_at")
    for table in ("rater", "study"):
        op.drop_column(table, "seal_key")


def _give_keys(name: str) -> None:
    connection, table = op.get_bind(), sa.table(name, sa.column("id", sa.Integer), sa.column("seal_key", sa.String))
    for number in connection.scalars(sa.select(table.c.id)).all():
        connection.execute(sa.update(table).where(table.c.id == number).values(seal_key=secrets.token_hex(16)))


def _create_head() -> None:
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint("events >= 0", name=op.f("ck_audit_head_events")),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    connection = op.get_bind()
    count = connection.scalar(sa.select(sa.func.count()).select_from(EVENT))
    newest = connection.scalar(sa.select(EVENT.c.sha256).order_by(EVENT.c.id.desc()).limit(1))
    connection.execute(sa.insert(head).values(id=1, events=count, sha256=newest or BEFORE_THE_FIRST))


def _chain_without_seals() -> None:
    """As the program computed it before there were seals."""
    connection, head = op.get_bind(), BEFORE_THE_FIRST
    for row in connection.execute(sa.select(EVENT).order_by(EVENT.c.id)).all():
        content = [head, _in_utc(row.at).isoformat(), row.kind, row.study_id, row.detail]
        named = [*content, row.actor] if row.actor else content
        head = hashlib.sha256(json.dumps(named).encode()).hexdigest()
        connection.execute(sa.update(EVENT).where(EVENT.c.id == row.id).values(sha256=head))


def _in_utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _drop_triggers() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_event_refuses_change ON audit_event")
    else:
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_event_refuses_{verb}")


def _make_append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER audit_event_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    else:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_event_refuses_{verb.lower()} BEFORE {verb} ON audit_event "
                "BEGIN SELECT RAISE(ABORT, 'audit_event is append-only: add a new row instead'); END"
            )
