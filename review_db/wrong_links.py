"""Wrong links of readers and of accounts that wait for a passphrase: counted, slowed down, and noted in the trail.

Functions of an open session. All links of one kind are counted together, by the rule of passphrases (see `guessing`):
five are free, then there is a wait. *Only wrong links are.* A right one is looked up first, opens, and touches no
count, so nobody's guesses keep a reader out, and a ward behind one address reads on. A link that was issued and then
withdrawn, or has expired, is no guess.

What that does not do: a guesser notices the right link by its opening, wait or no wait. What keeps links from being
guessed is their length (see `credentials`). The wait makes guessing visible, as one line of the trail for each wait,
and cheap to refuse: until it is over, wrong links write nothing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from review_db import accounts, admission, audit_trail, guessing
from review_db.errors import TooManyGuesses
from review_db.model import AuditKind

READER_LINKS, SETUP_LINKS = "readers' links", "set-up links"
WAS_ISSUED: Mapping[str, Callable[[Session, str], bool]] = MappingProxyType(
    {READER_LINKS: admission.was_issued, SETUP_LINKS: accounts.has_setup_link}
)


def wait_under_way(session: Session, kind: str, now: datetime) -> float | None:
    """Seconds for which wrong links are being refused; None if the next one is to be counted. Writes nothing."""
    return guessing.refused_for(session, guessing.of_links(kind), now)


def count(session: Session, kind: str, token: str, now: datetime) -> float | None:
    """Count a link that opened nothing. Returns the seconds to wait, None where it is free or no guess."""
    if WAS_ISSUED[kind](session, token):
        return None
    key = guessing.of_links(kind)
    try:
        guessing.count_guess(session, key, now)
    except TooManyGuesses as refusal:
        if guessing.is_first_refused(session, key, now):
            audit_trail.log(session, AuditKind.GUESS_REFUSED, now, detail=kind)
        return refusal.wait_seconds
    return None
