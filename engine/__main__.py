"""The engine's command line: `python -m engine COMMAND`."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from engine.ptbxl import PtbXlError
from engine.records import RecordError

COMMANDS = (
    "download",
    "verify",
    "import_",
    "pack",
    "train",
    "generate",
    "produce",
    "bench",
    "evaluate",
    "guidance",
    "samplers",
    "precision",
    "collect",
    "audit",
    "measure",
)  # modules in engine/commands


def main(arguments: list[str] | None = None) -> int:
    """Run a command.  A user's mistake is one line on standard error and exit code 2."""
    parser = argparse.ArgumentParser(prog="python -m engine", description="SSSD-ECG-nle: train, draw, verify, measure.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name in COMMANDS:
        import_module(f"engine.commands.{name}").add_parser(commands)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except (ValueError, OSError, PtbXlError, RecordError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
