"""The history of the benchmark: one line of JSON for each run, the oldest first, never rewritten.

Knows: the file. Does not know: how anything is measured. What was measured on another machine is not compared.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tests.bench.runs import Run

HISTORY = Path(__file__).with_name("history.jsonl")


class HistoryError(ValueError):
    """The file is no history; the message says which line."""


def append(file: Path, run: Run) -> None:
    """Add a run; a last line that was cut off is ended first, so that no run is lost with it."""
    whole = file.read_bytes() if file.exists() else b""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as opened:
        opened.write("\n" if whole and not whole.endswith(b"\n") else "")
        opened.write(json.dumps(run.asdict()) + "\n")


def read(file: Path) -> list[Run]:
    """All runs; none where there is no file. Raises HistoryError."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [_run(file, number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def newest(runs: Sequence[Run], processor: str) -> dict[str, Run]:
    """By part the last run on this kind of processor that measured all of it."""
    here = [run for run in runs if run.machine["processor"] == processor]
    return {name: run for run in here for name, part in run.parts.items() if part.figures and not part.missing}


def _run(file: Path, number: int, line: str) -> Run:
    try:
        return Run.fromdict(json.loads(line))
    except (ValueError, KeyError, TypeError) as error:
        raise HistoryError(f"Line {number} of {file} is no run of the benchmark: remove it ({error}).") from error
