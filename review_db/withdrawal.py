"""A reader leaves a study: the link stops, and the answers stay or go, as the text said that this reader agreed to.

Functions of an open session; `store` gives them their transactions. Erasure is real: answers, measurements, times,
profile and name are deleted, and what is left is a numbered place with the consent that was given, and the lines of the
audit trail, which cannot be changed. The database lets nobody else's answers and measurements be deleted (see the
triggers of migrations 0003 and 0006).
"""

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from review_db import admission, audit_trail, inventory, protocols, readers, seals, studies, tables
from review_db.errors import WrongState
from review_db.model import AuditKind
from review_db.seals import Seals


def by_link(session: Session, token: str, now: datetime) -> None:
    """The reader withdraws, from a paused or closed study too. Raises UnknownLink, or WrongState after unblinding."""
    here = admission.place_to_leave(session, token, now)
    by_number(session, here.rater.id, now)


def erases(session: Session, token: str, now: datetime) -> bool:
    """Whether this reader's answers go when they leave: as in the text they agreed to. Raises UnknownLink."""
    here = admission.place_to_leave(session, token, now)
    return _erases(session, here.rater, here.study)


def by_number(session: Session, rater_id: int, now: datetime) -> None:
    """The investigator withdraws a reader who asked for it. Raises UnknownReader, or WrongState after unblinding."""
    reader, study = _locked(session, rater_id)
    if audit_trail.was_logged(session, AuditKind.UNBLINDED, reader.study_id):
        raise WrongState("The study is unblinded: its readers and answers are fixed.")
    if reader.withdrawn_at is not None:
        return
    reader.withdrawn_at = now
    reader.revoked_at = reader.revoked_at or now
    sealed = seals.of_reader(reader, "withdrawal", "revocation")
    audit_trail.log(session, AuditKind.READER_WITHDREW, now, reader.study_id, audit_trail.words_for(reader), sealed)
    if _erases(session, reader, study):
        _erase(session, reader, now)


def _locked(session: Session, rater_id: int) -> tuple[tables.Rater, tables.Study]:
    """Study before reader, as all that writes: the study can neither be unblinded meanwhile nor get an answer."""
    study_id = session.scalar(select(tables.Rater.study_id).where(tables.Rater.id == rater_id))
    study = None if study_id is None else studies.locked(session, study_id)
    reader = readers.locked(session, rater_id)  # raises UnknownReader
    assert study is not None
    session.refresh(reader)  # by_link knows the row from before the locks
    return reader, study


def _erases(session: Session, reader: tables.Rater, study: tables.Study) -> bool:
    return protocols.agreed(session, study)(reader.consent_version).erases_on_withdrawal


def _erase(session: Session, reader: tables.Rater, now: datetime) -> None:
    """The seals of what goes are lifted, and those of what stays set with a new key: the old one could still prove a
    guess at an answer.
    """
    gone: Seals = dict.fromkeys(inventory.of_reading(session, reader))
    reader.erased_at, reader.seal_key = now, seals.new_key()
    reader.name, reader.profile = f"withdrawn {audit_trail.words_for(reader)}", None
    session.flush()  # the trigger looks for erased_at
    theirs = select(tables.Assignment.id).where(tables.Assignment.rater_id == reader.id)
    answers = tables.Rating.assignment_id.in_(theirs)
    words = f"{audit_trail.words_for(reader)}, {session.scalar(select(func.count()).where(answers))} rows"
    session.execute(delete(tables.Rating).where(answers))
    session.execute(delete(tables.Caliper).where(tables.Caliper.assignment_id.in_(theirs)))
    unseen = {"shown_at": None, "viewing_since": None, "viewed_seconds": 0.0}
    session.execute(update(tables.Assignment).where(tables.Assignment.rater_id == reader.id).values(**unseen))
    sealed = {**gone, **seals.of_reader(reader, *seals.READER), **inventory.of_order(session, reader)}
    audit_trail.log(session, AuditKind.READER_ERASED, now, reader.study_id, words, sealed)
