"""The slowing down of guesses: at a name's passphrase, whether or not there is such a name, and at links.

Functions of an open session and a key, which says what is guessed at. A guess is *counted before it is checked*:
`count_guess` adds a failure in a short transaction, the slow Argon2 check runs outside of any, and `forget` takes the
failures back. So a thousand guesses sent at once count as a thousand, and no reader's answer waits for a hash.

Names that nobody has are counted in the same table and the same way, or else a wait would tell that a name exists.
What is kept is the name's SHA-256: people mistype, and type their passphrase where the name belongs. A row that nobody
touched for a day is forgotten; that gives five more guesses a day. What stays is a line in the audit trail for every
guess that was checked, which takes as long as Argon2 does, and one for every wait that refused a guess.

Where the clock is set back, a wait begins anew at the time that it says by then: nobody waits for longer than a wait.

Links of one kind have one key for all of them, since a wrong link names nobody (see `wrong_links`).
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from review_db import tables
from review_db.account import name_key
from review_db.credentials import wait_after
from review_db.errors import TooManyGuesses

MEMORY = timedelta(days=1)  # longer than the longest wait
_INSERT: Mapping[str, Callable[[type[tables.Guessing]], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def of_name(name: str) -> str:
    """The key of guesses at this name's passphrase."""
    return _sha256(name_key(name))


def of_links(kind: str) -> str:
    """The key of guesses at links of this kind. A name's key is made of lower case, so it is never the same."""
    return _sha256(f"LINKS: {kind}")


def count_guess(session: Session, key: str, now: datetime) -> None:
    """Count a guess as a failure until proved right; raises TooManyGuesses, without counting, during a wait."""
    row = _locked(session, key, now)
    if row.locked_until is not None and now < row.locked_until:
        raise TooManyGuesses((row.locked_until - now).total_seconds())
    row.failures += 1
    row.refused_at = None
    _begin_wait_anew(row, now)


def _begin_wait_anew(row: tables.Guessing, now: datetime) -> None:
    wait = wait_after(row.failures)
    row.last_at, row.locked_until = now, now + timedelta(seconds=wait) if wait else None


def is_first_refused(session: Session, key: str, now: datetime) -> bool:
    """True once in every wait: the trail tells of that guess, not of a thousand more that cost the guesser nothing."""
    row = _locked(session, key, now)
    if row.refused_at is not None:
        return False
    row.refused_at = now
    return True


def refused_for(session: Session, key: str, now: datetime) -> float | None:
    """Seconds that are left of a wait which has refused a guess already; None if there is none. Writes nothing."""
    row = session.get(tables.Guessing, key)
    if row is None or row.refused_at is None or row.locked_until is None or not row.last_at <= now < row.locked_until:
        return None
    return (row.locked_until - now).total_seconds()


def forget(session: Session, key: str) -> None:
    """The guess was right, or the passphrase is another one now: five are free again."""
    row = update(tables.Guessing).where(tables.Guessing.name_sha256 == key)
    session.execute(row.values(failures=0, locked_until=None))


def _locked(session: Session, key: str, now: datetime) -> tables.Guessing:
    """The row of this key, made if need be, held until the transaction ends; its wait is never of a time to come."""
    session.execute(delete(tables.Guessing).where(tables.Guessing.last_at < now - MEMORY))
    insert = _INSERT[session.get_bind().dialect.name](tables.Guessing)
    session.execute(insert.values(name_sha256=key, failures=0, last_at=now).on_conflict_do_nothing())
    row = session.get_one(tables.Guessing, key, with_for_update=True)
    if now < row.last_at:
        _begin_wait_anew(row, now)
    return row


def _sha256(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", errors="surrogatepass")).hexdigest()
