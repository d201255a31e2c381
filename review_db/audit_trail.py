"""The audit trail: what was done, when and by whom, in a chain that shows any change.

Every event carries a SHA-256 over its own content and over that of the event before it (a hash chain, Haber &
Stornetta, J Cryptology 1991), so that a row that is changed, removed, added or moved afterwards breaks the chain from
there on. Who can write to the database can also recompute the whole chain; therefore note its head now and then in a
place of your own, and let `verify` look for it.

Who acts is said by the transaction, not by every verb: `Transactions.acting_for` puts the name into the session's
`info`, `log` takes it from there. An event without a name (written before there were accounts, or by a reader) is
hashed as it was then, so old chains hold; giving such an event a name, or taking one away, breaks the chain.

Functions of an open session; `store` gives them their transactions.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from review_db import tables
from review_db.model import AuditEvent, AuditKind

BEFORE_THE_FIRST = "0" * 64
ACTOR = "actor"  # the key of the acting account's name in `Session.info`
CHAIN_LOCK = 0x45434755  # any number; transactions that add to the chain take turns


@dataclass(frozen=True)
class ChainReport:
    """Whether the chain holds: the number of events, the last hash, and in words what is wrong, if anything."""

    events: int
    head: str
    problem: str | None = None


def log(session: Session, kind: AuditKind, now: datetime, study_id: int | None = None, detail: str = "") -> None:
    """Add an event, in the transaction of what it tells of and in the name of whom that acts for."""
    wait_for_turn(session)
    actor = str(session.info.get(ACTOR, ""))
    event = tables.AuditEvent(at=now, kind=kind, study_id=study_id, detail=detail, actor=actor)
    event.sha256 = chained(_head(session), now, kind, study_id, detail, actor)
    session.add(event)
    session.flush()


def act_for(session: Session, name: str) -> None:
    """From here on the transaction acts for this account: its person has just proved who they are."""
    session.info[ACTOR] = name


def words_for(reader: tables.Rater) -> str:
    """A reader as the trail calls them: never by name, which could not be erased from it."""
    return f"reader {reader.number + 1}"


def was_logged(session: Session, kind: AuditKind, study_id: int) -> bool:
    """True if the audit trail of this study has such an event."""
    event = tables.AuditEvent
    found = select(event.id).where(event.study_id == study_id, event.kind == kind).limit(1)
    return session.scalar(found) is not None


def events(session: Session, study_id: int | None) -> list[AuditEvent]:
    """The trail of one study, or with None of everything, in the order in which it happened."""
    chosen = select(tables.AuditEvent).order_by(tables.AuditEvent.id)
    if study_id is not None:
        chosen = chosen.where(tables.AuditEvent.study_id == study_id)
    return [
        AuditEvent(e.at, AuditKind(e.kind), e.study_id, e.detail, e.sha256, e.actor) for e in session.scalars(chosen)
    ]


def verify(session: Session, noted_head: str | None = None) -> ChainReport:
    """Recompute the chain. `noted_head` is a hash noted down earlier, which must still be in it."""
    return check_chain(events(session, None), noted_head)


def check_chain(trail: Iterable[AuditEvent], noted_head: str | None = None) -> ChainReport:
    """The same for events in hand."""
    head, count, found = BEFORE_THE_FIRST, 0, noted_head in (None, BEFORE_THE_FIRST)
    for count, event in enumerate(trail, start=1):
        head = chained(head, event.at, event.kind, event.study_id, event.detail, event.actor)
        if head != event.sha256:
            return ChainReport(count, head, _broken_at(count, event))
        found = found or head == noted_head
    if not found:
        return ChainReport(count, head, f"No event has the hash {noted_head}: events were removed or replaced.")
    return ChainReport(count, head)


def chained(before: str, at: datetime, kind: str, study_id: int | None, detail: str, actor: str = "") -> str:
    """The hash of an event after one with the hash `before`: over a list of five, or of six with an actor."""
    content = [before, at.astimezone(UTC).isoformat(), str(kind), study_id, detail]
    named = [*content, actor] if actor else content
    return hashlib.sha256(json.dumps(named, ensure_ascii=True).encode()).hexdigest()


def _broken_at(number: int, event: AuditEvent) -> str:
    return (
        f"Event {number} ({event.kind}, {event.at:%Y-%m-%d %H:%M:%S} UTC) does not follow from the one before it: "
        "it or an event before it was changed, removed or added after the fact."
    )


def _head(session: Session) -> str:
    newest = select(tables.AuditEvent.sha256).order_by(tables.AuditEvent.id.desc()).limit(1)
    return session.scalar(newest) or BEFORE_THE_FIRST


def wait_for_turn(session: Session) -> None:
    """One writer at a time until the transaction ends. On SQLite it holds the write lock already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CHAIN_LOCK})
