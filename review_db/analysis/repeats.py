"""Agreement of a reader with themself, from ECGs that were shown to the same reader again.

Every repeat is paired with the first reading. Intervals of one reader are asymptotic and take the pairs as independent;
those of several readers draw readers and ECGs anew.

Sources: Cohen, Educ Psychol Meas 1960 (kappa), Psychol Bull 1968 (weighted); Fleiss, Cohen & Everitt, Psychol
Bull 1969 (standard errors), as in statsmodels.
"""

from collections.abc import Callable

import numpy as np

from review_db.analysis import resampling
from review_db.analysis.estimate import Estimate, unknown
from review_db.analysis.proportions import exact
from review_db.analysis.table import Bools, Floats, Ints, Ratings, Readings

METHOD = "asymptotic (Fleiss, Cohen, Everitt)"
NO_ERROR = "no interval: the asymptotic standard error is 0"
NOTHING = 1e-12
STEPS = 6


def cohen_kappa(table: Ratings, draws: int = resampling.DRAWS, seed: int = 0) -> Estimate:
    """Kappa of the sides (real, synthetic) of first readings and repeats; n pairs."""
    return _kappa_of_steps(table, table.says_synthetic.astype(np.int64), 2, (draws, seed))


def same_again(table: Readings, answer: Bools | Ints) -> Estimate:
    """Share of repeats with the same answer (n) as the first reading."""
    first, again = repeat_pairs(table)
    return exact(int(np.sum(answer[first] == answer[again])), len(first))


def weighted_kappa(table: Readings, steps: int = STEPS, draws: int = resampling.DRAWS, seed: int = 0) -> Estimate:
    """Kappa of the steps with quadratic weights: one step apart counts little, real for synthetic much."""
    return unknown(METHOD) if table.step is None else _kappa_of_steps(table, table.step - 1, steps, (draws, seed))


def _kappa_of_steps(table: Readings, step: Ints, steps: int, drawn: tuple[int, int]) -> Estimate:
    """Quadratically weighted kappa, with two steps the plain one; `drawn` is the number of draws and their seed."""
    first, again = repeat_pairs(table)
    cells = np.bincount(steps * step[first] + step[again], minlength=steps**2)
    found = kappa(cells.reshape(steps, steps), weights="quadratic")
    if len(np.unique(table.reader[again])) < 2:
        return found
    pairs = table.where(table.nth > 0)
    draws = resampling.resampled(pairs, _kappas_of(pairs, step[first], step[again]), *drawn)
    return resampling.percentiles(found.value, draws[:, 0], found.n, resampling.method_of(pairs))


def _kappas_of(pairs: Readings, first: Ints, again: Ints) -> Callable[[resampling.Weights], Floats]:
    """The same kappa of draws: the mean square of what is apart, by what it would be if answers were exchanged."""
    values = (np.ones_like(first), first, again, first**2, again**2, (first - again) ** 2)
    sums = [resampling.Cells.of(pairs, value.astype(np.float64)) for value in values]

    def kappas(weights: resampling.Weights) -> Floats:
        n, *totals = (of.total(weights) for of in sums)
        x, y, xx, yy, apart = (resampling.ratio(total, n) for total in totals)
        by_chance = xx + yy - 2 * x * y
        differs = np.where(by_chance > NOTHING, by_chance, np.nan)
        return np.asarray(1 - apart / differs)[:, None]

    return kappas


def kappa(counts: Ints | Floats, weights: str | None = None) -> Estimate:
    """Cohen's kappa of a square table of counts, rows the first and columns the second judgement.

    `weights` is None, "linear" or "quadratic". NaN when all judgements are the same; no interval where the standard
    error is 0, as with full agreement, or where one judgement never changes: so few pairs do not know it.
    """
    n = int(counts.sum())
    if np.count_nonzero(counts.sum(axis=0) + counts.sum(axis=1)) < 2:
        return unknown(METHOD, n)
    # Imported here: statsmodels takes seconds to load.
    from statsmodels.stats.inter_rater import cohens_kappa

    with np.errstate(divide="ignore", invalid="ignore"):  # of the z-test, which is not used here
        found = cohens_kappa(np.asarray(counts, dtype=float), wt=weights)
    if not found.std_kappa > NOTHING:
        return Estimate(float(found.kappa), np.nan, np.nan, n, NO_ERROR)
    low, high = max(float(found.kappa_low), -1.0), min(float(found.kappa_upp), 1.0)
    return Estimate(float(found.kappa), low, high, n, METHOD)


def repeat_pairs(table: Readings) -> tuple[Ints, Ints]:
    """Rows of first readings, and rows of the repeats that belong to them."""
    cell = table.reader * len(table.items) + table.item
    firsts = np.flatnonzero(table.nth == 0)
    firsts = firsts[np.argsort(cell[firsts])]
    again = np.flatnonzero(table.nth > 0)
    return firsts[np.searchsorted(cell[firsts], cell[again])], again
