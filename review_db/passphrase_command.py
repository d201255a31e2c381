"""`python -m review_db passphrase`: another passphrase for somebody who forgot theirs and has nobody to ask.

Whoever can open the database can do this; the audit trail says that it was done by a command.
"""

import argparse
from getpass import getpass
from typing import TYPE_CHECKING

from review_db.account import COMMAND_LINE
from review_db.errors import WrongPassphrase
from review_db.store import Store

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

DESCRIPTION = (
    "Choose another passphrase for an account whose person forgot it. It is asked for twice and not shown; the audit "
    "trail says that it was changed by a command."
)


def add_parser(commands: "Commands") -> argparse.ArgumentParser:
    """Add the verb and its options."""
    parser = commands.add_parser("passphrase", help="choose another passphrase for an account", description=DESCRIPTION)
    parser.set_defaults(run=run, prog=parser.prog)
    parser.add_argument("--name", required=True, help="name of the account")
    return parser


def run(options: argparse.Namespace) -> None:
    """Ask, and store. Raises WrongPassphrase if the two differ, UnknownAccount, WeakPassphrase."""
    with Store.open(options.url) as store:
        passphrase = getpass(f"New passphrase for {options.name}: ")
        if getpass("The same again: ") != passphrase:
            raise WrongPassphrase("The two passphrases differ and nothing was changed: try again.")
        store.acting_for(lambda: COMMAND_LINE).replace_passphrase(options.name, passphrase)
    print(f"{options.name} signs in with the new passphrase from now on.")
