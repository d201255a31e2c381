"""The long table: one row per presentation and reader, with the truth, once a study is unblinded.

One kind of row per design. `item` numbers the ECGs of the study from 1 in the order of its plan; the last answer of a
reader counts, `first_...` and `seconds` (time on screen, pauses apart) belong to the first one. `repeat` is 0 for the
first reading of an ECG and 1 for the second by the same reader. Practice is never among them. Beside the table: what
each ECG is, answered or not, and who the readers were.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from review_db.blinded import Caliper, Profile
from review_db.measured import Measured
from review_db.model import Origin
from review_db.scales import Choice, Grade, Plausibility, Reason, Verdict


@dataclass(frozen=True)
class PlacedCaliper:
    """What a reader measured, and when; corrections of the answer may come before it."""

    caliper: Caliper
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OfPresentation:
    """What is known of every answer, whatever was shown. `measurements` in their order."""

    reader: str
    labels: tuple[str, ...]  # in pairs of the left ECG; of both, except in a catch pair of two cases
    seconds: float
    position: int
    comment: str
    corrections: int
    stated: str
    shown_at: datetime
    submitted_at: datetime
    repeat: int = 0
    reasons: tuple[Reason, ...] = ()
    measurements: tuple[PlacedCaliper, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OfEcg(OfPresentation):
    """What is known of every answer to one ECG."""

    item: int
    arm: str
    origin: Origin
    plausibility: Plausibility | None
    provenance: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Observation(OfEcg):
    """What one reader said of one ECG: the design *single*."""

    verdict: Verdict
    confidence: int  # Verdict.signed_confidence
    first_verdict: Verdict

    @property
    def is_correct(self) -> bool:
        """True when the side of the scale is the side of the truth."""
        return self.verdict.says_synthetic == (self.origin is Origin.SYNTHETIC)


@dataclass(frozen=True, kw_only=True)
class GradeObservation(OfEcg):
    """What one reader thought of the quality of one ECG: the design *graded*."""

    grade: Grade
    first_grade: Grade


@dataclass(frozen=True, kw_only=True)
class PairObservation(OfPresentation):
    """Which of two ECGs one reader took for the synthetic one: the design *pairs*.

    `case` numbers the pair; in a repeat the sides are swapped. In catch pairs both are of one origin.
    """

    case: int
    left_item: int
    right_item: int
    left_arm: str
    right_arm: str
    left: Origin
    right: Origin
    choice: Choice
    confidence: int  # Choice.signed_confidence
    left_plausibility: Plausibility | None
    right_plausibility: Plausibility | None
    first_choice: Choice
    left_provenance: Mapping[str, object] = field(default_factory=dict)
    right_provenance: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_catch(self) -> bool:
        """True when there is no right answer."""
        return self.left is self.right

    @property
    def is_correct(self) -> bool | None:
        """True when the synthetic one was chosen; None for a catch pair."""
        return None if self.is_catch else self.choice.says_right == (self.right is Origin.SYNTHETIC)


AnyObservation = Observation | GradeObservation | PairObservation


@dataclass(frozen=True)
class ItemTruth:
    """One ECG of an unblinded study and what it is, whether or not anybody answered it; `measured` stood below it."""

    item: int
    case: int
    arm: str
    origin: Origin
    labels: tuple[str, ...]
    stated: str
    provenance: Mapping[str, object]
    measured: Measured | None = None


@dataclass(frozen=True)
class ReaderRecord:
    """What a report tells of one reader, without the name. `number` counts from 1, as in the audit trail.

    `profile` is None where it was not asked, not given, or erased; `consent_version` is the one agreed to last.
    """

    number: int
    profile: Profile | None
    consent_version: str | None
    practice_answered: int
    practice_total: int
    is_paused: bool
    is_revoked: bool
    has_withdrawn: bool
    is_erased: bool
