"""`python -m engine samplers`: how few steps will do, as a table."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from engine.production.backends import BACKENDS, DEFAULT_BACKEND

if TYPE_CHECKING:
    from engine.evaluation.few_steps.sets import Sets
    from engine.evaluation.matched import Artist


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("samplers", help="compare samplers at few steps, resumably; this takes hours")
    parser.add_argument("--checkpoint", type=Path, required=True, help="checkpoint file")
    parser.add_argument("--data", type=Path, required=True, help="PTB-XL folder")
    parser.add_argument("--fold", type=int, default=9, help="whose labels, sexes and ages are drawn (default: 9)")
    parser.add_argument("--count", type=int, default=500, help="ECGs by each sampler and number of steps (500)")
    parser.add_argument("--until", type=int, help="draw only so many of them for now; 0: only make the table")
    parser.add_argument("--seed", type=int, default=0, help="same seed, same ECGs (default: 0)")
    parser.add_argument("--epochs", type=int, default=15, help="of the classifier whose features count (default: 15)")
    parser.add_argument("--workers", type=int, help="processes, one thread each (default: one per core)")
    parser.add_argument("--backend", default=DEFAULT_BACKEND, help=f"as for produce (default: {DEFAULT_BACKEND})")
    parser.add_argument("--out", type=Path, required=True, help="folder that keeps what is drawn, to go on from there")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--readme", type=Path, help="file with <!-- few-steps --> and <!-- /few-steps -->: the table")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Draw round by round; after each, make the table."""
    from engine.native import restart_with_native_settings

    _check(arguments)
    restart_with_native_settings([sys.executable, "-m", "engine", *sys.argv[1:]])
    from engine.evaluation.few_steps.campaign import draw_by_rounds

    sets, artist = _sets(arguments)
    if arguments.until == 0:
        _tell(arguments, sets, artist)
        return 0
    until = arguments.until or arguments.count
    for count in draw_by_rounds(sets, artist, until, BACKENDS[arguments.backend], arguments.workers):
        print(f"{count} ECGs of each are drawn", file=sys.stderr, flush=True)
        _tell(arguments, sets, artist)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    if arguments.backend not in BACKENDS:
        raise ValueError(f"There is no backend {arguments.backend!r}; choose {' or '.join(BACKENDS)}.")
    if min(arguments.count, arguments.workers or 1, arguments.epochs) < 1 or (arguments.until or 0) < 0:
        raise ValueError("--count, --workers and --epochs must be 1 or more, --until 0 or more.")
    for file in (arguments.json, arguments.readme):
        if file and not file.parent.is_dir():
            raise ValueError(f"There is no folder {file.parent} to write {file.name} to; create it first.")


def _sets(arguments: argparse.Namespace) -> tuple[Sets, Artist]:
    from engine.checkpoint import load_checkpoint
    from engine.evaluation.few_steps.sets import Sets, counterparts
    from engine.evaluation.matched import Artist, read_cohort
    from engine.ptbxl import PtbXl

    checkpoint = load_checkpoint(arguments.checkpoint)
    real = read_cohort(PtbXl(arguments.data), [arguments.fold])
    chosen = counterparts(real, arguments.count, checkpoint.recipe.label_codes)
    return Sets(arguments.out, arguments.checkpoint, chosen, arguments.seed), Artist(checkpoint)


def _tell(arguments: argparse.Namespace, sets: Sets, artist: Artist) -> None:
    from engine.evaluation.few_steps.comparison import compare
    from engine.evaluation.few_steps.reference import reference_classifier
    from engine.evaluation.few_steps.table import table, write_between_marks
    from engine.ptbxl import PtbXl

    classifier = reference_classifier(arguments.out, PtbXl(arguments.data), arguments.epochs)
    figures = {"fold": arguments.fold, **compare(sets, artist, classifier)}
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1, allow_nan=False))
    if arguments.readme:
        write_between_marks(arguments.readme, table(figures))
    print(table(figures), flush=True)
