"""The accuracy of a study in which every reader read every ECG, by analysis of variance. It decides there.

  right = mean of the origin + reader + reader x origin + ECG + rest

Readers and ECGs are samples; the origin is not, so that a leaning of the readers to one side, the same in all or of
each, is not taken for a difference between ECGs. The variance of the accuracy is
(MS_reader + MS_ECG - MS_rest) / n, never taken as less than MS_rest / n, with Satterthwaite's degrees of freedom.
Without origins that is the estimate by which the planner plans (`power.nested_accuracy_and_error`).

Two readers are too few: up to 12 % of simulated studies in which nobody can tell then found that they can, at alpha
5 %. From three readers on it was at most 7 %, and that with readers who differ more than any study would plan for.

Sources: Satterthwaite, Biometrics 1946; Obuchowski & Rockette, Commun Stat 1995, and Hillis, Obuchowski & Berbaum, Acad
Radiol 2011 (readers and cases random); Schuirmann, J Pharmacokinet Biopharm 1987 (TOST).
"""

from dataclasses import dataclass

import numpy as np

from review_db.analysis.equivalence import check_margin
from review_db.analysis.estimate import LEVEL, Equivalence, Estimate, Tested
from review_db.analysis.plan import Answers, Plan
from review_db.analysis.proportions import CHANCE
from review_db.analysis.table import Floats, Ints, Ratings, Readings

METHOD = "analysis of variance, readers and ECGs random, Satterthwaite"
FEWEST_READERS = 3
NOTHING = 1e-9  # a mean square so small is rounding: nobody differed in anything
MISSING = f"needs {FEWEST_READERS} readers or more who read every ECG once, and two ECGs of an origin"
SAME = "needs answers that differ between readers or between ECGs of one origin"


@dataclass(frozen=True)
class MeanSquares:
    """Of readers, of ECGs within their origin and of the rest, each with its degrees of freedom, and the mean of n."""

    mean: float
    n: int
    squares: Floats  # (3)
    freedom: Floats  # (3)

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return float(np.sqrt(self._square / self.n))

    @property
    def freedom_of_error(self) -> float:
        """With which it is known."""
        return float(max(self._square**2 / np.sum(np.square(self.squares) / self.freedom), 1.0))

    @property
    def _square(self) -> float:
        reader, item, rest = self.squares
        return float(max(reader + item - rest, rest, NOTHING))

    def half_width(self, level: float) -> float:
        """To each side of the mean, of the interval of this two-sided level."""
        from scipy.stats import t

        return float(t.ppf((1 + level) / 2, self.freedom_of_error) * self.error)


def mean_squares(values: Floats, origin: Ints) -> MeanSquares:
    """Of the values (R, I) of all readers for all ECGs, with the codes of the origin of the ECGs (I)."""
    readers, items = values.shape
    mean, of_reader, of_item = values.mean(), values.mean(axis=1), values.mean(axis=0)
    known, at = np.unique(origin, return_inverse=True)
    of_cell = np.stack([values[:, origin == one].mean(axis=1) for one in known], axis=1)  # (R, origins)
    between_items = of_item - of_cell.mean(axis=0)[at]
    rest = values - of_cell[:, at] - between_items
    sums = [items * np.sum((of_reader - mean) ** 2), readers * np.sum(between_items**2), np.sum(rest**2)]
    freedom = np.array([readers - 1, items - len(known), (readers - 1) * (items - len(known))], dtype=np.float64)
    return MeanSquares(float(mean), values.size, np.array(sums) / freedom, freedom)


def of_accuracy(table: Ratings, plan: Plan) -> Answers:
    """Accuracy with its 95 % interval and test against chance, with that of the registered alpha, and the TOST."""
    found = mean_squares(_cells(table, table.is_correct.astype(np.float64)), table.item_is_synthetic.astype(np.int64))
    accuracy = tested(found)
    return {
        "accuracy_anova": accuracy,
        "accuracy_anova_at_alpha": _estimate(found, plan.level),
        "tost_anova": tost_of_mean(found, plan.margin, plan.alpha),
    }


def tested(found: MeanSquares) -> Tested:
    """The mean against chance."""
    from scipy.stats import t

    e = _estimate(found, LEVEL)
    p_value = float(2 * t.sf(abs(found.mean - CHANCE) / found.error, found.freedom_of_error))
    return Tested(e.value, e.low, e.high, e.n, e.method, p_value, CHANCE)


def tost_of_mean(found: MeanSquares, margin: float, alpha: float) -> Equivalence:
    """Two one-sided t-tests of the mean against chance +- `margin`."""
    from scipy.stats import t

    check_margin(margin, alpha)
    e = _estimate(found, 1 - 2 * alpha)
    room = margin - abs(found.mean - CHANCE)
    p_value = float(t.sf(room / found.error, found.freedom_of_error))
    method = f"TOST by {METHOD}, against {CHANCE:g} +- {margin:g}"
    return Equivalence(e.value, e.low, e.high, e.n, method, p_value, CHANCE, margin, alpha, p_value < alpha)


def _estimate(found: MeanSquares, level: float) -> Estimate:
    half = found.half_width(level)
    return Estimate(found.mean, max(found.mean - half, 0.0), min(found.mean + half, 1.0), found.n, METHOD)


def _cells(table: Readings, values: Floats) -> Floats:
    cells = np.empty((len(table.readers), len(table.items)))
    cells[table.reader, table.item] = values
    return cells


def missing(table: Ratings) -> str:
    """Every reader has read every ECG, and there is a difference to learn an error from."""
    origins = len(np.unique(table.item_is_synthetic))
    if not is_complete(table) or len(table.readers) < FEWEST_READERS or len(table.items) <= origins:
        return MISSING
    cells = _cells(table, table.is_correct.astype(np.float64))
    found = mean_squares(cells, table.item_is_synthetic.astype(np.int64))
    return "" if found.squares.max() > NOTHING else SAME


def is_complete(table: Readings) -> bool:
    """Has every reader read every ECG? Of first readings."""
    return table.n == len(table.readers) * len(table.items)
