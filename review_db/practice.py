"""Practice: the only place where a reader is told a truth, that of ECGs that never count.

Reads Truth for practice presentations alone, and only after this reader's answer; the query itself says so.
"""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from review_db import admission, tables
from review_db.blinded import Feedback
from review_db.errors import UnknownPresentation
from review_db.model import Origin, is_storable


def feedback(session: Session, token: str, presentation: str, now: datetime) -> Feedback:
    """What an answered practice ECG (or pair) was. Raises UnknownPresentation for everything else."""
    here = admission.ready_place(session, token, now)
    mine = select(tables.Assignment).where(
        tables.Assignment.rater_id == here.rater.id,
        tables.Assignment.presentation == presentation,
        tables.Assignment.is_practice,
        exists().where(tables.Rating.assignment_id == tables.Assignment.id),
    )
    found = session.scalar(mine) if is_storable(presentation) else None
    if found is None:
        raise UnknownPresentation("Only practice that you have answered is explained.")
    beside = None if found.beside_item_id is None else _origin(session, found.beside_item_id)
    return Feedback(_origin(session, found.item_id), beside)


def _origin(session: Session, item_id: int) -> Origin:
    origin = (
        select(tables.Arm.origin)
        .join(tables.Truth, tables.Truth.arm_id == tables.Arm.id)
        .join(tables.Item, tables.Item.id == tables.Truth.item_id)
        .where(tables.Item.id == item_id, tables.Item.is_practice)
    )
    return Origin(session.scalars(origin).one())
