"""The power that a study reached: of the readings it really has, for truths that are named and not taken from it.

Power at the effect that was found is a function of the p-value and adds nothing to it (Hoenig & Heisey, Am Stat
2001). So nothing is computed there. What is taken from the study is its layout (who read what) and how much readers and
ECGs differ (`components`); the truths are a grid that is the same for every study. `low` and `high` of a power say
how well the variance of the mean is known, and from few readers it is known badly.

Away from the share that was found the variances of readers and ECGs change as those of effects on the logit do, to
first order: as the square of p (1 - p). The AUC of grades is taken as the mean of its placement values, with the
variances as found at any truth.

Sources: Hoenig & Heisey, Am Stat 2001;55:19-24; Obuchowski & Rockette, Commun Stat 1995, and Hillis, Obuchowski &
Berbaum, Acad Radiol 2011 (power from components of variance); Hanley & Hajian-Tilaki, Acad Radiol 1997 (placement
values).
"""

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

from review_db.analysis import components, grades
from review_db.analysis.components import ITEM, READER, REST, Layout
from review_db.analysis.decision_power import WANTED, Errors, Exact, OfAnova, OfBootstrap, Power, exact_tests
from review_db.analysis.detection import corrected_rate
from review_db.analysis.estimate import Estimate
from review_db.analysis.plan import Answers, Plan
from review_db.analysis.power import detection_power, equivalence_power
from review_db.analysis.proportions import CHANCE
from review_db.analysis.table import Floats, Ints, Ratings, Readings

TRUTHS = np.round(np.arange(0.5, 0.951, 0.01), 2)
SD_METHOD = "moments of the two-way layout, no interval"
BOTH = "needs answers on real and on synthetic ECGs"
DIFFERING = "needs answers that differ: from none that do nobody learns how much readers and ECGs differ"


def of_accuracy(table: Ratings, plan: Plan) -> Answers:
    """The power reached of an accuracy, with what independent ratings would have had."""
    of, right = components.layout_of(table), table.is_correct.astype(np.float64)
    found = components.variances(right, table, of)
    n = np.array([table.n])
    independent = {
        "detection_if_independent": lambda truth: float(detection_power(n, truth, plan.alpha)[0]),
        "equivalence_if_independent": lambda truth: float(equivalence_power(n, plan.margin, plan.alpha, truth)[0]),
    }
    power = power_of_share(of, found, _shares(table), plan)
    return {"power_reached": {"of": "accuracy", **_answers(table, power, found, independent)}}


def of_grades(table: Readings, plan: Plan) -> Answers:
    """The power reached of the AUC of grades, and the smallest difference of the shares acceptable."""
    assert table.step is not None
    of = components.layout_of(table)
    found = components.variances(placements(table), table, of)
    answers = _answers(table, power_of_mean(of, found, plan, CHANCE), found, {})
    good = np.greater(table.step, grades.GOOD_ENOUGH)
    apart = components.variances(differences(table, good.astype(np.float64)), table, of)
    answers["smallest_difference"] = power_of_mean(of, apart, plan, 0.0).smallest()
    return {"power_reached": {"of": "auc", **answers}}


def _answers(
    table: Readings, power: Power, found: Floats, independent: Mapping[str, Callable[[float], float]]
) -> Answers:
    return {
        **_readings_per_reader(table),
        "wanted": WANTED,
        "equivalence": power.equivalence(CHANCE),
        "smallest": power.smallest(),
        "standard_error": power.error(CHANCE),
        "reader_sd": _sd(found[READER], table.n),
        "item_sd": _sd(found[ITEM], table.n),
        "curve": [
            {"truth": truth, "detection": power.detection(truth), "equivalence": power.equivalence(truth)}
            | {name: known(truth) for name, known in independent.items()}
            for truth in TRUTHS.tolist()
        ],
    }


def _readings_per_reader(table: Readings) -> Answers:
    counts = np.bincount(table.reader)
    counts, items = counts[counts > 0], len(np.unique(table.item))
    return {
        "readers": len(counts),
        "items": items,
        "readings": table.n,
        "fewest_per_reader": int(counts.min()),
        "most_per_reader": int(counts.max()),
    }


def _sd(variance: float, n: int) -> Estimate:
    return Estimate(float(np.sqrt(variance)), np.nan, np.nan, n, SD_METHOD)


# ----------------------------------------------------------------------------- power from layout and variances


def power_of_share(of: Layout, found: Floats, shares: tuple[Floats, Floats], plan: Plan) -> Power:
    """The power of an accuracy: variances `found` (3), shares right of the origins with their parts of the readings.

    The side to which readers lean is kept: at another truth all shares are moved by as much on the logit. The interval
    that decides is that of an estimate halfway between chance and truth, as it is near there that it is decided.
    """
    right, weights = shares
    total = float(weights @ (right * (1 - right)))

    def at(truth: float) -> Floats:
        moved = _moved(right, weights, truth)
        here = float(weights @ (moved * (1 - moved)))
        of_factors = found[:REST] * (here / total) ** 2
        return np.append(of_factors, max(here - of_factors.sum(), here / of.n))

    def errors(truth: float) -> Errors:
        decisive = at((CHANCE + truth) / 2)
        if of.decides_by_anova:
            return OfAnova(float(of.of_mean @ at(truth)), *squares_of_mean(of, decisive))
        return OfBootstrap(float(of.of_mean @ at(truth)), *_drawn(of, decisive))

    exact = Exact() if of.decides_by_anova else exact_tests(of.n, plan)
    return Power(cache(errors), of.n, freedom_of_mean(of, found), plan, exact=exact)


def power_of_mean(of: Layout, found: Floats, plan: Plan, null: float) -> Power:
    """The power of any other mean, with the variances `found` (3) at any truth."""
    errors = OfBootstrap(float(of.of_mean @ found), *_drawn(of, found))
    return Power(lambda _: errors, of.n, freedom_of_mean(of, found), plan, null)


def _drawn(of: Layout, found: Floats) -> tuple[float, float]:
    """What the bootstrap takes for the variance of the mean, and the degrees of freedom of that."""
    parts = of.of_bootstrap * (of.expected @ found)
    freedom = parts.sum() ** 2 / np.sum(np.square(parts) / np.maximum(of.freedom, 1))
    return float(parts.sum()), float(freedom)


def freedom_of_mean(of: Layout, found: Floats) -> float:
    """Satterthwaite's degrees of freedom of the variance of the mean: every mean square holds the rest, too."""
    squares, of_squares = squares_of_mean(of, found)
    freedom = np.array(of_squares)
    known = freedom > 0
    return float(max((of.of_mean @ found) ** 2 / np.sum(squares[known] ** 2 / freedom[known]), 1.0))


def squares_of_mean(of: Layout, found: Floats) -> tuple[Floats, tuple[float, float, float]]:
    """What mean squares of readers, ECGs and rest add to the variance of the mean, and their degrees of freedom."""
    parts, (readers, items, all_of_them) = of.of_mean * found, of.freedom.tolist()
    squares = np.array([parts[READER] + parts[REST], parts[ITEM] + parts[REST], parts[REST]])
    return squares, (readers, items, all_of_them - readers - items)


def _moved(shares: Floats, weights: Floats, truth: float) -> Floats:
    """The shares, moved by as much on the logit that all together are the truth."""
    from scipy.optimize import brentq
    from scipy.special import expit, logit

    start = logit(shares)
    shift = brentq(lambda by: float(weights @ expit(start + by)) - truth, -60, 60)
    return np.asarray(expit(start + shift), dtype=np.float64)


# ---------------------------------------------------------------------------------- values of single readings


def _shares(table: Ratings) -> tuple[Floats, Floats]:
    """Share right of each origin, never 0 or 1, and its part of the readings."""
    sides = [side for side in (~table.is_synthetic, table.is_synthetic) if side.any()]
    counts = np.array([(table.is_correct[side].sum(), side.sum()) for side in sides], dtype=np.float64)
    return np.asarray(corrected_rate(*counts.T)), counts[:, 1] / table.n


def differences(table: Readings, values: Floats) -> Floats:
    """Values (n) of which the mean is that of synthetic less that of real ECGs."""
    sides = table.is_synthetic
    weights = np.where(sides, 1 / sides.sum(), -1 / (~sides).sum())
    return np.asarray(values * len(sides) * weights, dtype=np.float64)


def placements(table: Readings) -> Floats:
    """What each grade (n) adds to the AUC: the share of the other origin graded worse (real: better), ties half.

    Scaled so that the mean of readings varies as the AUC does.
    """
    assert table.step is not None
    sides = table.is_synthetic
    worse = [_below(table.step, table.step[side]) for side in (~sides, sides)]
    return differences(table, np.where(sides, worse[0], worse[1]))


def _below(steps: Ints, others: Ints) -> Floats:
    """Share of the others below each step, ties half."""
    counts = np.bincount(others, minlength=grades.GRADES + 1)
    below = (np.cumsum(counts) - counts / 2) / len(others)
    return np.asarray(below[steps], dtype=np.float64)


# --------------------------------------------------------------------------------------------- what it needs


def missing_of_verdicts(table: Ratings) -> str:
    """Both origins, and both right and wrong answers to one of them."""
    return BOTH if len(np.unique(table.is_synthetic)) < 2 else missing_of_choices(table)


def missing_of_choices(table: Ratings) -> str:
    """Right and wrong answers."""
    return "" if _differs(table, table.is_correct.astype(np.int64)) else DIFFERING


def missing_of_grades(table: Readings) -> str:
    """Both origins, and several grades of one of them."""
    assert table.step is not None
    if len(np.unique(table.is_synthetic)) < 2:
        return BOTH
    return "" if _differs(table, table.step) else DIFFERING


def _differs(table: Readings, values: Ints) -> bool:
    return any(len(np.unique(values[side])) > 1 for side in (table.is_synthetic, ~table.is_synthetic))
