"""`python -m engine train`: from a PTB-XL folder to a checkpoint."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("train", help="train a network on PTB-XL")
    parser.add_argument("--preset", default="tiny", help="network sizes: tiny, base or full (default: tiny)")
    parser.add_argument("--data", type=Path, required=True, help="PTB-XL folder; folds 1-8 train, fold 9 validates")
    parser.add_argument("--out", type=Path, required=True, help="run folder")
    parser.add_argument("--minutes", type=float, default=60, help="stop and save after this long (default: 60)")
    parser.add_argument("--batch", type=int, default=16, help="records per step (default: 16)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the run (default: 1)")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out, to the exact step")
    parser.add_argument("--warm-start", type=Path, help="start from the weights of this checkpoint")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train for the given time; Ctrl-C saves and stops."""
    from engine.native import restart_with_native_settings

    restart_with_native_settings([sys.executable, "-m", "engine", *sys.argv[1:]])
    from engine.training_run import Run

    plan, data, held_out = _prepare(arguments)
    take_up = (
        Run.resume(arguments.out, plan) if arguments.resume else Run.start(arguments.out, plan, arguments.warm_start)
    )
    _compile_where_possible(take_up)
    deadline = time.monotonic() + 60 * arguments.minutes
    try:
        for report in take_up.reports(data, held_out):
            _print(report, deadline)
            if time.monotonic() > deadline:
                break
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
    take_up.save()
    print(f"saved step {take_up.trainer.taken} in {arguments.out}")
    return 0


def _prepare(arguments: argparse.Namespace):  # noqa: ANN202 (types would import torch here)
    import torch

    from engine.checkpoint import Recipe
    from engine.ecg import NLE_LEADS
    from engine.presets import PRESETS
    from engine.ptbxl import PtbXl
    from engine.training import TrainingConfig
    from engine.training_data import load_training_set
    from engine.training_run import Plan

    torch.set_flush_denormal(True)  # fading gradients otherwise slow the processor tenfold
    if arguments.preset not in PRESETS:
        raise ValueError(f"there is no preset {arguments.preset!r}; there are {', '.join(PRESETS)}")
    ptbxl = PtbXl(arguments.data)
    data, held_out = load_training_set(ptbxl, range(1, 9)), load_training_set(ptbxl, [9])
    scale = tuple(round(float(value), 4) for value in data.lead_deviation())
    recipe = Recipe(
        ptbxl.label_set.codes, NLE_LEADS, scale,
        provenance={"data": "PTB-XL, folds 1-8", "records": len(data), "preset": arguments.preset},
    )  # fmt: skip
    config = TrainingConfig(batch=arguments.batch, seed=arguments.seed)
    return Plan(PRESETS[arguments.preset], recipe, config), data, held_out


def _compile_where_possible(run: object) -> None:
    """Fused pointwise operations, where a C++ compiler is there; the same numbers without, in twice the time."""
    if shutil.which(os.environ.get("CXX", "g++")) is None:
        print("no C++ compiler: training without compiled operations, about half as fast", file=sys.stderr)
        return
    for block in run.trainer.network.blocks:  # type: ignore[attr-defined]
        block.compile()


def _print(report: object, deadline: float) -> None:
    r = report
    line = f"step {r.step}  samples {r.samples}  loss {r.loss:.4f}  {r.samples_per_second:.1f} samples/s"  # type: ignore[attr-defined]
    left = max(0.0, deadline - time.monotonic()) / 60
    validation = "  validation " + " ".join(f"{v:.4f}" for v in r.validation) if r.validation else ""  # type: ignore[attr-defined]
    print(f"{line}  {left:.0f} min left{validation}", flush=True)
