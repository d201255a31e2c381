"""`python -m review_db backup` and `check`: what whoever looks after a store runs every night.

Knows: the command line. Imports nothing heavy before a command runs.
"""

import argparse
from pathlib import Path


def add_parsers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> list[argparse.ArgumentParser]:
    """Both commands; the caller gives them --url."""
    copying = commands.add_parser(
        "backup",
        help="copy the store into a file while the app runs",
        description="Copy the store into a new file while the app runs: SQLite into a database that can be opened, "
        "checked before it gets its name; PostgreSQL through pg_dump, to be put back with pg_restore.",
    )
    copying.add_argument("--to", required=True, type=Path, metavar="FILE", help="a file that is not there yet")
    copying.set_defaults(run=_back_up, prog=copying.prog)
    checking = commands.add_parser(
        "check",
        help="look for damaged pages, broken references and changes past the program",
        description="Read the whole store: every page, every reference, and the audit trail with all that it seals. "
        "Changes nothing and may run beside the app. Exit code 1 and a sentence for each fault.",
    )
    checking.add_argument("--noted", metavar="HASH", help="a head printed earlier, which must still be in the chain")
    checking.set_defaults(run=_check, prog=checking.prog)
    return [copying, checking]


def _back_up(options: argparse.Namespace) -> None:
    from review_db.backup import back_up

    back_up(options.url, options.to)
    print(f"{options.to}: {options.to.stat().st_size:,} bytes.")


def _check(options: argparse.Namespace) -> None:
    from review_db.integrity import check

    found = check(options.url, options.noted)
    for words in found.reservations:
        print(words)
    if found.problems:
        raise SystemExit("\n".join(found.problems))
    if found.trail:
        print(f"The store is sound: {found.trail.events} events, and all is as they say. Head: {found.trail.head}")
