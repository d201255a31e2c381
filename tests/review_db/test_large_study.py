"""A study of 200 readers and 100 ECGs: 20,000 answers through the store, watched and unblinded, on both databases."""

import random
import time

import pytest
from sqlalchemy import text

from review_db import tables
from review_db.blinded import Submission
from review_db.scales import Plausibility, Verdict
from review_db.store import Store
from tests.review_db.scenario import Clock, make_plan

READERS, ECGS = 200, 100
LONGEST_LOOK = 5.0  # s of the processor, for a look at the monitoring of 20,000 answers
LONGEST_ANSWER = 0.1  # s of the processor


def presentations_on_screen(store: Store, clock: Clock, study: int) -> list[list[str]]:
    """All presentations by reader, in the order of reading; written down as shown, all at once, for the test's sake."""
    with store._writing_engine.begin() as connection:
        shown, rater = tables.Assignment.__table__, tables.Rater.__table__
        connection.execute(shown.update().values(shown_at=clock.now, viewing_since=clock.now))
        rows = connection.execute(
            shown.join(rater, rater.c.id == shown.c.rater_id)
            .select()
            .with_only_columns(rater.c.number, shown.c.presentation)
            .where(rater.c.study_id == study)
            .order_by(rater.c.number, shown.c.position)
        ).all()
    codes = [code for _, code in rows]
    return [codes[at : at + ECGS] for at in range(0, len(codes), ECGS)]


def answer_all(store: Store, clock: Clock, tokens: list[str], presentations: list[list[str]]) -> None:
    chance = random.Random(1)
    for at in range(ECGS):
        clock.advance(3)
        for token, codes in zip(tokens, presentations, strict=True):
            verdict = Verdict(chance.randint(1, 6))
            submission = Submission(codes[at], verdict, Plausibility.PLAUSIBLE, "", submission_id=codes[at])
            assert store.record(token, submission).is_new


@pytest.mark.slow
def test_200_readers_read_100_ecgs(store: Store, clock: Clock, database: str) -> None:
    took = dict[str, float]()

    def timed(name: str, started: float) -> None:
        took[name] = time.process_time() - started

    started = time.process_time()
    study = store.create_study(make_plan(per_arm=ECGS // 2))
    tokens = [store.add_reader(study, f"Dr {number}") for number in range(READERS)]
    store.open_study(study)
    timed("invite", started)
    presentations = presentations_on_screen(store, clock, study)
    started = time.process_time()
    answer_all(store, clock, tokens, presentations)
    timed("record", started)
    started = time.process_time()
    paces = store.monitoring(study)
    timed("monitoring", started)
    started = time.process_time()
    store.close_study(study)
    observed = store.observations(study)
    timed("observations", started)
    started = time.process_time()
    report = store.verify_audit_trail()
    timed("verify", started)

    assert [(pace.answered, pace.total, pace.finished) for pace in paces] == [(ECGS, ECGS, True)] * READERS
    assert len(observed) == READERS * ECGS and len({(o.reader, o.item) for o in observed}) == READERS * ECGS
    assert [[f.kind for f in pace.flags] for pace in paces].count([]) >= READERS - 2  # random answers carry no pattern
    with store._engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM rating")).scalar_one() == READERS * ECGS
    assert report.problem is None and report.events == READERS * ECGS + READERS + 4  # shown by the test, not the store
    print(database, {name: round(seconds, 2) for name, seconds in took.items()})
    assert took["record"] < LONGEST_ANSWER * READERS * ECGS
    assert took["monitoring"] < LONGEST_LOOK and took["observations"] < LONGEST_LOOK
