"""`python -m engine guidance`: with which guidance a checkpoint draws unless told otherwise."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("guidance", help="show or change the guidance that a checkpoint draws with by default")
    parser.add_argument("checkpoint", type=Path, metavar="FILE", help="checkpoint file; changed in place, in one go")
    parser.add_argument(
        "guidance", type=float, nargs="?", metavar="NUMBER",
        help="1 (as trained) to 5; above 1 takes a checkpoint that can leave labels open (default: only show it)",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show it, or change it; the weights stay, the digest changes."""
    from engine.catalogue import summarise

    before = summarise(arguments.checkpoint)
    if arguments.guidance in (None, before.guidance):
        print(f"{arguments.checkpoint} draws with guidance {before.guidance:g}; digest {before.digest[:12]}")
        return 0
    from engine.checkpoint import set_guidance

    after = set_guidance(arguments.checkpoint, arguments.guidance)
    print(f"{arguments.checkpoint} draws with guidance {after.recipe.guidance:g} instead of {before.guidance:g}; "
          f"digest {after.digest[:12]} instead of {before.digest[:12]}, so evaluate it anew")  # fmt: skip
    return 0
