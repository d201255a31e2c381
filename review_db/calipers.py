"""What readers measure with the calipers of the sheet, kept with the presentation in studies that want it.

Functions of an open session. Every time that a reader lets go of a caliper is a row of its own, so the measurements
before the answer are all there, and the last one of each caliper is what the reader sees again after a pause. Taking
a caliper off the sheet takes no row away: it is one more row, on no lead, after which the reader sees that caliper no
more. Practice is kept like what counts; results leave it out.

Knows nothing of truth, of pages, or of who may measure when; that is decided in `reading`.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_db import audit_trail, seals, tables
from review_db.blinded import Caliper, CaliperKind
from review_db.errors import InvalidSubmission
from review_db.model import AuditKind

MOST_PER_PRESENTATION = 500
Which = tuple[bool, str]  # of the calipers: on the right ECG or not, and its kind


def newest(session: Session, assignment_id: int) -> tuple[Caliper, ...]:
    """What each caliper that is on the sheet spanned last, the left ECG first."""
    last = _last(_rows(session, assignment_id))
    return tuple(last[key] for key in sorted(last) if not last[key].is_cleared)


def append(
    session: Session, reader: tables.Rater, assignment: tables.Assignment, spanned: Iterable[Caliper], now: datetime
) -> int:
    """Store what is not what the same caliper spanned last; returns how many rows are new. Raises InvalidSubmission."""
    rows = _rows(session, assignment.id)
    fresh, count = _fresh(_last(rows), spanned), len(rows)
    if count + len(fresh) > MOST_PER_PRESENTATION:
        raise InvalidSubmission(f"No more than {MOST_PER_PRESENTATION} measurements of one ECG are kept: go on.")
    for sequence, caliper in enumerate(fresh, start=count + 1):
        row = tables.Caliper(assignment_id=assignment.id, sequence=sequence, placed_at=now, **vars(caliper))
        session.add(row)
        words, sealed = seals.words_for(assignment), seals.of_caliper(reader, assignment, row)
        audit_trail.log_reading(session, AuditKind.MEASURED, now, reader, words, sealed)
    return len(fresh)


def _last(rows: Iterable[tables.Caliper]) -> dict[Which, Caliper]:
    return {(row.is_beside, row.kind): caliper_of(row) for row in rows}


def _fresh(last: dict[Which, Caliper], spanned: Iterable[Caliper]) -> list[Caliper]:
    """Where nothing was measured, nothing is cleared."""
    fresh = list[Caliper]()
    for one in spanned:
        which = one.is_beside, one.kind
        if last.get(which, Caliper.cleared(one.kind, one.is_beside)) != one:
            last[which] = one
            fresh.append(one)
    return fresh


def caliper_of(row: tables.Caliper) -> Caliper:
    """A row as what readers' sessions hold."""
    return Caliper(CaliperKind(row.kind), row.lead, row.seconds, row.millivolts, row.value, row.is_beside)


def _rows(session: Session, assignment_id: int) -> list[tables.Caliper]:
    mine = select(tables.Caliper).where(tables.Caliper.assignment_id == assignment_id)
    return list(session.scalars(mine.order_by(tables.Caliper.sequence)))
