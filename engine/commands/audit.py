"""`python -m engine audit`: can anything but physiology tell two folders of ECGs apart?"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("audit", help="look for what tells real from synthetic ECGs without any physiology")
    parser.add_argument("--real", type=Path, required=True, metavar="DIR", help="folder of real ECGs")
    parser.add_argument("--synthetic", type=Path, required=True, metavar="DIR", help="folder of synthetic ECGs")
    parser.add_argument("--raw", action="store_true", help="as the files are, without the pipeline of a study")
    parser.add_argument("--permutations", type=int, default=1000, help="for the null distribution (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, help="of folds and permutations (default: 0)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Read both folders, audit, print."""
    from engine.audit.machine import measured
    from engine.audit.received import harmonised_folder, raw_folder
    from engine.audit.report import audit

    if arguments.permutations < 20:
        raise ValueError("A null distribution needs at least 20 permutations.")
    read = raw_folder if arguments.raw else harmonised_folder
    real, synthetic = read(arguments.real), read(arguments.synthetic)
    leaks = audit(real, synthetic, arguments.permutations, arguments.seed)
    result = {**leaks.asdict(), "raw": arguments.raw, "left_out": [*real.left_out, *synthetic.left_out]}
    result["machine_reader"] = measured(real, synthetic, arguments.permutations, arguments.seed)
    print(json.dumps(result, indent=2) if arguments.json else _in_words(result))
    return 0


def _in_words(result: Mapping[str, Any]) -> str:
    lines = [f"left out: {sentence}" for sentence in result["left_out"]]
    lines += [result["words"], ""]
    lines += [f"{feature['auc']:.2f}  {name}" for name, feature in result["features"].items()]
    machine = result["machine_reader"]
    if "auc" in machine:
        lines += ["", f"Machine reader, on the waveforms: AUC {machine['auc']:.2f} ({machine['low']:.2f} to "
                  f"{machine['high']:.2f}), chance reaches {machine['null_95']:.2f}."]  # fmt: skip
    return "\n".join(lines)
