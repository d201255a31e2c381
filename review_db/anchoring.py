"""Anchoring: an older store is sealed as it is found, when it is brought up to date.

Functions of an open session. Whatever was changed before that moment cannot be found any more, which is what the event
says; whatever is changed after it can. Readers get an event each, so that none grows with the study.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from review_db import audit_trail, inventory, tables
from review_db.model import AuditKind


def anchor(session: Session, now: datetime) -> None:
    """Seal all accounts, studies and readers that are there."""
    if accounts := inventory.of_accounts(session):
        audit_trail.log(session, AuditKind.ANCHORED, now, detail="accounts as they were found", seals=accounts)
    for study_id, sealed in list(inventory.of_studies(session)):
        audit_trail.log(session, AuditKind.ANCHORED, now, study_id, _words(session, study_id), sealed)
    for reader, sealed in inventory.of_readers(session):
        words = audit_trail.words_for(reader)
        audit_trail.log(session, AuditKind.READER_ANCHORED, now, reader.study_id, words, sealed)


def _words(session: Session, study_id: int) -> str:
    given = select(func.count(tables.Rating.id)).join(tables.Assignment).join(tables.Rater)
    count = session.scalar(given.where(tables.Rater.study_id == study_id))
    return f"the study as it was found, with {count} answers that were given before they were chained"
