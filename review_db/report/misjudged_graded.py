"""The ECGs that were graded against their origin: real ones in the lower two classes, synthetic ones in the upper two.

Nobody was asked which ECG is real, so no grade is wrong. But a synthetic ECG that is graded acceptable or good passes
for a clinical recording, and a real one that is graded poor or unusable shows what readers hold against recordings.

Knows: how grades are gathered by ECG, which of them are against the origin. Does not know: screens, signals.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from review_db.model import Origin
from review_db.observed import GradeObservation
from review_db.report.misjudged import comments_in, gathered, most_first
from review_db.scales import Grade


@dataclass(frozen=True)
class GradedItem:
    """All grades of one ECG, and its truth."""

    item: int
    arm: str
    origin: Origin
    labels: tuple[str, ...]
    stated: str
    answers: tuple[GradeObservation, ...]

    @property
    def against(self) -> int:
        """Number of grades against the origin of the ECG."""
        return sum(map(is_against_origin, self.answers))

    @property
    def mean_grade(self) -> float:
        """Mean of the grades, 1 (unusable) to 4 (good)."""
        return sum(answer.grade for answer in self.answers) / len(self.answers)

    @property
    def comments(self) -> list[tuple[str, str]]:
        """(reader, comment) of those who wrote one."""
        return comments_in(self.answers)


def is_against_origin(answer: GradeObservation) -> bool:
    """True for a real ECG graded unusable or poor, and for a synthetic one graded acceptable or good."""
    return (answer.grade >= Grade.ACCEPTABLE) == (answer.origin is Origin.SYNTHETIC)


def judged_grades(observations: Iterable[GradeObservation]) -> list[GradedItem]:
    """All ECGs that were graded: the largest share of grades against the origin first, then the most extreme grades."""
    return sorted((_judged(answers) for answers in gathered(observations, lambda o: o.item)), key=_order)


def graded_against_origin(observations: Iterable[GradeObservation]) -> list[GradedItem]:
    """ECGs with a grade against their origin, the most contradictory first."""
    return [item for item in judged_grades(observations) if item.against]


def _order(item: GradedItem) -> tuple[float, float, int, int]:
    share, answers = most_first(item.against, len(item.answers))
    mirrored = Grade.GOOD + Grade.UNUSABLE - item.mean_grade  # the lowest grade of a real ECG is as extreme
    extreme = item.mean_grade if item.origin is Origin.SYNTHETIC else mirrored
    return share, -extreme, answers, item.item


def _judged(answers: tuple[GradeObservation, ...]) -> GradedItem:
    one = answers[0]
    return GradedItem(one.item, one.arm, one.origin, one.labels, one.stated, answers)
