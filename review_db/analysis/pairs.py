"""Two-alternative forced choice: of two ECGs side by side, which is the synthetic one?

Choosing right is P(difference of two signals > 0), so the same share of right answers means a d-prime smaller
by the square root of 2 than for single ECGs. A leaning to one side lowers the share; the d-prime from both
sides takes it out. Catch pairs (two ECGs of the same origin, `pair_table`) have no right answer and are not here.

Source: Macmillan & Creelman, Detection Theory, 2nd ed. 2005, chapter 7.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from review_db.analysis.confusion import Confusion
from review_db.analysis.detection import criterion, d_prime
from review_db.analysis.errors import InvalidTable
from review_db.analysis.estimate import Estimate, Tested
from review_db.analysis.proportions import binomial_test
from review_db.analysis.table import Bools


@dataclass(frozen=True)
class Pairs:
    """n answers to pairs that have a right answer: side of the synthetic ECG and side chosen as synthetic."""

    synthetic_left: Bools
    chose_left: Bools

    def __post_init__(self) -> None:
        if len(self.synthetic_left) != len(self.chose_left):
            raise InvalidTable("Every pair needs its synthetic side and the side chosen.")

    @property
    def table(self) -> Confusion:
        """As if "left" was the signal: counts of sides chosen by true side."""
        cells = np.bincount(2 * self.synthetic_left + self.chose_left, minlength=4)
        return Confusion(*(int(count) for count in cells))


def two_afc_d_prime(pairs: Pairs) -> Estimate:
    """(z(H) - z(F)) / sqrt(2), H and F the shares of "left" when the synthetic ECG was left and right."""
    return scaled(d_prime(pairs.table), 1 / sqrt(2))


def side_criterion(pairs: Pairs) -> Estimate:
    """-(z(H) + z(F)) / sqrt(2): leaning to a side; below 0 towards the left."""
    return scaled(criterion(pairs.table), sqrt(2))


def position_bias(pairs: Pairs) -> Tested:
    """Share of answers that chose the left side, tested against one half.

    Sound when the synthetic ECG was on either side equally often.
    """
    return binomial_test(int(pairs.chose_left.sum()), len(pairs.chose_left))


def scaled(estimate: Estimate, by: float) -> Estimate:
    """The estimate and its interval times a number."""
    e = estimate
    return Estimate(e.value * by, e.low * by, e.high * by, e.n, e.method)
