"""d-prime and AUC of the readers: of each reader alone, then the mean over readers.

Pooled over readers a statistic mixes their criteria: who says "synthetic" early and who says it late, thrown together,
see less than each of them does. With criteria of standard deviation s a d-prime of d is d / sqrt(1 + s^2) when pooled.
So the mean over readers is what they can do; the pooled number is what one would find not knowing who answered.

A draw takes readers and ECGs anew and each reader's statistic from the ECGs drawn. Readers who saw one truth only are
left out. With few ECGs of a reader the log-linear correction draws d-prime to 0.

Sources: Macmillan & Kaplan, Psychol Bull 1985 (pooled and averaged d-prime); Hautus, Behav Res Methods 1995; Hanley &
McNeil, Radiology 1982 (the area); Owen, Ann Appl Stat 2007.
"""

from collections.abc import Callable

import numpy as np

from review_db.analysis import detection, resampling
from review_db.analysis.estimate import Estimate
from review_db.analysis.table import Bools, Floats, Ints, Ratings, Readings

OfReader = Callable[[Bools, Floats], Floats]  # (rows (n) of a reader, weights (n_r, B) of these) -> statistic (B)


def d_prime_of_readers(table: Ratings, says: Bools, truth: Bools, draws: int, seed: int) -> Estimate:
    """Mean d-prime of the answers (n) by the truth (n)."""
    cell = 2 * truth + says

    def of_reader(rows: Bools, weights: Floats) -> Floats:
        right_real, alarms, fooled, hits = _sums(cell[rows], 4, weights)
        rates = [detection.corrected_rate(*pair) for pair in ((hits, hits + fooled), (alarms, alarms + right_real))]
        found = detection.discriminability(*(detection.quantile(rate) for rate in rates))
        return np.where((hits + fooled > 0) & (alarms + right_real > 0), found, np.nan)

    return _mean(table, of_reader, draws, seed)


def auc_of_readers(table: Readings, confidence: Floats, signal: Bools, draws: int, seed: int) -> Estimate:
    """Mean area under the ROC curve of signed confidence (n); readings without confidence are left out."""
    known = np.isfinite(confidence)
    rated, confidence, signal = table.where(known), confidence[known], signal[known]

    def of_reader(rows: Bools, weights: Floats) -> Floats:
        levels, level = np.unique(confidence[rows], return_inverse=True)
        noise, signals = (
            _sums(level, len(levels), weights * (signal[rows] == is_signal)[:, None]) for is_signal in (0, 1)
        )
        below = np.cumsum(noise, axis=0) - noise / 2
        return resampling.ratio(np.sum(signals * below, axis=0), signals.sum(axis=0) * noise.sum(axis=0))

    return _mean(rated, of_reader, draws, seed)


def _mean(table: Readings, of_reader: OfReader, draws: int, seed: int) -> Estimate:
    rows = [table.reader == at for at in range(len(table.readers))]

    def mean(weights: resampling.Weights) -> Floats:
        items = np.ascontiguousarray(weights.items.T)
        found = np.stack([of_reader(of, items[table.item[of]]) for of in rows], axis=1)  # (B, R)
        known = np.isfinite(found)
        return resampling.ratio(
            np.sum(weights.readers * np.where(known, found, 0.0), axis=1), np.sum(weights.readers * known, axis=1)
        )

    value = float(mean(resampling.everything(table))[0])
    method = f"mean over readers, {resampling.method_of(table)}"
    return resampling.percentiles(value, resampling.resampled(table, mean, draws, seed), table.n, method)


def _sums(group: Ints, groups: int, weights: Floats) -> Floats:
    """Weights (n, B) summed by group (n), (groups, B)."""
    order = np.argsort(group, kind="stable")
    there, starts = np.unique(group[order], return_index=True)
    sums = np.zeros((groups, weights.shape[1]))
    if len(there):
        sums[there] = np.add.reduceat(weights[order], starts, axis=0)
    return sums
