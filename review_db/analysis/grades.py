"""Graded ECGs: how the four classes are spread over the arms, and whether synthetic ECGs are graded as well as real.

  acceptable   share graded acceptable or good
  difference   that share of synthetic less that of real ECGs
  auc          P(a synthetic ECG is graded better than a real one), ties half: Mann and Whitney's U / (n m).
               0.5 = no difference, below 0.5 = synthetic ECGs are graded worse

All are functions of how often each grade was given by origin, in any group of ECGs (all of them, those of a label, of
an arm), so a bootstrap draw of readers and ECGs is one matrix product per grade.

Sources: Mann & Whitney, Ann Math Stat 1947; Hanley & McNeil, Radiology 1982 (the area is U / (n m)); Owen, Ann Appl
Stat 2007 (bootstrap of readers and items).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from review_db.analysis import resampling
from review_db.analysis.equivalence import tost_of_draws
from review_db.analysis.estimate import LEVEL, Equivalence, Estimate, Tested
from review_db.analysis.proportions import CHANCE
from review_db.analysis.roc import area_error
from review_db.analysis.table import Bools, Floats, Readings
from review_db.scales import Grade

GRADES = len(Grade)
WORST, GOOD_ENOUGH = 0, Grade.ACCEPTABLE - 1  # columns of the counts
REAL, SYNTHETIC = 0, 1


def counts_by_origin(table: Readings, weights: resampling.Weights, members: Floats) -> Floats:
    """How often each grade was given to real and synthetic ECGs of G groups, (B, G, 2, 4). `members` (I, G) is 1 for
    the ECGs of a group.
    """
    assert table.step is not None
    truth = np.stack([~table.item_is_synthetic, table.item_is_synthetic], axis=1)
    of_group = (members[:, :, None] * truth[:, None, :]).reshape(len(members), -1)
    columns = [resampling.Cells.of(table, table.step == grade).by_item(weights) @ of_group for grade in Grade]
    return np.stack(columns, axis=-1).reshape(len(weights.items), members.shape[1], 2, GRADES)


def acceptable(counts: Floats) -> Floats:
    """Share acceptable or good of counts (..., 4)."""
    return resampling.ratio(counts[..., GOOD_ENOUGH:].sum(axis=-1), counts.sum(axis=-1))


def difference(counts: Floats) -> Floats:
    """Share acceptable of synthetic less that of real ECGs, of counts (..., 2, 4)."""
    return np.asarray(acceptable(counts[..., SYNTHETIC, :]) - acceptable(counts[..., REAL, :]))


def area(counts: Floats) -> Floats:
    """P(synthetic graded better than real) + half the ties, of counts (..., 2, 4)."""
    real, synthetic = counts[..., REAL, :], counts[..., SYNTHETIC, :]
    worse = np.cumsum(real, axis=-1) - real
    better = np.sum(synthetic * (worse + real / 2), axis=-1)
    return resampling.ratio(better, real.sum(axis=-1) * synthetic.sum(axis=-1))


STATISTICS: Mapping[str, Callable[[Floats], Floats]] = {
    "acceptable_real": lambda counts: acceptable(counts[..., REAL, :]),
    "acceptable_synthetic": lambda counts: acceptable(counts[..., SYNTHETIC, :]),
    "difference": difference,
    "auc": area,
}
"""Statistics of counts (..., 2, 4)."""


@dataclass(frozen=True)
class GroupDraws:
    """Counts of G groups in the study (G, 2, 4) and in its bootstrap draws (B, G, 2, 4)."""

    counts: Floats
    drawn: Floats
    method: str

    def estimate(self, at: int, name: str) -> Estimate:
        """One of STATISTICS of group number `at`, with its bootstrap interval."""
        value, draws = self.values(at, name)
        n = int(ratings_behind(name, self.counts[at]))
        return resampling.percentiles(value, draws, n, self.method)

    def values(self, at: int, name: str) -> tuple[float, Floats]:
        """The statistic of the study and of the draws (B)."""
        statistic = STATISTICS[name]
        return float(statistic(self.counts[at])), statistic(self.drawn[:, at])


def ratings_behind(name: str, counts: Floats) -> float:
    """How many ratings a statistic of counts (2, 4) rests on."""
    sides = {"acceptable_real": [REAL], "acceptable_synthetic": [SYNTHETIC]}.get(name, [REAL, SYNTHETIC])
    return float(counts[sides].sum())


def draws_of_groups(table: Readings, groups: Sequence[Bools], draws: int, seed: int) -> GroupDraws:
    """The counts of groups of ECGs, each (I), in all draws."""
    members = np.stack(groups, axis=1).astype(np.float64)

    def flat(weights: resampling.Weights) -> Floats:
        return counts_by_origin(table, weights, members).reshape(len(weights.items), -1)

    drawn = resampling.resampled(table, flat, draws, seed).reshape(-1, len(groups), 2, GRADES)
    counts = counts_by_origin(table, resampling.everything(table), members)[0]
    return GroupDraws(counts, drawn, resampling.method_of(table))


def mann_whitney(counts: Floats) -> Tested:
    """The area of counts (2, 4) with Hanley and McNeil's interval and the two-sided test of Mann and Whitney with the
    correction for ties; takes ratings as independent. NaN unless both origins were graded.
    """
    real, synthetic = counts.sum(axis=-1).astype(int).tolist()
    method = "Mann-Whitney test, Hanley-McNeil interval"
    if not real or not synthetic:
        return Tested(np.nan, 0.0, 1.0, real + synthetic, method, 1.0, CHANCE)
    from scipy.stats import norm

    value = float(area(counts))
    margin = float(norm.ppf((1 + LEVEL) / 2)) * area_error(value, synthetic, real)
    low, high = max(value - margin, 0.0), min(value + margin, 1.0)
    error = rank_error(counts)
    p_value = float(2 * norm.sf(abs(value - CHANCE) / error)) if error else 1.0
    return Tested(value, low, high, real + synthetic, method, p_value, CHANCE)


def rank_error(counts: Floats) -> float:
    """Standard error of the area when there is no difference, corrected for ties, of counts (2, 4)."""
    real, synthetic = counts.sum(axis=-1)
    n, tied = real + synthetic, counts.sum(axis=0)
    ties = np.sum(tied**3 - tied) / (n * (n - 1))
    return float(np.sqrt((n + 1 - ties) / (12 * real * synthetic)))


def area_within_margin(value: Estimate, draws: Floats, margin: float, alpha: float) -> Equivalence:
    """Are synthetic ECGs graded like real ones? TOST of the area against 0.5 +- margin by its draws."""
    return tost_of_draws(value, draws[np.isfinite(draws)], margin, alpha)
