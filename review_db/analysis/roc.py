"""ROC curve and its area from signed confidence, on weighted counts so that the bootstrap uses the same formula.

Sources: Hanley & McNeil, Radiology 1982 (standard error; the area is the probability that a synthetic ECG gets
the higher rating, ties half); the curve is the trapezoidal one through the observed thresholds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from review_db.analysis.estimate import LEVEL, Estimate, normal_quantile, unknown
from review_db.analysis.table import Bools, Floats, Ints

METHOD = "Hanley-McNeil"
FALSE_ALARM_GRID = np.linspace(0.0, 1.0, 51)


@dataclass(frozen=True)
class Scale:
    """Ratings sorted into the levels of confidence that occur: `cell` is 2 * level + truth."""

    levels: int
    cell: Ints  # (n)

    def curve(self, weights: Floats | None = None) -> tuple[Floats, Floats]:
        """False-alarm and hit rate at each threshold, from the strictest: two (levels + 1) arrays from 0 to 1.
        NaN where an origin has no weight.
        """
        counts = np.bincount(self.cell, weights, minlength=2 * self.levels).reshape(-1, 2)[::-1]
        reached = np.vstack([np.zeros(2), np.cumsum(counts, axis=0)])
        total = np.where(reached[-1] > 0, reached[-1], np.nan)
        alarm, hit = (reached / total).T
        return alarm, hit


def scale_of(confidence: Floats, is_synthetic: Bools) -> Scale:
    """The scale of signed confidences (n) with the truth (n)."""
    levels, level = np.unique(confidence, return_inverse=True)
    return Scale(len(levels), 2 * level + is_synthetic)


def area(alarm: Floats, hit: Floats) -> float:
    """Area under a curve, by trapezoids."""
    return float(np.sum(np.diff(alarm) * (hit[1:] + hit[:-1])) / 2)


def hit_rates(alarm: Floats, hit: Floats) -> Floats:
    """The curve on FALSE_ALARM_GRID; on a vertical step the highest hit rate."""
    rates = np.interp(FALSE_ALARM_GRID, alarm, hit)
    rates[0] = hit[alarm == 0].max(initial=0.0)
    return rates


def summary(alarm: Floats, hit: Floats) -> Floats:
    """Hit rates on the grid, and last the area."""
    return np.append(hit_rates(alarm, hit), area(alarm, hit))


def auc(scale: Scale) -> Estimate:
    """Area under the curve of all ratings, with Hanley and McNeil's interval: ratings taken as independent."""
    n, synthetic = len(scale.cell), int(np.sum(scale.cell % 2))
    if synthetic in (0, n):
        return unknown(METHOD, n, 0.0, 1.0)
    value = area(*scale.curve())
    margin = normal_quantile(LEVEL) * area_error(value, synthetic, n - synthetic)
    return Estimate(value, max(value - margin, 0.0), min(value + margin, 1.0), n, METHOD)


def area_error(value: float, synthetic: int, real: int) -> float:
    """Standard error of an area, from what exponential ratings would have; 0 for an area of 0 or 1."""
    both_above, both_below = value / (2 - value), 2 * value**2 / (1 + value)
    spread = value * (1 - value) + (synthetic - 1) * (both_above - value**2) + (real - 1) * (both_below - value**2)
    return float(np.sqrt(max(spread, 0.0) / (synthetic * real)))


def curve_points(scale: Scale, band: Sequence[Estimate]) -> dict[str, object]:
    """The curve through the thresholds, and the band of hit rates on the grid of false-alarm rates."""
    alarm, hit = scale.curve()
    return {
        "false_alarm_rate": alarm.tolist(),
        "hit_rate": hit.tolist(),
        "band": [
            {"false_alarm_rate": float(at), "hit_rate": e.value, "low": e.low, "high": e.high}
            for at, e in zip(FALSE_ALARM_GRID, band, strict=True)
        ],
        "n": len(scale.cell),
        "method": "empirical curve; pointwise band by reader x item bootstrap",
    }
