"""The readers of a closed study as a report describes them: profile, consent, practice, and whether they left.

Functions of an open session; `store` gives them their transactions. No name leaves this module: a report needs none to
say who the readers were, and that of a reader who was erased is gone from the table.
"""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from review_db import studies, tables
from review_db.blinded import Profile
from review_db.errors import StillBlinded
from review_db.model import StudyState
from review_db.observed import ReaderRecord


def of_study(session: Session, study_id: int) -> list[ReaderRecord]:
    """All readers in the order in which they were added. Raises StillBlinded before closing, UnknownStudy."""
    if studies.summary(session, study_id).state is not StudyState.CLOSED:
        raise StillBlinded("Readers are described once the study is closed: close it first.")
    practice = _practice(session, study_id)
    readers = select(tables.Rater).where(tables.Rater.study_id == study_id).order_by(tables.Rater.number)
    return [_record(reader, *practice.get(reader.id, (0, 0))) for reader in session.scalars(readers)]


def _practice(session: Session, study_id: int) -> dict[int, tuple[int, int]]:
    """(answered, all) practice of each reader who has some, by the reader's key."""
    answered = select(tables.Rating.assignment_id).where(tables.Rating.sequence == 1).subquery()
    rows = session.execute(
        select(tables.Rater.id, func.count(answered.c.assignment_id), func.count(tables.Assignment.id))
        .join(tables.Assignment, tables.Assignment.rater_id == tables.Rater.id)
        .outerjoin(answered, answered.c.assignment_id == tables.Assignment.id)
        .where(tables.Rater.study_id == study_id, tables.Assignment.is_practice)
        .group_by(tables.Rater.id)
    )
    return {reader: (given, total) for reader, given, total in rows}


def _record(reader: tables.Rater, answered: int, total: int) -> ReaderRecord:
    return ReaderRecord(
        number=reader.number + 1,
        profile=None if reader.profile is None else _profile(reader.profile),
        consent_version=reader.consent_version,
        practice_answered=answered,
        practice_total=total,
        is_paused=reader.paused_at is not None,
        is_revoked=reader.revoked_at is not None,
        has_withdrawn=reader.withdrawn_at is not None,
        is_erased=reader.erased_at is not None,
    )


def _profile(stored: Mapping[str, object]) -> Profile:
    return Profile(str(stored["specialty"]), int(str(stored["years"])), int(str(stored["ecgs_per_week"])))
