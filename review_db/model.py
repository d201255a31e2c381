"""The nouns of a reader study, as plain frozen dataclasses.

Knows what a study, an answer and an observation are. Knows nothing of SQL, of screens, or of what a
payload means: to this room an ECG is a string of bytes.

What a reader's session can hold is exactly `Reading`, `BlindedItem`, `LastAnswer` and `Recorded`: none of
them has a field for an arm, an origin, an item number, a checksum or a provenance. Blinding is this type.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from review_db.errors import InvalidPlan, InvalidSubmission

LONGEST_TITLE = 200
LONGEST_NAME = 100
LONGEST_COMMENT = 4000
LONGEST_SUBMISSION_ID = 64
LONGEST_MINIMUM_VIEW = 600.0  # s
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


class Verdict(IntEnum):
    """Six steps without a middle: every reader commits to real or synthetic."""

    CERTAINLY_REAL = 1
    PROBABLY_REAL = 2
    POSSIBLY_REAL = 3
    POSSIBLY_SYNTHETIC = 4
    PROBABLY_SYNTHETIC = 5
    CERTAINLY_SYNTHETIC = 6

    @property
    def says_synthetic(self) -> bool:
        """True from POSSIBLY_SYNTHETIC upwards."""
        return self >= Verdict.POSSIBLY_SYNTHETIC

    @property
    def signed_confidence(self) -> int:
        """-3 (certainly real) .. -1, +1 .. +3 (certainly synthetic): the rating scale of an ROC analysis."""
        return self - 3 if self.says_synthetic else self - 4

    @property
    def wording(self) -> str:
        """For example "certainly real"."""
        return self.name.replace("_", " ").lower()


class Plausibility(IntEnum):
    """Does the ECG show what its statement says? Five steps, the middle one undecided."""

    IMPLAUSIBLE = 1
    RATHER_IMPLAUSIBLE = 2
    UNDECIDED = 3
    RATHER_PLAUSIBLE = 4
    PLAUSIBLE = 5

    wording = Verdict.wording


class AuditKind(StrEnum):
    """What the audit trail records."""

    CREATED = "created"
    DRAFT_DELETED = "draft deleted"
    OPENED = "opened"
    READER_ADDED = "reader added"
    READER_REVOKED = "reader revoked"
    LINK_REISSUED = "link reissued"
    CLOSED = "closed"
    UNBLINDED = "unblinded"
    EXPORTED = "exported"
    PASSPHRASE_SET = "passphrase set"
    PASSPHRASE_CHANGED = "passphrase changed"


def is_storable(text: str) -> bool:
    """True for text that both databases can hold: no NUL and no half of a surrogate pair."""
    return not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)


def _broken(rules: Mapping[str, bool]) -> str:
    """The sentences of the rules that do not hold."""
    return " ".join(sentence for sentence, holds in rules.items() if not holds)


@dataclass(frozen=True)
class Arm:
    """One source of ECGs in a study, for example "PTB-XL" or "SSSD-ECG-nle"."""

    name: str
    origin: Origin
    description: str = ""


@dataclass(frozen=True)
class NewItem:
    """One ECG of a planned study: what readers see, and the truth about it.

    `payload` and `stated` are shown to readers and must not depend on the arm; `arm`, `labels` and
    `provenance` (anything JSON can hold) are the truth and go to a table of their own.
    """

    payload: bytes = field(repr=False)
    arm: str
    labels: tuple[str, ...]
    stated: str
    provenance: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class StudyPlan:
    """A study before it is stored. `title` and `description` are shown to readers.
    Raises InvalidPlan for anything that could not be read blind, naming all that is wrong.
    """

    title: str
    arms: Sequence[Arm]
    items: Sequence[NewItem]
    seed: int
    minimum_view_seconds: float = 1.0
    question_plausibility: bool = True
    description: str = ""
    leak_audit: Mapping[str, object] | None = None  # LeakAudit.asdict of the engine; None where none was possible

    def __post_init__(self) -> None:
        if problems := _broken(_plan_rules(self) | _item_rules(self)):
            raise InvalidPlan(problems)


def _plan_rules(plan: StudyPlan) -> dict[str, bool]:
    names, length = [arm.name for arm in plan.arms], len(plan.title.strip())
    return {
        f"Give the study a title of 1 to {LONGEST_TITLE} characters.": length in range(1, LONGEST_TITLE + 1),
        "Give every arm a name, each a different one.": all(names) and len(set(names)) == len(names) > 0,
        f"The seed must be between 0 and {LARGEST_SEED}.": 0 <= plan.seed <= LARGEST_SEED,
        f"The minimum viewing time must be between 0 and {LONGEST_MINIMUM_VIEW:g} s.": (
            0 <= plan.minimum_view_seconds <= LONGEST_MINIMUM_VIEW
        ),
        "Remove what is not text from title, arms or statements.": all(map(is_storable, _texts(plan))),
    }


def _texts(plan: StudyPlan) -> list[str]:
    arms = [text for arm in plan.arms for text in (arm.name, arm.description)]
    items = [text for item in plan.items for text in (item.stated, *item.labels)]
    return [plan.title, plan.description, *arms, *items]


def _item_rules(plan: StudyPlan) -> dict[str, bool]:
    payloads = [item.payload for item in plan.items]
    used = {item.arm for item in plan.items}
    known = {arm.name for arm in plan.arms}
    return {
        "A study needs at least one ECG: add items.": len(payloads) > 0,
        "All ECGs must be of the same size, or the size would tell the arms apart: harmonise them first.": (
            len({len(payload) for payload in payloads}) <= 1 and all(payloads)
        ),
        "The same ECG is in the plan twice and readers would recognise it: remove one.": (
            len(set(payloads)) == len(payloads)
        ),
        f"Items and arms do not match: {', '.join(sorted(used ^ known))}.": used == known or not payloads,
        "The provenance of every item must be JSON without NaN: convert it before.": all(
            _is_json(item.provenance) for item in plan.items
        ),
    }


def _is_json(provenance: Mapping[str, object]) -> bool:
    try:
        json.dumps(dict(provenance), allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


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
    minimum_view_seconds: float = 1.0
    question_plausibility: bool = True
    protocol_sha256: str | None = None  # since the study was opened
    leak_audit: Mapping[str, object] | None = None
    leak_reason: str | None = None  # why it was opened although the audit found a leak


@dataclass(frozen=True)
class ReaderProgress:
    """How far one reader has come; `last_at` is the time of the last answer."""

    rater_id: int
    name: str
    answered: int
    total: int
    last_at: datetime | None
    revoked: bool = False


@dataclass(frozen=True)
class AuditEvent:
    """One line of the audit trail; `study_id` is None for what concerns the whole store."""

    at: datetime
    kind: AuditKind
    study_id: int | None
    detail: str
    sha256: str  # over this event and the one before it


@dataclass(frozen=True)
class Reading:
    """What a reader's link opens: their own place in one study."""

    rater_id: int
    reader: str
    title: str
    description: str
    total: int
    answered: int
    state: StudyState

    @property
    def finished(self) -> bool:
        """True when every ECG has an answer."""
        return self.answered >= self.total


@dataclass(frozen=True)
class BlindedItem:
    """One ECG as a screen gets it. `presentation` is random per (reader, presentation) and means nothing."""

    presentation: str
    payload: bytes = field(repr=False)
    stated: str
    position: int  # 1 .. total
    total: int
    asks_plausibility: bool
    minimum_view_seconds: float


@dataclass(frozen=True)
class Submission:
    """One answer as the page sends it; the page makes `submission_id` once per answer, so that a repeat
    of the same click is recognised as such.
    """

    presentation: str
    verdict: Verdict
    plausibility: Plausibility | None
    comment: str
    submission_id: str

    def require_valid(self, asks_plausibility: bool) -> None:
        """Raise InvalidSubmission, in words, if this answer could not be stored as it is."""
        rules = {
            "Choose one of the six verdicts.": self.verdict in set(Verdict),
            "Say how plausible the statement is, on the scale from 1 to 5.": (
                self.plausibility in set(Plausibility) or not asks_plausibility
            ),
            "This study does not ask for plausibility: leave it out.": (self.plausibility is None or asks_plausibility),
            f"Shorten the comment to {LONGEST_COMMENT} characters.": len(self.comment) <= LONGEST_COMMENT,
            "Remove what is not text from the comment.": is_storable(self.comment),
            f"The page must name its answer with 1 to {LONGEST_SUBMISSION_ID} characters: reload it.": (
                0 < len(self.submission_id) <= LONGEST_SUBMISSION_ID and is_storable(self.submission_id)
            ),
        }
        if problems := _broken(rules):
            raise InvalidSubmission(problems)


@dataclass(frozen=True)
class Recorded:
    """The receipt of an answer: `is_new` is False when this very submission had been stored before."""

    is_new: bool


@dataclass(frozen=True)
class LastAnswer:
    """The reader's most recent answer and its ECG: what `correct` may change."""

    item: BlindedItem
    verdict: Verdict
    plausibility: Plausibility | None
    comment: str


@dataclass(frozen=True)
class Observation:
    """One row of the long table: what one reader said of one ECG, and the truth.

    `verdict`, `plausibility` and `comment` are the reader's last word; `first_verdict` and `seconds` (time
    the ECG was on screen, pauses apart) belong to the first answer; `item` numbers the ECGs of the study
    from 1 in the order of its plan.
    """

    reader: str
    item: int
    arm: str
    origin: Origin
    labels: tuple[str, ...]
    verdict: Verdict
    confidence: int  # Verdict.signed_confidence
    plausibility: Plausibility | None
    seconds: float
    position: int
    comment: str
    first_verdict: Verdict
    corrections: int
    stated: str
    shown_at: datetime
    submitted_at: datetime
    provenance: Mapping[str, object]

    @property
    def is_correct(self) -> bool:
        """True when the side of the scale is the side of the truth."""
        return self.verdict.says_synthetic == (self.origin is Origin.SYNTHETIC)
