"""One row of each long table: what one reader said of one presentation. What was not recorded is None, or NaN.

Knows how observations of a closed study become rows. Does not know tables, files, statistics.
"""

from math import nan
from typing import Any, NamedTuple

from review_db.model import Origin
from review_db.observed import GradeObservation, Observation, OfEcg, OfPresentation, PairObservation
from review_db.scales import Plausibility


class Row(NamedTuple):
    """One verdict: the design *single*."""

    reader: str
    item: str
    arm: str
    is_synthetic: bool
    labels: tuple[str, ...]
    says_synthetic: bool
    step: int | None = None  # verdict from 1 (certainly real) to 6 (certainly synthetic)
    confidence: float = nan  # signed: below 0 towards real
    plausibility: float = nan
    seconds: float = nan
    position: float = nan
    repeat: int | None = None
    reasons: tuple[str, ...] = ()


class GradeRow(NamedTuple):
    """One grade: the design *graded*."""

    reader: str
    item: str
    arm: str
    is_synthetic: bool
    labels: tuple[str, ...]
    step: int  # grade from 1 (unusable) to 4 (good)
    plausibility: float = nan
    seconds: float = nan
    position: float = nan
    repeat: int | None = None
    reasons: tuple[str, ...] = ()


class PairRow(NamedTuple):
    """One choice between two ECGs: the design *pairs*. In a catch pair both are of one origin."""

    reader: str
    case: str
    left_synthetic: bool
    right_synthetic: bool
    labels: tuple[str, ...]
    says_right: bool
    step: int | None = None  # choice from 1 (certainly left) to 6 (certainly right)
    confidence: float = nan  # signed: below 0 towards the left
    left_plausibility: float = nan
    right_plausibility: float = nan
    seconds: float = nan
    position: float = nan
    repeat: int | None = None
    reasons: tuple[str, ...] = ()

    @property
    def is_catch(self) -> bool:
        """True when there is no right answer."""
        return self.left_synthetic == self.right_synthetic


def of_verdict(o: Observation) -> Row:
    """The row of one verdict."""
    says, confidence = o.verdict.says_synthetic, float(o.confidence)
    return Row(**_of_ecg(o), says_synthetic=says, step=int(o.verdict), confidence=confidence)


def of_grade(o: GradeObservation) -> GradeRow:
    """The row of one grade."""
    return GradeRow(**_of_ecg(o), step=int(o.grade))


def of_choice(o: PairObservation) -> PairRow:
    """The row of one choice."""
    return PairRow(
        **_of_answer(o),
        case=str(o.case),
        left_synthetic=o.left is Origin.SYNTHETIC,
        right_synthetic=o.right is Origin.SYNTHETIC,
        says_right=o.choice.says_right,
        step=int(o.choice),
        confidence=float(o.confidence),
        left_plausibility=_number(o.left_plausibility),
        right_plausibility=_number(o.right_plausibility),
    )


def _of_ecg(o: OfEcg) -> dict[str, Any]:
    """What rows of single ECGs have in common."""
    return {
        **_of_answer(o),
        "item": str(o.item),
        "arm": o.arm,
        "is_synthetic": o.origin is Origin.SYNTHETIC,
        "plausibility": _number(o.plausibility),
    }


def _of_answer(o: OfPresentation) -> dict[str, Any]:
    """What all rows have in common."""
    return {
        "reader": o.reader,
        "labels": o.labels,
        "seconds": o.seconds,
        "position": float(o.position),
        "repeat": o.repeat,
        "reasons": tuple(map(str, o.reasons)),
    }


def _number(answer: Plausibility | None) -> float:
    return nan if answer is None else float(answer)
