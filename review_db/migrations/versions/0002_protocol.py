"""The audit trail becomes a hash chain; a study carries its leak audit and, once open, the hash of its protocol.

Events that are there already are chained in their order; studies that were opened before have no hash.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STUDY_COLUMNS: dict[str, TypeEngine[Any]] = {
    "protocol_sha256": sa.String(length=64),
    "leak_audit": sa.JSON(),
    "leak_reason": sa.Text(),
}


def upgrade() -> None:
    for name, kind in STUDY_COLUMNS.items():
        op.add_column("study", sa.Column(name, kind, nullable=True))
    _drop_triggers()
    op.add_column("audit_event", sa.Column("sha256", sa.String(length=64), nullable=True))
    _chain_events()
    with op.batch_alter_table("audit_event") as table:
        table.alter_column("sha256", existing_type=sa.String(length=64), nullable=False)
    _make_append_only()


def downgrade() -> None:
    _drop_triggers()
    with op.batch_alter_table("audit_event") as table:
        table.drop_column("sha256")
    _make_append_only()
    for column in reversed(STUDY_COLUMNS):
        op.drop_column("study", column)


def _chain_events() -> None:
    """As `review_db.audit_trail.chained` computed it when this migration was written."""
    columns = (
        sa.column("id", sa.Integer),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("kind", sa.String),
        sa.column("study_id", sa.Integer),
        sa.column("detail", sa.Text),
        sa.column("sha256", sa.String),
    )
    event = sa.table("audit_event", *columns)
    connection, head = op.get_bind(), "0" * 64
    for row in connection.execute(sa.select(event).order_by(event.c.id)).all():
        content = json.dumps([head, _in_utc(row.at).isoformat(), row.kind, row.study_id, row.detail])
        head = hashlib.sha256(content.encode()).hexdigest()
        connection.execute(sa.update(event).where(event.c.id == row.id).values(sha256=head))


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
