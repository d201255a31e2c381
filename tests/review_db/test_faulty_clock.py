"""The server's clock is set back by hours: nothing becomes negative, nobody is locked out, the order is kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review_db.credentials import LONGEST_WAIT, wait_after
from review_db.errors import (
    LinkExpired,
    ShownTooBriefly,
    StudyNotOpen,
    TooManyGuesses,
    TooManyWrongLinks,
    UnknownLink,
    WrongPassphrase,
)
from review_db.store import Store
from tests.review_db.scenario import Clock, Reader, answer_to, make_plan, ratings

HOUR = 3600.0
MINIMUM = 1.0  # s, of the study's protocol
PASSPHRASE = "grey heron over the weir"
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
steps = st.lists(
    st.tuples(st.sampled_from(["look", "reload", "pause", "answer", "monitor"]), st.floats(-30 * HOUR, 3 * HOUR)),
    max_size=12,
)


@contextmanager
def fresh_store(template: Path, folder: Path) -> Iterator[tuple[Store, Clock]]:
    """A store for each example of a property."""
    clock = Clock()
    with Store.open(f"sqlite:///{shutil.copy(template, folder / 'store.db')}", clock) as store:
        yield store, clock


@settings(max_examples=12)
@given(steps=steps)
def test_however_the_clock_jumps_times_are_not_negative_the_order_is_kept_and_every_ecg_can_be_answered(
    template_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, float]]
) -> None:
    with fresh_store(template_sqlite, tmp_path_factory.mktemp("clock")) as (store, clock):
        study = store.create_study(make_plan())
        store.open_study(study)
        token, positions = store.add_reader(study, "Dr Adler", days_valid=None), list[int]()
        for act, jump in steps:
            clock.advance(jump)
            item = store.next_item(token)
            if item is None:
                break
            if act == "pause":
                store.pause(token, item.presentation)
            elif act == "monitor":
                assert_monitored(store, study)
            else:
                store.mark_shown(token, item.presentation)
            if act == "answer":
                clock.advance(MINIMUM)
                store.record(token, answer_to(item))
                positions.append(item.position)
        assert positions == list(range(1, len(positions) + 1))
        assert all(float(str(seconds)) >= 0 for _, _, seconds in ratings(store))
        assert_monitored(store, study)
        assert store.verify_audit_trail().problem is None


def assert_monitored(store: Store, study: int) -> None:
    [pace] = store.monitoring(study)
    assert pace.seconds_on_task >= 0 and (pace.median_seconds or 0) >= 0 and (pace.per_hour or 0) >= 0


def test_who_is_told_to_look_longer_after_the_clock_was_set_back_answers_a_moment_later(
    store: Store, reader: Reader, clock: Clock
) -> None:
    item = reader.look()
    clock.advance(-3 * HOUR)
    with pytest.raises(ShownTooBriefly):
        store.record(reader.token, answer_to(item))
    store.mark_shown(reader.token, item.presentation)  # as the page does whenever it is drawn
    clock.advance(MINIMUM)
    assert store.record(reader.token, answer_to(item)).is_new
    assert ratings(store)[0][2] == pytest.approx(MINIMUM) and store.verify_audit_trail().problem is None


def test_a_limited_viewing_time_does_not_grow_by_hours_that_were_set_back(store: Store, clock: Clock) -> None:
    plan = make_plan()
    study = store.create_study(replace(plan, protocol=replace(plan.protocol, maximum_view_seconds=20.0)))
    store.open_study(study)
    reader = Reader(store, clock, store.add_reader(study, "Dr Adler"))
    item = reader.look(5)
    clock.advance(-3 * HOUR)
    store.mark_shown(reader.token, item.presentation)
    shown = store.next_item(reader.token)
    assert shown is not None and shown.seconds_left == pytest.approx(20)
    clock.advance(21)
    over = store.next_item(reader.token)
    assert over is not None and over.seconds_left == 0 and over.payload == b""


def test_a_study_that_is_closed_before_it_was_opened_by_the_clock_is_closed_and_its_order_kept(
    store: Store, reader: Reader, open_study: int, clock: Clock
) -> None:
    for _ in range(3):
        reader.answer()
        clock.advance(-HOUR)
    store.close_study(open_study)
    with pytest.raises(StudyNotOpen, match="closed"):
        store.reading(reader.token)
    assert [one.position for one in store.observations(open_study)] == [1, 2, 3]
    assert all(one.seconds >= 0 for one in store.observations(open_study))
    assert_monitored(store, open_study)
    kinds = [event.kind.name for event in store.audit_trail(open_study)]
    assert kinds.index("OPENED") < kinds.index("CLOSED") < kinds.index("UNBLINDED")
    assert store.verify_audit_trail().problem is None


def test_a_link_ends_by_the_clock_and_works_again_where_that_was_wrong(
    store: Store, open_study: int, clock: Clock
) -> None:
    token = store.add_reader(open_study, "Dr Adler", days_valid=1)
    clock.advance(30 * HOUR)
    with pytest.raises(LinkExpired, match="your answers are kept"):
        store.reading(token)
    clock.advance(-30 * HOUR)
    assert store.reading(token).answered == 0


# ------------------------------------------------------------------------------------------------ slowing down


def wait_for_links(store: Store) -> float | None:
    with pytest.raises(UnknownLink) as refusal:
        store.reading("guess")
    return refusal.value.wait_seconds if isinstance(refusal.value, TooManyWrongLinks) else None


def wait_for_passphrases(store: Store) -> float | None:
    try:
        store.sign_in("Ada", "not that one at all")
    except TooManyGuesses as refusal:
        return refusal.wait_seconds
    except WrongPassphrase:
        return None
    raise AssertionError("a wrong passphrase opened")


@ON_SQLITE
@pytest.mark.parametrize("wait", [wait_for_links, wait_for_passphrases])
def test_after_the_clock_was_set_back_a_wait_is_no_longer_than_a_wait_and_ends(
    store: Store, clock: Clock, wait: object, database: str
) -> None:
    assert callable(wait)
    store.add_first_account("Ada", PASSPHRASE)
    while (seconds := wait(store)) is None:
        pass
    clock.advance(-5 * HOUR)
    assert wait(store) == pytest.approx(seconds)
    clock.advance(seconds / 2)
    assert wait(store) == pytest.approx(seconds / 2)
    clock.advance(seconds / 2)
    assert wait(store) is None
    clock.advance(-5 * HOUR)
    assert wait(store) == pytest.approx(2 * seconds)
    clock.advance(2 * seconds)
    store.sign_in("Ada", PASSPHRASE)


@settings(max_examples=12)
@given(jumps=st.lists(st.floats(-30 * HOUR, HOUR), min_size=6, max_size=14))
def test_however_the_clock_jumps_nobody_is_told_to_wait_for_longer_than_the_longest_wait(
    template_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, jumps: list[float]
) -> None:
    with fresh_store(template_sqlite, tmp_path_factory.mktemp("guesses")) as (store, clock):
        guessed = 0
        for jump in jumps:
            seconds = wait_for_links(store)
            guessed += seconds is None
            assert seconds is None or 0 < seconds <= min(wait_after(guessed), LONGEST_WAIT)
            clock.advance(jump)
        clock.advance(LONGEST_WAIT)
        wait_for_links(store)  # notices the jump, if there was one
        clock.advance(LONGEST_WAIT)
        assert wait_for_links(store) is None
