"""`python -m engine bench`: seconds per denoising step, load time and memory."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from engine.generators import DEFAULT_PRECISION, PRECISIONS


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("bench", help="measure seconds per denoising step, load time and memory")
    parser.add_argument("--preset", default="full", help="tiny, base or full (default: full)")
    parser.add_argument("--batch", type=int, default=1, help="ECGs at a time (default: 1)")
    parser.add_argument("--steps", type=int, default=10, help="steps to measure (default: 10)")
    parser.add_argument("--device", default="cpu", choices=["auto", "cpu", "cuda"], help="default: cpu")
    parser.add_argument(
        "--precision",
        default=DEFAULT_PRECISION,
        help=f"of matrix products: {' or '.join(PRECISIONS)} (default: {DEFAULT_PRECISION})",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    from engine.native import restart_with_native_settings

    restart_with_native_settings([sys.executable, "-m", "engine", *sys.argv[1:]])
    from engine.bench import bench

    how = (arguments.batch, arguments.steps, arguments.device, arguments.precision)
    result = asdict(bench(arguments.preset, *how))
    if arguments.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:24} {value}")
    return 0
