"""Twenty ECGs, one reload, one double submit: twenty ratings, and the results of exactly these."""

from __future__ import annotations

from statistics import median

import pytest
from sqlalchemy import create_engine, text

from review_db.model import AuditKind, StudyState
from review_db.scales import Plausibility, Verdict
from review_db.store import Store
from tests.app.reading_run import COMMENT_AT, TOTAL, ReadingRun

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def store(reading_run: ReadingRun) -> Store:
    with Store.open(f"sqlite:///{reading_run.store}") as opened:
        yield opened


def test_the_store_holds_exactly_one_rating_per_ecg(reading_run: ReadingRun) -> None:
    engine = create_engine(f"sqlite:///{reading_run.store}")
    with engine.connect() as connection:
        count = connection.execute(text("SELECT count(*), count(DISTINCT assignment_id) FROM rating")).one()
    engine.dispose()
    assert tuple(count) == (TOTAL, TOTAL)


def test_the_answers_are_those_that_were_typed_in_the_order_of_the_ecgs(store: Store) -> None:
    answers = sorted(store.observations(1), key=lambda o: o.position)
    assert [int(o.verdict) for o in answers] == [1 + at % 6 for at in range(TOTAL)]
    assert [o.plausibility for o in answers] == [list(Plausibility)[at % 5] for at in range(TOTAL)]
    assert {o.first_verdict for o in answers} == set(Verdict) and {o.corrections for o in answers} == {0}


def test_typing_a_comment_presses_no_keys_of_the_scales(store: Store) -> None:
    comments = {o.position: o.comment for o in store.observations(1) if o.comment}
    assert comments == {COMMENT_AT: "123 notches in V1, read 1 to 6"}


def test_the_study_is_half_real_closed_and_was_unblinded_on_the_page(store: Store) -> None:
    (study,) = store.studies()
    assert study.state is StudyState.CLOSED and study.arms[0].name == "PTB-XL"
    assert sum(o.origin.value == "real" for o in store.observations(1)) == TOTAL // 2
    assert AuditKind.UNBLINDED in [event.kind for event in store.audit_trail(1)]


def test_the_investigator_saw_the_results(reading_run: ReadingRun) -> None:
    assert f"gave {TOTAL} answers" in reading_run.results
    for words in ("Accuracy", "Fooling rate", "d-prime", "Dr Ada"):
        assert words in reading_run.results


def test_the_readers_link_is_dead_after_closing(reading_run: ReadingRun) -> None:
    assert "This study is closed" in reading_run.after_closing


def test_the_next_ecg_comes_quickly(reading_run: ReadingRun, record_property: pytest.RecordProperty) -> None:
    # 0.5 s on two idle cores; the bound leaves room for a machine that is busy with other tests.
    record_property("next_ecg_ms", reading_run.next_ecg_ms)
    assert median(reading_run.next_ecg_ms) < 1500
