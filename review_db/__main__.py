"""The store and the statistics from the command line: `python -m review_db VERB`, listed by --help.

Exit code 2 and one line on the standard error for what the person can mend.
"""

import argparse
import sys
from collections.abc import Sequence

from review_db import passphrase_command, upkeep_command
from review_db.account import COMMAND_LINE
from review_db.analysis import command as analysing
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
    checking = commands.add_parser(
        "audit-trail",
        help="check that the audit trail is as it was written, and the store as it says",
        description="Recompute the hash chain of the audit trail, and compare all that it seals with the store: "
        "studies, ECGs, truth, readers, answers, viewing times, accounts. Exit code 1 and a sentence if anything was "
        "changed. Who rewrites the whole database can recompute this too: note the head, ask for it with --noted.",
    )
    checking.add_argument("verb", choices=["verify"])
    checking.add_argument("--noted", metavar="HASH", help="a head printed earlier, which must still be in the chain")
    checking.set_defaults(run=_verify_audit_trail, prog=checking.prog)
    replacing = passphrase_command.add_parser(commands)
    for command in (migrating, exporting, checking, replacing, *upkeep_command.add_parsers(commands)):
        command.add_argument("--url", required=True, help=URL_HELP)
    analysing.add_parser(commands)
    return parser


def _migrate(options: argparse.Namespace) -> None:
    migrate(options.url)


def _export(options: argparse.Namespace) -> None:
    with Store.open(options.url) as store:
        sys.stdout.write(store.acting_for(lambda: COMMAND_LINE).export_csv(options.study))


def _verify_audit_trail(options: argparse.Namespace) -> None:
    with Store.open(options.url) as store:
        report = store.verify_audit_trail(options.noted)
    if report.problem:
        raise SystemExit(report.problem)
    print(
        f"{report.events} events, unbroken, and the store is as they say. Note the head down, to see later that none "
        f"was replaced: {report.head}"
    )


if __name__ == "__main__":
    sys.exit(main())
