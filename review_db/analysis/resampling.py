"""The reader x item bootstrap: what another panel of readers with other ECGs might have answered.

Readers are drawn with replacement, and independently of them ECGs within each origin, so that every draw has
as many real and synthetic ECGs as the study. A reading weighs as often as its reader times as often as its
ECG was drawn: weights instead of copies. Draws are repeatable: one seed, one stream.

Why it matters: ratings of one reader, and of one ECG, resemble each other; an interval that takes them as
independent is too narrow. This interval errs to the wide side a little, as every two-way bootstrap does
(the noise of single readings is counted up to three times), and to the narrow side with few readers or ECGs.

Where all draws are the same, as where all ratings are right or every reader always says the same, they say nothing of
other readers and ECGs: then there is no interval, and no test by them.

Sources: Owen, Ann Appl Stat 2007 (the pigeonhole bootstrap, and by how much it overstates the variance); Davison &
Hinkley, Bootstrap Methods and their Application, 1997, 4.2 (a p-value of k in B draws is (k + 1) / (B + 1)).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from review_db.analysis.estimate import LEVEL, Estimate
from review_db.analysis.table import Bools, Floats, Readings

DRAWS = 2000
HELD = 2_000_000  # weights held at a time
DENSE = 8  # cells per reading up to which a table is not sparse
METHOD = "reader x item bootstrap, percentiles"
ONE_READER = "item bootstrap (one reader), percentiles"
SAME_DRAWS = "all draws are the same, which shows nothing"
ROUNDING = 1e-12


@dataclass(frozen=True)
class Weights:
    """How often each reader (B, R) and each item (B, I) is drawn in each of B draws."""

    readers: Floats
    items: Floats

    def of_rows(self, table: Readings) -> Iterator[Floats]:
        """The weights of all readings (n), draw by draw."""
        for readers, items in zip(self.readers, self.items, strict=True):
            yield readers[table.reader] * items[table.item]


@dataclass(frozen=True)
class Cells:
    """Values of the readings summed by reader and item (R, I), so that all draws are one matrix product."""

    values: Any  # an array, or a sparse one where most readers saw few of the items

    @classmethod
    def of(cls, table: Readings, values: Floats | Bools) -> "Cells":
        """The cells of `values` (n)."""
        from scipy.sparse import csr_array

        shape = (len(table.readers), len(table.items))
        cells = csr_array((values.astype(np.float64), (table.reader, table.item)), shape=shape)
        return cls(cells.toarray() if shape[0] * shape[1] <= DENSE * table.n else cells)

    def by_item(self, weights: Weights) -> Floats:
        """Weighted sums of each item, (B, I)."""
        return np.asarray((self.values.T @ weights.readers.T).T * weights.items)

    def total(self, weights: Weights) -> Floats:
        """Weighted sums of all readings, (B)."""
        return np.asarray(self.by_item(weights).sum(axis=1))


def everything(table: Readings) -> Weights:
    """The study as it is: everybody and everything once."""
    return Weights(np.ones((1, len(table.readers))), np.ones((1, len(table.items))))


def draws_of(table: Readings, draws: int, seed: int) -> Iterator[Weights]:
    """All draws, in portions that fit into memory."""
    generator = np.random.default_rng(seed)
    seen = np.bincount(table.item, minlength=len(table.items)) > 0
    arms = [np.flatnonzero(seen & (table.item_is_synthetic == side)) for side in (False, True)]
    readers = np.unique(table.reader)
    portion = max(1, HELD // (len(table.readers) + len(table.items)))
    for start in range(0, draws, portion):
        size = min(portion, draws - start)
        weights = Weights(np.zeros((size, len(table.readers))), np.zeros((size, len(table.items))))
        weights.readers[:, readers] = drawn(generator, size, len(readers)) if len(readers) > 1 else 1.0
        for arm in arms:
            weights.items[:, arm] = drawn(generator, size, len(arm))
        yield weights


def drawn(generator: np.random.Generator, draws: int, n: int) -> Floats:
    """How often each of n is drawn in n draws with replacement, (draws, n)."""
    return generator.multinomial(n, np.full(n, 1 / n), size=draws).astype(np.float64) if n else np.zeros((draws, 0))


def item_weights(items: int, draws: int, seed: int) -> Floats:
    """How often each item is drawn when readers are not, (draws, items)."""
    return drawn(np.random.default_rng(seed), draws, items)


def resampled(table: Readings, statistic: Callable[[Weights], Floats], draws: int, seed: int) -> Floats:
    """`statistic` of all draws, (draws, k); it gets B draws at a time and returns (B, k)."""
    return np.concatenate([statistic(weights) for weights in draws_of(table, draws, seed)])


def method_of(table: Readings) -> str:
    """The name of the interval: with one reader there is nobody to draw."""
    return METHOD if len(np.unique(table.reader)) > 1 else ONE_READER


def percentiles(value: float, draws: Floats, n: int, method: str, level: float = LEVEL) -> Estimate:
    """The estimate `value` with the interval that holds `level` of the draws; draws without a value are left out.

    Draws that are all the same make no interval.
    """
    known = draws[np.isfinite(draws)]
    if are_the_same(known):
        return Estimate(value, np.nan, np.nan, n, method)
    return spread(value, known, n, method, level)


def spread(value: float, draws: Floats, n: int, method: str, level: float = LEVEL) -> Estimate:
    """The same of any draws, for the band of a curve whose ends are fixed."""
    known = draws[np.isfinite(draws)]
    if not len(known):
        return Estimate(value, np.nan, np.nan, n, method)
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(value, float(low), float(high), n, method)


def are_the_same(draws: Floats) -> bool:
    """Do all draws have one value, or are there none?"""
    return not len(draws) or bool(np.ptp(draws) <= ROUNDING * max(1.0, float(np.abs(draws).max())))


def share_of_draws(meets: Bools) -> float:
    """Share of draws (B) that meet something, never quite 0, as the study itself is counted among them."""
    return float((meets.sum() + 1) / (len(meets) + 1))


def columns_of(values: Floats, draws: Floats, counts: Sequence[int], method: str) -> list[Estimate]:
    """One estimate per column of `draws` (draws, k), with the k `values` and `counts`."""
    of_column = zip(values, draws.T, counts, strict=True)
    return [percentiles(float(value), column, n, method) for value, column, n in of_column]


def ratio(part: Floats, whole: Floats) -> Floats:
    """part / whole, NaN where there is nothing to divide by."""
    unknown = np.full(np.shape(whole), np.nan)
    return np.asarray(np.divide(part, whole, out=unknown, where=whole > 0), dtype=np.float64)
