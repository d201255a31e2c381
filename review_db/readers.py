"""Inviting readers to a study: their links, their stored order, how far they have come.

Functions of an open session, for the investigator. A token leaves this module once, when it is made; what
is kept is its hash (see `credentials`).
"""

from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from review_db import audit_trail, studies, tables
from review_db.blinding import reading_order
from review_db.credentials import new_presentation_code, new_token, token_hash
from review_db.errors import DuplicateReader, InvalidReader, UnknownReader, WrongState
from review_db.model import LONGEST_NAME, AuditKind, Origin, ReaderProgress, StudyState, is_storable


def add(session: Session, study_id: int, name: str, now: datetime) -> str:
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
        created_at=now,
    )
    session.add(reader)
    session.flush()
    _assign(session, study, reader)
    audit_trail.log(session, AuditKind.READER_ADDED, now, study_id, reader.name)
    return token


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
    """Write down the whole reading order; from here on it is data, not a computation."""
    composition = session.execute(
        select(tables.Item.id, tables.Arm.origin)
        .join(tables.Truth, tables.Truth.item_id == tables.Item.id)
        .join(tables.Arm, tables.Arm.id == tables.Truth.arm_id)
        .where(tables.Item.study_id == study.id)
        .order_by(tables.Item.number)
    ).all()
    order = reading_order([Origin(origin) for _, origin in composition], study.seed, reader.number)
    session.add_all(
        tables.Assignment(
            rater_id=reader.id,
            item_id=composition[index][0],
            position=position,
            presentation=new_presentation_code(),
        )
        for position, index in enumerate(order, start=1)
    )


def revoke(session: Session, rater_id: int, now: datetime) -> None:
    """Withdraw a reader's link. The answers given so far are kept."""
    reader = _locked(session, rater_id)
    if reader.revoked_at is None:
        reader.revoked_at = now
        audit_trail.log(session, AuditKind.READER_REVOKED, now, reader.study_id, reader.name)


def reissue(session: Session, rater_id: int, now: datetime) -> str:
    """A new link to the same place in the study, for a reader who lost theirs or was withdrawn.

    The old link stops working.
    """
    reader = _locked(session, rater_id)
    token = new_token()
    reader.token_sha256, reader.revoked_at = token_hash(token), None
    audit_trail.log(session, AuditKind.LINK_REISSUED, now, reader.study_id, reader.name)
    return token


def _locked(session: Session, rater_id: int) -> tables.Rater:
    reader = session.get(tables.Rater, rater_id, with_for_update=True)
    if reader is None:
        raise UnknownReader(f"There is no reader {rater_id}: choose one from the study's list of readers.")
    return reader


def progress(session: Session, study_id: int) -> list[ReaderProgress]:
    """All readers of a study in the order in which they were added."""
    studies.summary(session, study_id)
    rows = session.execute(
        select(
            tables.Rater.id,
            tables.Rater.name,
            func.count(tables.Rating.id),
            func.count(tables.Assignment.id),
            func.max(tables.Rating.submitted_at),
            tables.Rater.revoked_at.is_not(None),
        )
        .join(tables.Assignment, tables.Assignment.rater_id == tables.Rater.id)
        .outerjoin(
            tables.Rating,  # first answers only: a correction is not another ECG read
            and_(tables.Rating.assignment_id == tables.Assignment.id, tables.Rating.sequence == 1),
        )
        .where(tables.Rater.study_id == study_id)
        .group_by(tables.Rater.id)
        .order_by(tables.Rater.number)
    )
    return [ReaderProgress(*row) for row in rows]
