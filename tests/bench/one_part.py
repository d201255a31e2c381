"""One part of the benchmark in a process of its own, and what came out of it.

Knows: processes. Does not know: what parts measure. `python -m tests.bench.one_part NAME FILE` writes a line of JSON
to FILE for each figure as soon as it is known, so that what was measured outlives whatever ends the process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from tests.bench.figures import Figure
from tests.bench.machine import ROOT, busy_share
from tests.bench.missing import NotMeasured
from tests.bench.parts import PARTS, Part
from tests.bench.runs import PartRun

STOPPED = "stopped by Ctrl-C"
PROGRAM = ("-m", "tests.bench.one_part")
TIME_TO_END = 10.0  # s for a part to tidy up when it is stopped
Watch = Callable[[], float | None]


class Stopped(KeyboardInterrupt):
    """Ctrl-C came while a part was measured; `part` is what it had measured."""

    def __init__(self, part: PartRun) -> None:
        super().__init__(STOPPED)
        self.part = part


def run_part(name: str, part: Part, watch: Watch = busy_share, program: Sequence[str] = PROGRAM) -> PartRun:
    """Run it to its end or its limit; program: what Python is told to run. Raises Stopped."""
    busy, began = watch(), time.monotonic()
    with TemporaryDirectory() as folder, (Path(folder) / "errors").open("w+b") as errors:
        told = Path(folder) / "figures"
        command = [sys.executable, *program, name, str(told)]
        environment = {**part.environment, **os.environ}
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=errors, stderr=errors, start_new_session=True
        ) as process:
            try:
                missing = _failure(process.wait(part.limit), errors)
            except subprocess.TimeoutExpired:
                missing = f"it took longer than {part.limit:g} s"
            except KeyboardInterrupt:
                _end(process)
                raise Stopped(_part_run(told, STOPPED, began, busy)) from None
            finally:
                _end(process)
        return _part_run(told, missing, began, busy)


def _part_run(told: Path, missing: str | None, began: float, busy: float | None) -> PartRun:
    lines = _lines(told)
    figures = tuple(Figure.fromdict(line["figure"]) for line in lines if "figure" in line)
    reasons = [line["missing"] for line in lines if "missing" in line]
    return PartRun(figures, time.monotonic() - began, reasons[0] if reasons else missing, busy)


def _lines(told: Path) -> list[Mapping[str, dict]]:
    """Whole lines only: the last one may have been cut off."""
    text = told.read_text(encoding="utf-8") if told.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def _failure(code: int, errors: IO[bytes]) -> str | None:
    """Why a process ended with this code, in its own last words."""
    if code == 0:
        return None
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()
    return f"it failed: {lines[-1]}" if lines else f"it ended with {code}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and all that it started: first politely."""
    for sign in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except (ProcessLookupError, PermissionError):  # nobody is left
            return
        _wait(process)


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(TIME_TO_END)
    except subprocess.TimeoutExpired:
        return


def main(arguments: Sequence[str]) -> int:
    """The process."""
    name, file = arguments
    with Path(file).open("w", encoding="utf-8") as told:
        try:
            for figure in PARTS[name].measure():
                _tell(told, {"figure": figure.asdict()})
        except NotMeasured as reason:
            _tell(told, {"missing": str(reason)})
    return 0


def _tell(told: IO[str], line: Mapping[str, object]) -> None:
    told.write(json.dumps(line) + "\n")
    told.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
