"""`python -m engine import`: a published checkpoint becomes one of ours."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("import", help="convert a checkpoint of the public SSSD-ECG or SSSD-ECG-nle code")
    parser.add_argument("source", type=Path, metavar="SRC", help=".pkl or .pt with model_state_dict, or .safetensors")
    parser.add_argument("target", type=Path, metavar="DST", help="checkpoint to write (.safetensors)")
    parser.add_argument(
        "--labels", help="codes in the order of the label vector, comma-separated (default: the 71 of PTB-XL)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Convert and say what was found."""
    from engine.importing import import_checkpoint

    codes = tuple(arguments.labels.split(",")) if arguments.labels else None
    found = import_checkpoint(arguments.source, arguments.target, codes)
    config = found.network.config
    print(f"{config.layers} x {config.channels} network, {config.labels} labels ({config.label_embedding}), "
          f"sexes {config.sexes}; digest {found.digest[:12]}; written to {arguments.target}")  # fmt: skip
    return 0
