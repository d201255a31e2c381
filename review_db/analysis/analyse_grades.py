"""The whole analysis of graded ECGs: are synthetic ECGs graded as well as real ones, and do readers agree?

Knows the parts and what they need; formulas are in the modules it calls (`grades` above all). There is no right
answer: an arm is compared with the other by how its ECGs were graded.
"""

from collections.abc import Mapping

import numpy as np

from review_db.analysis import (
    agreement,
    flags,
    grades,
    groups,
    order,
    plausibility,
    power_reached,
    reasons,
    repeats,
    seconds,
)
from review_db.analysis.grades import GRADES, GroupDraws
from review_db.analysis.parts import alpha_of_steps, counts, labelled, plausible, repeated, several_readers
from review_db.analysis.plan import Answers, Part, Plan, column, nothing, run_parts
from review_db.analysis.proportions import exact, wilson
from review_db.analysis.reader_means import auc_of_readers
from review_db.analysis.resampling import percentiles
from review_db.analysis.table import Bools, Readings
from review_db.protocol import Design
from review_db.scales import Grade

ENDS = ("unusable", "good")
RATIOS = {"synthetic_to_real": ("synthetic", "real")}


def analyse_grades(table: Readings, plan: Plan) -> Answers:
    """All parts that the table allows, by snake_case name; `left_out` says which are not, and why."""
    firsts = table.first_readings()
    found, left_out = run_parts(PARTS, table, plan)
    facts = {"design": Design.GRADED.value, **counts(table, firsts), "plan": plan}
    return {**facts, **found, "left_out": left_out, "notes": list(table.notes)}


def is_acceptable(table: Readings) -> Bools:
    """Was the ECG graded acceptable or good?"""
    assert table.step is not None
    return np.greater_equal(table.step, Grade.ACCEPTABLE)


# ----------------------------------------------------------------------------------------------------- parts


def _outcomes(table: Readings, plan: Plan) -> Answers:
    everything = np.ones(len(table.items), dtype=np.bool_)
    drawn = grades.draws_of_groups(table, [everything], plan.draws, plan.seed)
    found: Answers = {}
    for origin, rows in (("real", ~table.is_synthetic), ("synthetic", table.is_synthetic)):
        good_enough, n = int(is_acceptable(table)[rows].sum()), int(rows.sum())
        found[f"acceptable_{origin}"] = exact(good_enough, n)
        found[f"acceptable_{origin}_wilson"] = wilson(good_enough, n)
        found[f"acceptable_{origin}_bootstrap"] = drawn.estimate(0, f"acceptable_{origin}")
    return found | {"difference": drawn.estimate(0, "difference")} | _comparison(drawn, plan) | _of_readers(table, plan)


def _of_readers(table: Readings, plan: Plan) -> Answers:
    """Lenient and strict readers thrown together are not told from good and poor ECGs, so also each reader alone."""
    assert table.step is not None
    steps = table.step.astype(np.float64)
    return {"auc_of_readers": auc_of_readers(table, steps, table.is_synthetic, plan.draws, plan.seed)}


def _comparison(drawn: GroupDraws, plan: Plan) -> Answers:
    """The area and its tests, with the intervals of the registered alpha."""
    area, (value, draws) = drawn.estimate(0, "auc"), drawn.values(0, "auc")
    found: Answers = {"auc": area, "mann_whitney": grades.mann_whitney(drawn.counts[0])}
    if not np.isfinite(value):
        return found
    return found | {
        "auc_at_alpha": percentiles(value, draws, area.n, area.method, plan.level),
        "tost_bootstrap": grades.area_within_margin(area, draws, plan.margin, plan.alpha),
        "p_value_bootstrap": groups.bootstrap_p(draws),
    }


def _by_arm(table: Readings, plan: Plan) -> Answers:
    members = [table.item_arm == at for at in range(len(table.arms))]
    drawn = grades.draws_of_groups(table, members, plan.draws, plan.seed)
    real_first = sorted(range(len(members)), key=lambda at: bool(table.item_is_synthetic[members[at]].any()))
    return {"by_arm": {table.arms[at]: _of_arm(table, at, drawn) for at in real_first}}


def _of_arm(table: Readings, at: int, drawn: GroupDraws) -> groups.Group:
    part = table.of_arm(at)
    assert part.step is not None
    origin = "synthetic" if bool(table.item_is_synthetic[table.item_arm == at].any()) else "real"
    found: groups.Group = {
        "origin": origin,
        "n": part.n,
        "grades": np.bincount(part.step - 1, minlength=GRADES).tolist(),
        "acceptable": exact(int(is_acceptable(part).sum()), part.n),
        "acceptable_bootstrap": drawn.estimate(at, f"acceptable_{origin}"),
        "good": exact(int((part.step == Grade.GOOD).sum()), part.n),
    }
    if part.plausibility is not None:
        found["plausible"] = plausibility.plausible_share(part.plausibility.tolist())
    return found


def _by_label(table: Readings, plan: Plan) -> Answers:
    drawn = grades.draws_of_groups(table, list(table.item_labels.T), plan.draws, plan.seed)
    found = {label: _of_group(drawn, at) for at, label in enumerate(table.labels)}
    areas = [drawn.values(at, "auc")[1] for at in range(len(table.labels))]
    tests = [grades.mann_whitney(drawn.counts[at]).p_value for at in range(len(table.labels))]
    groups.add_p_values(found, tests, "")
    groups.add_p_values(found, [groups.bootstrap_p(draws) for draws in areas], "_bootstrap")
    return {"by_label": found}


def _of_group(drawn: GroupDraws, at: int) -> groups.Group:
    return {name: drawn.estimate(at, name) for name in grades.STATISTICS}


def _by_reader(table: Readings, _: Plan) -> Answers:
    return {"by_reader": {name: _of_reader(table.of_reader(at)) for at, name in enumerate(table.readers)}}


def _of_reader(part: Readings) -> groups.Group:
    assert part.step is not None
    cells = np.bincount(GRADES * part.is_synthetic + part.step - 1, minlength=2 * GRADES).reshape(2, GRADES)
    shares = {
        f"acceptable_{origin}": exact(int(of[grades.GOOD_ENOUGH :].sum()), int(of.sum()))
        for origin, of in zip(("real", "synthetic"), cells, strict=True)
    }
    return {**shares, "auc": grades.mann_whitney(cells.astype(float)), **groups.time_of(part)}


def _between_readers(table: Readings, plan: Plan) -> Answers:
    assert table.step is not None
    of_grades = agreement.counts_per_item(table.item, table.step - 1, len(table.items), GRADES)
    found: Answers = {
        name: agreement.agreement(coefficient, of_grades, plan.draws, plan.seed)
        for name, coefficient in agreement.COEFFICIENTS.items()
    }
    return found | {"krippendorff_alpha_ordinal": alpha_of_steps(table, GRADES, plan)}


def _within_readers(table: Readings, plan: Plan) -> Answers:
    assert table.step is not None
    parts = {name: table.of_reader(at) for at, name in enumerate(table.readers)}
    kappas = {name: {"weighted_kappa": _kappa(part, plan)} for name, part in parts.items() if (part.nth > 0).any()}
    return {
        "weighted_kappa": _kappa(table, plan),
        "same_again": repeats.same_again(table, table.step),
        "within_readers": kappas,
    }


def _kappa(table: Readings, plan: Plan) -> object:
    return repeats.weighted_kappa(table, GRADES, plan.draws, plan.seed)


def _position(table: Readings, plan: Plan) -> Answers:
    share = is_acceptable(table)
    trends = order.trends(table, {"leniency": share}, plan.draws, plan.seed)
    return {**trends, "by_quarter": order.by_quarter(table, "acceptable", share)}


def _seconds(table: Readings, plan: Plan) -> Answers:
    origins = {"real": ~table.is_synthetic, "synthetic": table.is_synthetic}
    return {
        "seconds_by_origin": seconds.of_groups(table, origins),
        "seconds_by_step": seconds.by_step(table),
        "seconds_ratio": seconds.ratios(table, origins, RATIOS, plan.draws, plan.seed),
    }


def _reasons(table: Readings, _: Plan) -> Answers:
    share = is_acceptable(table)
    return {"reasons": reasons.counts(table, {"acceptable or good": share, "poor or unusable": ~share})}


def _flags(table: Readings, plan: Plan) -> Answers:
    assert table.step is not None
    return {"flags": flags.flags(table, table.step, flags.Question(ENDS, plan.minimum_view_seconds))}


PARTS: Mapping[str, Part[Readings]] = {
    "outcomes": Part(nothing, _outcomes),
    "power_reached": Part(power_reached.missing_of_grades, power_reached.of_grades),
    "by_arm": Part(nothing, _by_arm),
    "by_label": Part(labelled, _by_label),
    "by_reader": Part(nothing, _by_reader),
    "agreement_between_readers": Part(several_readers, _between_readers),
    "agreement_within_readers": Part(repeated, _within_readers, takes_repeats=True),
    "position": Part(column("position"), _position),
    "seconds": Part(column("seconds"), _seconds),
    "plausibility": Part(column("plausibility"), plausible),
    "reasons": Part(column("reasons"), _reasons),
    "flags": Part(nothing, _flags, takes_repeats=True),
}
"""All parts, in the order of the answer."""
