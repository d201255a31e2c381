"""How much readers and ECGs differ on the scale of the answers themselves, and what follows for the error of a mean.

Model: value = mean of the origin + reader + ECG + rest, each with a variance of its own, for whatever readings there
are: no reader need have seen every ECG. The sums of squares of readers, of ECGs and of single readings, of values less
the mean of their origin, have expectations that are linear in the three variances; they are solved for these. In a
complete table that is the two-way analysis of variance. Knows nothing of tests and power.

Glossary: Z_k says which reader, ECG or reading a value belongs to, H takes the mean of its origin; then the sum of
squares of factor k has the expectation  sum over l of  |Z_k' (I - H) Z_l|^2 variance_l.

Sources: Henderson, Biometrics 1953; Searle, Casella & McCulloch, Variance Components, 1992, chapter 5; Owen, Ann Appl
Stat 2007 (what the reader x item bootstrap takes as the variance: the rest is counted up to three times).
"""

from dataclasses import dataclass

import numpy as np

from review_db.analysis.table import Floats, Ints, Readings
from review_db.analysis.variance_analysis import FEWEST_READERS

READER, ITEM, REST = 0, 1, 2
NOTHING = 1e-9  # what is so small against the largest is rounding: one reader has no variance between readers


@dataclass(frozen=True)
class Layout:
    """Who read what: n readings by R readers of I ECGs of O origins."""

    n: int
    freedom: Floats  # (3) of readers, ECGs and readings
    expected: Floats  # (3, 3) sums of squares (rows) from variances (columns)
    of_mean: Floats  # (3) the variance of the mean from the variances
    of_bootstrap: Floats  # (3) its variance by bootstrap from the sums of squares

    @property
    def decides_by_anova(self) -> bool:
        """Did every one of enough readers read every ECG? Then the analysis of variance decides."""
        readers, items = self.freedom[READER] + 1, self.n - self.freedom[REST] + self.freedom[ITEM]
        return bool(readers >= FEWEST_READERS and readers * items == self.n)

    @property
    def has_readers(self) -> bool:
        """Were there several, so that they can be drawn?"""
        return bool(self.freedom[READER] > 0)


def layout_of(table: Readings) -> Layout:
    """The layout of first readings."""
    return layout(table.reader, table.item, table.is_synthetic.astype(np.int64))


def layout(reader: Ints, item: Ints, origin: Ints) -> Layout:
    """The layout of n readings by codes of reader, item and origin (n)."""
    n = len(reader)
    factors = [_codes(reader), _codes(item), np.arange(n)]
    counts = [np.bincount(factor) for factor in factors]
    means = _means_of_origin(_codes(origin))
    sums = [_sums(factor, means) for factor in factors]
    origins, readers, items = means.shape[1], len(counts[READER]), len(counts[ITEM])
    drawn = [1 - 1 / items, 1 - 1 / readers, 1.0] if readers > 1 else [0.0, 1.0, 0.0]
    return Layout(
        n=n,
        freedom=np.array([readers - 1, items - origins, n - origins], dtype=np.float64),
        expected=np.array([[_expected(factors, counts, sums, a, b) for b in range(3)] for a in range(3)]),
        of_mean=np.array([np.sum(np.square(count)) for count in counts]) / n**2,
        of_bootstrap=np.array(drawn) / n**2,
    )


def variances(values: Floats, table: Readings, of: Layout) -> Floats:
    """The three variances of `values` (n), none below 0."""
    means = _means_of_origin(table.is_synthetic.astype(np.int64))
    rest = values - means @ (means.T @ values)
    factors = (table.reader, table.item, np.arange(len(values)))
    squares = np.array([np.sum(np.square(np.bincount(factor, rest))) for factor in factors])
    found = np.maximum(np.linalg.lstsq(of.expected / of.n, squares / of.n, rcond=NOTHING)[0], 0.0)
    left = squares[REST] - of.expected[REST, :REST] @ found[:REST]
    found[REST] = max(left / of.expected[REST, REST], 0.0)
    return np.asarray(found, dtype=np.float64)


def _means_of_origin(origin: Ints) -> Floats:
    """Indicators of the origin (n, O), each of length one: H is their product with themselves."""
    shown = (origin[:, None] == np.unique(origin)).astype(np.float64)
    return np.asarray(shown / np.sqrt(shown.sum(axis=0)), dtype=np.float64)


def _sums(factor: Ints, means: Floats) -> Floats:
    """Z' times the indicators, (levels, O)."""
    found = np.zeros((int(factor.max()) + 1, means.shape[1]))
    np.add.at(found, factor, means)
    return found


def _expected(factors: list[Ints], counts: list[Ints], sums: list[Floats], a: int, b: int) -> float:
    """|Z_a' (I - H) Z_b|^2; a reader has read an ECG once, so a pair of different factors is met once."""
    together = float(np.sum(np.square(counts[a]))) if a == b else float(len(factors[a]))
    crossed = np.sum(sums[a][factors[a]] * sums[b][factors[b]])
    return float(together - 2 * crossed + np.sum((sums[a].T @ sums[a]) * (sums[b].T @ sums[b])))


def _codes(values: Ints) -> Ints:
    return np.asarray(np.unique(values, return_inverse=True)[1], dtype=np.int64)
