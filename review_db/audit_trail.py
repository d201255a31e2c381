"""The audit trail: every act, when and by whom, in a chain that shows any change.

Every event carries a SHA-256 over its own content and over that of the event before it (a hash chain, Haber &
Stornetta, J Cryptology 1991), so that a row that is changed, removed, added or moved afterwards breaks the chain from
there on. One row, the head, says how many events there are and where they end, so that the last one cannot go
unnoticed. What an act wrote elsewhere is sealed in its event (see `seals`); `verification` puts all this together. Who
can write to the database can also recompute everything; therefore note the head now and then in a place of your own,
and let `verification` look for it.

There is one chain, for answers too: whoever adds to it holds the head until the transaction ends, and does so last.

Who acts is said by the transaction, not by every verb: `Transactions.acting_for` puts the name into the session's
`info`, `log` takes it from there. An event without a name (written before there were accounts, or by a reader) is
hashed as it was then, so old chains hold; giving such an event a name, or taking one away, breaks the chain. The same
goes for seals.

Functions of an open session; `store` gives them their transactions.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from review_db import tables
from review_db.model import ACTS_OF_READING, AuditEvent, AuditKind
from review_db.seals import Seals

BEFORE_THE_FIRST = "0" * 64
ACTOR = "actor"  # the key of the acting account's name in `Session.info`
ACTS = [kind for kind in AuditKind if kind not in ACTS_OF_READING]
_EVENT = tables.AuditEvent
_ADD = tables.Base.metadata.tables["audit_event"].insert()
_HEAD = select(tables.AuditHead.events, tables.AuditHead.sha256).with_for_update()
_MOVE_HEAD = tables.Base.metadata.tables["audit_head"].update()


@dataclass(frozen=True)
class ChainReport:
    """Whether the chain holds: the number of events, the last hash, and in words what is wrong, if anything."""

    events: int
    head: str
    problem: str | None = None


def log(
    session: Session,
    kind: AuditKind,
    now: datetime,
    study_id: int | None = None,
    detail: str = "",
    seals: Seals | None = None,
) -> None:
    """Add an event, in the transaction of what it tells of and in the name of whom that acts for."""
    session.flush()
    count, before = wait_for_turn(session)
    actor = str(session.info.get(ACTOR, ""))
    sha256 = chained(before, now, kind, study_id, detail, actor, seals)
    content = {"at": now, "kind": kind, "study_id": study_id, "detail": detail, "actor": actor, "seals": seals}
    connection = session.connection()
    connection.execute(_ADD, content | {"sha256": sha256})
    connection.execute(_MOVE_HEAD, {"events": count + 1, "sha256": sha256})


def log_reading(
    session: Session, kind: AuditKind, now: datetime, reader: tables.Rater, detail: str, seals: Seals
) -> None:
    """The same for what a reader does at an ECG, in the reader's name, which is a number."""
    act_for(session, words_for(reader))
    log(session, kind, now, reader.study_id, detail, seals)


def act_for(session: Session, name: str) -> None:
    """From here on the transaction acts for this account: its person has just proved who they are."""
    session.info[ACTOR] = name


def words_for(reader: tables.Rater) -> str:
    """A reader as the trail calls them: never by name, which could not be erased from it."""
    return f"reader {reader.number + 1}"


def was_logged(session: Session, kind: AuditKind, study_id: int) -> bool:
    """True if the audit trail of this study has such an event."""
    return first_time(session, kind, study_id) is not None


def first_time(session: Session, kind: AuditKind, study_id: int) -> datetime | None:
    """When the first such event of this study was; None without one."""
    of_kind = select(func.min(_EVENT.at)).where(_EVENT.study_id == study_id, _EVENT.kind == kind)
    return session.scalar(of_kind)


def acts(session: Session, study_id: int | None) -> list[AuditEvent]:
    """What was done in one study, or with None everywhere, in order; without what readers do at every ECG."""
    return _events(session, study_id, ACTS)


def reading(session: Session, study_id: int) -> list[AuditEvent]:
    """What readers did at every ECG of a study, in order."""
    return _events(session, study_id, ACTS_OF_READING)


def whole(session: Session) -> list[AuditEvent]:
    """Everything, in the order in which it happened."""
    return _events(session, None, AuditKind)


def _events(session: Session, study_id: int | None, kinds: Iterable[AuditKind]) -> list[AuditEvent]:
    event = _EVENT  # columns, not entities: there are tens of thousands
    chosen = select(event.at, event.kind, event.study_id, event.detail, event.sha256, event.actor, event.seals)
    asked = set(kinds)
    if study_id is not None:
        chosen = chosen.where(event.study_id == study_id)
    if asked != set(AuditKind):
        chosen = chosen.where(event.kind.in_(sorted(asked)))
    rows = session.execute(chosen.order_by(event.id))
    return [AuditEvent(row.at, AuditKind(row.kind), *row[2:]) for row in rows]


def check_chain(trail: Iterable[AuditEvent], noted_head: str | None = None) -> ChainReport:
    """Recompute the chain. `noted_head` is a hash noted down earlier, which must still be in it."""
    head, count, found = BEFORE_THE_FIRST, 0, noted_head in (None, BEFORE_THE_FIRST)
    for count, event in enumerate(trail, start=1):
        head = chained(head, event.at, event.kind, event.study_id, event.detail, event.actor, event.seals)
        if head != event.sha256:
            return ChainReport(count, head, _broken_at(count, event))
        found = found or head == noted_head
    if not found:
        return ChainReport(count, head, f"No event has the hash {noted_head}: events were removed or replaced.")
    return ChainReport(count, head)


def chained(
    before: str,
    at: datetime,
    kind: str,
    study_id: int | None,
    detail: str,
    actor: str = "",
    seals: Seals | None = None,
) -> str:
    """The hash of an event after one with the hash `before`: over a list of five, of six with an actor, or of seven
    with seals.
    """
    content = [before, at.astimezone(UTC).isoformat(), str(kind), study_id, detail]
    if actor or seals is not None:
        content.append(actor)
    sealed = [*content, dict(seals)] if seals is not None else content
    return hashlib.sha256(json.dumps(sealed, ensure_ascii=True, sort_keys=True).encode()).hexdigest()


def _broken_at(number: int, event: AuditEvent) -> str:
    return (
        f"Event {number} ({event.kind}, {event.at:%Y-%m-%d %H:%M:%S} UTC) does not follow from the one before it: "
        "it or an event before it was changed, removed or added after the fact."
    )


def wait_for_turn(session: Session) -> tuple[int, str]:
    """One writer at a time until the transaction ends; returns the number of events so far and the last hash."""
    count, sha256 = session.connection().execute(_HEAD).one()
    return count, sha256
