"""The nouns of people and access: roles, accounts, identities.

Knows who may be what. Knows nothing of SQL, of passphrases or of screens. A name belongs to one account, however its
letters are cased: `name_key` is what makes two spellings the same.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from review_db.errors import InvalidAccount
from review_db.model import LONGEST_NAME, broken, is_storable

COMMAND_LINE = "command line"  # who acts where somebody with access to the database types a command
LONGEST_IDENTITY = 500


class Role(StrEnum):
    """What a session may do. Accounts are investigators' and monitors'; a reader has a link instead."""

    INVESTIGATOR = "investigator"  # composes, opens, invites, closes, unblinds
    MONITOR = "monitor"  # sees how far a study has come, never truth or answers
    READER = "reader"  # reads one study, sees nothing else


@dataclass(frozen=True)
class Account:
    """One person who may sign in. `setup_until` is the time until which a set-up link for it works.

    passphrase_mark: another one after every change of the passphrase, and nothing can be learnt from it; None without.
    """

    id: int
    name: str
    role: Role
    passphrase_mark: str | None
    openid: str | None
    created_at: datetime
    disabled_at: datetime | None = None
    setup_until: datetime | None = None

    @property
    def has_passphrase(self) -> bool:
        """False for who signs in by OpenID only, and for who has not used the set-up link yet."""
        return self.passphrase_mark is not None


@dataclass(frozen=True)
class OpenIdentity:
    """Who an OpenID provider says somebody is (OpenID Connect Core 1.0, section 5.7: only issuer and subject together
    name a person for good). `email` is None unless the provider says that it is verified.
    """

    issuer: str
    subject: str
    email: str | None = None

    @property
    def key(self) -> str:
        """Issuer and subject in one line."""
        return f"{self.issuer} {self.subject}"


def name_key(name: str) -> str:
    """The same for all spellings of a name that differ in case, or in how an umlaut was typed."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", folded).strip()  # folding may take letters apart again, and leave spaces


def require_name(name: str) -> str:
    """The name as it is kept; raises InvalidAccount."""
    kept = name.strip()
    rules = {
        f"Give the account a name of 1 to {LONGEST_NAME} characters.": 0 < len(kept) <= LONGEST_NAME,
        "Remove what is not text from the name.": is_storable(kept) and kept.isprintable(),
        f"{COMMAND_LINE!r} is what the audit trail calls commands: choose another name.": (
            name_key(kept) != COMMAND_LINE
        ),
        "The audit trail calls readers by such names: choose another one.": (
            re.fullmatch(r"reader \d+", name_key(kept)) is None
        ),
    }
    if problems := broken(rules):
        raise InvalidAccount(problems)
    return kept


def require_account_role(role: Role) -> Role:
    """A role that an account can have; raises InvalidAccount."""
    if role not in (Role.INVESTIGATOR, Role.MONITOR):
        raise InvalidAccount("Readers need no account: invite them to a study, which gives them a link.")
    return Role(role)


def require_identity(identity: str) -> str:
    """An e-mail address, or issuer and subject, as it is kept; raises InvalidAccount."""
    words = identity.split()
    is_email = len(words) == 1 and "@" in words[0].strip("@")
    is_subject = len(words) == 2 and words[0].startswith(("https://", "http://"))
    if not (is_email or is_subject) or not is_storable(identity) or len(identity) > LONGEST_IDENTITY:
        raise InvalidAccount(
            "Give the e-mail address that the OpenID provider knows and has verified, or its issuer (an address that "
            "begins with https://), a space, and the person's subject there."
        )
    return words[0].casefold() if is_email else " ".join(words)
