"""The whole analysis of single ECGs: every part the table has the columns for, and in words what was left out.

Knows the parts and what they need. Repeats are split off first: only the agreement within readers uses them.
A statistic is added by one entry in PARTS.
"""

from collections.abc import Mapping

import numpy as np

from review_db.analysis import (
    flags,
    groups,
    leaning,
    order,
    outcomes,
    power_reached,
    reader_means,
    reasons,
    seconds,
    variance_analysis,
)
from review_db.analysis.parts import (
    areas,
    between_readers,
    between_readers_in_steps,
    counts,
    crossed,
    labelled,
    mixed_model,
    plausible,
    repeated,
    several_readers,
    several_readers_in_steps,
    tests_of_accuracy,
    within_readers,
)
from review_db.analysis.plan import Answers, Part, column, nothing, run_parts
from review_db.analysis.plan import Plan as Plan
from review_db.analysis.plan import as_json as as_json
from review_db.analysis.table import Ratings
from review_db.protocol import Design

ENDS = ("real", "synthetic")


def analyse(table: Ratings, plan: Plan) -> Answers:
    """All parts that the table allows, by snake_case name; `left_out` says which are not, and why."""
    firsts = table.first_readings()
    found, left_out = run_parts(PARTS, table, plan)
    notes = [*table.notes, *_notes(firsts)]
    return {**_facts(table, firsts, plan), **found, "left_out": left_out, "notes": notes}


def _facts(table: Ratings, firsts: Ratings, plan: Plan) -> Answers:
    return {"design": Design.SINGLE.value, **counts(table, firsts), "plan": plan, "confusion": firsts.confusion}


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
    alone = reader_means.d_prime_of_readers(table, table.says_synthetic, table.is_synthetic, plan.draws, plan.seed)
    return found | clustered | {"d_prime_of_readers": alone} | tests_of_accuracy(table, drawn, plan)


def _receiver(table: Ratings, plan: Plan) -> Answers:
    assert table.confidence is not None
    return areas(table, table.confidence, table.is_synthetic, plan)


def _by_label(table: Ratings, plan: Plan) -> Answers:
    return {"by_label": groups.by_label(table, plan.draws, plan.seed, groups.numbers_of)}


def _by_reader(table: Ratings, _: Plan) -> Answers:
    return {"by_reader": groups.by_reader(table, groups.numbers_of_reader)}


def _position(table: Ratings, plan: Plan) -> Answers:
    shares = {"learning": table.is_correct, "drift": table.says_synthetic}
    trends = order.trends(table, shares, plan.draws, plan.seed)
    return {**trends, "by_quarter": order.by_quarter(table, "accuracy", table.is_correct)}


def _seconds(table: Ratings, plan: Plan) -> Answers:
    verdicts = seconds.by_verdict(table)
    found: Answers = {"seconds_by_verdict": seconds.of_groups(table, verdicts)}
    if table.step is not None:
        found["seconds_by_step"] = seconds.by_step(table)
    return found | {"seconds_ratio": seconds.ratios(table, verdicts, seconds.RATIOS, plan.draws, plan.seed)}


def _flags(table: Ratings, plan: Plan) -> Answers:
    verdict = table.says_synthetic.astype(np.int64) if table.step is None else table.step
    asked = flags.Question(ENDS, plan.minimum_view_seconds)
    found = flags.flags(table, verdict, asked, table.says_synthetic)
    bias = leaning.response_bias(table, table.says_synthetic, table.is_synthetic, found)
    return {"flags": found, "response_bias": bias}


def _reasons(table: Ratings, _: Plan) -> Answers:
    return {
        "reasons": reasons.counts(table, {"said real": ~table.says_synthetic, "said synthetic": table.says_synthetic})
    }


PARTS: Mapping[str, Part[Ratings]] = {
    "outcomes": Part(nothing, _outcomes),
    "accuracy_anova": Part(variance_analysis.missing, variance_analysis.of_accuracy),
    "mixed_model": Part(crossed, mixed_model),
    "power_reached": Part(power_reached.missing_of_verdicts, power_reached.of_accuracy),
    "auc": Part(column("confidence", "needs the column confidence, or verdicts from 1 to 6"), _receiver),
    "by_label": Part(labelled, _by_label),
    "by_reader": Part(nothing, _by_reader),
    "agreement_between_readers": Part(several_readers, between_readers),
    "krippendorff_alpha_ordinal": Part(several_readers_in_steps, between_readers_in_steps),
    "agreement_within_readers": Part(repeated, within_readers, takes_repeats=True),
    "position": Part(column("position"), _position),
    "seconds": Part(column("seconds"), _seconds),
    "plausibility": Part(column("plausibility"), plausible),
    "reasons": Part(column("reasons"), _reasons),
    "flags": Part(nothing, _flags, takes_repeats=True),
}
"""All parts, in the order of the answer."""
