"""The nouns of a reader study as those see it who run it, as plain frozen dataclasses.

Knows what a study, a reader's progress and an event are. Knows nothing of SQL, of screens, or of what a payload
means: to this room an ECG is a string of bytes. What a reader's session holds is in `blinded`, a study before it is
stored in `plan`, what comes out at the end in `observed`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from review_db.protocol import StudyProtocol
from review_db.seals import Seals

LONGEST_TITLE = 200
LONGEST_NAME = 100
LARGEST_SEED = 2**63 - 1  # what an SQL BIGINT holds


class Origin(StrEnum):
    """Where the ECGs of an arm come from: the truth that readers guess."""

    REAL = "real"
    SYNTHETIC = "synthetic"


class StudyState(StrEnum):
    """A study is composed as a draft, read while open, and unblinded once closed. There is no way back."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class AuditKind(StrEnum):
    """What the audit trail records."""

    CREATED = "created"
    DRAFT_DELETED = "draft deleted"
    OPENED = "opened"
    AMENDED = "protocol amended"
    READER_ADDED = "reader added"
    READER_REVOKED = "reader revoked"
    READER_PAUSED = "reader paused"
    READER_RESUMED = "reader resumed"
    READER_REMINDED = "reader reminded"
    READER_CONSENTED = "reader consented"
    READER_INTRODUCED = "reader introduced"
    READER_WITHDREW = "reader withdrew"
    READER_ERASED = "reader's answers erased"
    LINK_REISSUED = "link reissued"
    CLOSED = "closed"
    UNBLINDED = "unblinded"
    EXPORTED = "exported"
    PASSPHRASE_SET = "passphrase set"
    PASSPHRASE_CHANGED = "passphrase changed"
    ACCOUNT_ADDED = "account added"
    ACCOUNT_DISABLED = "account disabled"
    ACCOUNT_ENABLED = "account enabled"
    ROLE_CHANGED = "role changed"
    SETUP_LINK_MADE = "set-up link made"
    OPENID_BOUND = "OpenID account bound"
    SIGNED_IN = "signed in"
    SIGN_IN_REFUSED = "sign-in refused"
    PASSPHRASE_WRONG = "wrong passphrase"
    GUESS_REFUSED = "guess refused"
    ECG_SHOWN = "ECG shown"
    ECG_HIDDEN = "ECG hidden"
    ANSWERED = "answered"
    CORRECTED = "answer corrected"
    MEASURED = "measured"
    POOL_FILLED = "ECGs put into a pool"
    POOL_EMPTIED = "ECG taken out of a pool"
    RECORDS_ADDED = "own records added"
    RECORDS_REMOVED = "own records removed"
    ANCHORED = "anchored"
    READER_ANCHORED = "reader anchored"


# Thousands in a study: the trail holds them all, and is shown without them.
ACTS_OF_READING = frozenset(
    {
        AuditKind.ECG_SHOWN,
        AuditKind.ECG_HIDDEN,
        AuditKind.ANSWERED,
        AuditKind.CORRECTED,
        AuditKind.MEASURED,
        AuditKind.READER_ANCHORED,
    }
)


def is_storable(text: str) -> bool:
    """True for text that both databases can hold: no NUL and no half of a surrogate pair."""
    return not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)


def broken(rules: Mapping[str, bool]) -> str:
    """The sentences of the rules that do not hold."""
    return " ".join(sentence for sentence, holds in rules.items() if not holds)


@dataclass(frozen=True)
class Arm:
    """One source of ECGs in a study, for example "PTB-XL" or "SSSD-ECG-nle"."""

    name: str
    origin: Origin
    description: str = ""


@dataclass(frozen=True)
class StudySummary:
    """One study with its counts; `ratings` counts answered presentations, corrections apart."""

    id: int
    title: str
    state: StudyState
    items: int
    readers: int
    ratings: int
    created_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    arms: tuple[Arm, ...]
    description: str = ""
    seed: int = 0
    protocol: StudyProtocol = StudyProtocol()
    protocol_version: int | None = None  # 1 when opened, more after amendments
    protocol_sha256: str | None = None  # since the study was opened
    leak_audit: Mapping[str, object] | None = None
    leak_reason: str | None = None  # why it was opened although the audit found a leak
    unblinded_at: datetime | None = None  # when the truth was first looked at


@dataclass(frozen=True)
class ProtocolVersion:
    """What a study's protocol said from a time on, and why it was changed; `reason` is empty for the first."""

    version: int
    at: datetime
    reason: str
    sha256: str
    description: str
    protocol: StudyProtocol


@dataclass(frozen=True)
class ReaderProgress:
    """How far one reader has come; `last_at` is the time of the last answer."""

    rater_id: int
    name: str
    answered: int
    total: int
    last_at: datetime | None
    revoked: bool = False
    paused: bool = False
    withdrawn: bool = False
    reminded_at: datetime | None = None
    expires_at: datetime | None = None  # of the link; None: it works as long as the study is open


@dataclass(frozen=True)
class AuditEvent:
    """One line of the audit trail; `study_id` is None for what concerns the whole store."""

    at: datetime
    kind: AuditKind
    study_id: int | None
    detail: str
    sha256: str  # over this event and the one before it
    actor: str = ""  # name of the account that did it; empty where nobody was signed in
    seals: Seals | None = field(default=None, repr=False)  # of what was written
