"""The whole analysis of a long table: every part it has the columns for, and in words what was left out.

Knows the parts and what they need. Repeats are split off first: only the agreement within readers uses them.
A statistic is added by one entry in PARTS.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass

import numpy as np

from review_db.analysis import agreement, flags, groups, mixed, order, outcomes, plausibility, repeats, seconds
from review_db.analysis.equivalence import DEFAULT_ALPHA, DEFAULT_MARGIN, check_margin, tost, tost_of_draws
from review_db.analysis.errors import InvalidTest
from review_db.analysis.estimate import LEVEL
from review_db.analysis.proportions import binomial_test
from review_db.analysis.resampling import DRAWS
from review_db.analysis.table import Ratings

FEWEST_DRAWS, MOST_DRAWS = 100, 100_000
Answers = dict[str, object]


@dataclass(frozen=True)
class Plan:
    """What was registered before the data were seen; raises InvalidTest for what no analysis can use."""

    margin: float = DEFAULT_MARGIN
    alpha: float = DEFAULT_ALPHA
    draws: int = DRAWS
    seed: int = 0

    def __post_init__(self) -> None:
        check_margin(self.margin, self.alpha)
        if not FEWEST_DRAWS <= self.draws <= MOST_DRAWS:
            raise InvalidTest(f"The number of bootstrap draws must be between {FEWEST_DRAWS} and {MOST_DRAWS}.")
        if self.seed < 0:
            raise InvalidTest("The seed must be 0 or more.")


@dataclass(frozen=True)
class Part:
    """One part of the analysis: `missing` says what it lacks, or nothing; `answers` are its statistics."""

    missing: Callable[[Ratings], str]
    answers: Callable[[Ratings, Plan], Answers]
    takes_repeats: bool = False


def analyse(table: Ratings, plan: Plan) -> Answers:
    """All parts that the table allows, by snake_case name; `left_out` says which are not, and why."""
    firsts = table.first_readings()
    found: Answers = _facts(table, firsts, plan)
    left_out: dict[str, str] = {}
    for name, part in PARTS.items():
        data = table if part.takes_repeats else firsts
        if words := part.missing(data):
            left_out[name] = words
        else:
            found |= part.answers(data, plan)
    return found | {"left_out": left_out, "notes": [*table.notes, *_notes(firsts)]}


def as_json(answers: object) -> object:
    """Estimates as mappings and what JSON can hold; NaN and infinity become None."""
    if is_dataclass(answers) and not isinstance(answers, type):
        return as_json(asdict(answers))
    if isinstance(answers, Mapping):
        return {str(name): as_json(value) for name, value in answers.items()}
    if isinstance(answers, list | tuple):
        return [as_json(value) for value in answers]
    if isinstance(answers, np.generic):
        return as_json(answers.item())
    return None if isinstance(answers, float) and not math.isfinite(answers) else answers


def _facts(table: Ratings, firsts: Ratings, plan: Plan) -> Answers:
    synthetic = int(table.item_is_synthetic.sum())
    return {
        "ratings": table.n,
        "first_readings": firsts.n,
        "readers": len(table.readers),
        "items": len(table.items),
        "real_items": len(table.items) - synthetic,
        "synthetic_items": synthetic,
        "level": LEVEL,
        "plan": plan,
        "confusion": firsts.confusion,
    }


def _notes(firsts: Ratings) -> list[str]:
    share = float(firsts.is_synthetic.mean())
    if 0.45 <= share <= 0.55:
        return []
    constant = f"Calling every ECG {'synthetic' if share > 0.5 else 'real'} would be right in"
    return [f"{constant} {100 * max(share, 1 - share):.0f} % of ratings: read accuracy beside balanced_accuracy."]


# ----------------------------------------------------------------------------------------------------- parts


def _outcomes(table: Ratings, plan: Plan) -> Answers:
    drawn = outcomes.bootstrap(table, plan.draws, plan.seed)
    found: Answers = {**outcomes.naive(table), "balanced_accuracy": drawn.estimate("balanced_accuracy")}
    clustered = {f"{name}_bootstrap": drawn.estimate(name) for name in drawn.values if name != "balanced_accuracy"}
    naive_accuracy, accuracy = outcomes.naive(table)["accuracy_wilson"], clustered["accuracy_bootstrap"]
    effect = outcomes.design_effect(naive_accuracy, accuracy)
    right = table.confusion.right
    tests: Answers = {
        "binomial_test": binomial_test(right, table.n),
        "tost": tost(right, table.n, plan.margin, plan.alpha),
        "tost_bootstrap": tost_of_draws(accuracy, drawn.draws["accuracy"], plan.margin, plan.alpha),
        "design_effect": effect,
        "why_intervals_differ": outcomes.why_intervals_differ(effect, len(table.readers)),
    }
    return found | clustered | tests


def _mixed_model(table: Ratings, _: Plan) -> Answers:
    return {**outcomes.mixed_models(table)}


def _receiver(table: Ratings, plan: Plan) -> Answers:
    return outcomes.receiver(table, plan.draws, plan.seed)


def _by_label(table: Ratings, plan: Plan) -> Answers:
    return {"by_label": groups.by_label(table, plan.draws, plan.seed)}


def _by_reader(table: Ratings, _: Plan) -> Answers:
    return {"by_reader": groups.by_reader(table)}


def _between_readers(table: Ratings, plan: Plan) -> Answers:
    counts = agreement.counts_per_item(table.item, table.says_synthetic.astype(np.int64), len(table.items), 2)
    return {
        name: agreement.agreement(coefficient, counts, plan.draws, plan.seed)
        for name, coefficient in agreement.COEFFICIENTS.items()
    }


def _between_readers_in_steps(table: Ratings, plan: Plan) -> Answers:
    assert table.step is not None
    counts = agreement.counts_per_item(table.item, table.step - 1, len(table.items), repeats.STEPS)
    alpha = agreement.agreement(agreement.krippendorff_alpha_ordinal, counts, plan.draws, plan.seed)
    return {"krippendorff_alpha_ordinal": alpha}


def _within_readers(table: Ratings, _: Plan) -> Answers:
    parts = {name: table.of_reader(at) for at, name in enumerate(table.readers)}
    repeated = {name: part for name, part in parts.items() if (part.nth > 0).any()}
    return {**_kappas(table), "within_readers": {name: _kappas(part) for name, part in repeated.items()}}


def _kappas(table: Ratings) -> Answers:
    found: Answers = {"cohen_kappa": repeats.cohen_kappa(table)}
    return found if table.step is None else found | {"weighted_kappa": repeats.weighted_kappa(table)}


def _position(table: Ratings, plan: Plan) -> Answers:
    return {**order.trends(table, plan.draws, plan.seed), "by_quarter": order.by_quarter(table)}


def _seconds(table: Ratings, plan: Plan) -> Answers:
    found: Answers = {"seconds_by_verdict": seconds.by_verdict(table)}
    if table.step is not None:
        found["seconds_by_step"] = seconds.by_step(table)
    return found | {"seconds_ratio": seconds.ratios(table, plan.draws, plan.seed)}


def _plausibility(table: Ratings, _: Plan) -> Answers:
    return {**plausibility.by_origin(table)}


def _flags(table: Ratings, _: Plan) -> Answers:
    return {"flags": flags.flags(table)}


def _nothing(_: Ratings) -> str:
    return ""


def _column(name: str, words: str) -> Callable[[Ratings], str]:
    """What a part lacks that needs the column `name`."""
    return lambda table: words if getattr(table, name) is None else ""


def _several_readers(table: Ratings) -> str:
    return "" if len(table.readers) > 1 else "needs ratings by two readers or more"


def _several_readers_in_steps(table: Ratings) -> str:
    return _several_readers(table) or ("needs verdicts from 1 to 6" if table.step is None else "")


def _crossed(table: Ratings) -> str:
    few_enough = min(len(table.readers), len(table.items)) <= mixed.MOST_LEVELS
    return _several_readers(table) or ("" if few_enough else f"needs at most {mixed.MOST_LEVELS} readers or items")


def _repeated(table: Ratings) -> str:
    return "" if (table.nth > 0).any() else "needs repeats: an ECG shown to the same reader again (column repeat)"


def _labelled(table: Ratings) -> str:
    return "" if table.labels else "needs labels: the column is empty"


PARTS: Mapping[str, Part] = {
    "outcomes": Part(_nothing, _outcomes),
    "mixed_model": Part(_crossed, _mixed_model),
    "auc": Part(_column("confidence", "needs the column confidence, or verdicts from 1 to 6"), _receiver),
    "by_label": Part(_labelled, _by_label),
    "by_reader": Part(_nothing, _by_reader),
    "agreement_between_readers": Part(_several_readers, _between_readers),
    "krippendorff_alpha_ordinal": Part(_several_readers_in_steps, _between_readers_in_steps),
    "agreement_within_readers": Part(_repeated, _within_readers, takes_repeats=True),
    "position": Part(_column("position", "needs the column position"), _position),
    "seconds": Part(_column("seconds", "needs the column seconds"), _seconds),
    "plausibility": Part(_column("plausibility", "needs the column plausibility"), _plausibility),
    "flags": Part(_nothing, _flags, takes_repeats=True),
}
"""All parts, in the order of the answer."""
