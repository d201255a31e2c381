"""A plan in sentences: what it would find, what would do, why plain counting is not enough, a text for the protocol.

Knows: the wording: in the language of the visitor, save for the protocol's, which is English as the report is. Does not
know: Streamlit, simulations.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, hypot

import numpy as np

from app.language.words import N_, decimal
from app.language.words import gettext as _
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


def percent(share: float, number: Callable[[float, str], str] = decimal) -> str:
    """For example "65 %", "2.5 %". number: how it is written; `format` in English."""
    return f"{number(100 * share, '.3g')} %"


def power_words(power: Estimate, say: Callable[[str], str] = _) -> str:
    """For example "78 %", "more than 99 %". say: puts words into a language; `str` leaves them in English."""
    if power.value >= NEARLY:
        return say(N_("more than 99 %"))
    return say(N_("less than 1 %")) if power.value < 1 - NEARLY else f"{100 * power.value:.0f} %"


def bound_power(power: Estimate) -> str:
    """The same as a cell of a table has it: "78 %", "> 99 %"."""
    if power.value >= NEARLY:
        return "> 99 %"
    return "< 1 %" if power.value < 1 - NEARLY else f"{100 * power.value:.0f} %"


def answer(plan: Plan, size: Size) -> str:
    """The answer to the form in one sentence."""
    if plan.goal == "detection":
        words = _(
            "With {readers} readers × {ecgs} ECGs you would detect an accuracy of {accuracy} in {power} of studies."
        )
    else:
        words = _(
            "With {readers} readers × {ecgs} ECGs you would show that accuracy lies within {margin} points of chance "
            "in {power} of studies."
        )
    return words.format(
        readers=plan.readers,
        ecgs=plan.ecgs,
        accuracy=percent(plan.assumed.accuracy),
        margin=f"{100 * plan.assumed.margin:.0f}",
        power=power_words(size.power),
    )


def how_found(size: Size) -> str:
    """Where the answer comes from, and how sure it is."""
    words = _("Found by simulating {number} such studies ({interval} with 95 % confidence).")
    return words.format(number=decimal(size.power.n, ","), interval=interval_words(size.power))


def interval_words(power: Estimate, say: Callable[[str], str] = _) -> str:
    """For example "75 to 80 %". say: as of `power_words`."""
    return say(N_("{low} to {high} %")).format(low=f"{100 * power.low:.0f}", high=f"{100 * power.high:.0f}")


def what_would_do(plan: Plan, grid: PowerGrid) -> str:
    """Fewest ECGs for these readers and fewest readers for these ECGs."""
    ecgs, readers = grid.fewest_items(plan.readers, plan.power), grid.fewest_readers(plan.ecgs, plan.power)
    return _what_would_do(ecgs, readers).format(
        power=percent(plan.power),
        readers=plan.readers,
        ecgs=plan.ecgs,
        needed_ecgs=MOST_ECGS if ecgs is None else ecgs,
        needed_readers=MOST_READERS if readers is None else readers,
    )


def _what_would_do(ecgs: int | None, readers: int | None) -> str:
    if ecgs is not None and readers is not None:
        return _("For {power}, {readers} readers need {needed_ecgs} ECGs; {ecgs} ECGs need {needed_readers} readers.")
    if ecgs is not None:
        return _(
            "For {power}, {readers} readers need {needed_ecgs} ECGs; even {needed_readers} readers are too few for "
            "{ecgs} ECGs."
        )
    if readers is not None:
        return _(
            "For {power}, even {needed_ecgs} ECGs are too few for {readers} readers; {ecgs} ECGs need {needed_readers} "
            "readers."
        )
    return _(
        "For {power}, even {needed_ecgs} ECGs are too few for {readers} readers; even {needed_readers} readers are too "
        "few for {ecgs} ECGs."
    )


def why_not_independent(plan: Plan, size: Size, naive: int) -> str:
    """The number of independent ratings, and why it is too few."""
    naive_power = independent_power(plan.assumed, plan.goal, size.ratings)
    return _(
        "If ratings were independent, {naive} would do for {power}, and the {ratings} of this plan would give "
        "{promised}. They are not: answers of one reader resemble each other, and so do answers to one ECG. Here "
        "{ratings} ratings tell as much as {independent} independent ones (design effect {effect}), and from few "
        "readers it is not well known how much readers differ, which costs power too."
    ).format(
        naive=decimal(naive, ","),
        power=percent(plan.power),
        ratings=decimal(size.ratings, ","),
        promised=_("more than 99 %") if naive_power >= NEARLY else f"{100 * naive_power:.0f} %",
        independent=decimal(size.independent, ","),
        effect=decimal(size.design_effect, ".1f"),
    )


def spread_words(assumed: Assumptions) -> str:
    """What the two standard deviations mean in shares of right answers: one of them to either side of the mean."""
    mean = mean_logit(assumed.accuracy, hypot(assumed.reader_sd, assumed.item_sd))
    return _(
        "Differences as assumed: two readers of three are right in {readers} of average ECGs, and two ECGs of three "
        "are judged right by {ecgs} of average readers."
    ).format(readers=_range_words(mean, assumed.reader_sd), ecgs=_range_words(mean, assumed.item_sd))


def _range_words(mean: float, sd: float) -> str:
    low, high = (100 / (1 + exp(-(mean + side * sd))) for side in (-1, 1))
    return _("{low} to {high} %").format(low=f"{low:.0f}", high=f"{high:.0f}")


def independent_power(assumed: Assumptions, goal: str, ratings: int) -> float:
    """Power that the exact test would have with this many independent ratings."""
    n = np.array([ratings])
    if goal == "detection":
        return float(detection_power(n, assumed.accuracy, assumed.alpha)[0])
    return float(equivalence_power(n, assumed.margin, assumed.alpha, assumed.accuracy)[0])


def pairs_words(accuracy: float) -> str:
    """What the same readers would do with pairs."""
    in_pairs = percent(round(accuracy_in_pairs(accuracy), 2))
    return _(
        "Readers who are right in {accuracy} of single ECGs would be right in {in_pairs} of pairs, one real and one "
        "synthetic ECG side by side (the same d-prime). For a study of pairs give that accuracy, and count pairs as "
        "ECGs."
    ).format(accuracy=percent(accuracy), in_pairs=in_pairs)


def protocol_words(plan: Plan, size: Size, naive: int) -> str:
    """The plan as a paragraph for a protocol, in English whoever reads it."""
    assumed, power = plan.assumed, size.power
    accuracy, found = percent(assumed.accuracy, format), power_words(power, str)
    return (
        f"Sample size: {plan.readers} readers each read the same {plan.ecgs} ECGs ({size.ratings:,} ratings). "
        f"We assume a true accuracy of {accuracy} and standard deviations of {assumed.reader_sd:g} "
        f"between readers and {assumed.item_sd:g} between ECGs on the logit scale. {_test_words(plan)} then has a "
        f"power of {found} ({power.n:,} simulated studies; 95 % CI {interval_words(power, str)}). It takes "
        "readers and ECGs as random (two-way analysis of variance, Satterthwaite's degrees of freedom), and it is the "
        "test that decides if every reader reads every ECG; if not, the wider one of the exact interval and that by "
        "bootstrap of readers and ECGs decides, which has less power. The design "
        f"effect against independent ratings is {size.design_effect:.1f}; {naive:,} independent ratings would "
        f"suffice for a power of {percent(plan.power, format)}."
    )


def _test_words(plan: Plan) -> str:
    alpha = f"{plan.assumed.alpha:g}"
    if plan.goal == "detection":
        return f"A two-sided test of the accuracy against chance (50 %) at alpha = {alpha}"
    margin = f"{100 * plan.assumed.margin:.0f}"
    return (
        f"An equivalence test (two one-sided tests, alpha = {alpha} each) with a margin of ±{margin} points about 50 %"
    )
