"""The power of the report's answer: what share of studies like one of known errors would come to it.

Knows: how the answer is found. Where every reader read every ECG, by Student's t of the analysis of variance. Else
"could tell" is said when the wider one of the exact and the bootstrap interval of the registered alpha leaves out one
half, "could not tell" when both tests of equivalence say so. The mean is taken as normal, mean squares, and
the bootstrap's variance, as their expectation times chi-squared over their degrees of freedom. Does not know: tables,
how errors are found (`power_reached`).

Sources: Schuirmann, J Pharmacokinet Biopharm 1987 (TOST); Satterthwaite, Biometrics 1946.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import inf, sqrt
from typing import Protocol, Self

import numpy as np

from review_db.analysis.estimate import LEVEL, NORMAL, Estimate
from review_db.analysis.plan import Plan
from review_db.analysis.proportions import CHANCE
from review_db.analysis.table import Floats

METHOD = "layout and components of variance of this study"
WANTED = 0.8
NODES = 200  # of the distribution of an estimated variance
NEVER = 1 - 1e-6  # truths are searched up to here


class Errors(Protocol):
    """At one truth: the variance of the mean, and how wide the intervals are that the analysis finds."""

    @property
    def variance(self) -> float:
        """Of the mean."""
        ...

    def times(self, factor: float) -> Self:
        """The same with other variances."""
        ...

    def half_widths(self, level: float) -> Floats:
        """Of intervals (NODES), equally likely, of one-sided `level`."""
        ...


@dataclass(frozen=True)
class OfBootstrap:
    """What the bootstrap takes for the variance: `found` times chi-squared with `freedom`; its draws are normal."""

    variance: float
    found: float
    freedom: float

    def times(self, factor: float) -> "OfBootstrap":
        """The same with other variances."""
        return replace(self, variance=self.variance * factor, found=self.found * factor)

    def half_widths(self, level: float) -> Floats:
        """See `Errors`."""
        from scipy.stats import chi2

        drawn = chi2.ppf((np.arange(NODES) + 0.5) / NODES, self.freedom) / self.freedom
        return np.asarray(NORMAL.inv_cdf(level) * np.sqrt(self.found * drawn), dtype=np.float64)


@dataclass(frozen=True)
class OfAnova:
    """The analysis of variance (`variance_analysis`): expected mean `squares` of readers, ECGs and rest, by n, each
    times chi-squared with its `freedom`; so the noise of variance and degrees of freedom is in the intervals.
    """

    variance: float
    squares: Floats  # (3)
    freedom: tuple[float, float, float]

    def times(self, factor: float) -> "OfAnova":
        """The same with other variances."""
        return replace(self, variance=self.variance * factor, squares=self.squares * factor)

    def half_widths(self, level: float) -> Floats:
        """See `Errors`."""
        from scipy.stats import t

        drawn = self.squares * _chi_squared(self.freedom)
        found = np.maximum(drawn @ [1, 1, -1], drawn[:, 2])
        freedom = np.maximum(found**2 / np.sum(drawn**2 / self.freedom, axis=1), 1.0)
        return np.asarray(t.ppf(level, freedom) * np.sqrt(found), dtype=np.float64)


@cache
def _chi_squared(freedom: tuple[float, float, float]) -> Floats:
    """Mean squares by their expectation (NODES, 3), evenly spread."""
    from scipy.stats import chi2, qmc

    places = (qmc.Halton(3, scramble=False).random(NODES + 1)[1:] + 0.5 / NODES) % 1
    return np.asarray(chi2.ppf(places, freedom) / freedom, dtype=np.float64)


@dataclass(frozen=True)
class Exact:
    """What the exact tests decide, as distances of the estimate from the null: detected from `detects` on, equivalent
    up to `equates`.
    """

    detects: float = 0.0
    equates: float = inf


@dataclass(frozen=True)
class Power:
    """The power of one layout of readings. `errors` tells of each truth how well the mean is known."""

    errors: Callable[[float], Errors]
    n: int
    freedom: float  # with which the variance is known
    plan: Plan
    null: float = CHANCE
    exact: Exact = Exact()

    def detection(self, truth: float) -> Estimate:
        """Share of such studies that find the truth to differ from the null."""
        return self._estimate([self._detected(truth, factor) for factor in self._factors])

    def equivalence(self, truth: float) -> Estimate:
        """Share of such studies that find it equivalent to the null within the margin."""
        return self._estimate([self._equivalent(truth, factor) for factor in self._factors])

    def smallest(self, wanted: float = WANTED) -> Estimate:
        """The truth nearest above the null that is detected with the power `wanted`; NaN if none is."""
        least, likely, most = (self._first(wanted, factor) for factor in self._factors)
        return Estimate(likely, least, most, self.n, f"{METHOD}, power {wanted:g}")

    def error(self, truth: float) -> Estimate:
        """Standard error of the mean at a truth."""
        low, value, high = np.sqrt(self.errors(truth).variance * np.array(self._factors)).tolist()
        return Estimate(value, low, high, self.n, "components of variance, Satterthwaite")

    def _detected(self, truth: float, factor: float) -> float:
        errors = self.errors(truth).times(factor)
        half = np.maximum(errors.half_widths(1 - self.plan.alpha / 2), self.exact.detects)
        return beyond(half, truth - self.null, sqrt(errors.variance))

    def _equivalent(self, truth: float, factor: float) -> float:
        errors = self.errors(truth).times(factor)
        room = np.minimum(self.plan.margin - errors.half_widths(1 - self.plan.alpha), self.exact.equates)
        return within(room, truth - self.null, sqrt(errors.variance))

    def _first(self, wanted: float, factor: float) -> float:
        from scipy.optimize import brentq

        if self._detected(NEVER, factor) < wanted:
            return float("nan")
        return float(brentq(lambda truth: self._detected(truth, factor) - wanted, self.null, NEVER, xtol=1e-5))

    def _estimate(self, powers: list[float]) -> Estimate:
        return Estimate(powers[1], min(powers), max(powers), self.n, METHOD)

    @cached_property
    def _factors(self) -> tuple[float, float, float]:
        """The variance by that which was found: low end, 1, high end of what is likely."""
        from scipy.stats import chi2

        ends = chi2.ppf([(1 + LEVEL) / 2, (1 - LEVEL) / 2], self.freedom)
        return float(self.freedom / ends[0]), 1.0, float(self.freedom / ends[1])


def exact_tests(n: int, plan: Plan) -> Exact:
    """Those of a share of n, each with half a step to the side of what it decides; no test equates with few."""
    from scipy.stats import binom

    most_wrong = binom.ppf(plan.alpha / 2, n, CHANCE) - 1
    fewest = binom.ppf(1 - plan.alpha, n, CHANCE - plan.margin) + 1
    return Exact(float(CHANCE - (most_wrong + 0.5) / n), float(CHANCE - (fewest - 0.5) / n))


def beyond(half: Floats, distance: float, error: float) -> float:
    """Share of means with this error, `distance` from the null, whose interval leaves it out."""
    from scipy.special import ndtr

    return float(np.mean(ndtr((distance - half) / error) + ndtr((-distance - half) / error)))


def within(room: Floats, distance: float, error: float) -> float:
    """Share of means with this error, `distance` from the null, that are no further from it than there is room."""
    from scipy.special import ndtr

    return float(np.mean(np.maximum(ndtr((room - distance) / error) - ndtr((-room - distance) / error), 0.0)))
