"""`python -m engine train`: from a PTB-XL folder to a checkpoint."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.training import TrainingConfig
    from engine.training_data import TrainingSet
    from engine.training_run import Plan, Report, Run

VALIDATION_RECORDS = 160  # of fold 9, at five noise levels each


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("train", help="train a network on PTB-XL")
    parser.add_argument("--preset", default="tiny", help="network sizes: tiny, base or full (default: tiny)")
    parser.add_argument(
        "--data", type=Path, required=True, help="PTB-XL folder, or a file from pack; folds 1-8 train, 9 validates"
    )
    parser.add_argument("--out", type=Path, required=True, help="run folder")
    parser.add_argument("--minutes", type=float, default=60, help="stop and save after this long (default: 60)")
    parser.add_argument("--samples", type=int, help="end after so many, the learning rate falling over the second half")
    parser.add_argument("--batch", type=int, default=16, help="records per step (default: 16)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the run (default: 1)")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out, to the exact step")
    parser.add_argument("--warm-start", type=Path, help="start from the weights of this checkpoint")
    parser.add_argument("--processes", type=int, help="that share every batch (default: one per GPU, else per core)")
    _add_recipe(parser.add_argument_group("what is learnt, and how"))
    parser.set_defaults(run=run)


def _add_recipe(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--schedule", default="zero_snr_cosine", help="or published_linear (default: zero_snr_cosine)")
    group.add_argument("--target", default="velocity", help="or noise (default: velocity)")
    group.add_argument("--weighting", default="uniform", help="of noise levels: uniform or min_snr (default: uniform)")
    group.add_argument(
        "--step-tilt", type=float, default=0.6,
        help="above 0; below 1 more high noise levels are learnt, where the rhythm is decided (default: 0.6)",
    )  # fmt: skip
    group.add_argument("--learning-rate", type=float, default=1.5e-3, help="of Adam (default: 0.0015)")
    group.add_argument("--average", type=float, default=0.999, help="decay of the weights' average (default: 0.999)")
    group.add_argument("--label-dropout", type=float, default=0.1, help="share left open, for guidance (default: 0.1)")
    group.add_argument(
        "--guidance", type=float,
        help="with which the checkpoint is to draw unless told otherwise, 1 to 5 (default: as the run that was resumed "
        "or the checkpoint that was started from, else 1)",
    )  # fmt: skip
    group.add_argument("--amplitude-jitter", type=float, default=0.1, help="of the log of a gain (default: 0.1)")
    group.add_argument("--time-shift", type=int, default=0, help="samples, at most (default: 0)")


def run(arguments: argparse.Namespace) -> int:
    """Train for the given time; Ctrl-C saves and stops."""
    if "LOCAL_RANK" not in os.environ:
        _check(arguments)
        _launch(arguments.processes or _default_processes())
    from torch import distributed

    distributed.init_process_group()
    try:
        _train(arguments)
    finally:
        distributed.destroy_process_group()
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """What can be refused in one line before processes are started."""
    from engine.catalogue import default_guidance
    from engine.denoiser import TARGETS
    from engine.presets import PRESETS
    from engine.ptbxl import PtbXl
    from engine.schedule import SCHEDULES
    from engine.training import WEIGHTINGS
    from engine.training_run import check_folder

    choices = {"preset": PRESETS, "schedule": SCHEDULES, "target": TARGETS, "weighting": WEIGHTINGS}
    for name, known in choices.items():
        if getattr(arguments, name) not in known:
            raise ValueError(f"there is no {name} {getattr(arguments, name)!r}; there are {', '.join(known)}")
    if arguments.target == "noise" and arguments.schedule == "zero_snr_cosine":
        raise ValueError("a network that predicts noise can't start from pure noise; add --schedule published_linear")
    if not arguments.step_tilt > 0:
        raise ValueError(f"--step-tilt {arguments.step_tilt:g} is not above 0")
    check_folder(arguments.out, arguments.resume)
    default_guidance(_guidance(arguments), arguments.label_dropout > 0)
    if arguments.data.is_dir() or not arguments.data.exists():
        PtbXl(arguments.data)


def _default_processes() -> int:
    """One per GPU; else one per core: threads that wait for each other at every operation gain little."""
    import torch

    return torch.cuda.device_count() or min(os.cpu_count() or 1, 4)


def _launch(processes: int) -> None:
    """Replace this process by `processes` that know of each other, with the native libraries' settings."""
    from engine.native import ENVIRONMENT

    threads = max(1, (os.cpu_count() or 1) // processes)
    os.environ.update({**ENVIRONMENT, "OMP_NUM_THREADS": str(threads), **os.environ})
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    os.execv(sys.executable, [*launcher, "-m", "engine", *sys.argv[1:]])


def _train(arguments: argparse.Namespace) -> None:
    from engine.training_run import Run

    plan, data, held_out = _prepare(arguments)
    if arguments.resume:
        taken_up = Run.resume(arguments.out, plan)
    else:
        taken_up = Run.start(arguments.out, plan, arguments.warm_start)
    _compile_where_possible(taken_up)
    deadline = time.monotonic() + 60 * arguments.minutes
    for stop in (signal.SIGINT, signal.SIGTERM):  # the launcher passes either on
        signal.signal(stop, signal.default_int_handler)
    try:
        for report in taken_up.reports(data, held_out):
            _print(report, deadline)
            if _agreed(time.monotonic() > deadline):
                break
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    taken_up.save()
    _say(f"saved step {taken_up.trainer.taken} in {arguments.out}")


def _prepare(arguments: argparse.Namespace) -> tuple[Plan, TrainingSet, TrainingSet]:
    import torch

    from engine.checkpoint import Recipe
    from engine.ecg import NLE_LEADS
    from engine.presets import PRESETS
    from engine.training_cache import open_training_cache
    from engine.training_run import Plan

    torch.set_flush_denormal(True)  # vanishing gradients become denormal numbers, on which processors are slow
    cache = open_training_cache(arguments.data)
    data, held_out = cache.in_folds(range(1, 9)), cache.in_folds([9]).first(VALIDATION_RECORDS)
    scale = tuple(round(float(value), 4) for value in data.lead_deviation())
    counts = dict(zip(cache.codes, data.labels.sum(0).int().tolist(), strict=True))
    facts = {
        "data": "PTB-XL, folds 1-8", "records": len(data), "records_by_label": counts,
        "records_by_pair": data.records_by_pair(cache.codes), "preset": arguments.preset,
    }  # fmt: skip
    recipe = Recipe(
        cache.codes, NLE_LEADS, scale, arguments.schedule, target=arguments.target,
        labels_may_be_open=arguments.label_dropout > 0, provenance=facts, guidance=_guidance(arguments),
    )  # fmt: skip
    device = f"cuda:{os.environ['LOCAL_RANK']}" if torch.cuda.is_available() else "cpu"
    return Plan(PRESETS[arguments.preset], recipe, _config(arguments), device=device), data, held_out


def _guidance(arguments: argparse.Namespace) -> float:
    from engine.training_run import guidance_before

    if arguments.guidance is not None:
        return float(arguments.guidance)
    return guidance_before(arguments.out, arguments.resume, arguments.warm_start)


def _config(arguments: argparse.Namespace) -> TrainingConfig:
    from engine.batches import Augmentation
    from engine.training import TrainingConfig

    augmentation = Augmentation(arguments.amplitude_jitter, arguments.time_shift, arguments.label_dropout)
    return TrainingConfig(
        batch=arguments.batch,
        learning_rate=arguments.learning_rate,
        average=arguments.average,
        step_tilt=arguments.step_tilt,
        weighting=arguments.weighting,
        augmentation=augmentation,
        samples=arguments.samples,
        seed=arguments.seed,
    )


def _compile_where_possible(run: Run) -> None:
    """Fused pointwise operations, where a C++ compiler is there; without one it takes about 1.4 times as long."""
    if shutil.which(os.environ.get("CXX", "g++")) is None:
        _say("no C++ compiler: training without compiled operations, which takes about 1.4 times as long")
        return
    for block in run.trainer.network.blocks:
        block.compile()


def _agreed(wish: bool) -> bool:
    """What the first process wishes: all must stop at the same step."""
    import torch
    from torch import distributed

    wished = torch.tensor([int(wish)], device="cuda" if distributed.get_backend() == "nccl" else "cpu")
    distributed.broadcast(wished, 0)
    return bool(wished)


def _say(sentence: str) -> None:
    """Once, however many processes there are."""
    if os.environ["LOCAL_RANK"] == "0":
        print(sentence, flush=True)


def _print(report: Report, deadline: float) -> None:
    left = max(0.0, deadline - time.monotonic()) / 60
    losses = " ".join(f"{loss:.4f}" for loss in report.validation)
    progress = f"step {report.step}  samples {report.samples}  loss {report.loss:.4f}"
    rate = f"{report.samples_per_second:.1f} samples/s  {left:.0f} min left"
    _say(f"{progress}  {rate}{f'  validation {losses}' if losses else ''}")
