"""An analysis as text for a terminal: numbers first, then groups, then what was left out."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from review_db.analysis.confusion import Confusion
from review_db.analysis.estimate import Equivalence, Estimate, Tested
from review_db.analysis.flags import Flag
from review_db.analysis.plan import Plan
from review_db.protocol import Design
from review_db.scales import Grade

GROUP_COLUMNS = (
    "accuracy",
    "sensitivity",
    "specificity",
    "acceptable_real",
    "acceptable_synthetic",
    "auc",
    "d_prime",
    "criterion",
    "position_bias",
)
WIDTH, GAP = 31, 13
CURVE_STEP = 5  # truths of the curve of power from one that is printed to the next
COUNTS = {
    "": "{ratings} ratings of {items} ECGs ({real_items} real) by {readers} readers",
    Design.PAIRS: "{ratings} choices in {items} pairs by {readers} readers, and {catch_pairs} in catch pairs",
}


def as_text(answers: Mapping[str, object]) -> str:
    """The whole analysis; of groups (labels, readers) the main columns only."""
    return "\n".join(_lines(answers))


def _lines(answers: Mapping[str, object]) -> Iterator[str]:
    yield from _counts(answers)
    yield ""
    yield from (line_of(name, value) for name, value in answers.items() if isinstance(value, Estimate))
    for name in ("seconds_by_verdict", "seconds_by_origin", "seconds_by_certainty", "seconds_ratio"):
        yield from _nested(name, answers.get(name))
    yield from _power(_mapping(answers.get("power_reached")))
    for name in ("by_label", "by_reader"):
        yield from _groups(name, answers.get(name))
    yield from _words(answers)


def _counts(answers: Mapping[str, object]) -> Iterator[str]:
    if taken_for := answers.get("taken_for"):
        yield f"Taken for {taken_for}."
    yield COUNTS.get(str(answers.get("design")), COUNTS[""]).format(**answers)
    if isinstance(table := answers.get("confusion"), Confusion):
        yield f"called real / synthetic: {table.real_called_real} / {table.real_called_synthetic} real ECGs, "
        yield f"{table.synthetic_called_real} / {table.synthetic_called_synthetic} synthetic ECGs"
    yield from (f"{arm}: {_grades(of_arm)}" for arm, of_arm in _mapping(answers.get("by_arm")).items())
    if isinstance(plan := answers.get("plan"), Plan):
        yield f"margin {plan.margin:g}, alpha {plan.alpha:g}, {plan.draws} draws, seed {plan.seed}"


def _grades(of_arm: Mapping[str, object]) -> str:
    counts = zip(Grade, _listed(of_arm["grades"]), strict=True)
    return ", ".join(f"{count} {grade.wording}" for grade, count in counts)


def line_of(name: str, e: Estimate) -> str:
    """One statistic in one line."""
    interval = f"{number(e.low):>8} to {number(e.high):>7}"
    return f"{name:<{WIDTH}}{number(e.value):>8}  {interval}  n={e.n}  {e.method}{_verdict(e)}"


def number(value: float) -> str:
    """Three decimals; a dash for what is not known."""
    return f"{value + 0.0:.3f}" if isfinite(value) else "–"


def _verdict(e: Estimate) -> str:
    if isinstance(e, Equivalence):
        return f", p={e.p_value:.4f}: equivalence {'shown' if e.equivalent else 'not shown'}"
    return f", p={e.p_value:.4f}" if isinstance(e, Tested) else ""


def _nested(title: str, group: object) -> Iterator[str]:
    if isinstance(group, Mapping):
        yield from (line_of(f"{title}.{name}", e) for name, e in group.items())


def _power(reached: Mapping[str, Any]) -> Iterator[str]:
    yield from _nested("power", {name: e for name, e in reached.items() if isinstance(e, Estimate)})
    for row in _listed(reached.get("curve"))[::CURVE_STEP]:
        at = _mapping(row)
        yield from _nested(f"power at {at['truth']:g}", {name: at[name] for name in ("detection", "equivalence")})


def _groups(title: str, groups: object) -> Iterator[str]:
    if not isinstance(groups, Mapping):
        return
    one: Mapping[str, Any] = next(iter(groups.values()), {})
    shown = [column for column in GROUP_COLUMNS if column in one]
    tested = f"{'p_holm':>9}" if "p_holm" in one else ""
    yield f"\n{title:<20}{'n':>6}" + "".join(f"{column[:GAP]:>{GAP + 1}}" for column in shown) + tested
    for name, group in groups.items():
        values = "".join(f"{number(group[column].value):>{GAP + 1}}" for column in shown)
        p_holm = f"{number(group['p_holm']):>9}" if tested else ""
        yield f"{name[:19]:<20}{max(group[column].n for column in shown):>6}{values}{p_holm}"


def _words(answers: Mapping[str, object]) -> Iterator[str]:
    yield ""
    for flag in _listed(answers.get("flags")):
        yield f"flag: {flag.reader}: {flag.kind}: {flag.words}" if isinstance(flag, Flag) else str(flag)
    yield from filter(None, [str(answers.get("why_intervals_differ", ""))])
    yield from (f"note: {note}" for note in _listed(answers.get("notes")))
    yield from (f"left out: {name} ({words})" for name, words in _mapping(answers.get("left_out")).items())


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
