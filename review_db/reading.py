"""What a reader's link can do: see the next ECG, start and stop its clock, answer, correct.

Who has to agree to a text, or to say who they are, does so first (see `admission`).

Functions of an open session, the token of a link and the time. This module never touches Truth or Arm, and
what it returns has no room for them; a test reads its imports and its SQL to make sure.

The clock is the server's. An ECG is *shown* when the page says it is on screen; the first time is kept.
Time on screen runs from there until the answer, and stands still from a pause to the next showing. It is
wall time: a reader who leaves without a pause and comes back tomorrow has looked for a day. A wall clock may be set
back: an ECG on screen since a time that is yet to come is on screen since now, and what was seen before does not count.

Whatever writes takes its locks in one order, study before reader: a study cannot close under an answer, and
two tabs of one reader answer one after the other.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, bindparam, case, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from review_db import admission, audit_trail, calipers, measured, seals, tables
from review_db.admission import Place
from review_db.blinded import BlindedItem, Caliper, LastAnswer, Reading, Recorded, Submission
from review_db.errors import (
    AlreadyRated,
    InvalidSubmission,
    NeverShown,
    NotCorrectable,
    ShownTooBriefly,
    UnknownPresentation,
)
from review_db.model import AuditKind, StudyState, is_storable
from review_db.scales import Plausibility, Reason

# Made once: they are asked with every click.
_HAS_ANSWER = exists().where(tables.Rating.assignment_id == tables.Assignment.id)
_MINE = tables.Assignment.rater_id == bindparam("rater")
_COUNTS = (
    select(tables.Assignment.is_practice, func.count(), func.sum(case((_HAS_ANSWER, 1), else_=0)))
    .where(_MINE)
    .group_by(tables.Assignment.is_practice)
)
_TOTAL = select(func.count()).where(_MINE, tables.Assignment.is_practice == bindparam("practice"))
_NEXT = (
    select(tables.Assignment, tables.Item)
    .join(tables.Item, tables.Item.id == tables.Assignment.item_id)
    .where(_MINE, ~_HAS_ANSWER)
    .order_by(tables.Assignment.is_practice.desc(), tables.Assignment.position)
    .limit(1)
)
_NAMED = select(tables.Assignment).where(_MINE, tables.Assignment.presentation == bindparam("named"))
_SENT = select(tables.Rating.assignment_id).where(tables.Rating.submission_id == bindparam("sent"))
_TIMES = select(func.count()).where(tables.Rating.assignment_id == bindparam("assignment"))

NAME_TAKEN = "The page sent the name of another answer: reload it and answer again."


# ------------------------------------------------------------------------------------------------- looking


def reading(session: Session, token: str, now: datetime) -> Reading:
    """Where this link's reader stands; raises UnknownLink."""
    place = admission.place(session, token, now)
    counts = _counts(session, place)
    return Reading(
        rater_id=place.rater.id,
        reader=place.rater.name,
        title=place.study.title,
        description=place.study.description,
        total=counts[False][0],
        answered=counts[False][1],
        state=StudyState(place.study.state),
        rules=place.rules,
        practice_total=counts[True][0],
        practice_answered=counts[True][1],
        consent=place.missing_consent,
        needs_profile=place.needs_profile,
    )


def next_item(session: Session, token: str, now: datetime) -> BlindedItem | None:
    """The first ECG without an answer, practice before all, the same one until it has one; None at the end."""
    place = admission.ready_place(session, token, now)
    found = session.execute(_NEXT, {"rater": place.rater.id}).first()  # the item is in the session from here on
    return None if found is None else _blinded(session, place, found.Assignment, now)


def last_answer(session: Session, token: str, now: datetime) -> LastAnswer | None:
    """The most recent answer that counts, as it stands after corrections; None before the first."""
    place = admission.ready_place(session, token, now)
    assignment = session.scalar(_last_answered(place))
    return None if assignment is None else _answer(session, place, assignment, now)


def practice_to_explain(session: Session, token: str, now: datetime) -> LastAnswer | None:
    """The practice answer whose feedback the reader may not have seen: nothing was shown since. None otherwise."""
    place = admission.ready_place(session, token, now)
    mine = tables.Assignment.rater_id == place.rater.id
    went_on = select(tables.Assignment.id).where(mine, tables.Assignment.shown_at.is_not(None), ~_HAS_ANSWER).limit(1)
    if session.scalar(went_on) is not None or _counts(session, place)[False][1]:
        return None
    assignment = session.scalar(_last_answered(place, is_practice=True))
    return None if assignment is None else _answer(session, place, assignment, now)


def _answer(session: Session, place: Place, assignment: tables.Assignment, now: datetime) -> LastAnswer:
    rating = session.scalars(_ratings(assignment).order_by(tables.Rating.sequence.desc())).first()
    assert rating is not None
    return LastAnswer(
        item=_blinded(session, place, assignment, now),
        verdict=place.rules.design.scale(rating.verdict),
        plausibility=_step(rating.plausibility),
        comment=rating.comment,
        reasons=tuple(map(Reason, rating.reasons or ())),
        plausibility_beside=_step(rating.plausibility_beside),
    )


def _step(stored: int | None) -> Plausibility | None:
    return None if stored is None else Plausibility(stored)


# ------------------------------------------------------------------------------------------------ the clock


def mark_shown(session: Session, token: str, presentation: str, now: datetime) -> None:
    """The ECG is on screen: its clock starts, or goes on after a pause. A reload changes nothing."""
    place = admission.locked_place(session, token, now)
    assignment = _assignment(session, place, presentation)
    if assignment.viewing_since is None or assignment.viewing_since > now:
        assignment.shown_at, assignment.viewing_since = assignment.shown_at or now, now
        _log_clock(session, AuditKind.ECG_SHOWN, place, assignment, now)


def pause(session: Session, token: str, presentation: str, now: datetime) -> None:
    """The ECG is off the screen: its clock stands still until it is shown again."""
    place = admission.locked_place(session, token, now)
    assignment = _assignment(session, place, presentation)
    if assignment.viewing_since is not None:
        _stop_clock(assignment, now)
        _log_clock(session, AuditKind.ECG_HIDDEN, place, assignment, now)


def _log_clock(session: Session, kind: AuditKind, place: Place, assignment: tables.Assignment, now: datetime) -> None:
    sealed = seals.of_clock(place.rater, assignment)
    audit_trail.log_reading(session, kind, now, place.rater, seals.words_for(assignment), sealed)


def _stop_clock(assignment: tables.Assignment, now: datetime) -> None:
    assignment.viewed_seconds = _seconds_on_screen(assignment, now)
    assignment.viewing_since = None


def _seconds_on_screen(assignment: tables.Assignment, now: datetime) -> float:
    if assignment.viewing_since is None:
        return assignment.viewed_seconds
    running = (now - assignment.viewing_since).total_seconds()
    return assignment.viewed_seconds + max(running, 0.0)  # the server's clock may be set back meanwhile


# ---------------------------------------------------------------------------------------- the measurements


def measure(session: Session, token: str, presentation: str, spanned: Collection[Caliper], now: datetime) -> int:
    """Keep what calipers span on the ECG that is being read, or was answered last; returns how many are new.

    Raises SubmissionRefused.
    """
    place = admission.locked_place(session, token, now)
    assignment = _assignment(session, place, presentation)
    if not place.rules.keeps_calipers:
        raise InvalidSubmission("This study does not keep what is measured: leave it out.")
    if assignment.shown_at is None:
        raise NeverShown("This ECG has not been on your screen yet: reload the page and look at it first.")
    if (
        _times_answered(session, assignment)
        and session.scalar(_last_answered(place, assignment.is_practice)) != assignment
    ):
        raise NotCorrectable("Measure on the ECG that you read now, or the one that you answered last.")
    return calipers.append(session, place.rater, assignment, spanned, now)


# --------------------------------------------------------------------------------------------- the answers


def record(session: Session, token: str, submission: Submission, now: datetime) -> Recorded:
    """Store the first answer to a presentation, exactly once; raises SubmissionRefused."""
    place = admission.locked_place(session, token, now)
    assignment = _assignment(session, place, submission.presentation)
    submission.require_valid(place.rules)
    if _is_repeat(session, assignment, submission):
        return Recorded(is_new=False)
    if _times_answered(session, assignment) > 0:
        raise AlreadyRated("This ECG already has your answer: go on to the next one.")
    _require_seen(assignment, place.rules.minimum_view_seconds, now)
    _append(session, place, assignment, submission, 1, now)
    return Recorded(is_new=True)


def correct(session: Session, token: str, submission: Submission, now: datetime) -> Recorded:
    """Store another answer beside the reader's most recent one; the later one counts, both are kept."""
    place = admission.locked_place(session, token, now)
    assignment = _assignment(session, place, submission.presentation)
    submission.require_valid(place.rules)
    if _is_repeat(session, assignment, submission):
        return Recorded(is_new=False)
    last = session.scalar(_last_answered(place))
    if last is None or last.id != assignment.id:
        raise NotCorrectable("Only your most recent answer can be corrected.")
    _append(session, place, assignment, submission, _times_answered(session, assignment) + 1, now)
    return Recorded(is_new=True)


def _is_repeat(session: Session, assignment: tables.Assignment, submission: Submission) -> bool:
    """True if this submission was stored before, by a double click or a page that did not hear the reply."""
    owner = session.scalar(_SENT, {"sent": submission.submission_id})
    if owner not in (None, assignment.id):
        raise InvalidSubmission(NAME_TAKEN)
    return owner is not None


def _require_shown(assignment: tables.Assignment) -> None:
    if assignment.shown_at is None:
        raise NeverShown("This ECG has not been on your screen yet: reload the page and look at it first.")


def _require_seen(assignment: tables.Assignment, minimum: float, now: datetime) -> None:
    _require_shown(assignment)
    seen = _seconds_on_screen(assignment, now)
    if seen < minimum:
        raise ShownTooBriefly(f"Look at this ECG for at least {minimum:g} s before you answer.")


def _append(
    session: Session, place: Place, assignment: tables.Assignment, answer: Submission, sequence: int, now: datetime
) -> None:
    _stop_clock(assignment, now)
    rating = tables.Rating(
        assignment_id=assignment.id,
        sequence=sequence,
        submission_id=answer.submission_id,
        verdict=int(answer.verdict),
        plausibility=answer.plausibility,
        plausibility_beside=answer.plausibility_beside,
        reasons=[str(reason) for reason in Reason if reason in answer.reasons] if place.rules.asks_reasons else None,
        comment=answer.comment.strip(),
        seconds=assignment.viewed_seconds,
        submitted_at=now,
    )
    session.add(rating)
    try:
        session.flush()
    except IntegrityError as error:  # this reader's row is held, so the name was taken by another reader
        raise InvalidSubmission(NAME_TAKEN) from error
    _log_answer(session, place, assignment, rating, now)


def _log_answer(
    session: Session, place: Place, assignment: tables.Assignment, rating: tables.Rating, now: datetime
) -> None:
    """That there is an answer; what it says is sealed, so that nobody who sees the trail learns it."""
    kind = AuditKind.ANSWERED if rating.sequence == 1 else AuditKind.CORRECTED
    sealed = {**seals.of_clock(place.rater, assignment), **seals.of_answer(place.rater, assignment, rating)}
    audit_trail.log_reading(session, kind, now, place.rater, seals.words_for(assignment), sealed)


# --------------------------------------------------------------------------------------------- the queries


def _assignment(session: Session, place: Place, presentation: str) -> tables.Assignment:
    mine = {"rater": place.rater.id, "named": presentation}
    assignment = session.scalar(_NAMED, mine) if is_storable(presentation) else None
    if assignment is None:
        raise UnknownPresentation("This ECG is not one of yours: reload the page to get the right one.")
    return assignment


def _blinded(session: Session, place: Place, assignment: tables.Assignment, now: datetime) -> BlindedItem:
    item = session.get_one(tables.Item, assignment.item_id)
    beside = session.get(tables.Item, assignment.beside_item_id) if assignment.beside_item_id else None
    left = _seconds_left(place, assignment, now)
    is_over = left == 0.0
    return BlindedItem(
        presentation=assignment.presentation,
        payload=b"" if is_over else item.payload,
        beside=None if beside is None else (b"" if is_over else beside.payload),
        calipers=calipers.newest(session, assignment.id) if place.rules.keeps_calipers and not is_over else (),
        measured=_measured(place, item, is_over),
        measured_beside=None if beside is None else _measured(place, beside, is_over),
        stated=item.stated,
        position=assignment.position,
        total=_total(session, place, assignment.is_practice),
        rules=place.rules,
        is_practice=assignment.is_practice,
        seconds_left=left,
    )


def _measured(place: Place, item: tables.Item, is_over: bool) -> dict[str, int | None] | None:
    """The same names for every ECG; without values once the ECG is gone."""
    return measured.in_order({} if is_over else item.measured or {}) if place.rules.shows_measurements else None


def _seconds_left(place: Place, assignment: tables.Assignment, now: datetime) -> float | None:
    longest = place.rules.maximum_view_seconds
    return None if longest is None else max(0.0, longest - _seconds_on_screen(assignment, now))


def _ratings(assignment: tables.Assignment) -> Select[tables.Rating]:
    return select(tables.Rating).where(tables.Rating.assignment_id == assignment.id)


def _times_answered(session: Session, assignment: tables.Assignment) -> int:
    return session.scalar(_TIMES, {"assignment": assignment.id}) or 0


def _last_answered(place: Place, is_practice: bool = False) -> Select[tables.Assignment]:
    """By the order of first answers, practice apart: correcting an answer does not make an older one the last."""
    return (
        select(tables.Assignment)
        .join(tables.Rating, tables.Rating.assignment_id == tables.Assignment.id)
        .where(
            tables.Assignment.rater_id == place.rater.id,
            tables.Rating.sequence == 1,
            tables.Assignment.is_practice == is_practice,
        )
        .order_by(tables.Rating.id.desc())
        .limit(1)
    )


def _total(session: Session, place: Place, is_practice: bool) -> int:
    return session.scalar(_TOTAL, {"rater": place.rater.id, "practice": is_practice}) or 0


def _counts(session: Session, place: Place) -> dict[bool, tuple[int, int]]:
    """By whether they are practice: how many presentations there are, and how many have an answer."""
    rows = session.execute(_COUNTS, {"rater": place.rater.id})
    return {False: (0, 0), True: (0, 0)} | {practice: (total, answered) for practice, total, answered in rows}
