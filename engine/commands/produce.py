"""`python -m engine produce`: many ECGs, as shards with a manifest, in a folder or an object store."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.catalogue import default_folder, find_checkpoint
from engine.generators import (
    DEFAULT_PRECISION,
    DEFAULT_SAMPLER,
    GENERATORS,
    PRECISIONS,
    QUALITIES,
    SAMPLER_CHOICES,
    sampler_and_steps,
)
from engine.labels import Sex, ptbxl_statements
from engine.production.backends import BACKENDS, DEFAULT_BACKEND, Backend
from engine.production.manifest import faults, order_in
from engine.production.order import Order, OrderError, Row, read_order
from engine.production.packing import PACKINGS
from engine.production.press import Commission
from engine.production.producing import produce
from engine.production.store import Store
from engine.production.table import read_table

ROW = ("count", "sex", "age_band")  # options that, beside the labels, make a row
HOW = (
    "seed",
    "generator",
    "checkpoint",
    "sampler",
    "steps",
    "guidance",
    "precision",
    "format",
    "shard_size",
    "batch_size",
)
FIRST_ROW = "first line: labels,count[,sex][,age]"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("produce", help="draw many ECGs as shards, resumably, on all cores or GPUs")
    _add_what(parser)
    _add_how(parser)
    parser.add_argument(
        "--out", required=True, help="folder, or an address that fsspec knows, such as s3://bucket/ecgs"
    )
    parser.add_argument("--workers", type=int, help="processes (default: one per GPU, else per core)")
    parser.add_argument(
        "--backend",
        default=DEFAULT_BACKEND,
        help=f"{' or '.join(BACKENDS)}: processes, this process, or Ray actors on the cluster at $RAY_ADDRESS "
        f"(default: {DEFAULT_BACKEND})",
    )
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"], help="default: auto")
    parser.add_argument(
        "--checkpoints", type=Path, help="folder (default: $ECG_TURING_CHECKPOINTS or assets/checkpoints)"
    )
    parser.add_argument("--check", action="store_true", help="only compare a finished folder with its manifest")
    parser.set_defaults(run=run)


def _add_what(parser: argparse.ArgumentParser) -> None:
    what = parser.add_argument_group("what", "An order, a table, or labels; none of them: go on with what --out holds.")
    what.add_argument("--order", type=Path, help="TOML or JSON file with all that follows")
    what.add_argument("--table", type=Path, help=f"CSV file, {FIRST_ROW}")
    what.add_argument("--labels", help="statements, comma-separated, such as AFIB,LVH")
    what.add_argument("--count", type=int, help="number of ECGs with these labels (default: 1)")
    what.add_argument("--sex", help="female or male (default: left open)")
    what.add_argument("--age-band", help="such as 70-79 (default: left open)")


def _add_how(parser: argparse.ArgumentParser) -> None:
    how = parser.add_argument_group("how", "Part of the order: same values, same ECGs.")
    how.add_argument("--seed", type=int, help="default: 0")
    how.add_argument("--generator", help=f"{' or '.join(GENERATORS)} (default: sssd-ecg-nle)")
    how.add_argument("--checkpoint", help="digest or its beginning (default: the default checkpoint)")
    how.add_argument("--quality", help=f"{', '.join(QUALITIES)}: sampler and steps in one word")
    how.add_argument("--sampler", help=f"{', '.join(SAMPLER_CHOICES)} (default: {DEFAULT_SAMPLER})")
    how.add_argument("--steps", type=int, help="denoising steps (default: the sampler's)")
    how.add_argument("--guidance", type=float, help="weight of the labels (default: the checkpoint's own)")
    how.add_argument(
        "--precision", help=f"of matrix products: {' or '.join(PRECISIONS)} (default: {DEFAULT_PRECISION})"
    )
    how.add_argument("--format", help=f"{' or '.join(PACKINGS)} (default: parquet)")
    how.add_argument("--shard-size", type=int, help="ECGs per shard (default: 128)")
    how.add_argument("--batch-size", type=int, help="ECGs drawn together (default: 16)")


def run(arguments: argparse.Namespace) -> int:
    """Check a finished folder, or carry out an order."""
    return _check(arguments.out) if arguments.check else _produce(arguments)


def _check(url: str) -> int:
    found = list(faults(Store(url)))
    for sentence in found:
        print(sentence)
    print(f"{len(found)} fault(s) in {url}" if found else f"{url} is as its manifest says.")
    return 1 if found else 0


def _produce(arguments: argparse.Namespace) -> int:
    from tqdm import tqdm

    backend, workers = _who(arguments)
    order, checkpoint = _settled(arguments)
    commission = Commission(arguments.out, checkpoint, arguments.device)
    try:
        with tqdm(desc="drawing", unit="ECG", total=order.count) as bar:
            for stand in produce(order, commission, backend, workers):
                bar.initial = stand.kept
                bar.update(stand.kept + stand.drawn - bar.n)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from the shards that are finished", file=sys.stderr)
        return 130
    print(f"{order.count} ECG(s) in {arguments.out}, {stand.kept} of them from before; order {order.digest[:12]}")
    return 0


def _who(arguments: argparse.Namespace) -> tuple[Backend, int | None]:
    if arguments.backend not in BACKENDS:
        raise ValueError(f"There is no backend {arguments.backend!r}; choose {' or '.join(BACKENDS)}.")
    if arguments.workers is not None and arguments.workers < 1:
        raise ValueError(f"At least one worker is needed, not {arguments.workers}.")
    return BACKENDS[arguments.backend], arguments.workers


def _settled(arguments: argparse.Namespace) -> tuple[Order, Path | None]:
    """The order with its checkpoint's digest, and that checkpoint's file."""
    order = _order(arguments).check(ptbxl_statements())
    if order.is_simulated:
        return order.settled(None), None
    chosen = find_checkpoint(arguments.checkpoints or default_folder(), order.checkpoint)
    return order.settled(chosen), chosen.path


def _order(arguments: argparse.Namespace) -> Order:
    sources = [name for name in ("order", "table", "labels") if getattr(arguments, name) is not None]
    if len(sources) > 1:
        raise OrderError(f"Both --{sources[0]} and --{sources[1]} are given; give one of them.")
    if sources in (["table"], ["labels"]):
        return _from_options(arguments)
    if idle := _given(arguments, (*ROW, "quality", *HOW)):
        option = next(iter(idle)).replace("_", "-")
        raise OrderError(f"--{option} goes with --labels or --table; an order says it itself.")
    known = read_order(arguments.order) if sources else order_in(Store(arguments.out))
    if known is None:
        raise OrderError(f"{arguments.out} holds no order to go on with; give --order, --table or --labels.")
    return known


def _from_options(arguments: argparse.Namespace) -> Order:
    if arguments.table and (idle := _given(arguments, ROW)):
        raise OrderError(f"--{next(iter(idle)).replace('_', '-')} goes with --labels; a table has a column for it.")
    values = _given(arguments, HOW)
    values["sampler"], values["steps"] = sampler_and_steps(
        arguments.quality, values.get("sampler"), values.get("steps")
    )
    rows = read_table(arguments.table) if arguments.table else (_row(arguments),)
    return Order(rows, **values)


def _given(arguments: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    """Those of these options that were given."""
    return {name: value for name in names if (value := getattr(arguments, name)) is not None}


def _row(arguments: argparse.Namespace) -> Row:
    if arguments.sex not in (None, *Sex):
        raise OrderError(f"The sex must be female or male, not {arguments.sex!r}.")
    labels = tuple(code.strip() for code in arguments.labels.split(",") if code.strip())
    count = 1 if arguments.count is None else arguments.count
    return Row(labels, count, Sex(arguments.sex) if arguments.sex else None, arguments.age_band)
