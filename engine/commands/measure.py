"""`python -m engine measure`: heart rate, intervals and axes of ECG files."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from engine.measuring.measurements import Measurements

COLUMNS = {
    "heart_rate": ("HR", 0), "rr_cv": ("RR CV", 2), "pr_ms": ("PR", 0), "qrs_ms": ("QRS", 0), "qt_ms": ("QT", 0),
    "qtc_bazett_ms": ("QTcB", 0), "qtc_fridericia_ms": ("QTcF", 0), "p_axis_deg": ("P axis", 0),
    "qrs_axis_deg": ("QRS axis", 0), "t_axis_deg": ("T axis", 0), "beats": ("beats", 0),
}  # fmt: skip
WIDTH = 9


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("measure", help="heart rate, PR, QRS, QT, QTc and axes of ECG files")
    parser.add_argument("sources", type=Path, nargs="+", metavar="SRC", help="files, or folders to search")
    parser.add_argument("--json", action="store_true", help="print the measurements as JSON, null where there is none")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure file by file; 1 if a file could not be read."""
    from engine.files.reading import find_files

    files = list(find_files(map(_header, arguments.sources)))
    if not files:
        raise ValueError("No file of a known format was found (.hea, .edf, .dcm, .csv, .npy, .npz).")
    failed: list[str] = []
    measured = _measured(files, failed)
    if arguments.json:
        print(json.dumps({str(file): asdict(found) for file, found in measured}, indent=2))
    else:
        _print_table(measured)
    for sentence in failed:
        print(f"left out: {sentence}", file=sys.stderr)
    return 1 if failed else 0


def _header(source: Path) -> Path:
    """A WFDB record may be named without its suffix."""
    header = source.with_name(source.name + ".hea")
    return header if not source.exists() and header.exists() else source


def _measured(files: list[Path], failed: list[str]) -> Iterator[tuple[Path, Measurements]]:
    from engine.ecg import EcgError
    from engine.files.reading import read_recording
    from engine.files.recording import FileError
    from engine.measuring.measurements import measure

    for file in files:
        try:
            yield file, measure(read_recording(file)[0].ecg())
        except (FileError, EcgError) as error:
            failed.append(f"{file}: {error}")


def _print_table(measured: Iterator[tuple[Path, Measurements]]) -> None:
    print("".join(f"{title:>{WIDTH}}" for title, _ in COLUMNS.values()) + "  file")
    for file, found in measured:
        print("".join(_cell(getattr(found, name), digits) for name, (_, digits) in COLUMNS.items()) + f"  {file}")


def _cell(value: float | None, digits: int) -> str:
    return f"{'-' if value is None else f'{value:.{digits}f}':>{WIDTH}}"
