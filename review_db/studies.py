"""A study from draft to closed, as the investigator handles it.

Functions of an open session and the time; `store` gives them their transactions. Knows plans, states and
counts. Readers are in `readers`, what readers do is in `reading`, the truth comes out in `observations`.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from review_db import audit_trail, inventory, protocols, seals, tables
from review_db.errors import LeakUnexplained, UnknownStudy, WrongState
from review_db.leak_gate import missing_reason
from review_db.model import Arm, AuditKind, Origin, StudyState, StudySummary
from review_db.plan import NewItem, StudyPlan
from review_db.protocol import from_mapping


def holds(session: Session, payload: bytes) -> bool:
    """Whether this very ECG is in a study, whichever and of whichever arm."""
    same = select(tables.Item.id).where(tables.Item.sha256 == hashlib.sha256(payload).hexdigest()).limit(1)
    return session.scalar(same) is not None


def create(session: Session, plan: StudyPlan, now: datetime) -> int:
    """Store a plan as a draft; returns the study's number."""
    study = tables.Study(
        title=plan.title.strip(),
        description=plan.description.strip(),
        state=StudyState.DRAFT,
        seed=plan.seed,
        protocol=plan.protocol.asdict(),
        leak_audit=dict(plan.leak_audit) if plan.leak_audit else None,
        created_at=now,
        seal_key=seals.new_key(),
    )
    session.add(study)
    session.flush()
    arm_ids = _add_arms(session, study.id, plan.arms)
    for number, (item, case) in enumerate(zip(plan.items, plan.cases(), strict=True), start=1):
        _add_item(session, study.id, number, case, item, arm_ids[item.arm])
    sealed = {**seals.of_study(study, *seals.STUDY), **inventory.of_composition(session, study)}
    audit_trail.log(session, AuditKind.CREATED, now, study.id, f"{len(plan.items)} ECGs, seed {plan.seed}", sealed)
    return study.id


def _add_arms(session: Session, study_id: int, arms: Iterable[Arm]) -> dict[str, int]:
    """Store the arms; returns their numbers by name."""
    rows = [
        tables.Arm(study_id=study_id, name=arm.name, origin=Origin(arm.origin), description=arm.description)
        for arm in arms
    ]
    session.add_all(rows)
    session.flush()
    return {row.name: row.id for row in rows}


def _add_item(session: Session, study_id: int, number: int, case: int, item: NewItem, arm_id: int) -> None:
    row = tables.Item(
        study_id=study_id,
        number=number,
        payload=item.payload,
        sha256=hashlib.sha256(item.payload).hexdigest(),
        stated=item.stated,
        case_number=case,
        is_practice=item.is_practice,
        measured=None if item.measured is None else dict(item.measured),
    )
    session.add(row)
    session.flush()
    truth = tables.Truth(item_id=row.id, arm_id=arm_id, labels=list(item.labels), provenance=dict(item.provenance))
    session.add(truth)


def open_for_reading(session: Session, study_id: int, now: datetime, reason: str = "") -> None:
    """Draft -> open: from now on readers' links work and nothing about the ECGs can change.

    A study whose leak audit exceeds the threshold of its protocol, or that has none, needs a reason, which is kept and
    reported.
    """
    study = locked(session, study_id)
    if study.state != StudyState.DRAFT:
        raise WrongState(f"Only a draft can be opened and this study is {study.state}.")
    threshold = from_mapping(study.protocol).leak_threshold
    if (missing := missing_reason(study.leak_audit, threshold)) and not reason.strip():
        raise LeakUnexplained(missing)
    study.state, study.opened_at, study.leak_reason = StudyState.OPEN, now, reason.strip() or None
    first = protocols.register_first(session, study, now)
    written = seals.of_study(study, "state", "opening", "protocol's hash")
    sealed = {**written, **seals.of_version(study, first)}
    audit_trail.log(session, AuditKind.OPENED, now, study_id, _opening_words(study), sealed)


def _opening_words(study: tables.Study) -> str:
    because = f"; opened in spite of the leak audit or without one: {study.leak_reason}" if study.leak_reason else ""
    return f"protocol SHA-256 {study.protocol_sha256}{because}"


def close(session: Session, study_id: int, now: datetime) -> None:
    """Open -> closed: no answer is taken any more, and the truth may be seen. There is no way back."""
    study = locked(session, study_id)
    if study.state != StudyState.OPEN:
        raise WrongState(f"Only an open study can be closed and this one is {study.state}.")
    study.state, study.closed_at = StudyState.CLOSED, now
    audit_trail.log(session, AuditKind.CLOSED, now, study_id, seals=seals.of_study(study, "state", "closing"))


def delete_draft(session: Session, study_id: int, now: datetime) -> None:
    """Remove a study that was never opened, with its readers; the audit trail keeps that it was there."""
    study = locked(session, study_id)
    if study.state != StudyState.DRAFT:
        raise WrongState(f"This study is {study.state}: only a draft can be deleted, readings are kept.")
    items = select(tables.Item.id).where(tables.Item.study_id == study_id)
    audit_trail.log(session, AuditKind.DRAFT_DELETED, now, study_id, study.title)
    session.execute(delete(tables.Assignment).where(tables.Assignment.item_id.in_(items)))
    session.execute(delete(tables.Truth).where(tables.Truth.item_id.in_(items)))
    for table in (tables.Rater, tables.Item, tables.Arm):
        session.execute(delete(table).where(table.study_id == study_id))
    session.delete(study)


def summaries(session: Session) -> list[StudySummary]:
    """All studies, the newest first."""
    rows = session.scalars(select(tables.Study).order_by(tables.Study.id.desc()))
    return [_summary(session, study) for study in rows.all()]


def summary(session: Session, study_id: int) -> StudySummary:
    """One study; raises UnknownStudy."""
    return _summary(session, _known(session.get(tables.Study, study_id), study_id))


def _summary(session: Session, study: tables.Study) -> StudySummary:
    arms = session.scalars(select(tables.Arm).where(tables.Arm.study_id == study.id).order_by(tables.Arm.id))
    return StudySummary(
        id=study.id,
        title=study.title,
        state=StudyState(study.state),
        items=_count(session, (tables.Item.study_id == study.id) & ~tables.Item.is_practice),
        readers=_count(session, tables.Rater.study_id == study.id),
        ratings=_answers(session, study.id),
        created_at=study.created_at,
        opened_at=study.opened_at,
        closed_at=study.closed_at,
        arms=tuple(Arm(arm.name, Origin(arm.origin), arm.description) for arm in arms),
        description=study.description,
        seed=study.seed,
        protocol=from_mapping(study.protocol),
        protocol_version=protocols.version(session, study.id),
        protocol_sha256=study.protocol_sha256,
        leak_audit=study.leak_audit,
        leak_reason=study.leak_reason,
        unblinded_at=audit_trail.first_time(session, AuditKind.UNBLINDED, study.id),
    )


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(condition)) or 0


def _answers(session: Session, study_id: int) -> int:
    """Answered presentations that count; first answers only, so that a correction is not counted again."""
    answers = (
        select(func.count())
        .select_from(tables.Rating)
        .join(tables.Assignment)
        .join(tables.Rater)
        .where(tables.Rater.study_id == study_id, tables.Rating.sequence == 1, ~tables.Assignment.is_practice)
    )
    return session.scalar(answers) or 0


def locked(session: Session, study_id: int) -> tables.Study:
    """The study, held until the transaction ends so that its state cannot change meanwhile."""
    return _known(session.get(tables.Study, study_id, with_for_update=True), study_id)


def _known(study: tables.Study | None, study_id: int) -> tables.Study:
    if study is None:
        raise UnknownStudy(f"There is no study {study_id}: choose one from the list of studies.")
    return study
