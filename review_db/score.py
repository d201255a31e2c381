"""A reader's own score, after the study: how many answers were right, if the protocol promised to say so.

Only of a study whose unblinding is in the audit trail: a reader who learnt the truth while others read could spread it.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from review_db import admission, audit_trail, observations, tables
from review_db.blinded import Score
from review_db.model import AuditKind
from review_db.observed import Observation, PairObservation
from review_db.protocol import Design, from_mapping


def score(session: Session, token: str, now: datetime) -> Score | None:
    """None until the study is unblinded, and where the protocol promises none. Raises UnknownLink."""
    here = admission.known_link(session, token)
    protocol = from_mapping(here.study.protocol)
    is_promised = protocol.shows_score_after_closing and protocol.design is not Design.GRADED
    if not is_promised or not audit_trail.was_logged(session, AuditKind.UNBLINDED, here.study.id):
        return None
    mine = [o for o in _answers(session, here.study, now) if o.reader == here.rater.name and not o.repeat]
    right = [o.is_correct for o in mine if o.is_correct is not None]
    return Score(here.study.title, sum(right), len(right))


def _answers(session: Session, study: tables.Study, now: datetime) -> list[Observation] | list[PairObservation]:
    if from_mapping(study.protocol).design is Design.PAIRS:
        return observations.pairs(session, study.id, now)
    return observations.observations(session, study.id, now)
