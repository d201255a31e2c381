"""The export of a large study: as many questions to the database as of a small one, and 50,000 answers in time."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event, insert, select, update

from review_db import tables
from review_db.store import Store
from tests.review_db.scenario import Clock, Reader, make_plan

LONGEST = 5.0  # s of the processor, for 50,000 answers


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """The SELECT statements that are sent."""
    sent: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("SELECT"):
            sent.append(statement)

    for engine in (store._engine, store._writing_engine):
        event.listen(engine, "before_cursor_execute", note)
    yield sent
    for engine in (store._engine, store._writing_engine):
        event.remove(engine, "before_cursor_execute", note)


def closed_study(store: Store, clock: Clock, readers: int, per_arm: int) -> int:
    study = store.create_study(make_plan(per_arm=per_arm))
    tokens = [store.add_reader(study, f"Dr {number}") for number in range(readers)]
    store.open_study(study)
    for token in tokens:
        Reader(store, clock, token).finish()
    store.close_study(study)
    store.observations(study)  # the first look is logged
    return study


def test_the_number_of_questions_does_not_grow_with_the_answers(store: Store, clock: Clock) -> None:
    small, large = closed_study(store, clock, 1, 2), closed_study(store, clock, 3, 4)
    asked = []
    for study, rows in ((small, 4), (large, 24)):
        with statements(store) as sent:
            assert len(store.observations(study)) == rows
        asked.append(len(sent))
    assert asked[0] == asked[1] > 0


@pytest.mark.slow
def test_50_000_answers_are_exported_in_time(store: Store, clock: Clock) -> None:
    study = store.create_study(replace(make_plan(per_arm=250), title="Large"))
    for number in range(100):
        store.add_reader(study, f"Dr {number}")
    store.open_study(study)
    answer_everything(store, clock)
    store.close_study(study)
    start = time.process_time()  # not by the clock on the wall: the machine may be busy with something else
    text = store.export_csv(study)
    assert time.process_time() - start < LONGEST
    assert text.count("\n") == 50_001


def answer_everything(store: Store, clock: Callable[[], object]) -> None:
    """Answers put in at once; one by one they would take minutes."""
    common = {"sequence": 1, "plausibility": 3, "comment": "", "seconds": 7.25, "submitted_at": clock()}
    with store._write() as session:
        keys = session.scalars(select(tables.Assignment.id)).all()
        session.execute(update(tables.Assignment).values(shown_at=clock()))
        rows = [
            {"assignment_id": key, "submission_id": secrets.token_hex(16), "verdict": 1 + key % 6, **common}
            for key in keys
        ]
        session.execute(insert(tables.Rating), rows)
