"""The store from the command line: `python -m review_db migrate|export`.

Exit code 2 and one line on the standard error for what the person can mend.
"""

import argparse
import sys
from collections.abc import Sequence

from review_db.errors import ReviewError
from review_db.store import Store, migrate

URL_HELP = "address of the store: sqlite:///path/to/file.db or postgresql://user:password@host/name"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except ReviewError as error:
        print(f"{options.prog}: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m review_db", description="The store of reader studies.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    migrating = commands.add_parser(
        "migrate",
        help="create the tables or bring them up to date",
        description="Create the tables or bring them up to date. Does nothing if they are; keeps all data.",
    )
    migrating.set_defaults(run=_migrate, prog=migrating.prog)
    exporting = commands.add_parser(
        "export",
        help="write the answers of a closed study as CSV",
        description="Write answers and truth of a closed study to the standard output, as CSV with a header. "
        "The export, and if it is the first look at the truth the unblinding, goes to the audit trail.",
    )
    exporting.add_argument("--study", required=True, type=int, metavar="ID", help="number of the study")
    exporting.set_defaults(run=_export, prog=exporting.prog)
    for command in (migrating, exporting):
        command.add_argument("--url", required=True, help=URL_HELP)
    return parser


def _migrate(options: argparse.Namespace) -> None:
    migrate(options.url)


def _export(options: argparse.Namespace) -> None:
    with Store.open(options.url) as store:
        sys.stdout.write(store.export_csv(options.study))


if __name__ == "__main__":
    sys.exit(main())
