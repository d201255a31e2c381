"""What a reader's link can do, and what it refuses, on both databases."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from review_db.blinded import LONGEST_COMMENT
from review_db.errors import (
    AlreadyRated,
    InvalidSubmission,
    NeverShown,
    ShownTooBriefly,
    UnknownPresentation,
)
from review_db.protocol import StudyProtocol
from review_db.scales import Verdict
from review_db.store import Store
from tests.review_db.scenario import Clock, Reader, answer_to, make_plan, ratings

Invite = Callable[[str], Reader]


# --------------------------------------------------------------------------------- order, resume, clock


def test_the_same_ecg_comes_until_it_is_answered(store: Store, reader: Reader) -> None:
    first = store.next_item(reader.token)
    assert store.next_item(reader.token) == first  # a reload, or another device
    reader.answer()
    second = store.next_item(reader.token)
    assert first is not None and second is not None
    assert (first.position, second.position, first.total) == (1, 2, 6)
    assert first.presentation != second.presentation


def test_a_place_survives_the_server(store: Store, url: str, clock: Clock, reader: Reader) -> None:
    reader.answer()
    item = reader.look()
    store.close()
    with Store.open(url, clock) as restarted:
        assert restarted.next_item(reader.token) == item
        assert restarted.record(reader.token, answer_to(item)).is_new


def test_an_answer_to_an_ecg_that_was_not_shown_is_refused(store: Store, reader: Reader) -> None:
    item = store.next_item(reader.token)
    assert item is not None
    with pytest.raises(NeverShown, match="not been on your screen"):
        store.record(reader.token, answer_to(item))
    assert ratings(store) == []


@pytest.mark.parametrize(("seconds", "accepted"), [(0.0, False), (0.999, False), (1.0, True), (90.0, True)])
def test_the_minimum_viewing_time_is_kept(
    store: Store, clock: Clock, reader: Reader, seconds: float, accepted: bool
) -> None:
    item = store.next_item(reader.token)
    assert item is not None and item.rules.minimum_view_seconds == 1.0
    store.mark_shown(reader.token, item.presentation)
    clock.advance(seconds)
    if accepted:
        store.record(reader.token, answer_to(item))
        assert ratings(store) == [(1, 3, pytest.approx(seconds))]
    else:
        with pytest.raises(ShownTooBriefly, match="at least 1 s"):
            store.record(reader.token, answer_to(item))
        assert ratings(store) == []


def test_a_reload_does_not_start_the_clock_again(store: Store, clock: Clock, reader: Reader) -> None:
    item = reader.look()
    store.mark_shown(reader.token, item.presentation)
    clock.advance(3)
    store.record(reader.token, answer_to(item))
    assert ratings(store) == [(1, 3, pytest.approx(5.0))]


def test_pauses_do_not_count(store: Store, clock: Clock, reader: Reader) -> None:
    item = reader.look()
    for _ in range(2):  # the second pause finds the clock standing still
        store.pause(reader.token, item.presentation)
        clock.advance(600)
    store.mark_shown(reader.token, item.presentation)
    clock.advance(3)
    store.record(reader.token, answer_to(item))
    assert ratings(store) == [(1, 3, pytest.approx(5.0))]


def test_a_pause_cannot_stand_in_for_looking(store: Store, clock: Clock, reader: Reader) -> None:
    item = store.next_item(reader.token)
    assert item is not None
    store.pause(reader.token, item.presentation)  # never shown: nothing to stop
    clock.advance(600)
    with pytest.raises(NeverShown):
        store.record(reader.token, answer_to(item))
    store.mark_shown(reader.token, item.presentation)
    store.pause(reader.token, item.presentation)
    clock.advance(600)
    with pytest.raises(ShownTooBriefly):
        store.record(reader.token, answer_to(item))


def test_a_clock_that_is_set_back_gives_no_negative_time(store: Store, clock: Clock, reader: Reader) -> None:
    item = reader.look()
    clock.advance(-3600)
    with pytest.raises(ShownTooBriefly):
        store.record(reader.token, answer_to(item))


# ---------------------------------------------------------------------------------------------- answers


def test_a_double_submit_is_one_answer(store: Store, reader: Reader) -> None:
    submission = reader.answer(Verdict.CERTAINLY_REAL)
    assert not store.record(reader.token, submission).is_new
    assert not store.record(reader.token, replace(submission, verdict=Verdict.CERTAINLY_SYNTHETIC)).is_new
    assert [row[:2] for row in ratings(store)] == [(1, Verdict.CERTAINLY_REAL)]


def test_the_second_of_two_tabs_is_told_so(store: Store, reader: Reader) -> None:
    item = reader.look()
    store.record(reader.token, answer_to(item, Verdict.PROBABLY_REAL))
    with pytest.raises(AlreadyRated, match="already has your answer"):
        store.record(reader.token, answer_to(item, Verdict.PROBABLY_SYNTHETIC))
    assert [row[:2] for row in ratings(store)] == [(1, Verdict.PROBABLY_REAL)]


def test_six_quick_clicks_rate_one_ecg(store: Store, clock: Clock, reader: Reader) -> None:
    item = reader.look()
    for _ in range(6):
        clock.advance(0.1)
        try:
            store.record(reader.token, answer_to(item))
        except AlreadyRated:
            pass
    assert len(ratings(store)) == 1 and store.reading(reader.token).answered == 1


def test_another_reader_s_presentation_is_refused(store: Store, invite: Invite) -> None:
    adler, bach = invite("Dr Adler"), invite("Dr Bach")
    theirs = adler.look()
    for act in (
        lambda: store.mark_shown(bach.token, theirs.presentation),
        lambda: store.pause(bach.token, theirs.presentation),
        lambda: store.record(bach.token, answer_to(theirs)),
        lambda: store.correct(bach.token, answer_to(theirs)),
    ):
        with pytest.raises(UnknownPresentation, match="not one of yours"):
            act()
    assert ratings(store) == []


@pytest.mark.parametrize("presentation", ["", "guess", "\0", "\ud800", "x" * 5000])
def test_a_presentation_that_was_never_made_is_refused(store: Store, reader: Reader, presentation: str) -> None:
    item = replace(reader.look(), presentation=presentation)
    for act in (
        lambda: store.mark_shown(reader.token, presentation),
        lambda: store.record(reader.token, answer_to(item)),
        lambda: store.correct(reader.token, answer_to(item)),
    ):
        with pytest.raises(UnknownPresentation):
            act()


def test_the_name_of_another_answer_is_refused(store: Store, reader: Reader) -> None:
    first = reader.answer()
    item = reader.look()
    with pytest.raises(InvalidSubmission, match="another answer"):
        store.record(reader.token, answer_to(item, submission_id=first.submission_id))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"verdict": 0}, "one of the 6 steps"),
        ({"verdict": 7}, "one of the 6 steps"),
        ({"verdict": None}, "one of the 6 steps"),
        ({"plausibility": None}, "how plausible"),
        ({"plausibility": 6}, "how plausible"),
        ({"comment": "x" * (LONGEST_COMMENT + 1)}, "Shorten"),
        ({"comment": "a\0b"}, "not text"),
        ({"comment": "\udfff"}, "not text"),
        ({"submission_id": ""}, "reload"),
        ({"submission_id": "x" * 65}, "reload"),
        ({"submission_id": "\0"}, "reload"),
    ],
)
def test_an_incomplete_answer_is_refused_in_words(
    store: Store, reader: Reader, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(InvalidSubmission, match=words):
        store.record(reader.token, answer_to(reader.look(), **changes))
    assert ratings(store) == []


def test_plausibility_is_refused_where_it_is_not_asked(store: Store, clock: Clock) -> None:
    study_id = store.create_study(make_plan(protocol=StudyProtocol(asks_plausibility=False)))
    store.open_study(study_id)
    reader = Reader(store, clock, store.add_reader(study_id, "Dr Adler"))
    item = reader.look()
    assert not item.rules.asks_plausibility
    with pytest.raises(InvalidSubmission, match="leave it out"):
        store.record(reader.token, answer_to(item))
    assert store.record(reader.token, answer_to(item, plausibility=None)).is_new


def test_a_verb_that_fails_leaves_nothing_behind(store: Store, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    item = reader.look()

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the lights went out")

    with monkeypatch.context() as patch:
        patch.setattr("review_db.reading.tables.Rating.__init__", fail)
        with pytest.raises(RuntimeError, match="lights"):
            store.record(reader.token, answer_to(item))
    assert store.next_item(reader.token) == item
    assert store.record(reader.token, answer_to(item)).is_new
