"""Inviting readers to a study: their links, their stored order, how far they have come.

Functions of an open session, for the investigator. A token leaves this module once, when it is made; what
is kept is its hash (see `credentials`).
"""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from review_db import audit_trail, inventory, seals, studies, tables
from review_db.allocation import Component, presentations
from review_db.credentials import new_presentation_code, new_token, token_hash
from review_db.errors import DuplicateReader, InvalidReader, UnknownReader, WrongState
from review_db.model import LONGEST_NAME, AuditKind, Origin, ReaderProgress, StudyState, is_storable
from review_db.protocol import from_mapping

LINK_DAYS = 90  # how long a link works unless the investigator says otherwise
LONGEST_LINK_DAYS = 3650
_PROGRESS: tuple[Any, ...] = (  # the fields of ReaderProgress, in their order
    tables.Rater.id,
    tables.Rater.name,
    func.count(tables.Rating.id),
    func.count(tables.Assignment.id),
    func.max(tables.Rating.submitted_at),
    tables.Rater.revoked_at.is_not(None),
    tables.Rater.paused_at.is_not(None),
    tables.Rater.withdrawn_at.is_not(None),
    tables.Rater.reminded_at,
    tables.Rater.expires_at,
)


def add(session: Session, study_id: int, name: str, days_valid: int | None, now: datetime) -> str:
    """Add a reader with an order of their own; returns the token of their link."""
    study = studies.locked(session, study_id)
    if study.state == StudyState.CLOSED:
        raise WrongState("This study is closed: readers can be added to a draft or an open study only.")
    _require_new_name(session, study_id, name.strip())
    token = new_token()
    reader = tables.Rater(
        study_id=study_id,
        number=_next_number(session, study_id),
        name=name.strip(),
        token_sha256=token_hash(token),
        expires_at=_expiry(days_valid, now),
        created_at=now,
        seal_key=seals.new_key(),
    )
    session.add(reader)
    session.flush()
    _assign(session, study, reader)
    session.flush()
    sealed = {**seals.of_reader(reader, *seals.READER), **inventory.of_order(session, reader)}
    audit_trail.log(session, AuditKind.READER_ADDED, now, study_id, audit_trail.words_for(reader), sealed)
    return token


def _log(session: Session, kind: AuditKind, reader: tables.Rater, now: datetime, *parts: str) -> None:
    """An event of a reader that wrote these parts of the row."""
    sealed = seals.of_reader(reader, *parts)
    audit_trail.log(session, kind, now, reader.study_id, audit_trail.words_for(reader), sealed)


def _expiry(days_valid: int | None, now: datetime) -> datetime | None:
    """When a link made now ends; None: with its study. Raises InvalidReader."""
    if days_valid is None:
        return None
    if not 1 <= days_valid <= LONGEST_LINK_DAYS:
        raise InvalidReader(f"Let the link work for 1 to {LONGEST_LINK_DAYS} days.")
    return now + timedelta(days=days_valid)


def _require_new_name(session: Session, study_id: int, name: str) -> None:
    if not 0 < len(name) <= LONGEST_NAME or not is_storable(name):
        raise InvalidReader(f"Give the reader a name or a pseudonym of 1 to {LONGEST_NAME} characters.")
    same = select(tables.Rater.id).where(tables.Rater.study_id == study_id, tables.Rater.name == name)
    if session.scalar(same) is not None:
        raise DuplicateReader(f"This study already has a reader {name!r}: choose another name.")


def _next_number(session: Session, study_id: int) -> int:
    """0 for the first reader of a study; the lock on the study keeps two from getting the same."""
    highest = session.scalar(select(func.max(tables.Rater.number)).where(tables.Rater.study_id == study_id))
    return 0 if highest is None else highest + 1


def _assign(session: Session, study: tables.Study, reader: tables.Rater) -> None:
    """Write down all presentations in their order; from here on they are data, not a computation."""
    shown = presentations(_components(session, study.id), from_mapping(study.protocol), study.seed, reader.number)
    positions = {False: count(1), True: count(1)}
    session.add_all(
        tables.Assignment(
            rater_id=reader.id,
            item_id=one.item,
            beside_item_id=one.beside,
            is_practice=one.is_practice,
            position=next(positions[one.is_practice]),
            repeat=one.repeat,
            presentation=new_presentation_code(),
        )
        for one in shown
    )


def _components(session: Session, study_id: int) -> list[Component]:
    rows = session.execute(
        select(tables.Item.id, tables.Arm.origin, tables.Item.case_number, tables.Item.stated, tables.Item.is_practice)
        .join(tables.Truth, tables.Truth.item_id == tables.Item.id)
        .join(tables.Arm, tables.Arm.id == tables.Truth.arm_id)
        .where(tables.Item.study_id == study_id)
        .order_by(tables.Item.number)
    )
    return [Component(item, Origin(origin), case, stated, practice) for item, origin, case, stated, practice in rows]


def revoke(session: Session, rater_id: int, now: datetime) -> None:
    """Withdraw a reader's link. The answers given so far are kept."""
    reader = locked(session, rater_id)
    if reader.revoked_at is None:
        reader.revoked_at = now
        _log(session, AuditKind.READER_REVOKED, reader, now, "revocation")


def reissue(session: Session, rater_id: int, days_valid: int | None, now: datetime) -> str:
    """A new link to the same place in the study, for a reader who lost theirs or was withdrawn.

    The old link stops working.
    """
    reader = locked(session, rater_id)
    if reader.withdrawn_at is not None:
        raise WrongState("This reader has withdrawn from the study and gets no other link.")
    token = new_token()
    reader.token_sha256, reader.revoked_at, reader.expires_at = token_hash(token), None, _expiry(days_valid, now)
    _log(session, AuditKind.LINK_REISSUED, reader, now, "link", "revocation")
    return token


def pause(session: Session, rater_id: int, now: datetime) -> None:
    """Let a reader wait: the link says so until `resume`."""
    reader = locked(session, rater_id)
    if reader.paused_at is None:
        reader.paused_at = now
        _log(session, AuditKind.READER_PAUSED, reader, now, "pause")


def resume(session: Session, rater_id: int, now: datetime) -> None:
    """Let a paused reader go on."""
    reader = locked(session, rater_id)
    if reader.paused_at is not None:
        reader.paused_at = None
        _log(session, AuditKind.READER_RESUMED, reader, now, "pause")


def note_reminder(session: Session, rater_id: int, now: datetime) -> None:
    """Write down that a reader was reminded; the message itself goes another way, for the store has no addresses."""
    reader = locked(session, rater_id)
    reader.reminded_at = now
    _log(session, AuditKind.READER_REMINDED, reader, now, "reminder")


def locked(session: Session, rater_id: int) -> tables.Rater:
    """The reader, held until the transaction ends. Raises UnknownReader."""
    reader = session.get(tables.Rater, rater_id, with_for_update=True)
    if reader is None:
        raise UnknownReader(f"There is no reader {rater_id}: choose one from the study's list of readers.")
    return reader


def progress(session: Session, study_id: int) -> list[ReaderProgress]:
    """All readers of a study in the order in which they were added."""
    studies.summary(session, study_id)
    rows = session.execute(
        select(*_PROGRESS)
        .join(
            tables.Assignment,
            and_(tables.Assignment.rater_id == tables.Rater.id, ~tables.Assignment.is_practice),
        )
        .outerjoin(
            tables.Rating,  # first answers only: a correction is not another ECG read
            and_(tables.Rating.assignment_id == tables.Assignment.id, tables.Rating.sequence == 1),
        )
        .where(tables.Rater.study_id == study_id)
        .group_by(tables.Rater.id)
        .order_by(tables.Rater.number)
    )
    return [ReaderProgress(*row) for row in rows]
