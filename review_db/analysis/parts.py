"""Parts that the analyses of several designs have in common, and in words what they need.

Pairs come here as ratings in which "synthetic" is the right ECG of the case (see `pair_table`), so that all of this is
said of the ECG that was chosen and not of the side where it stood.
"""

from dataclasses import replace

import numpy as np

from review_db.analysis import agreement, mixed, outcomes, plausibility, repeats
from review_db.analysis.equivalence import tost, tost_of_draws
from review_db.analysis.estimate import LEVEL, Estimate
from review_db.analysis.plan import Answers, Plan
from review_db.analysis.proportions import binomial_test, exact, wilson
from review_db.analysis.reader_means import auc_of_readers
from review_db.analysis.resampling import SAME_DRAWS, are_the_same, percentiles
from review_db.analysis.table import Bools, Floats, Ratings, Readings


def counts(table: Readings, firsts: Readings) -> Answers:
    """How many of what went in, and the level of the intervals."""
    synthetic = int(table.item_is_synthetic.sum())
    return {
        "ratings": table.n,
        "first_readings": firsts.n,
        "readers": len(table.readers),
        "items": len(table.items),
        "real_items": len(table.items) - synthetic,
        "synthetic_items": synthetic,
        "level": LEVEL,
    }


def tests_of_accuracy(table: Ratings, drawn: outcomes.Draws, plan: Plan) -> Answers:
    """Accuracy against chance and against the registered margin, with the intervals of the registered alpha."""
    right, accuracy, draws = int(table.is_correct.sum()), drawn.estimate("accuracy"), drawn.draws["accuracy"]
    effect = outcomes.design_effect(wilson(right, table.n), accuracy)
    exact_tost = tost(right, table.n, plan.margin, plan.alpha)
    if are_the_same(draws):  # readers who always say the same are no n independent ratings
        exact_tost = replace(exact_tost, equivalent=False, method=f"{exact_tost.method}: {SAME_DRAWS}")
    return {
        "binomial_test": binomial_test(right, table.n),
        "tost": exact_tost,
        "tost_bootstrap": tost_of_draws(accuracy, draws, plan.margin, plan.alpha),
        "accuracy_at_alpha": exact(right, table.n, plan.level),
        "accuracy_bootstrap_at_alpha": percentiles(accuracy.value, draws, table.n, accuracy.method, plan.level),
        "design_effect": effect,
        "why_intervals_differ": outcomes.why_intervals_differ(effect, len(table.readers)),
    }


def areas(table: Ratings, confidence: Floats, signal: Bools, plan: Plan) -> Answers:
    """ROC curve and area of signed confidence (n), pooled and of the readers."""
    pooled = outcomes.receiver(table, confidence, signal, plan.draws, plan.seed)
    return pooled | {"auc_of_readers": auc_of_readers(table, confidence, signal, plan.draws, plan.seed)}


def between_readers(table: Ratings, plan: Plan) -> Answers:
    """Kappa, AC1 and alpha of the two sides of the verdict."""
    counts = agreement.counts_per_item(table.item, table.says_synthetic.astype(np.int64), len(table.items), 2)
    return {
        name: agreement.agreement(coefficient, counts, plan.draws, plan.seed)
        for name, coefficient in agreement.COEFFICIENTS.items()
    }


def between_readers_in_steps(table: Ratings, plan: Plan) -> Answers:
    """Alpha of the six steps in their order."""
    return {"krippendorff_alpha_ordinal": alpha_of_steps(table, repeats.STEPS, plan)}


def alpha_of_steps(table: Readings, steps: int, plan: Plan) -> Estimate:
    """Krippendorff's ordinal alpha of the steps of a scale. Needs steps."""
    assert table.step is not None
    counts = agreement.counts_per_item(table.item, table.step - 1, len(table.items), steps)
    return agreement.agreement(agreement.krippendorff_alpha_ordinal, counts, plan.draws, plan.seed)


def within_readers(table: Ratings, plan: Plan) -> Answers:
    """Kappas of first readings and repeats, of all and of each reader who had some."""
    parts = {name: table.of_reader(at) for at, name in enumerate(table.readers)}
    repeated = {name: part for name, part in parts.items() if (part.nth > 0).any()}
    return {**_kappas(table, plan), "within_readers": {name: _kappas(part, plan) for name, part in repeated.items()}}


def _kappas(table: Ratings, plan: Plan) -> Answers:
    found: Answers = {"same_again": repeats.same_again(table, table.says_synthetic)}
    found["cohen_kappa"] = repeats.cohen_kappa(table, plan.draws, plan.seed)
    if table.step is None:
        return found
    return found | {"weighted_kappa": repeats.weighted_kappa(table, repeats.STEPS, plan.draws, plan.seed)}


def mixed_model(table: Ratings, _: Plan) -> Answers:
    """Population shares by the crossed mixed model."""
    return {**outcomes.mixed_models(table)}


def plausible(table: Readings, _: Plan) -> Answers:
    """Share found plausible, by origin."""
    return {**plausibility.by_origin(table)}


# --------------------------------------------------------------------------------------------- what they need


def several_readers(table: Readings) -> str:
    """Two readers or more."""
    return "" if len(table.readers) > 1 else "needs ratings by two readers or more"


def several_readers_in_steps(table: Readings) -> str:
    """Two readers or more, and steps."""
    return several_readers(table) or ("needs verdicts from 1 to 6" if table.step is None else "")


def crossed(table: Readings) -> str:
    """Several readers, few enough for the mixed model."""
    few_enough = min(len(table.readers), len(table.items)) <= mixed.MOST_LEVELS
    return several_readers(table) or ("" if few_enough else f"needs at most {mixed.MOST_LEVELS} readers or items")


def repeated(table: Readings) -> str:
    """A second reading."""
    return "" if (table.nth > 0).any() else "needs repeats: an ECG shown to the same reader again (column repeat)"


def labelled(table: Readings) -> str:
    """A label."""
    return "" if table.labels else "needs labels: the column is empty or not there"
