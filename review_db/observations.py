"""Unblinding: answers and truth side by side, once the study is closed.

The only module that reads ratings and truth together. Whoever calls it for the first time unblinds the study,
and that is written to the audit trail in the same transaction: no separate step that could be forgotten or
skipped, and no way to see a truth without the line that says so.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from review_db import audit_trail, studies, tables
from review_db.errors import StillBlinded, UnknownItem
from review_db.model import AuditKind, Observation, Origin, Plausibility, StudyState, Verdict

_Columns = tuple[str, tables.Assignment, int, str, tables.Truth, tables.Arm, tables.Rating]


def unblind(session: Session, study_id: int, now: datetime) -> list[Observation]:
    """The long table, by reader and position; raises StillBlinded unless the study is closed."""
    study = studies.locked(session, study_id)
    if study.state != StudyState.CLOSED:
        raise StillBlinded("The study is still blinded: close it first, then look at its results.")
    if not audit_trail.was_logged(session, AuditKind.UNBLINDED, study_id):
        audit_trail.log(session, AuditKind.UNBLINDED, now, study_id)
    return list(_observations(session, study_id))


def payload(session: Session, study_id: int, number: int) -> bytes:
    """One ECG of an unblinded study as readers saw it. Raises StillBlinded or UnknownItem."""
    if not audit_trail.was_logged(session, AuditKind.UNBLINDED, study_id):
        raise StillBlinded("The study is still blinded: look at its results first.")
    wanted = select(tables.Item.payload).where(tables.Item.study_id == study_id, tables.Item.number == number)
    found = session.scalar(wanted)
    if found is None:
        raise UnknownItem(f"Study {study_id} has no ECG {number}.")
    return found


def _observations(session: Session, study_id: int) -> Iterator[Observation]:
    rows = session.execute(_answers_with_truth(study_id))
    for _, history in groupby(rows, key=lambda row: row.Assignment.id):
        yield _observation([*history])


def _answers_with_truth(study_id: int) -> Select[*_Columns]:
    """All answers of a study, those to the same presentation together, the first one first."""
    return (
        select(
            tables.Rater.name,
            tables.Assignment,
            tables.Item.number,
            tables.Item.stated,
            tables.Truth,
            tables.Arm,
            tables.Rating,
        )
        .join(tables.Assignment, tables.Assignment.rater_id == tables.Rater.id)
        .join(tables.Item, tables.Item.id == tables.Assignment.item_id)
        .join(tables.Truth, tables.Truth.item_id == tables.Item.id)
        .join(tables.Arm, tables.Arm.id == tables.Truth.arm_id)
        .join(tables.Rating, tables.Rating.assignment_id == tables.Assignment.id)
        .where(tables.Rater.study_id == study_id)
        .order_by(tables.Rater.number, tables.Assignment.position, tables.Rating.sequence)
    )


def _observation(history: list[Row[*_Columns]]) -> Observation:
    """One row of the long table from all answers to one presentation."""
    reader, shown, number, stated, truth, arm, first = history[0]
    current = history[-1].Rating
    assert shown.shown_at is not None  # `reading.record` refuses an answer to what was not shown
    return Observation(
        reader=reader,
        item=number,
        arm=arm.name,
        origin=Origin(arm.origin),
        labels=tuple(truth.labels),
        verdict=Verdict(current.verdict),
        confidence=Verdict(current.verdict).signed_confidence,
        plausibility=None if current.plausibility is None else Plausibility(current.plausibility),
        seconds=first.seconds,
        position=shown.position,
        comment=current.comment,
        first_verdict=Verdict(first.verdict),
        corrections=len(history) - 1,
        stated=stated,
        shown_at=shown.shown_at,
        submitted_at=first.submitted_at,
        provenance=truth.provenance,
    )
