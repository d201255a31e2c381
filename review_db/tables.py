"""The tables, as SQLAlchemy typed models, with every rule that a database can keep by itself.

What a rater's session can reach is Rater, Assignment, Rating, Study and Item. The truth about an item is in
Truth and Arm, which the queries of `reading` never join. Rating, Caliper and AuditEvent are append-only: triggers
(made by the migrations) refuse UPDATE and DELETE on both databases.

Names of constraints follow NAMING, so that migrations can speak of them on SQLite too.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, always in UTC. SQLite drops the zone on the way in, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time: which zone it means is anybody's guess."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"A time without a zone cannot be stored: {value!r}.")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """An aware time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Common to all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime, str: Text, bytes: LargeBinary}


def _belongs_to(column: str) -> ForeignKey:
    return ForeignKey(column, ondelete="RESTRICT")


class Study(Base):
    """A reader study and the settings under which it is read."""

    __tablename__ = "study"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'open', 'closed')", name="state"),
        CheckConstraint("(state = 'draft') = (opened_at IS NULL)", name="opened_at"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        {"sqlite_autoincrement": True},  # the number of a deleted draft is not used again in the audit trail
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    description: Mapped[str]
    state: Mapped[str] = mapped_column(String(8))
    seed: Mapped[int] = mapped_column(BigInteger)
    protocol: Mapped[dict[str, object]] = mapped_column(JSON)  # review_db.protocol.Protocol
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    protocol_sha256: Mapped[str | None] = mapped_column(String(64))
    leak_audit: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    leak_reason: Mapped[str | None]
    seal_key: Mapped[str] = mapped_column(String(32), server_default=text("''"))  # see `seals`


class ProtocolVersion(Base):
    """What a study's protocol said from a time on: version 1 at opening, the next ones by amendment. Append-only."""

    __tablename__ = "protocol_version"
    __table_args__ = (
        UniqueConstraint("study_id", "version"),
        CheckConstraint("version >= 1", name="version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(_belongs_to("study.id"))
    version: Mapped[int]
    description: Mapped[str]
    protocol: Mapped[dict[str, object]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str]
    at: Mapped[datetime]


class Arm(Base):
    """A source of ECGs; its origin is the truth."""

    __tablename__ = "arm"
    __table_args__ = (
        UniqueConstraint("study_id", "name"),
        CheckConstraint("origin IN ('real', 'synthetic')", name="origin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(_belongs_to("study.id"))
    name: Mapped[str]
    origin: Mapped[str] = mapped_column(String(9))
    description: Mapped[str]


class Item(Base):
    """One ECG as readers get it: an opaque payload (int16) and the statement shown with it, and where the protocol
    says so its measurements. The items of a case, one per arm, match each other.
    """

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("study_id", "number"),
        UniqueConstraint("study_id", "sha256"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("length(payload) > 0", name="payload"),
        CheckConstraint("case_number >= 1", name="case_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(_belongs_to("study.id"))
    number: Mapped[int]
    payload: Mapped[bytes]
    sha256: Mapped[str] = mapped_column(String(64))
    stated: Mapped[str]
    case_number: Mapped[int]
    is_practice: Mapped[bool]
    measured: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))  # see `measured`


class Truth(Base):
    """What an item really is. Joined by nothing that a reader's session can reach."""

    __tablename__ = "truth"

    item_id: Mapped[int] = mapped_column(_belongs_to("item.id"), primary_key=True)
    arm_id: Mapped[int] = mapped_column(_belongs_to("arm.id"), index=True)
    labels: Mapped[list[str]] = mapped_column(JSON)
    provenance: Mapped[dict[str, object]] = mapped_column(JSON)


class Rater(Base):
    """A reader of one study. The link's token is kept as its hash only."""

    __tablename__ = "rater"
    __table_args__ = (
        UniqueConstraint("study_id", "name"),
        UniqueConstraint("study_id", "number"),
        CheckConstraint("number >= 0", name="number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(_belongs_to("study.id"))
    number: Mapped[int]
    name: Mapped[str]
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]  # None: the link works as long as the study is open
    paused_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]  # only the ratings of such a reader can be deleted
    consented_at: Mapped[datetime | None]
    consent_version: Mapped[str | None]
    profile: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    seal_key: Mapped[str] = mapped_column(String(32), server_default=text("''"))  # another one after erasure


class Assignment(Base):
    """One presentation: this item to this reader, at this position; in pairs with another one to its right.

    Practice has positions of its own and comes first. `repeat` is 0 for the first reading of an item by a reader.
    `shown_at` is the first time it was on screen. Time on screen is `viewed_seconds` of finished intervals
    plus, while `viewing_since` is set, the interval that is still running; a pause ends an interval.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("rater_id", "is_practice", "position"),
        UniqueConstraint("rater_id", "item_id", "repeat"),
        CheckConstraint("position >= 1", name="position"),
        CheckConstraint("repeat >= 0", name="repeat"),
        CheckConstraint("viewed_seconds >= 0", name="viewed_seconds"),
        CheckConstraint("viewing_since IS NULL OR shown_at IS NOT NULL", name="viewing_since"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rater_id: Mapped[int] = mapped_column(_belongs_to("rater.id"))
    item_id: Mapped[int] = mapped_column(_belongs_to("item.id"), index=True)
    beside_item_id: Mapped[int | None] = mapped_column(_belongs_to("item.id"), index=True)
    is_practice: Mapped[bool]
    position: Mapped[int]
    repeat: Mapped[int]
    presentation: Mapped[str] = mapped_column(String(32), unique=True)
    shown_at: Mapped[datetime | None]
    viewing_since: Mapped[datetime | None]
    viewed_seconds: Mapped[float] = mapped_column(default=0.0)


class Rating(Base):
    """One answer. Sequence 1 is the first and can exist once: that is what makes an answer exactly-once,
    whatever the network does. Corrections are 2, 3, ..; the highest one counts. `verdict` is a step of the scale of
    the study's design.
    """

    __tablename__ = "rating"
    __table_args__ = (
        UniqueConstraint("assignment_id", "sequence"),
        CheckConstraint("sequence >= 1", name="sequence"),
        CheckConstraint("verdict BETWEEN 1 AND 6", name="verdict"),
        CheckConstraint("plausibility BETWEEN 1 AND 5", name="plausibility"),
        CheckConstraint("plausibility_beside BETWEEN 1 AND 5", name="plausibility_beside"),
        CheckConstraint("seconds >= 0", name="seconds"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(_belongs_to("assignment.id"))
    sequence: Mapped[int]
    submission_id: Mapped[str] = mapped_column(String(64), unique=True)
    verdict: Mapped[int] = mapped_column(SmallInteger)
    plausibility: Mapped[int | None] = mapped_column(SmallInteger)
    plausibility_beside: Mapped[int | None] = mapped_column(SmallInteger)
    reasons: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # None: not asked
    comment: Mapped[str]
    seconds: Mapped[float]
    submitted_at: Mapped[datetime]


class Caliper(Base):
    """What a caliper spanned when a reader let go of it, in a study that keeps this. Append-only, like answers; see
    `blinded.Caliper` for what the columns mean; a caliper that was taken off the sheet is a row with an empty lead.
    """

    __tablename__ = "caliper"
    __table_args__ = (
        UniqueConstraint("assignment_id", "sequence"),
        CheckConstraint("sequence >= 1", name="sequence"),
        CheckConstraint("kind IN ('time', 'amplitude')", name="kind"),
        CheckConstraint("value >= 0", name="value"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(_belongs_to("assignment.id"))
    sequence: Mapped[int]
    is_beside: Mapped[bool]
    kind: Mapped[str] = mapped_column(String(9))
    lead: Mapped[str] = mapped_column(String(3))
    seconds: Mapped[float]
    millivolts: Mapped[float]
    value: Mapped[float]
    placed_at: Mapped[datetime]


class Account(Base):
    """Somebody who may sign in. Its name is unique by `name_key`; passphrase and set-up link are kept as hashes only.

    `oidc_subject` is the e-mail address by which a first sign-in with OpenID Connect is recognised, and from then on
    issuer and subject.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("role IN ('investigator', 'monitor')", name="role"),
        CheckConstraint("(setup_sha256 IS NULL) = (setup_expires_at IS NULL)", name="setup"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str] = mapped_column(String(12))
    passphrase_hash: Mapped[str | None]
    oidc_subject: Mapped[str | None] = mapped_column(unique=True)
    setup_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    setup_expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class Guessing(Base):
    """How the guessing of one name's passphrase is going, of names that nobody has too (see `guessing`)."""

    __tablename__ = "guessing"
    __table_args__ = (CheckConstraint("failures >= 0", name="failures"),)

    name_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    locked_until: Mapped[datetime | None]
    last_at: Mapped[datetime] = mapped_column(index=True)
    refused_at: Mapped[datetime | None]  # the first guess that the present wait refused


class AuditEvent(Base):
    """What was done, when and by whom, chained by hashes (see `audit_trail`). No foreign keys: the event outlives the
    draft that it tells of.
    """

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "study_id", "kind"),)  # an act is found among thousands of answers

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(32))
    study_id: Mapped[int | None]
    detail: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(server_default=text("''"))
    seals: Mapped[dict[str, str | None] | None] = mapped_column(JSON(none_as_null=True))  # see `seals`


class AuditHead(Base):
    """Where the audit trail ends: one row, which also makes those wait who would write to the trail at once."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"), CheckConstraint("events >= 0", name="events"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    events: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
