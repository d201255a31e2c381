"""Accounts with roles instead of one passphrase; the audit trail says who; readers' links may expire.

The passphrase that was there becomes that of an investigator's account called "investigator". Links that were there
do not expire. Events that were there have no actor, which is how they were chained, so the chain holds.

Going back keeps the passphrase of the first investigator who can sign in. Names of actors then move into the words of
their events, and the chain is computed anew, because the earlier program would not find it whole with them.
"""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAME = "investigator"
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
INVESTIGATOR = sa.table(
    "investigator",
    sa.column("id", sa.Integer),
    sa.column("passphrase_hash", sa.Text),
    sa.column("failures", sa.Integer),
)
ACCOUNT = sa.table(
    "account",
    sa.column("id", sa.Integer),
    sa.column("name", sa.Text),
    sa.column("name_key", sa.Text),
    sa.column("role", sa.String),
    sa.column("passphrase_hash", sa.Text),
    sa.column("created_at", sa.DateTime(timezone=True)),
    sa.column("disabled_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    _create_account()
    _create_guessing()
    _to_account()
    op.drop_table("investigator")
    op.add_column("rater", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("audit_event", sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    _drop_triggers()
    _chain_without_actors()
    op.drop_column("audit_event", "actor")
    _make_append_only()
    op.drop_column("rater", "expires_at")
    _create_investigator()
    _to_investigator()
    op.drop_table("guessing")
    op.drop_table("account")


def _create_account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("passphrase_hash", sa.Text(), nullable=True),
        sa.Column("oidc_subject", sa.Text(), nullable=True),
        sa.Column("setup_sha256", sa.String(length=64), nullable=True),
        sa.Column("setup_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('investigator', 'monitor')", name=op.f("ck_account_role")),
        sa.CheckConstraint("(setup_sha256 IS NULL) = (setup_expires_at IS NULL)", name=op.f("ck_account_setup")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name_key", name=op.f("uq_account_name_key")),
        sa.UniqueConstraint("oidc_subject", name=op.f("uq_account_oidc_subject")),
        sa.UniqueConstraint("setup_sha256", name=op.f("uq_account_setup_sha256")),
    )


def _create_guessing() -> None:
    op.create_table(
        "guessing",
        sa.Column("name_sha256", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_guessing_failures")),
        sa.PrimaryKeyConstraint("name_sha256", name=op.f("pk_guessing")),
    )
    op.create_index(op.f("ix_guessing_last_at"), "guessing", ["last_at"], unique=False)


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


def _to_account() -> None:
    """The guesses that were counted are forgotten: at most five more are free."""
    connection = op.get_bind()
    kept = connection.scalar(sa.select(INVESTIGATOR.c.passphrase_hash))
    if kept is not None:
        since = connection.scalar(sa.select(sa.func.min(EVENT.c.at)).where(EVENT.c.kind == "passphrase set"))
        named = {"name": NAME, "name_key": NAME, "role": "investigator"}
        connection.execute(
            sa.insert(ACCOUNT).values(**named, passphrase_hash=kept, created_at=since or datetime.now(UTC))
        )


def _to_investigator() -> None:
    connection, column = op.get_bind(), ACCOUNT.c
    may_sign_in = (column.role == "investigator", column.passphrase_hash.is_not(None), column.disabled_at.is_(None))
    first = sa.select(column.passphrase_hash).where(*may_sign_in).order_by(column.id).limit(1)
    kept = connection.scalar(first)
    if kept is not None:
        connection.execute(sa.insert(INVESTIGATOR).values(id=1, passphrase_hash=kept, failures=0))


def _chain_without_actors() -> None:
    """As the program computed it before there were actors."""
    connection, head = op.get_bind(), "0" * 64
    for row in connection.execute(sa.select(EVENT).order_by(EVENT.c.id)).all():
        detail = f"{row.detail} (by {row.actor})".strip() if row.actor else row.detail
        content = json.dumps([head, _in_utc(row.at).isoformat(), row.kind, row.study_id, detail])
        head = hashlib.sha256(content.encode()).hexdigest()
        connection.execute(sa.update(EVENT).where(EVENT.c.id == row.id).values(detail=detail, sha256=head))


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
