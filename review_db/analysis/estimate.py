"""What a statistic answers: a number with its interval, its n and its method.

Knows no data. Tests are estimates with a p-value; an equivalence test also says its margin and its answer.
"""

from dataclasses import dataclass
from math import inf, nan
from statistics import NormalDist

LEVEL = 0.95
NORMAL = NormalDist()


@dataclass(frozen=True)
class Estimate:
    """A number with its interval: `n` observations went in, `method` names the interval.

    With nothing to go by, `value` is NaN and the interval is everything that is possible.
    """

    value: float
    low: float
    high: float
    n: int
    method: str


@dataclass(frozen=True)
class Tested(Estimate):
    """An estimate with the p-value of a two-sided test of `null`."""

    p_value: float
    null: float


@dataclass(frozen=True)
class Equivalence(Estimate):
    """Two one-sided tests: `equivalent` when the value lies within `margin` of `null` beyond doubt `alpha`.

    The interval is the one that belongs to the test, with level 1 - 2 alpha.
    """

    p_value: float
    null: float
    margin: float
    alpha: float
    equivalent: bool


def unknown(method: str, n: int = 0, low: float = -inf, high: float = inf) -> Estimate:
    """The answer when the data do not determine one."""
    return Estimate(nan, low, high, n, method)


def normal_quantile(level: float) -> float:
    """How many standard errors a two-sided normal interval of this level reaches to each side."""
    return NORMAL.inv_cdf((1 + level) / 2)
