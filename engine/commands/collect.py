"""`python -m engine collect`: ECGs from other files become a folder of own records."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from engine.files.collecting import Outcome, collect


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "collect", help="take ECGs from WFDB, EDF, DICOM, CSV and NumPy files, without anything about the person"
    )
    parser.add_argument("sources", type=Path, nargs="+", metavar="SRC", help="files, or folders to search")
    parser.add_argument("--out", type=Path, required=True, help="folder of own records to fill or to add to")
    parser.add_argument("--labels", type=Path, help="CSV with the columns file and labels, perhaps sex and age")
    parser.add_argument("--rate", type=float, metavar="HZ", help="sampling rate of CSV and NPY files that state none")
    parser.add_argument("--unit", default="", help="unit of CSV and NPY files that state none: V, mV, uV or nV")
    parser.add_argument("--leads", default="", help="order of the leads in NPY files that state none: I,II,III,...")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Collect, then name every file that did not go in."""
    from tqdm import tqdm

    from engine.files.about import read_declarations
    from engine.files.reading import find_files
    from engine.files.sidecar import stated_for_all

    otherwise = stated_for_all(arguments.rate, arguments.unit, arguments.leads)
    declared = read_declarations(arguments.labels) if arguments.labels else {}
    files = [file for file in find_files(arguments.sources) if file != arguments.labels]
    if not files:
        raise ValueError("No file of a known format was found (.hea, .edf, .dcm, .csv, .npy, .npz).")
    work = collect(files, arguments.out, declared, otherwise)
    outcomes = list(tqdm(work, desc="collecting", total=len(files), unit="file", leave=False, disable=arguments.json))
    print(_as_json(outcomes) if arguments.json else _in_words(outcomes, arguments.out))
    return 0


def _as_json(outcomes: Sequence[Outcome]) -> str:
    taken = [outcome.code for outcome in outcomes if outcome.code]
    left_out = {str(outcome.file): outcome.reason for outcome in outcomes if not outcome.code}
    remarks = {str(outcome.file): outcome.remark for outcome in outcomes if outcome.remark}
    unknown = sum(outcome.unknown_labels for outcome in outcomes)
    result = {"taken": taken, "left_out": left_out, "remarks": remarks, "unknown_labels": unknown}
    return json.dumps(result, indent=2)


def _in_words(outcomes: Sequence[Outcome], folder: Path) -> str:
    taken = sum(outcome.code is not None for outcome in outcomes)
    unknown = sum(outcome.unknown_labels for outcome in outcomes)
    lines = [f"left out: {outcome.file}: {outcome.reason}" for outcome in outcomes if not outcome.code]
    lines += [f"taken, but: {outcome.file}: {outcome.remark}" for outcome in outcomes if outcome.remark]
    lines += [f"{unknown} declared label(s) are no known statement and were dropped."] if unknown else []
    return "\n".join([*lines, f"{taken} of {len(outcomes)} ECG(s) taken into {folder}"])
