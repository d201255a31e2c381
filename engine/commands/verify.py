"""`python -m engine verify`: the network against recorded numbers of the public code."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("verify", help="compare the network with recorded numbers of the public code")
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="folder of safetensors files with state dicts and outputs"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the largest error of every array; 1 where one is beyond its tolerance."""
    from engine.verify import verify

    comparisons = []
    for one in verify(arguments.folder):
        comparisons.append(one)
        print(f"{'ok  ' if one.holds else 'FAIL'}  {one.error:9.2e}  (<= {one.tolerance:.0e})  {one.file}: {one.array}")
    failed = sum(not one.holds for one in comparisons)
    print(f"{len(comparisons)} arrays compared, {failed} beyond tolerance", file=sys.stderr)
    return 1 if failed else 0
