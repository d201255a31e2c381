"""Tables of a run: one for the README, one for the screen.

Knows: words and numbers. Does not know: how anything is measured. A README's row is the newest measurement of its
part on the same kind of processor, and says of which day and version it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.bench.figures import Figure, Spread
from tests.bench.history import newest
from tests.bench.runs import Run

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
README_HEAD = ("what", "median", "quartiles", "n", "processor time", "measured")
SCREEN_HEAD = ("part", "what", "median", "quartiles", "n", "processor time", "before")


class TableError(ValueError):
    """There is no place for the table; the message says what to do."""


def number(value: float, unit: str) -> str:
    """Three digits, or all of those before the point, and the unit."""
    shown = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return shown + ("×" if unit == "x" else f" {unit}")


def readme_table(runs: Sequence[Run]) -> str:
    """What stands between the markers: the machine of the last run, a row for each figure with words, what is missing.

    runs: at least one, the oldest first.
    """
    last = runs[-1]
    of_part = newest(runs, last.machine["processor"])
    rows = [
        [figure.words, *_numbers(figure), _when(of_part[name])]
        for name in sorted(of_part, key=list(_all_parts(runs)).index)
        for figure in of_part[name].parts[name].figures
        if figure.words
    ]
    return "\n".join([BEGIN, _on(last), "", _markdown(README_HEAD, rows), *_remarks(runs, of_part), END])


def screen_table(run: Run, earlier: Sequence[Run]) -> str:
    """Every figure of a run beside what was measured last on this machine, what is missing, and warnings."""
    before = newest(earlier, run.machine["processor"])
    rows = [
        [name, figure.name, *_numbers(figure), _change(name, figure, before)]
        for name, part in run.parts.items()
        for figure in part.figures
    ]
    missing = [f"Not measured: {name} ({part.missing})." for name, part in run.parts.items() if part.missing]
    return "\n".join([_markdown(SCREEN_HEAD, rows), *missing, *run.warnings])


def put_into(readme: Path, table: str) -> None:
    """Replace what stands between the markers. Raises TableError where they are not there."""
    text = readme.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise TableError(f"{readme} has no place for the table: write {BEGIN} and {END} where it is to stand.")
    between = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    readme.write_text(between.sub(lambda _: table, text, count=1), encoding="utf-8")


def _all_parts(runs: Sequence[Run]) -> dict[str, None]:
    """Names of parts in the order of the run that had most of them."""
    longest = max(runs, key=lambda run: len(run.parts))
    return dict.fromkeys([*longest.parts, *(name for run in runs for name in run.parts)])


def _on(run: Run) -> str:
    machine = run.machine
    gpu = f", {machine['gpu']}" if machine["gpu"] else ""
    return (
        f"On {machine['processor']}, {machine['memory_gb']:g} GB{gpu}; the last run with torch {machine['torch']}, "
        f"Python {machine['python']}. × is a ratio: both sides were measured in turns in one run."
    )


def _numbers(figure: Figure) -> list[str]:
    cpu = "" if figure.cpu is None else number(figure.cpu, figure.unit)
    spread = figure.spread
    return [number(spread.median, figure.unit), _quartiles(spread, figure.unit), f"{spread.n:,}", cpu]


def _quartiles(spread: Spread, unit: str) -> str:
    if spread.least == spread.most:
        return ""
    return f"{number(spread.q1, unit).split(' ')[0].rstrip('×')} to {number(spread.q3, unit)}"


def _when(run: Run) -> str:
    return f"{run.date[:10]}, {run.commit}" if run.commit else run.date[:10]


def _remarks(runs: Sequence[Run], of_part: Mapping[str, Run]) -> Iterator[str]:
    """What was disturbed, and what has never been measured here."""
    disturbed = [name for name, run in of_part.items() if run.parts[name].was_disturbed]
    reasons = {name: part.missing for run in runs for name, part in run.parts.items() if part.missing}
    never = {name: reason for name, reason in reasons.items() if name not in of_part}
    if disturbed:
        yield f"\nThe machine was busy with other things too while it measured: {', '.join(disturbed)}."
    if never:
        by_reason = [f"{', '.join(name for name in never if never[name] == one)} ({one})" for one in _distinct(never)]
        yield f"\nNot measured: {'; '.join(by_reason)}."


def _distinct(reasons: Mapping[str, str]) -> Iterable[str]:
    return dict.fromkeys(reasons.values())


def _change(part: str, figure: Figure, before: Mapping[str, Run]) -> str:
    """The median of the last run, and by how much this one differs."""
    old = {one.name: one for one in before[part].parts[part].figures} if part in before else {}
    if figure.name not in old or not old[figure.name].spread.median:
        return ""
    was = old[figure.name].spread.median
    return f"{number(was, figure.unit)} ({figure.spread.median / was - 1:+.0%})"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """With columns of even width, so that it can be read as it is."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)]
    return "\n".join(f"| {line} |" for line in [lines[0], " | ".join("-" * width for width in widths), *lines[1:]])
