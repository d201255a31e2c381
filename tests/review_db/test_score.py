"""Readers learn how they did only where that was promised, and only once the study is unblinded."""

import pytest

from review_db.errors import UnknownLink
from review_db.protocol import Design, StudyProtocol
from review_db.store import Store
from tests.review_db.scenario import Clock, Reader, make_plan


def finished_reader(store: Store, clock: Clock, protocol: StudyProtocol) -> tuple[int, Reader]:
    """One who answered all ECGs of a study of three cases with step 1: certainly real, or certainly left."""
    study = store.create_study(make_plan(protocol=protocol))
    reader = Reader(store, clock, store.add_reader(study, "Dr. Only"))
    store.open_study(study)
    reader.follow(lambda item: (1, 2.0))
    return study, reader


PROMISED = StudyProtocol(shows_score_after_closing=True)


def test_a_score_comes_with_the_unblinding_and_not_before(store: Store, clock: Clock) -> None:
    study, reader = finished_reader(store, clock, PROMISED)
    assert store.score(reader.token) is None
    store.close_study(study)
    assert store.score(reader.token) is None
    store.observations(study)
    score = store.score(reader.token)
    assert score is not None and (score.right, score.told, score.title) == (3, 6, "Reading at dawn")


def test_a_score_that_was_not_promised_never_comes(store: Store, clock: Clock) -> None:
    study, reader = finished_reader(store, clock, StudyProtocol())
    store.close_study(study)
    store.observations(study)
    assert store.score(reader.token) is None


def test_in_pairs_each_pair_counts_once(store: Store, clock: Clock) -> None:
    protocol = StudyProtocol(design=Design.PAIRS, shows_score_after_closing=True)
    study, reader = finished_reader(store, clock, protocol)
    store.close_study(study)
    left = sum(pair.left == "synthetic" for pair in store.pair_observations(study))
    score = store.score(reader.token)
    assert score is not None and (score.right, score.told) == (left, 3)


def test_a_withdrawn_link_has_no_score(store: Store, clock: Clock) -> None:
    study, reader = finished_reader(store, clock, PROMISED)
    store.withdraw(reader.token)
    with pytest.raises(UnknownLink):
        store.score(reader.token)
