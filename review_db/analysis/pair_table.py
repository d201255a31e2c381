"""The long table of pairs: choices that have a right answer, as ratings of the case, and catch pairs apart.

A choice between the two ECGs of a case is a rating of that case: it says which of the two ECGs is the synthetic one.
So "synthetic" stands for "chose the synthetic ECG", every case counts as synthetic, and the six steps run from
certainly the real to certainly the synthetic ECG. All statistics of ratings then speak of ECGs and not of sides; a
repeat with its sides swapped agrees when the same ECG was chosen. `synthetic_left` keeps the side.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from review_db.analysis.errors import InvalidTable
from review_db.analysis.pairs import Pairs
from review_db.analysis.rows import PairRow, Row, of_choice
from review_db.analysis.table import Bools, Floats, Ints, Ratings, ratings
from review_db.observed import PairObservation

CASES = "pairs"  # the only arm of such ratings
TOP = 7  # a step and its mirror image add up to this


@dataclass(frozen=True, kw_only=True)
class Choices(Ratings):
    """Choices that have a right answer; `says_synthetic`, `step` and `confidence` are towards the synthetic ECG."""

    OF_READINGS: ClassVar[tuple[str, ...]] = (*Ratings.OF_READINGS, "synthetic_left")
    synthetic_left: Bools  # (n)

    @property
    def chose_left(self) -> Bools:
        """Side chosen."""
        return np.equal(self.says_synthetic, self.synthetic_left)

    @property
    def choice(self) -> Ints:
        """What was answered: 1 certainly left to 6 certainly right, or 0 left and 1 right."""
        if self.step is None:
            return (~self.chose_left).astype(np.int64)
        return np.where(self.synthetic_left, TOP - self.step, self.step)

    @property
    def to_the_right(self) -> Floats:
        """Signed confidence (n), above 0 towards the right. Needs confidence."""
        assert self.confidence is not None
        return np.where(self.synthetic_left, -self.confidence, self.confidence)

    @property
    def sides(self) -> Pairs:
        """True side and side chosen."""
        return Pairs(self.synthetic_left, self.chose_left)


@dataclass(frozen=True)
class CatchPairs:
    """m answers to pairs without a right answer."""

    reader: tuple[str, ...]  # (m) names
    chose_left: Bools  # (m)
    certainty: Floats  # (m) size of the confidence, NaN where it was not asked


@dataclass(frozen=True)
class PairTable:
    """All answers of a study of pairs. `plausible` are the answers on plausibility by origin of the ECG."""

    choices: Choices
    catches: CatchPairs
    plausible: dict[str, Floats]

    def first_readings(self) -> "PairTable":
        """Without repeats of the choices; catch pairs and plausibility stay whole."""
        return replace(self, choices=self.choices.first_readings())


def pair_table(rows: Sequence[PairRow]) -> PairTable:
    """The table of these rows; raises InvalidTable without a pair that has a right answer."""
    told = [row for row in rows if not row.is_catch]
    if not told:
        raise InvalidTable("There is no pair of a real and a synthetic ECG: there is nothing to analyse.")
    as_ratings = ratings([_rating(row) for row in told])
    sides = np.array([row.left_synthetic for row in told], dtype=np.bool_)
    return PairTable(_choices(as_ratings, sides), _catches(rows), _plausible(rows))


def from_pairs(observations: Iterable[PairObservation]) -> PairTable:
    """The table of the choices of a closed study."""
    return pair_table([of_choice(o) for o in observations])


def _choices(table: Ratings, synthetic_left: Bools) -> Choices:
    columns = {name: getattr(table, name) for name in Ratings.__dataclass_fields__ if name != "OF_READINGS"}
    return Choices(**columns, synthetic_left=synthetic_left)


def _rating(row: PairRow) -> Row:
    """A choice as a rating of its case, see the head of this module."""
    towards = 1 if row.right_synthetic else -1
    return Row(
        reader=row.reader,
        item=row.case,
        arm=CASES,
        is_synthetic=True,
        labels=row.labels,
        says_synthetic=row.says_right == row.right_synthetic,
        step=row.step if row.step is None or row.right_synthetic else TOP - row.step,
        confidence=towards * row.confidence,
        seconds=row.seconds,
        position=row.position,
        repeat=row.repeat,
        reasons=row.reasons,
    )


def _catches(rows: Sequence[PairRow]) -> CatchPairs:
    found = [row for row in rows if row.is_catch]
    return CatchPairs(
        tuple(row.reader for row in found),
        np.array([not row.says_right for row in found], dtype=np.bool_),
        np.abs(np.array([row.confidence for row in found], dtype=np.float64)),
    )


def _plausible(rows: Sequence[PairRow]) -> dict[str, Floats]:
    sides = [(row.left_synthetic, row.left_plausibility) for row in rows]
    sides += [(row.right_synthetic, row.right_plausibility) for row in rows]
    return {
        origin: np.array([answer for is_synthetic, answer in sides if is_synthetic == truth], dtype=np.float64)
        for origin, truth in (("real", False), ("synthetic", True))
    }
