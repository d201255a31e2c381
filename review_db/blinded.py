"""What a reader's session can hold, and what it sends: exactly the nouns of this module.

None of them has a field for an arm, an origin, an item number, a checksum or a provenance. Blinding is these types;
`Feedback` alone tells a truth, that of a practice ECG which never counts.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from review_db.errors import InvalidSubmission
from review_db.measured import Measured
from review_db.model import Origin, StudyState, broken, is_storable
from review_db.protocol import Design, StudyProtocol
from review_db.scales import Answer, Plausibility, Reason

LONGEST_COMMENT = 4000
LONGEST_SUBMISSION_ID = 64
LONGEST_SPECIALTY = 100
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
OFF_THE_SHEET = ""  # the lead of a caliper that was taken off
FARTHEST_SECONDS, FARTHEST_MILLIVOLTS = 60.0, 100.0  # no sheet is as large


@dataclass(frozen=True)
class Rules:
    """The part of a protocol that readers feel."""

    design: Design = Design.SINGLE
    asks_plausibility: bool = True
    asks_reasons: bool = False
    asks_comment: bool = True
    minimum_view_seconds: float = 1.0
    maximum_view_seconds: float | None = None
    break_every: int | None = None
    erases_on_withdrawal: bool = False
    keeps_calipers: bool = False
    shows_measurements: bool = False

    @classmethod
    def of(cls, protocol: StudyProtocol) -> "Rules":
        """The rules that a protocol sets."""
        return cls(**{name: getattr(protocol, name) for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Consent:
    """What a reader has to agree to before the first ECG."""

    text: str
    version: str
    erases_on_withdrawal: bool


@dataclass(frozen=True)
class Profile:
    """Who reads: for the description of the readers in a report (GRRAS item 7). Raises InvalidSubmission."""

    specialty: str
    years: int  # of reading ECGs
    ecgs_per_week: int

    def __post_init__(self) -> None:
        rules = {
            f"Give your specialty in 1 to {LONGEST_SPECIALTY} characters.": (
                0 < len(self.specialty.strip()) <= LONGEST_SPECIALTY and is_storable(self.specialty)
            ),
            "Years of reading ECGs lie between 0 and 80.": 0 <= self.years <= 80,
            "ECGs per week lie between 0 and 5,000.": 0 <= self.ecgs_per_week <= 5000,
        }
        if problems := broken(rules):
            raise InvalidSubmission(problems)


@dataclass(frozen=True)
class Reading:
    """What a reader's link opens: their own place in one study.

    `total` and `answered` count what counts, repeats included; practice is counted apart. `consent` is what has yet to
    be agreed to, None when nothing has.
    """

    rater_id: int
    reader: str
    title: str
    description: str
    total: int
    answered: int
    state: StudyState
    rules: Rules
    practice_total: int = 0
    practice_answered: int = 0
    consent: Consent | None = None
    needs_profile: bool = False

    @property
    def finished(self) -> bool:
        """True when every ECG has an answer."""
        return self.answered >= self.total


class CaliperKind(StrEnum):
    """Which of the sheet's two calipers."""

    TIME = "time"
    AMPLITUDE = "amplitude"


@dataclass(frozen=True)
class Caliper:
    """What a reader measured with a caliper. Raises InvalidSubmission.

    `value` in ms or mV is what it spans. `lead`, `seconds` from the start of the recording and `millivolts` above the
    lead's baseline are the place of its left end, or of the upper one. In pairs `is_beside` tells the right ECG.
    A caliper that was taken off the sheet lies on no lead and spans nothing: `Caliper.cleared`.
    """

    kind: CaliperKind
    lead: str
    seconds: float
    millivolts: float
    value: float
    is_beside: bool = False

    def __post_init__(self) -> None:
        longest = 1000 * FARTHEST_SECONDS if self.kind is CaliperKind.TIME else 2 * FARTHEST_MILLIVOLTS
        rules = {
            "A caliper is one for time or for amplitude.": self.kind in set(CaliperKind),
            "A caliper lies on one of the twelve leads.": self.lead in LEADS or self.is_cleared,
            "A caliper lies on the page: reload it and measure again.": (
                abs(self.seconds) <= FARTHEST_SECONDS
                and abs(self.millivolts) <= FARTHEST_MILLIVOLTS
                and 0 <= self.value <= longest
            ),
        }
        if problems := broken(rules):
            raise InvalidSubmission(problems)

    @classmethod
    def cleared(cls, kind: CaliperKind, is_beside: bool = False) -> "Caliper":
        """This caliper after it was taken off the sheet."""
        return cls(kind, OFF_THE_SHEET, 0.0, 0.0, 0.0, is_beside)

    @property
    def is_cleared(self) -> bool:
        """True when it was taken off the sheet."""
        return self.lead == OFF_THE_SHEET and self.seconds == self.millivolts == self.value == 0


@dataclass(frozen=True)
class BlindedItem:
    """What is to be read now, as a screen gets it: one ECG, or in pairs a left one and one beside it.

    `presentation` is random per (reader, presentation) and means nothing. `seconds_left` counts down to the maximum
    viewing time, if there is one; at 0 the payloads are empty. `calipers` are what this reader measured last.
    `measured` is what stands below the ECG, in every item of a study or in none.
    """

    presentation: str
    payload: bytes = field(repr=False)
    beside: bytes | None = field(repr=False)
    stated: str
    position: int  # 1 .. total
    total: int
    rules: Rules
    is_practice: bool = False
    seconds_left: float | None = None
    calipers: tuple[Caliper, ...] = ()
    measured: Measured | None = None
    measured_beside: Measured | None = None


@dataclass(frozen=True)
class Submission:
    """One answer as the page sends it; the page makes `submission_id` once per answer, so that a repeat
    of the same click is recognised as such. In pairs `plausibility` is of the left ECG, `plausibility_beside` of the
    right one.
    """

    presentation: str
    verdict: Answer
    plausibility: Plausibility | None
    comment: str
    submission_id: str
    reasons: Collection[Reason] = ()
    plausibility_beside: Plausibility | None = None

    def require_valid(self, rules: Rules) -> None:
        """Raise InvalidSubmission, in words, if this answer could not be stored as it is."""
        if problems := broken(_rules_of_scales(self, rules) | _rules_of_texts(self, rules)):
            raise InvalidSubmission(problems)


def _rules_of_scales(answer: Submission, rules: Rules) -> dict[str, bool]:
    asked = rules.asks_plausibility
    given = [answer.plausibility, answer.plausibility_beside][: rules.design.ecgs]
    return {
        f"Choose one of the {len(rules.design.scale)} steps of the main question.": (
            answer.verdict in set(rules.design.scale)
        ),
        "Say how plausible the statement is, on the scale from 1 to 5.": (
            not asked or all(step in set(Plausibility) for step in given)
        ),
        "This study does not ask for plausibility: leave it out.": asked or not any(given),
        "This study shows one ECG at a time: leave out the plausibility of a second.": (
            rules.design.ecgs == 2 or answer.plausibility_beside is None
        ),
        "This study does not ask for reasons: leave them out.": rules.asks_reasons or not answer.reasons,
        "Choose reasons from the list.": set(answer.reasons) <= set(Reason),
    }


def _rules_of_texts(answer: Submission, rules: Rules) -> dict[str, bool]:
    return {
        "This study does not ask for a comment: leave it out.": rules.asks_comment or not answer.comment.strip(),
        f"Shorten the comment to {LONGEST_COMMENT} characters.": len(answer.comment) <= LONGEST_COMMENT,
        "Remove what is not text from the comment.": is_storable(answer.comment),
        f"The page must name its answer with 1 to {LONGEST_SUBMISSION_ID} characters: reload it.": (
            0 < len(answer.submission_id) <= LONGEST_SUBMISSION_ID and is_storable(answer.submission_id)
        ),
    }


@dataclass(frozen=True)
class Recorded:
    """The receipt of an answer: `is_new` is False when this very submission had been stored before."""

    is_new: bool


@dataclass(frozen=True)
class LastAnswer:
    """The reader's most recent answer and its ECG: what `correct` may change."""

    item: BlindedItem
    verdict: Answer
    plausibility: Plausibility | None
    comment: str
    reasons: tuple[Reason, ...] = ()
    plausibility_beside: Plausibility | None = None


@dataclass(frozen=True)
class Feedback:
    """The truth of an answered practice presentation."""

    shown: Origin
    beside: Origin | None


@dataclass(frozen=True)
class Score:
    """How a reader did, once the study is unblinded: right answers of those that have one, first readings only."""

    title: str
    right: int
    told: int
