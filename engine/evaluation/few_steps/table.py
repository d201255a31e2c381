"""The figures as a table in Markdown.

Knows: how `comparison` names its figures.  Does not know: how they were got.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.evaluation.matched import EvaluationError

BEGIN, END = "<!-- few-steps -->", "<!-- /few-steps -->"
ASPECTS = {
    "features": "features", "rate": "rate", "rr_cv": "RR variability", "pr": "PR", "qrs": "QRS", "qt": "QT",
    "spectrum": "spectrum",
}  # fmt: skip
OF_REAL = {name: f"{ASPECTS[name]}, real" for name in ("features", "rr_cv", "spectrum")}
HOW = ("sampler", "steps", "evaluations", "s/ECG", "µV to the limit")


def table(figures: Mapping[str, Any]) -> str:
    """A paragraph that says what the numbers are, and a row for each sampler and number of steps."""
    rows = sorted(figures["variants"], key=lambda row: (row["sampler"], row["steps"]))
    lines = [_line([*HOW, *ASPECTS.values(), *OF_REAL.values()]), _line(["---"] * (len(HOW) + 10))]
    return "\n".join([explanation(figures), "", *lines, *(_line(_cells(row)) for row in rows)]) + "\n"


def explanation(figures: Mapping[str, Any]) -> str:
    """What is compared, how often, and what the signs mean."""
    n, wanted, fold = (figures[name] for name in ("n", "wanted", "fold"))
    return (
        f"Samplers at few steps, by `engine samplers`: {n} of {wanted} ECGs of each, with the labels, sex and age band "
        f"of records of fold {fold}, guidance {figures['guidance']:g}, all from the same noise. Distances are in units "
        "of chance: 1 is what two halves of the set by 200 ancestral steps (in the last columns: of the real ECGs) "
        "have between them; * is more than two standard errors above 1. Seconds are of one thread. "
    ) + of_the_limit(figures["limit"])


def of_the_limit(limit: Mapping[str, Any] | None) -> str:
    """How it was got and how far it can be trusted."""
    if limit is None:
        return "The limit of the ODE is not drawn yet."
    moved = limit["microvolts_at_half_the_steps"]["median"]
    return (
        f"The limit is the ODE in {limit['steps']} steps of order 4, whose ECGs have a root mean square of "
        f"{limit['root_mean_square_microvolts']:.0f} µV and move by {moved:.1f} µV with half the steps; the distance "
        f"to it is the median of {limit['n']} ECGs. A sampler that adds noise has no such limit."
    )


def write_between_marks(path: Path, text: str) -> None:
    """Put the text between the lines BEGIN and END of a file.  Raises EvaluationError where they are missing."""
    content = path.read_text(encoding="utf-8")
    between = re.compile(f"{BEGIN}\n.*?{END}", re.DOTALL)
    if not between.search(content):
        raise EvaluationError(f"{path} has no lines {BEGIN} and {END} to write the table between.")
    path.write_text(between.sub(lambda _: f"{BEGIN}\n{text}{END}", content), encoding="utf-8")


def _cells(row: Mapping[str, Any]) -> list[str]:
    paired = row["microvolts_to_limit"]
    how = [row["sampler"], str(row["steps"]), str(row["evaluations"]), f"{row['seconds']:.2g}"]
    to_ancestral, to_real = ((row[name] or {}) for name in ("to_ancestral", "to_real"))
    ratios = [_ratio(to_ancestral.get(name)) for name in ASPECTS] + [_ratio(to_real.get(name)) for name in OF_REAL]
    return [*how, "" if paired is None else f"{paired['median']:.1f}", *ratios]


def _ratio(gap: Mapping[str, Any] | None) -> str:
    return "" if gap is None else f"{gap['ratio']:.2f}{' *' if gap['clear'] else ''}"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
