"""`python -m engine precision`: what reduced precision changes in the ECGs, and what it saves."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from engine.catalogue import checkpoints_in, choose_checkpoint, default_folder
from engine.generators import DEFAULT_PRECISION, PRECISIONS, DrawRequest
from engine.labels import ptbxl_statements

if TYPE_CHECKING:
    from engine.evaluation.precision import PrecisionCost


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("precision", help="how far ECGs drawn in reduced precision lie from those in float32")
    reduced = [name for name in PRECISIONS if name != DEFAULT_PRECISION]
    parser.add_argument("--precision", default=reduced[0], choices=reduced, help=f"default: {reduced[0]}")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="default: the default checkpoint")
    parser.add_argument("--labels", default="NORM,SR", help="statements, comma-separated (default: NORM,SR)")
    parser.add_argument("--count", type=int, default=100, help="ECGs (default: 100)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Draw everything twice, then compare."""
    from tqdm import tqdm

    from engine.evaluation.precision import PrecisionCost, compare_precision

    known = ptbxl_statements()
    labels = known.select(code.strip() for code in arguments.labels.split(",") if code.strip()).codes
    request = DrawRequest(labels, count=arguments.count).check(known)
    file = arguments.checkpoint or choose_checkpoint(checkpoints_in(default_folder()), None).path
    with tqdm(desc="drawing twice", unit="ECG", total=request.count, leave=False) as bar:
        for event in compare_precision(file, arguments.precision, request):
            if isinstance(event, PrecisionCost):
                cost = event
            else:
                bar.update(event.done - bar.n)
    print(json.dumps(asdict(cost)) if arguments.json else _words(cost))
    return 0


def _words(cost: PrecisionCost) -> str:
    return (
        f"{cost.count} ECGs in {cost.precision} against float32: {cost.rms_uv:.1f} uV apart (root mean square of "
        f"the median ECG, 95 % below {cost.rms_uv_95:.0f}); on paper {cost.apart_mm:.2f} mm at most "
        f"(95 % below {cost.apart_mm_95:.1f}); {cost.visible:.0%} differ by more than half a trace's width somewhere. "
        f"Processor time per ECG {cost.cpu_seconds:.2f} s instead of {cost.cpu_seconds_float32:.2f} s."
    )
