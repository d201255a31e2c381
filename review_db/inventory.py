"""The inventory: every part of the store that an event may seal, as it is now.

Functions of an open session. What is missing here and sealed in the trail was removed, what is here and nowhere sealed
was added past the program. Reads truth and answers, but what leaves this module are seals (see `seals`), which tell
nobody anything.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from review_db import seals, tables
from review_db.seals import Seals


def of_accounts(session: Session) -> Seals:
    """All accounts."""
    rows = session.scalars(select(tables.Account)).all()
    return {part: seal for row in rows for part, seal in seals.of_account(row, *seals.ACCOUNT).items()}


def of_studies(session: Session) -> Iterator[tuple[int, Seals]]:
    """By the number of the study: its row, all versions of its protocol, its arms and ECGs."""
    for study in session.scalars(select(tables.Study).order_by(tables.Study.id)).all():
        versions = session.scalars(select(tables.ProtocolVersion).where(tables.ProtocolVersion.study_id == study.id))
        found = dict(seals.of_study(study, *seals.STUDY)) | of_composition(session, study)
        for version in versions.all():
            found |= seals.of_version(study, version)
        yield study.id, found


def of_composition(session: Session, study: tables.Study) -> dict[str, str | None]:
    """What a study is made of: arms, and ECGs with their truth."""
    arms = session.scalars(select(tables.Arm).where(tables.Arm.study_id == study.id)).all()
    found = {part: seal for arm in arms for part, seal in seals.of_arm(study, arm).items()}
    rows = session.execute(
        select(tables.Item, tables.Truth)
        .outerjoin(tables.Truth, tables.Truth.item_id == tables.Item.id)
        .where(tables.Item.study_id == study.id)
    )
    for item, truth in rows:
        found |= seals.of_item(study, item, hashlib.sha256(item.payload).hexdigest())
        if truth is not None:
            found |= seals.of_truth(study, item, truth)
    return found


def of_readers(session: Session) -> Iterator[tuple[tables.Rater, Seals]]:
    """By reader: the row, the order, viewing times, answers and measurements."""
    places, read = _places(session), _read(session)
    for reader in session.scalars(select(tables.Rater).order_by(tables.Rater.id)).all():
        order = seals.of_order(reader, places[reader.id])
        yield reader, {**seals.of_reader(reader, *seals.READER), **order, **read[reader.id]}


def of_order(session: Session, reader: tables.Rater) -> Seals:
    """The order of one reader."""
    return seals.of_order(reader, _places(session, reader.id)[reader.id])


def of_reading(session: Session, reader: tables.Rater) -> Seals:
    """Viewing times, answers and measurements of one reader."""
    return _read(session, reader.id)[reader.id]


# ------------------------------------------------------------------------- columns, not entities: 40,000 rows at once


def _places(session: Session, rater_id: int | None = None) -> dict[int, list[Row[Any]]]:
    found = defaultdict[int, list[Row[Any]]](list)
    for row in session.execute(_of(rater_id, _columns(tables.Assignment, ("rater_id", *seals.PLACE)))):
        found[row.rater_id].append(row)
    return found


def _read(session: Session, rater_id: int | None = None) -> dict[int, dict[str, str | None]]:
    found = defaultdict[int, dict[str, str | None]](dict)
    known = ("rater_id", "is_practice", "position")
    clock = _columns(tables.Assignment, (*known, *seals.CLOCK)).join(tables.Rater).add_columns(*_KEY)
    for row in session.execute(_of(rater_id, clock)):
        if row.shown_at is not None or row.viewing_since is not None or row.viewed_seconds:
            found[row.rater_id] |= seals.of_clock(row, row)
    answers = _columns(tables.Assignment, (*known, "presentation")).join(tables.Rater).join(tables.Rating)
    given = answers.add_columns(*_KEY, *(getattr(tables.Rating, name) for name in seals.ANSWER))
    for row in session.execute(_of(rater_id, given)):
        found[row.rater_id] |= seals.of_answer(row, row, row)
    placed = _columns(tables.Assignment, (*known, "presentation")).join(tables.Rater).join(tables.Caliper)
    measured = placed.add_columns(*_KEY, *(getattr(tables.Caliper, name) for name in seals.CALIPER))
    for row in session.execute(_of(rater_id, measured)):
        found[row.rater_id] |= seals.of_caliper(row, row, row)
    return found


_KEY = (tables.Rater.number, tables.Rater.seal_key)


def _columns(table: type[tables.Base], names: tuple[str, ...]) -> Select[Any]:
    return select(*(getattr(table, name) for name in names)).select_from(table)


def _of(rater_id: int | None, query: Select[Any]) -> Select[Any]:
    return query if rater_id is None else query.where(tables.Assignment.rater_id == rater_id)
