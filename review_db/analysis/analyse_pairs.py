"""The whole analysis of pairs (two-alternative forced choice): which ECG was chosen, and on which side it stood.

Knows the parts and what they need; formulas are in the modules it calls. What is the same as for single ECGs is done
by the same functions, on choices as ratings of cases (`pair_table`). Right choices, agreement and learning speak of
ECGs; d-prime, criterion, position bias and catch pairs of sides.

Source: Macmillan & Creelman, Detection Theory, 2nd ed. 2005, chapter 7 (d-prime and bias of two alternatives).
"""

from collections.abc import Mapping
from math import sqrt

import numpy as np

from review_db.analysis import (
    flags,
    groups,
    leaning,
    order,
    outcomes,
    pairs,
    plausibility,
    power_reached,
    reader_means,
    reasons,
    repeats,
    resampling,
    seconds,
    variance_analysis,
)
from review_db.analysis.estimate import Estimate
from review_db.analysis.pair_table import CatchPairs, Choices, PairTable
from review_db.analysis.parts import (
    areas,
    between_readers,
    between_readers_in_steps,
    counts,
    crossed,
    labelled,
    repeated,
    several_readers,
    several_readers_in_steps,
    tests_of_accuracy,
    within_readers,
)
from review_db.analysis.plan import Answers, Part, Plan, column, nothing, run_parts
from review_db.analysis.proportions import binomial_test, exact, wilson
from review_db.analysis.table import Bools, Floats
from review_db.protocol import Design

ENDS = ("left", "right")
CERTAIN = 3  # size of the confidence of "certainly"
CERTAINTIES = {1: "possibly", 2: "probably", 3: "certainly"}
RATIOS = {"wrong_to_right": ("wrong", "right"), "right_side_to_left": ("chose_right_side", "chose_left_side")}


def analyse_pairs(table: PairTable, plan: Plan) -> Answers:
    """All parts that the table allows, by snake_case name; `left_out` says which are not, and why."""
    choices = table.choices
    facts = counts(choices, choices.first_readings()) | {
        "design": Design.PAIRS.value,
        "real_items": len(choices.items),  # a case has one ECG of either origin
        "catch_pairs": len(table.catches.chose_left),
        "plan": plan,
    }
    found, left_out = run_parts(CHOICE_PARTS, choices, plan)
    more, more_left_out = run_parts(TABLE_PARTS, table, plan)
    return {**facts, **found, **more, "left_out": left_out | more_left_out, "notes": list(choices.notes)}


# ---------------------------------------------------------------------------------- parts of choices


def _outcomes(table: Choices, plan: Plan) -> Answers:
    drawn = bootstrap(table, plan.draws, plan.seed)
    right = int(table.is_correct.sum())
    found: Answers = {
        "accuracy": exact(right, table.n),
        "accuracy_wilson": wilson(right, table.n),
        "d_prime": pairs.two_afc_d_prime(table.sides),
        "criterion": pairs.side_criterion(table.sides),
        "position_bias": pairs.position_bias(table.sides),
        "sides": sides(table),
    }
    clustered = {f"{name}_bootstrap": drawn.estimate(name) for name in drawn.values}
    alone = reader_means.d_prime_of_readers(table, table.chose_left, table.synthetic_left, plan.draws, plan.seed)
    of_readers = {"d_prime_of_readers": pairs.scaled(alone, 1 / sqrt(2))}
    return found | clustered | of_readers | tests_of_accuracy(table, drawn, plan)


def sides(table: Choices) -> dict[str, dict[str, int]]:
    """Counts of the side chosen by the side of the synthetic ECG."""
    counts = table.sides.table
    return {
        "synthetic_left": {
            "chose_left": counts.synthetic_called_synthetic,
            "chose_right": counts.synthetic_called_real,
        },
        "synthetic_right": {"chose_left": counts.real_called_synthetic, "chose_right": counts.real_called_real},
    }


def bootstrap(table: Choices, draws: int, seed: int) -> outcomes.Draws:
    """Accuracy, d-prime, criterion and share of the left of the study and its draws of readers and cases."""
    cell = 2 * table.synthetic_left + table.chose_left
    sums = [resampling.Cells.of(table, cell == at) for at in range(4)]

    def cells(weights: resampling.Weights) -> Floats:
        return np.stack([of.total(weights) for of in sums], axis=1)

    drawn = statistics_of_sides(resampling.resampled(table, cells, draws, seed))
    values = {name: float(of[0]) for name, of in statistics_of_sides(cells(resampling.everything(table))).items()}
    return outcomes.Draws(values, drawn, dict.fromkeys(values, table.n), resampling.method_of(table))


def statistics_of_sides(cells: Floats) -> dict[str, Floats]:
    """Statistics by name from weighted counts (B, 4): synthetic right chose right, chose left; synthetic left ..."""
    as_verdicts = outcomes.statistics_of_cells(cells)
    return {
        "accuracy": as_verdicts["accuracy"],
        "d_prime": as_verdicts["d_prime"] / sqrt(2),
        "criterion": as_verdicts["criterion"] * sqrt(2),
        "position_bias": resampling.ratio(cells[:, 1] + cells[:, 3], cells.sum(axis=1)),
    }


def _mixed_model(table: Choices, _: Plan) -> Answers:
    return {**outcomes.mixed_accuracy(table)}


def _receiver(table: Choices, plan: Plan) -> Answers:
    return areas(table, table.to_the_right, ~table.synthetic_left, plan)


def _by_label(table: Choices, plan: Plan) -> Answers:
    return {"by_label": groups.by_label(table, plan.draws, plan.seed, _numbers_of)}


def _by_reader(table: Choices, _: Plan) -> Answers:
    return {"by_reader": groups.by_reader(table, lambda part: _numbers_of(part) | groups.time_of(part))}


def _numbers_of(part: Choices) -> groups.Group:
    return {
        "accuracy": exact(int(part.is_correct.sum()), part.n),
        "d_prime": pairs.two_afc_d_prime(part.sides),
        "criterion": pairs.side_criterion(part.sides),
        "position_bias": exact(int(part.chose_left.sum()), part.n),
    }


def _same_side(table: Choices, _: Plan) -> Answers:
    """Sides are swapped in a repeat: a reader who sees the ECGs changes the side, one who leans does not."""
    return {"same_side_again": repeats.same_again(table, table.chose_left)}


def _position(table: Choices, plan: Plan) -> Answers:
    shares = {"learning": table.is_correct, "drift": table.chose_left}
    trends = order.trends(table, shares, plan.draws, plan.seed)
    return {**trends, "by_quarter": order.by_quarter(table, "accuracy", table.is_correct)}


def _seconds(table: Choices, plan: Plan) -> Answers:
    outcome = _outcomes_of(table)
    found: Answers = {"seconds_by_verdict": seconds.of_groups(table, outcome)}
    if table.confidence is not None:
        found["seconds_by_certainty"] = seconds.of_groups(table, _certainties(table.confidence))
    return found | {"seconds_ratio": seconds.ratios(table, outcome, RATIOS, plan.draws, plan.seed)}


def _outcomes_of(table: Choices) -> dict[str, Bools]:
    return {
        "right": table.is_correct,
        "wrong": ~table.is_correct,
        "chose_left_side": table.chose_left,
        "chose_right_side": ~table.chose_left,
    }


def _certainties(confidence: Floats) -> dict[str, Bools]:
    rows = {name: np.abs(confidence) == size for size, name in CERTAINTIES.items()}
    return {name: of for name, of in rows.items() if of.any()}


def _reasons(table: Choices, _: Plan) -> Answers:
    return {"reasons": reasons.counts(table, {"right choice": table.is_correct, "wrong choice": ~table.is_correct})}


def _flags(table: Choices, plan: Plan) -> Answers:
    asked = flags.Question(ENDS, plan.minimum_view_seconds)
    found = flags.flags(table, table.choice, asked, table.chose_left)
    bias = leaning.response_bias(table, table.chose_left, table.synthetic_left, found)
    return {"flags": found, "response_bias": bias}


CHOICE_PARTS: Mapping[str, Part[Choices]] = {
    "outcomes": Part(nothing, _outcomes),
    "accuracy_anova": Part(variance_analysis.missing, variance_analysis.of_accuracy),
    "mixed_model": Part(crossed, _mixed_model),
    "power_reached": Part(power_reached.missing_of_choices, power_reached.of_accuracy),
    "auc": Part(column("confidence", "needs the column confidence, or choices from 1 to 6"), _receiver),
    "by_label": Part(labelled, _by_label),
    "by_reader": Part(nothing, _by_reader),
    "agreement_between_readers": Part(several_readers, between_readers),
    "krippendorff_alpha_ordinal": Part(several_readers_in_steps, between_readers_in_steps),
    "agreement_within_readers": Part(repeated, within_readers, takes_repeats=True),
    "same_side_again": Part(repeated, _same_side, takes_repeats=True),
    "position": Part(column("position"), _position),
    "seconds": Part(column("seconds"), _seconds),
    "reasons": Part(column("reasons"), _reasons),
    "flags": Part(nothing, _flags, takes_repeats=True),
}
"""All parts of choices, in the order of the answer."""


# ------------------------------------------------------------------------------ parts of the whole table


def _catch(table: PairTable, _: Plan) -> Answers:
    """Leaning to a side, and confidence where there is nothing to be confident of."""
    catches = table.catches
    left = binomial_test(int(catches.chose_left.sum()), len(catches.chose_left))
    found: Answers = {"catch_left": left, "catch_by_reader": _left_by_reader(catches)}
    sizes = catches.certainty[np.isfinite(catches.certainty)]
    told = table.choices.confidence
    if not len(sizes) or told is None:
        return found
    return found | {"catch_certain": certain_share(sizes), "told_certain": certain_share(told[np.isfinite(told)])}


def certain_share(confidence: Floats) -> Estimate:
    """Share of answers that said "certainly"."""
    return exact(int((np.abs(confidence) >= CERTAIN).sum()), len(confidence))


def _left_by_reader(catches: CatchPairs) -> dict[str, Estimate]:
    names = np.array(catches.reader)
    return {
        name: exact(int(catches.chose_left[names == name].sum()), int((names == name).sum()))
        for name in dict.fromkeys(catches.reader)
    }


def _plausibility(table: PairTable, _: Plan) -> Answers:
    return {
        f"plausibility_of_{origin}": plausibility.plausible_share(answers.tolist())
        for origin, answers in table.plausible.items()
    }


def _caught(table: PairTable) -> str:
    return "" if len(table.catches.chose_left) else "needs catch pairs: two ECGs of one origin side by side"


def _asked(table: PairTable) -> str:
    answers = np.concatenate(list(table.plausible.values()))
    return "" if np.isfinite(answers).any() else "needs the columns left_plausibility and right_plausibility"


TABLE_PARTS: Mapping[str, Part[PairTable]] = {
    "catch_pairs": Part(_caught, _catch),
    "plausibility": Part(_asked, _plausibility),
}
"""Parts that take catch pairs and both sides, too."""
