"""Unblinding: answers and truth side by side, once the study is closed.

The only module that reads ratings and truth together. Whoever calls it for the first time unblinds the study,
and that is written to the audit trail in the same transaction: no separate step that could be forgotten or
skipped, and no way to see a truth without the line that says so.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from review_db import audit_trail, calipers, studies, tables
from review_db.errors import OtherDesign, StillBlinded, UnknownItem
from review_db.measured import Measured, in_order
from review_db.model import AuditKind, Origin, StudyState
from review_db.observed import (
    AnyObservation,
    GradeObservation,
    ItemTruth,
    Observation,
    PairObservation,
    PlacedCaliper,
)
from review_db.protocol import Design, from_mapping
from review_db.scales import Choice, Grade, Plausibility, Reason, Verdict

# Columns, not entities, and each truth once: 50,000 answers were read in 2 s instead of 9.
_ANSWER = (
    tables.Rater.name,
    tables.Assignment.id,
    tables.Assignment.item_id,
    tables.Assignment.beside_item_id,
    tables.Assignment.position,
    tables.Assignment.repeat,
    tables.Assignment.shown_at,
    tables.Rating.verdict,
    tables.Rating.plausibility,
    tables.Rating.plausibility_beside,
    tables.Rating.reasons,
    tables.Rating.comment,
    tables.Rating.seconds,
    tables.Rating.submitted_at,
)
_Columns = tuple[
    str,
    int,
    int,
    int | None,
    int,
    int,
    datetime | None,
    int,
    int | None,
    int | None,
    list[str] | None,
    str,
    float,
    datetime,
]


class _History(NamedTuple):
    """All answers to one presentation, the first one first, and what was measured on it."""

    answers: list[Row[*_Columns]]
    measurements: tuple[PlacedCaliper, ...]

    @property
    def first(self) -> Row[*_Columns]:
        return self.answers[0]

    @property
    def current(self) -> Row[*_Columns]:
        return self.answers[-1]


class _Known(NamedTuple):
    """One ECG of the study and its truth."""

    number: int
    case: int
    stated: str
    labels: tuple[str, ...]
    provenance: Mapping[str, object]
    arm: str
    origin: Origin
    measured: Measured | None


def observations(session: Session, study_id: int, now: datetime) -> list[Observation]:
    """The long table of a study of single ECGs, by reader and position. Raises StillBlinded, OtherDesign."""
    items = _unblind(session, study_id, Design.SINGLE, now)
    return [_observation(history, items[history.first.item_id]) for history in _histories(session, study_id)]


def grades(session: Session, study_id: int, now: datetime) -> list[GradeObservation]:
    """The long table of a study that graded ECGs, by reader and position. Raises StillBlinded, OtherDesign."""
    items = _unblind(session, study_id, Design.GRADED, now)
    return [_grade(history, items[history.first.item_id]) for history in _histories(session, study_id)]


def pairs(session: Session, study_id: int, now: datetime) -> list[PairObservation]:
    """The long table of a study of pairs, by reader and position. Raises StillBlinded, OtherDesign."""
    items = _unblind(session, study_id, Design.PAIRS, now)
    return [
        _pair(history, items[history.first.item_id], items[history.first.beside_item_id or 0])
        for history in _histories(session, study_id)
    ]


BY_DESIGN: Mapping[Design, Callable[[Session, int, datetime], Sequence[AnyObservation]]] = MappingProxyType(
    {Design.SINGLE: observations, Design.GRADED: grades, Design.PAIRS: pairs}
)


def design_of(session: Session, study_id: int) -> Design:
    """How a study is read. Raises UnknownStudy."""
    return studies.summary(session, study_id).protocol.design


def _unblind(session: Session, study_id: int, design: Design, now: datetime) -> dict[int, _Known]:
    """The truth of all ECGs, by their key; the first look is logged."""
    study = studies.locked(session, study_id)
    if study.state != StudyState.CLOSED:
        raise StillBlinded("The study is still blinded: close it first, then look at its results.")
    if (its := from_mapping(study.protocol).design) is not design:
        raise OtherDesign(f"The design of this study is {its}, not {design}: its answers are another table.")
    if not audit_trail.was_logged(session, AuditKind.UNBLINDED, study_id):
        audit_trail.log(session, AuditKind.UNBLINDED, now, study_id)
    return _items(session, study_id)


def items_of(session: Session, study_id: int) -> list[ItemTruth]:
    """All ECGs that count, answered or not, in the order of the plan. Raises StillBlinded before unblinding."""
    _require_unblinded(session, study_id)
    counts = select(tables.Item.id).where(tables.Item.study_id == study_id, ~tables.Item.is_practice)
    truth = _items(session, study_id)
    return [_item_truth(truth[key]) for key in session.scalars(counts.order_by(tables.Item.number))]


def payload(session: Session, study_id: int, number: int) -> bytes:
    """One ECG of an unblinded study as readers saw it. Raises StillBlinded or UnknownItem."""
    _require_unblinded(session, study_id)
    wanted = select(tables.Item.payload).where(tables.Item.study_id == study_id, tables.Item.number == number)
    found = session.scalar(wanted)
    if found is None:
        raise UnknownItem(f"Study {study_id} has no ECG {number}.")
    return found


def _require_unblinded(session: Session, study_id: int) -> None:
    if not audit_trail.was_logged(session, AuditKind.UNBLINDED, study_id):
        raise StillBlinded("The study is still blinded: look at its results first.")


def _item_truth(known: _Known) -> ItemTruth:
    return ItemTruth(
        item=known.number,
        case=known.case,
        arm=known.arm,
        origin=known.origin,
        labels=known.labels,
        stated=known.stated,
        provenance=known.provenance,
        measured=known.measured,
    )


def _histories(session: Session, study_id: int) -> Iterator[_History]:
    rows, measured = session.execute(_answers(study_id)), _measured(session, study_id)
    return (_History([*answers], tuple(measured[key])) for key, answers in groupby(rows, key=lambda row: row.id))


def _measured(session: Session, study_id: int) -> dict[int, list[PlacedCaliper]]:
    """By presentation, in the order in which calipers were placed."""
    placed = select(tables.Caliper).join(tables.Assignment).join(tables.Rater).where(tables.Rater.study_id == study_id)
    found = defaultdict[int, list[PlacedCaliper]](list)
    for row in session.scalars(placed.order_by(tables.Caliper.assignment_id, tables.Caliper.sequence)):
        found[row.assignment_id].append(PlacedCaliper(calipers.caliper_of(row), row.placed_at))
    return found


def _items(session: Session, study_id: int) -> dict[int, _Known]:
    """The ECGs of a study with their truth, by their key."""
    wanted = (
        select(
            tables.Item.id,
            tables.Item.number,
            tables.Item.case_number,
            tables.Item.stated,
            tables.Truth.labels,
            tables.Truth.provenance,
            tables.Arm.name.label("arm"),
            tables.Arm.origin,
            tables.Item.measured,
        )
        .join(tables.Truth, tables.Truth.item_id == tables.Item.id)
        .join(tables.Arm, tables.Arm.id == tables.Truth.arm_id)
        .where(tables.Item.study_id == study_id)
    )
    return {row.id: _known(row) for row in session.execute(wanted)}


def _known(row: Any) -> _Known:
    measured = None if row.measured is None else in_order(row.measured)
    truth = tuple(row.labels), row.provenance, row.arm, Origin(row.origin)
    return _Known(row.number, row.case_number, row.stated, *truth, measured)


def _answers(study_id: int) -> Select[*_Columns]:
    """All answers of a study, those to the same presentation together, the first one first."""
    return (
        select(*_ANSWER)
        .join(tables.Assignment, tables.Assignment.rater_id == tables.Rater.id)
        .join(tables.Rating, tables.Rating.assignment_id == tables.Assignment.id)
        .where(tables.Rater.study_id == study_id, ~tables.Assignment.is_practice)
        .order_by(tables.Rater.number, tables.Assignment.position, tables.Rating.sequence)
    )


def _observation(history: _History, item: _Known) -> Observation:
    first, current = history.first, history.current
    verdict = Verdict(current.verdict)
    return Observation(
        **_of_ecg(history, item),
        verdict=verdict,
        confidence=verdict.signed_confidence,
        first_verdict=Verdict(first.verdict),
    )


def _grade(history: _History, item: _Known) -> GradeObservation:
    first, current = history.first, history.current
    return GradeObservation(**_of_ecg(history, item), grade=Grade(current.verdict), first_grade=Grade(first.verdict))


def _pair(history: _History, left: _Known, right: _Known) -> PairObservation:
    first, current = history.first, history.current
    choice = Choice(current.verdict)
    return PairObservation(
        **_of_presentation(history),
        case=left.case,
        left_item=left.number,
        right_item=right.number,
        left_arm=left.arm,
        right_arm=right.arm,
        left=left.origin,
        right=right.origin,
        labels=left.labels,
        stated=left.stated,
        choice=choice,
        confidence=choice.signed_confidence,
        left_plausibility=_step(current.plausibility),
        right_plausibility=_step(current.plausibility_beside),
        first_choice=Choice(first.verdict),
        left_provenance=left.provenance,
        right_provenance=right.provenance,
    )


def _of_ecg(history: _History, item: _Known) -> dict[str, Any]:
    return {
        **_of_presentation(history),
        "item": item.number,
        "arm": item.arm,
        "origin": item.origin,
        "labels": item.labels,
        "plausibility": _step(history.current.plausibility),
        "stated": item.stated,
        "provenance": item.provenance,
    }


def _of_presentation(history: _History) -> dict[str, Any]:
    """What all designs have in common; the last answer counts, the time is that of the first."""
    first, current = history.first, history.current
    assert first.shown_at is not None  # `reading.record` refuses an answer to what was not shown
    return {
        "reader": first.name,
        "seconds": first.seconds,
        "position": first.position,
        "comment": current.comment,
        "corrections": len(history.answers) - 1,
        "shown_at": first.shown_at,
        "submitted_at": first.submitted_at,
        "repeat": first.repeat,
        "reasons": tuple(map(Reason, current.reasons or ())),
        "measurements": history.measurements,
    }


def _step(stored: int | None) -> Plausibility | None:
    return None if stored is None else Plausibility(stored)
