"""Whether the audit trail is as it was written, and the store as the trail says.

Three questions, in this order: does every event follow from the one before it (`audit_trail.check_chain`)? Does the
trail end where its head says, so that none was cut off? Is every part of the store as the newest event that sealed it
left it (`seals`, `inventory`), with none missing and none too many?

What this cannot find: who has the database in their hands can change a row, seal it with the key that lies there, and
compute chain and head anew; only a head that was noted elsewhere finds that. The time that an ECG has been on screen
before its answer is sealed at every showing and pause, and found if it was changed between two of them only as long as
the next one has not counted on from it. The count of guesses at passphrases is no act and is not sealed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_db import audit_trail, inventory, tables
from review_db.audit_trail import ChainReport, check_chain
from review_db.model import AuditEvent, AuditKind

MOST_NAMED = 5  # parts; the others are counted

Part = tuple[int | None, str]  # the study that it belongs to, and its name


class Vouched(NamedTuple):
    """The newest seal of a part, and which event set it."""

    seal: str
    number: int
    event: AuditEvent


def verify(session: Session, noted_head: str | None = None) -> ChainReport:
    """Check chain and store. `noted_head` is a hash noted down earlier, which must still be in the chain."""
    _stand_still(session)
    trail = audit_trail.whole(session)
    report = check_chain(trail, noted_head)
    problem = report.problem or _cut_off(session, report) or _found(_differences(session, trail))
    return replace(report, problem=problem or None)


def _stand_still(session: Session) -> None:
    """All questions of one moment: answers may come in meanwhile. SQLite does so by itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _cut_off(session: Session, report: ChainReport) -> str:
    head = session.execute(select(tables.AuditHead.events, tables.AuditHead.sha256)).one_or_none()
    if head is None:
        return "The head of the audit trail is missing: its newest events may have been removed with it."
    if tuple(head) == (report.events, report.head):
        return ""
    return (
        f"The trail has {report.events} events and ends with {report.head}, but its head says {head.events} and "
        f"{head.sha256}: events at its end were removed or added, or the head was changed."
    )


def _found(differences: Iterator[str]) -> str:
    found = list(differences)
    more = f" And {len(found) - MOST_NAMED} more." if len(found) > MOST_NAMED else ""
    return " ".join(found[:MOST_NAMED]) + more


def _differences(session: Session, trail: Sequence[AuditEvent]) -> Iterator[str]:
    expected, there = vouched(trail), parts(session)
    for part in sorted(expected.keys() | there.keys(), key=lambda part: (part[0] or 0, part[1])):
        kept = expected.get(part)
        if kept is None:
            yield f"{_words(part)} is in the store, but no event put it there: it was added past the program."
        elif there.get(part) != kept.seal:
            what = "changed" if part in there else "removed"
            yield f"{_words(part)} was {what} since event {kept.number} ({_event_words(kept.event)})."
    yield from _unlogged_protocols(session, trail)


def vouched(trail: Sequence[AuditEvent]) -> dict[Part, Vouched]:
    """What the trail says is in the store: the newest seal of every part that is not gone."""
    known: dict[Part, Vouched] = {}
    for number, event in enumerate(trail, start=1):
        if event.kind is AuditKind.DRAFT_DELETED:
            known = {part: seal for part, seal in known.items() if part[0] != event.study_id}
        for name, seal in (event.seals or {}).items():
            if seal is None:
                known.pop((event.study_id, name), None)
            else:
                known[event.study_id, name] = Vouched(seal, number, event)
    return known


def parts(session: Session) -> Mapping[Part, str | None]:
    """What is in the store."""
    found: dict[Part, str | None] = {(None, name): seal for name, seal in inventory.of_accounts(session).items()}
    for study_id, sealed in inventory.of_studies(session):
        found |= {(study_id, name): seal for name, seal in sealed.items()}
    for reader, sealed in inventory.of_readers(session):
        found |= {(reader.study_id, name): seal for name, seal in sealed.items()}
    return found


def _unlogged_protocols(session: Session, trail: Sequence[AuditEvent]) -> Iterator[str]:
    """Versions of before there were seals: their hash stands in the words of their event. One of before there were
    hashes has none. It is not computed anew, because older programs hashed less.
    """
    told = {
        (event.study_id, digest) for event in trail for digest in re.findall(r"SHA-256 ([0-9a-f]{64})", event.detail)
    }
    version = tables.ProtocolVersion
    for study_id, number, digest in session.execute(select(version.study_id, version.version, version.sha256)):
        if digest and (study_id, digest) not in told:
            yield f"The hash of version {number} of the protocol in study {study_id} is in no event: it was changed."


def _words(part: Part) -> str:
    study_id, name = part
    return f"The {name}" + ("" if study_id is None else f" in study {study_id}")


def _event_words(event: AuditEvent) -> str:
    return f"{event.kind}, {event.at:%Y-%m-%d %H:%M:%S} UTC"
