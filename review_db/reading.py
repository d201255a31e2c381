"""What a reader's link can do: see the next ECG, start and stop its clock, answer, correct.

Functions of an open session, the token of a link and the time. This module never touches Truth or Arm, and
what it returns has no room for them; a test reads its imports and its SQL to make sure.

The clock is the server's. An ECG is *shown* when the page says it is on screen; the first time is kept.
Time on screen runs from there until the answer, and stands still from a pause to the next showing. It is
wall time: a reader who leaves without a pause and comes back tomorrow has looked for a day.

Whatever writes takes its locks in one order, study before reader: a study cannot close under an answer, and
two tabs of one reader answer one after the other.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from review_db import tables
from review_db.credentials import token_hash
from review_db.errors import (
    AlreadyRated,
    InvalidSubmission,
    NeverShown,
    NotCorrectable,
    ShownTooBriefly,
    StudyNotOpen,
    UnknownLink,
    UnknownPresentation,
)
from review_db.model import (
    BlindedItem,
    LastAnswer,
    Plausibility,
    Reading,
    Recorded,
    StudyState,
    Submission,
    Verdict,
    is_storable,
)

NAME_TAKEN = "The page sent the name of another answer: reload it and answer again."


@dataclass(frozen=True)
class _Place:
    """Who reads what: a valid link of an open study."""

    rater_id: int
    reader: str
    study: tables.Study


# ------------------------------------------------------------------------------------------------- looking


def reading(session: Session, token: str) -> Reading:
    """Where this link's reader stands; raises UnknownLink."""
    place = _place(session, token)
    return Reading(
        rater_id=place.rater_id,
        reader=place.reader,
        title=place.study.title,
        description=place.study.description,
        total=_total(session, place),
        answered=_answered(session, place),
        state=StudyState(place.study.state),
    )


def next_item(session: Session, token: str) -> BlindedItem | None:
    """The first ECG without an answer, the same one until it has one; None at the end."""
    place = _place(session, token)
    unanswered = (
        select(tables.Assignment)
        .where(tables.Assignment.rater_id == place.rater_id, ~_has_answer())
        .order_by(tables.Assignment.position)
        .limit(1)
    )
    assignment = session.scalar(unanswered)
    return None if assignment is None else _blinded(session, place, assignment)


def last_answer(session: Session, token: str) -> LastAnswer | None:
    """The most recent answer, as it stands after corrections; None before the first."""
    place = _place(session, token)
    assignment = session.scalar(_last_answered(place))
    if assignment is None:
        return None
    rating = session.scalars(_ratings(assignment).order_by(tables.Rating.sequence.desc())).first()
    assert rating is not None
    return LastAnswer(
        item=_blinded(session, place, assignment),
        verdict=Verdict(rating.verdict),
        plausibility=None if rating.plausibility is None else Plausibility(rating.plausibility),
        comment=rating.comment,
    )


# ------------------------------------------------------------------------------------------------ the clock


def mark_shown(session: Session, token: str, presentation: str, now: datetime) -> None:
    """The ECG is on screen: its clock starts, or goes on after a pause. A reload changes nothing."""
    place = _locked_place(session, token)
    assignment = _assignment(session, place, presentation)
    assignment.shown_at = assignment.shown_at or now
    assignment.viewing_since = assignment.viewing_since or now


def pause(session: Session, token: str, presentation: str, now: datetime) -> None:
    """The ECG is off the screen: its clock stands still until it is shown again."""
    place = _locked_place(session, token)
    _stop_clock(_assignment(session, place, presentation), now)


def _stop_clock(assignment: tables.Assignment, now: datetime) -> None:
    assignment.viewed_seconds = _seconds_on_screen(assignment, now)
    assignment.viewing_since = None


def _seconds_on_screen(assignment: tables.Assignment, now: datetime) -> float:
    if assignment.viewing_since is None:
        return assignment.viewed_seconds
    running = (now - assignment.viewing_since).total_seconds()
    return assignment.viewed_seconds + max(running, 0.0)  # the server's clock may be set back meanwhile


# --------------------------------------------------------------------------------------------- the answers


def record(session: Session, token: str, submission: Submission, now: datetime) -> Recorded:
    """Store the first answer to a presentation, exactly once; raises SubmissionRefused."""
    place = _locked_place(session, token)
    assignment = _assignment(session, place, submission.presentation)
    submission.require_valid(place.study.question_plausibility)
    if _is_repeat(session, assignment, submission):
        return Recorded(is_new=False)
    if _times_answered(session, assignment) > 0:
        raise AlreadyRated("This ECG already has your answer: go on to the next one.")
    _require_seen(assignment, place.study.minimum_view_seconds, now)
    _append(session, assignment, submission, 1, now)
    return Recorded(is_new=True)


def correct(session: Session, token: str, submission: Submission, now: datetime) -> Recorded:
    """Store another answer beside the reader's most recent one; the later one counts, both are kept."""
    place = _locked_place(session, token)
    assignment = _assignment(session, place, submission.presentation)
    submission.require_valid(place.study.question_plausibility)
    if _is_repeat(session, assignment, submission):
        return Recorded(is_new=False)
    last = session.scalar(_last_answered(place))
    if last is None or last.id != assignment.id:
        raise NotCorrectable("Only your most recent answer can be corrected.")
    _append(session, assignment, submission, _times_answered(session, assignment) + 1, now)
    return Recorded(is_new=True)


def _is_repeat(session: Session, assignment: tables.Assignment, submission: Submission) -> bool:
    """True if this submission was stored before, by a double click or a page that did not hear the reply."""
    owner = session.scalar(
        select(tables.Rating.assignment_id).where(tables.Rating.submission_id == submission.submission_id)
    )
    if owner not in (None, assignment.id):
        raise InvalidSubmission(NAME_TAKEN)
    return owner is not None


def _require_seen(assignment: tables.Assignment, minimum: float, now: datetime) -> None:
    if assignment.shown_at is None:
        raise NeverShown("This ECG has not been on your screen yet: reload the page and look at it first.")
    seen = _seconds_on_screen(assignment, now)
    if seen < minimum:
        raise ShownTooBriefly(f"Look at this ECG for at least {minimum:g} s before you answer.")


def _append(
    session: Session, assignment: tables.Assignment, submission: Submission, sequence: int, now: datetime
) -> None:
    _stop_clock(assignment, now)
    plausibility = submission.plausibility
    rating = tables.Rating(
        assignment_id=assignment.id,
        sequence=sequence,
        submission_id=submission.submission_id,
        verdict=int(submission.verdict),
        plausibility=None if plausibility is None else int(plausibility),
        comment=submission.comment.strip(),
        seconds=assignment.viewed_seconds,
        submitted_at=now,
    )
    session.add(rating)
    try:
        session.flush()
    except IntegrityError as error:  # this reader's row is held, so the name was taken by another reader
        raise InvalidSubmission(NAME_TAKEN) from error


# --------------------------------------------------------------------------------------------- the queries


def _place(session: Session, token: str) -> _Place:
    return _require_open(session.execute(_by_link(token)).one_or_none())


def _locked_place(session: Session, token: str) -> _Place:
    """The same, with the study held in its state and the reader held against their own other tabs."""
    _require_open(session.execute(_by_link(token).with_for_update(read=True, of=tables.Study)).one_or_none())
    # Asked again, because the link may have been withdrawn while this waited for the reader's row.
    return _require_open(session.execute(_by_link(token).with_for_update(of=tables.Rater)).one_or_none())


def _by_link(token: str) -> Select[int, str, tables.Study]:
    return (
        select(tables.Rater.id, tables.Rater.name, tables.Study)
        .join(tables.Study, tables.Study.id == tables.Rater.study_id)
        .where(tables.Rater.token_sha256 == token_hash(token), tables.Rater.revoked_at.is_(None))
    )


def _require_open(found: Row[int, str, tables.Study] | None) -> _Place:
    if found is None:
        raise UnknownLink("This link is not valid (any more): ask the person who invited you for a new one.")
    rater_id, reader, study = found
    if study.state == StudyState.DRAFT:
        raise StudyNotOpen("This study has not been opened yet: come back when it has.")
    if study.state == StudyState.CLOSED:
        raise StudyNotOpen("This study is closed and takes no more answers: thank you for reading.")
    return _Place(rater_id, reader, study)


def _assignment(session: Session, place: _Place, presentation: str) -> tables.Assignment:
    mine = select(tables.Assignment).where(
        tables.Assignment.rater_id == place.rater_id, tables.Assignment.presentation == presentation
    )
    assignment = session.scalar(mine) if is_storable(presentation) else None
    if assignment is None:
        raise UnknownPresentation("This ECG is not one of yours: reload the page to get the right one.")
    return assignment


def _blinded(session: Session, place: _Place, assignment: tables.Assignment) -> BlindedItem:
    payload, stated = session.execute(
        select(tables.Item.payload, tables.Item.stated).where(tables.Item.id == assignment.item_id)
    ).one()
    return BlindedItem(
        presentation=assignment.presentation,
        payload=payload,
        stated=stated,
        position=assignment.position,
        total=_total(session, place),
        asks_plausibility=place.study.question_plausibility,
        minimum_view_seconds=place.study.minimum_view_seconds,
    )


def _ratings(assignment: tables.Assignment) -> Select[tables.Rating]:
    return select(tables.Rating).where(tables.Rating.assignment_id == assignment.id)


def _times_answered(session: Session, assignment: tables.Assignment) -> int:
    count = select(func.count()).where(tables.Rating.assignment_id == assignment.id)
    return session.scalar(count) or 0


def _has_answer() -> ColumnElement[bool]:
    return exists().where(tables.Rating.assignment_id == tables.Assignment.id)


def _last_answered(place: _Place) -> Select[tables.Assignment]:
    """By the order of first answers: correcting an answer does not make an older one the last."""
    return (
        select(tables.Assignment)
        .join(tables.Rating, tables.Rating.assignment_id == tables.Assignment.id)
        .where(tables.Assignment.rater_id == place.rater_id, tables.Rating.sequence == 1)
        .order_by(tables.Rating.id.desc())
        .limit(1)
    )


def _total(session: Session, place: _Place) -> int:
    count = select(func.count()).where(tables.Assignment.rater_id == place.rater_id)
    return session.scalar(count) or 0


def _answered(session: Session, place: _Place) -> int:
    count = select(func.count()).where(tables.Assignment.rater_id == place.rater_id, _has_answer())
    return session.scalar(count) or 0
