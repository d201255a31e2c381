"""`python -m engine pack`: the training data as one small file."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("pack", help="write PTB-XL's folds 1 to 9 as one small file to train from elsewhere")
    parser.add_argument("--data", type=Path, required=True, help="PTB-XL folder")
    parser.add_argument("--out", type=Path, required=True, help="file to write, NAME.npz, for train --data")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Read, write, say how large it is."""
    from engine.training_cache import SUFFIX, CacheError, open_training_cache, pack

    if arguments.out.suffix != SUFFIX:
        raise CacheError(f"--out must end in {SUFFIX}, by which train knows a packed file")
    cache = open_training_cache(arguments.data)
    pack(cache, arguments.out)
    size = arguments.out.stat().st_size / 1e6
    print(f"{len(cache.everything):,} records packed into {arguments.out}, {size:.1f} MB")
    return 0
