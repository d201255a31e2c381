"""Signal detection: d-prime and criterion of a table of verdicts by truth.

  d-prime      z(H) - z(F): how far apart a reader sees real and synthetic; 0 = not at all
  criterion c  -(z(H) + z(F)) / 2: the reader's leaning; above 0 = towards calling ECGs real

H is the share of synthetic, F of real ECGs that were called synthetic, both with the log-linear correction.

Sources: Macmillan & Creelman, Detection Theory, 2nd ed. 2005, chapters 1 and 2; Hautus, Behav Res Methods 1995
(log-linear correction); Gourevitch & Galanter, Psychometrika 1967 (variance of d-prime).
"""

from collections.abc import Callable
from math import sqrt
from typing import Any

from review_db.analysis.confusion import Confusion
from review_db.analysis.estimate import LEVEL, NORMAL, Estimate, normal_quantile, unknown

METHOD = "log-linear, Gourevitch-Galanter"


def d_prime(table: Confusion) -> Estimate:
    """z(H) - z(F) with its normal interval; NaN unless both origins were rated."""
    return _estimate(table, discriminability, 1.0)


def criterion(table: Confusion) -> Estimate:
    """-(z(H) + z(F)) / 2 with its normal interval; above 0 the reader leans to "real"."""
    return _estimate(table, leaning, 0.5)


# The four functions below work on numbers and on arrays of them, so that the bootstrap uses the same formulas.


def discriminability(z_hit: Any, z_alarm: Any) -> Any:
    """d-prime of the quantiles of hit rate and false-alarm rate."""
    return z_hit - z_alarm


def leaning(z_hit: Any, z_alarm: Any) -> Any:
    """Criterion c of the quantiles of hit rate and false-alarm rate."""
    return -(z_hit + z_alarm) / 2


def corrected_rate(count: Any, n: Any) -> Any:
    """Log-linear correction, (count + 1/2) / (n + 1): never 0 or 1."""
    return (count + 0.5) / (n + 1)


def quantile(rate: Any) -> Any:
    """Normal quantile z of a rate between 0 and 1."""
    from scipy.special import ndtri

    return ndtri(rate)


def _estimate(table: Confusion, combine: Callable[[float, float], float], weight: float) -> Estimate:
    """A combination of z(H) and z(F), in which each has the weight +-`weight`.

    Both z are independent, so the variance is weight**2 times the sum of theirs.
    """
    if not table.real or not table.synthetic:
        return unknown(METHOD, table.total)
    hit, hit_variance = _z(table.synthetic_called_synthetic, table.synthetic)
    alarm, alarm_variance = _z(table.real_called_synthetic, table.real)
    value = combine(hit, alarm)
    margin = normal_quantile(LEVEL) * weight * sqrt(hit_variance + alarm_variance)
    return Estimate(value, value - margin, value + margin, table.total, METHOD)


def _z(count: int, n: int) -> tuple[float, float]:
    """Z of the corrected rate p, and its variance by the delta method, p (1 - p) / (n phi(z)**2)."""
    rate = corrected_rate(count, n)
    z = float(quantile(rate))
    return z, rate * (1 - rate) / (n * NORMAL.pdf(z) ** 2)
