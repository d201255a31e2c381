"""A plan in sentences: what it would find, what would do, why plain counting is not enough, a text for the protocol.

Knows: the wording. Does not know: Streamlit, simulations.
"""

from __future__ import annotations

from math import exp, hypot

import numpy as np

from app.planner.form import MOST_ECGS, MOST_READERS, Plan
from review_db.analysis.estimate import Estimate
from review_db.analysis.power import (
    Assumptions,
    PowerGrid,
    Size,
    accuracy_in_pairs,
    detection_power,
    equivalence_power,
    mean_logit,
)

NEARLY = 0.995  # from here on "100 %" would claim too much


def percent(share: float) -> str:
    """For example "65 %", "2.5 %"."""
    return f"{100 * share:.3g} %"


def power_words(power: Estimate) -> str:
    """For example "78 %", "more than 99 %"."""
    if power.value >= NEARLY:
        return "more than 99 %"
    return "less than 1 %" if power.value < 1 - NEARLY else f"{100 * power.value:.0f} %"


def answer(plan: Plan, size: Size) -> str:
    """The answer to the form in one sentence."""
    found = (
        f"detect an accuracy of {percent(plan.assumed.accuracy)}"
        if plan.goal == "detection"
        else f"show that accuracy lies within {100 * plan.assumed.margin:.0f} points of chance"
    )
    return f"With {plan.readers} readers × {plan.ecgs} ECGs you would {found} in {power_words(size.power)} of studies."


def how_found(size: Size) -> str:
    """Where the answer comes from, and how sure it is."""
    return f"Found by simulating {size.power.n:,} such studies ({interval_words(size.power)} with 95 % confidence)."


def interval_words(power: Estimate) -> str:
    """For example "75 to 80 %"."""
    return f"{100 * power.low:.0f} to {100 * power.high:.0f} %"


def what_would_do(plan: Plan, grid: PowerGrid) -> str:
    """Fewest ECGs for these readers and fewest readers for these ECGs."""
    ecgs, readers = grid.fewest_items(plan.readers, plan.power), grid.fewest_readers(plan.ecgs, plan.power)
    with_readers, with_ecgs = f"{plan.readers} readers need {ecgs} ECGs", f"{plan.ecgs} ECGs need {readers} readers"
    if ecgs is None:
        with_readers = f"even {MOST_ECGS} ECGs are too few for {plan.readers} readers"
    if readers is None:
        with_ecgs = f"even {MOST_READERS} readers are too few for {plan.ecgs} ECGs"
    return f"For {percent(plan.power)}, {with_readers}; {with_ecgs}."


def why_not_independent(plan: Plan, size: Size, naive: int) -> str:
    """The number of independent ratings, and why it is too few."""
    ratings = f"{size.ratings:,}"
    naive_power = independent_power(plan.assumed, plan.goal, size.ratings)
    promised = "more than 99 %" if naive_power >= NEARLY else f"{100 * naive_power:.0f} %"
    return (
        f"If ratings were independent, {naive:,} would do for {percent(plan.power)}, and the {ratings} of this plan "
        f"would give {promised}. They are not: answers of one reader resemble each other, and so do answers to one "
        f"ECG. Here {ratings} ratings tell as much as {size.independent:,} independent ones (design effect "
        f"{size.design_effect:.1f}), and from few readers it is not well known how much readers differ, which costs "
        "power too."
    )


def spread_words(assumed: Assumptions) -> str:
    """What the two standard deviations mean in shares of right answers: one of them to either side of the mean."""
    mean = mean_logit(assumed.accuracy, hypot(assumed.reader_sd, assumed.item_sd))
    readers, ecgs = _range_words(mean, assumed.reader_sd), _range_words(mean, assumed.item_sd)
    return (
        f"Differences as assumed: two readers of three are right in {readers} of average ECGs, and two ECGs of three "
        f"are judged right by {ecgs} of average readers."
    )


def _range_words(mean: float, sd: float) -> str:
    low, high = (100 / (1 + exp(-(mean + side * sd))) for side in (-1, 1))
    return f"{low:.0f} to {high:.0f} %"


def independent_power(assumed: Assumptions, goal: str, ratings: int) -> float:
    """Power that the exact test would have with this many independent ratings."""
    n = np.array([ratings])
    if goal == "detection":
        return float(detection_power(n, assumed.accuracy, assumed.alpha)[0])
    return float(equivalence_power(n, assumed.margin, assumed.alpha, assumed.accuracy)[0])


def pairs_words(accuracy: float) -> str:
    """What the same readers would do with pairs."""
    in_pairs = percent(round(accuracy_in_pairs(accuracy), 2))
    return (
        f"Readers who are right in {percent(accuracy)} of single ECGs would be right in {in_pairs} of pairs, one real "
        "and one synthetic ECG side by side (the same d-prime). For a study of pairs give that accuracy, and count "
        "pairs as ECGs."
    )


def protocol_words(plan: Plan, size: Size, naive: int) -> str:
    """The plan as a paragraph for a protocol."""
    assumed, power = plan.assumed, size.power
    return (
        f"Sample size: {plan.readers} readers each read the same {plan.ecgs} ECGs ({size.ratings:,} ratings). "
        f"We assume a true accuracy of {percent(assumed.accuracy)} and standard deviations of {assumed.reader_sd:g} "
        f"between readers and {assumed.item_sd:g} between ECGs on the logit scale. {_test_words(plan)} then has a "
        f"power of {power_words(power)} ({power.n:,} simulated studies; 95 % CI {interval_words(power)}). It takes "
        "readers and ECGs as random (two-way analysis of variance, Satterthwaite's degrees of freedom), and it is the "
        "test that decides if every reader reads every ECG; if not, the wider one of the exact interval and that by "
        "bootstrap of readers and ECGs decides, which has less power. The design "
        f"effect against independent ratings is {size.design_effect:.1f}; {naive:,} independent ratings would "
        f"suffice for a power of {percent(plan.power)}."
    )


def _test_words(plan: Plan) -> str:
    alpha = f"{plan.assumed.alpha:g}"
    if plan.goal == "detection":
        return f"A two-sided test of the accuracy against chance (50 %) at alpha = {alpha}"
    margin = f"{100 * plan.assumed.margin:.0f}"
    return (
        f"An equivalence test (two one-sided tests, alpha = {alpha} each) with a margin of ±{margin} points about 50 %"
    )
