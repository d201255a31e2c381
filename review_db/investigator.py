"""The investigator's passphrase in the store, and the slowing down of guesses.

Functions of an open session. A guess is *counted before it is checked*: `begin_guess` adds a failure in a
short transaction, the slow Argon2 check runs outside of any, and `guessed_right` takes the failures back. So
a thousand guesses sent at once count as a thousand, and no reader's answer waits for a hash.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from review_db import audit_trail, tables
from review_db.credentials import wait_after
from review_db.errors import PassphraseAlreadySet, PassphraseNotSet, TooManyGuesses
from review_db.model import AuditKind

ONLY = 1  # the number of the only row


def has_passphrase(session: Session) -> bool:
    """True once a first passphrase was set."""
    return session.get(tables.Investigator, ONLY) is not None


def set_first(session: Session, passphrase_hash: str, now: datetime) -> None:
    """Store the first passphrase; of two that come at the same time the primary key lets one in."""
    if has_passphrase(session):
        raise PassphraseAlreadySet("The passphrase has been set already: sign in with it.")
    session.add(tables.Investigator(id=ONLY, passphrase_hash=passphrase_hash, failures=0))
    audit_trail.log(session, AuditKind.PASSPHRASE_SET, now)


def begin_guess(session: Session, now: datetime) -> str:
    """Count a guess as a failure until proved right; returns the hash to check it against."""
    investigator = _locked(session)
    if investigator.locked_until is not None and now < investigator.locked_until:
        raise TooManyGuesses((investigator.locked_until - now).total_seconds())
    investigator.failures += 1
    wait = wait_after(investigator.failures)
    investigator.locked_until = now + timedelta(seconds=wait) if wait else None
    return investigator.passphrase_hash


def guessed_right(session: Session) -> None:
    """Forget the failures."""
    investigator = _locked(session)
    investigator.failures, investigator.locked_until = 0, None


def replace(session: Session, passphrase_hash: str, now: datetime) -> None:
    """Store another passphrase, for somebody who has just proved that they know the present one."""
    _locked(session).passphrase_hash = passphrase_hash
    audit_trail.log(session, AuditKind.PASSPHRASE_CHANGED, now)


def _locked(session: Session) -> tables.Investigator:
    investigator = session.get(tables.Investigator, ONLY, with_for_update=True)
    if investigator is None:
        raise PassphraseNotSet("No passphrase has been set yet: open the app and set one.")
    return investigator
