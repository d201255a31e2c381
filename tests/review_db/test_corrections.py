"""Correcting the most recent answer; every answer is kept."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from review_db.errors import (
    InvalidSubmission,
    NotCorrectable,
    StudyNotOpen,
)
from review_db.scales import Plausibility, Verdict
from review_db.store import Store
from tests.review_db.scenario import Clock, Reader, answer_to, ratings

Invite = Callable[[str], Reader]


def test_a_correction_is_a_new_row_and_the_last_one_counts(
    store: Store, clock: Clock, reader: Reader, open_study: int
) -> None:
    item = reader.look()
    store.record(reader.token, answer_to(item, Verdict.CERTAINLY_REAL, comment="at first"))
    for verdict in (Verdict.POSSIBLY_REAL, Verdict.CERTAINLY_SYNTHETIC):
        store.mark_shown(reader.token, item.presentation)
        clock.advance(10)
        correction = answer_to(item, verdict, plausibility=Plausibility.PLAUSIBLE, comment=f"now {verdict}")
        assert store.correct(reader.token, correction).is_new
        assert not store.correct(reader.token, correction).is_new
    assert ratings(store) == [(1, 1, 2.0), (2, 3, 12.0), (3, 6, 22.0)]
    last = store.last_answer(reader.token)
    assert last is not None and (last.verdict, last.plausibility, last.comment) == (6, 5, "now 6")
    store.close_study(open_study)
    (observation,) = store.observations(open_study)
    assert (observation.verdict, observation.first_verdict, observation.corrections) == (6, 1, 2)
    assert (observation.seconds, observation.comment, observation.confidence) == (2.0, "now 6", 3)


def test_only_the_most_recent_answer_can_be_corrected(store: Store, reader: Reader) -> None:
    assert store.last_answer(reader.token) is None
    with pytest.raises(NotCorrectable):
        store.correct(reader.token, answer_to(reader.look()))
    first = reader.answer()
    second = reader.answer()
    store.correct(reader.token, replace(second, submission_id="correction"))
    with pytest.raises(NotCorrectable, match="most recent"):
        store.correct(reader.token, replace(first, submission_id="too late"))
    last = store.last_answer(reader.token)
    assert last is not None and last.item.presentation == second.presentation


def test_a_correction_is_as_complete_as_an_answer(store: Store, reader: Reader) -> None:
    first = reader.answer()
    with pytest.raises(InvalidSubmission, match="how plausible"):
        store.correct(reader.token, replace(first, submission_id="correction", plausibility=None))


def test_a_correction_does_not_take_the_next_ecg(store: Store, reader: Reader) -> None:
    first = reader.answer()
    store.correct(reader.token, replace(first, submission_id="correction"))
    item = store.next_item(reader.token)
    assert item is not None and item.position == 2
    assert store.reading(reader.token).answered == 1


def test_nothing_is_corrected_after_closing(store: Store, reader: Reader, open_study: int) -> None:
    first = reader.answer()
    store.close_study(open_study)
    with pytest.raises(StudyNotOpen):
        store.correct(reader.token, replace(first, submission_id="correction"))
