"""Two-alternative forced choice: of two ECGs side by side, which is the synthetic one?

Choosing right is P(difference of two signals > 0), so the same share of right answers means a d-prime smaller
by the square root of 2 than for single ECGs. A leaning to one side lowers the share; the d-prime from both
sides takes it out. Catch pairs (two ECGs of the same origin) have no right answer and show the leaning alone.

Source: Macmillan & Creelman, Detection Theory, 2nd ed. 2005, chapter 7.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from review_db.analysis.confusion import Confusion
from review_db.analysis.detection import corrected_rate, criterion, d_prime, quantile
from review_db.analysis.errors import InvalidTable
from review_db.analysis.estimate import Estimate, Tested
from review_db.analysis.proportions import binomial_test, wilson
from review_db.analysis.table import Bools


@dataclass(frozen=True)
class Pairs:
    """n answers to pairs: side of the synthetic ECG and side chosen as synthetic; catch pairs marked apart.

    `synthetic_left` of a catch pair means nothing.
    """

    synthetic_left: Bools
    chose_left: Bools
    is_catch: Bools

    def __post_init__(self) -> None:
        if not len(self.synthetic_left) == len(self.chose_left) == len(self.is_catch):
            raise InvalidTable("Every pair needs its synthetic side, the side chosen, and whether it is a catch pair.")

    @property
    def table(self) -> Confusion:
        """Pairs that have a right answer, as if "left" was the signal: counts of sides chosen by true side."""
        told = ~self.is_catch
        cells = np.bincount(2 * self.synthetic_left[told] + self.chose_left[told], minlength=4)
        return Confusion(*(int(count) for count in cells))


def pair_accuracy(pairs: Pairs) -> Tested:
    """Share of right choices among pairs that have one, tested against chance."""
    return binomial_test(pairs.table.right, pairs.table.total)


def two_afc_d_prime(pairs: Pairs) -> Estimate:
    """(z(H) - z(F)) / sqrt(2), H and F the shares of "left" when the synthetic ECG was left and right."""
    return _scaled(d_prime(pairs.table), 1 / sqrt(2))


def d_prime_of_share(right: int, n: int) -> Estimate:
    """sqrt(2) z(share right), log-linear, for tables without sides; the interval is Wilson's, carried over."""
    share = wilson(right, n)
    ends = (right / n if n else np.nan, share.low, share.high)
    value, low, high = (sqrt(2) * float(quantile(corrected_rate(end * n, n))) for end in ends)
    return Estimate(value, low, high, n, "log-linear, Wilson interval carried over")


def side_criterion(pairs: Pairs) -> Estimate:
    """-(z(H) + z(F)) / sqrt(2): leaning to a side; below 0 towards the left."""
    return _scaled(criterion(pairs.table), sqrt(2))


def position_bias(pairs: Pairs) -> Tested:
    """Share of all answers that chose the left side, tested against one half.

    Sound when the synthetic ECG was on either side equally often; catch pairs are sound always.
    """
    return binomial_test(int(pairs.chose_left.sum()), len(pairs.chose_left))


def catch_bias(pairs: Pairs) -> Tested:
    """The same in catch pairs only, where neither side is right."""
    return binomial_test(int(pairs.chose_left[pairs.is_catch].sum()), int(pairs.is_catch.sum()))


def _scaled(estimate: Estimate, by: float) -> Estimate:
    e = estimate
    return Estimate(e.value * by, e.low * by, e.high * by, e.n, e.method)
