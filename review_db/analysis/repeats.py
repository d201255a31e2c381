"""Agreement of a reader with themself, from ECGs that were shown to the same reader again.

Every repeat is paired with the first reading. Intervals are asymptotic and take the pairs as independent.

Sources: Cohen, Educ Psychol Meas 1960 (kappa), Psychol Bull 1968 (weighted); Fleiss, Cohen & Everitt, Psychol
Bull 1969 (standard errors), as in statsmodels.
"""

import numpy as np

from review_db.analysis.estimate import Estimate, unknown
from review_db.analysis.proportions import exact
from review_db.analysis.table import Bools, Floats, Ints, Ratings, Readings

METHOD = "asymptotic (Fleiss, Cohen, Everitt)"
STEPS = 6


def cohen_kappa(table: Ratings) -> Estimate:
    """Kappa of the sides (real, synthetic) of first readings and repeats; n pairs."""
    first, again = repeat_pairs(table)
    side = table.says_synthetic.astype(np.int64)
    return kappa(np.bincount(2 * side[first] + side[again], minlength=4).reshape(2, 2))


def same_again(table: Readings, answer: Bools | Ints) -> Estimate:
    """Share of repeats with the same answer (n) as the first reading."""
    first, again = repeat_pairs(table)
    return exact(int(np.sum(answer[first] == answer[again])), len(first))


def weighted_kappa(table: Readings, steps: int = STEPS) -> Estimate:
    """Kappa of the steps with quadratic weights: one step apart counts little, real for synthetic much."""
    if table.step is None:
        return unknown(METHOD)
    first, again = repeat_pairs(table)
    step = table.step - 1
    cells = np.bincount(steps * step[first] + step[again], minlength=steps**2)
    return kappa(cells.reshape(steps, steps), weights="quadratic")


def kappa(counts: Ints | Floats, weights: str | None = None) -> Estimate:
    """Cohen's kappa of a square table of counts, rows the first and columns the second judgement.

    `weights` is None, "linear" or "quadratic". NaN when all judgements are the same.
    """
    n = int(counts.sum())
    if np.count_nonzero(counts.sum(axis=0) + counts.sum(axis=1)) < 2:
        return unknown(METHOD, n)
    # Imported here: statsmodels takes seconds to load.
    from statsmodels.stats.inter_rater import cohens_kappa

    with np.errstate(divide="ignore", invalid="ignore"):  # of the z-test, which is not used here
        found = cohens_kappa(np.asarray(counts, dtype=float), wt=weights)
    low, high = max(float(found.kappa_low), -1.0), min(float(found.kappa_upp), 1.0)
    return Estimate(float(found.kappa), low, high, n, METHOD)


def repeat_pairs(table: Readings) -> tuple[Ints, Ints]:
    """Rows of first readings, and rows of the repeats that belong to them."""
    cell = table.reader * len(table.items) + table.item
    firsts = np.flatnonzero(table.nth == 0)
    firsts = firsts[np.argsort(cell[firsts])]
    again = np.flatnonzero(table.nth > 0)
    return firsts[np.searchsorted(cell[firsts], cell[again])], again
