"""Readers' links: adding, withdrawing, renewing, and how far readers have come."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from review_db.errors import (
    DuplicateReader,
    InvalidReader,
    LinkExpired,
    StudyNotOpen,
    UnknownLink,
    UnknownReader,
    WrongState,
)
from review_db.model import StudyState
from review_db.readers import LINK_DAYS
from review_db.store import Store
from tests.review_db.scenario import Clock, Reader, answer_to, make_plan, ratings

Invite = Callable[[str], Reader]


def test_a_link_opens_one_reader_s_place(store: Store, reader: Reader) -> None:
    reader.answer()
    place = store.reading(reader.token)
    assert (place.reader, place.title, place.description) == (
        "Dr Adler",
        "Reading at dawn",
        "Twelve leads each.",
    )
    assert (place.answered, place.total, place.state, place.finished) == (1, 6, StudyState.OPEN, False)


@pytest.mark.parametrize("token", ["", "guess", "\ud800", "x" * 5000])
def test_a_link_that_was_never_issued_opens_nothing(store: Store, reader: Reader, token: str) -> None:
    for verb in (store.reading, store.next_item, store.last_answer):
        with pytest.raises(UnknownLink, match="not valid"):
            verb(token)
    item = reader.look()
    for act in (
        lambda: store.mark_shown(token, item.presentation),
        lambda: store.pause(token, item.presentation),
        lambda: store.record(token, answer_to(item)),
        lambda: store.correct(token, answer_to(item)),
    ):
        with pytest.raises(UnknownLink, match="not valid"):
            act()
    assert ratings(store) == []


def test_a_link_works_only_while_its_study_is_open(store: Store, clock: Clock) -> None:
    study_id = store.create_study(make_plan())
    token = store.add_reader(study_id, "Dr Adler")
    with pytest.raises(StudyNotOpen, match="not been opened yet"):
        store.reading(token)
    store.open_study(study_id)
    item = Reader(store, clock, token).look()
    store.close_study(study_id)
    with pytest.raises(StudyNotOpen, match="closed"):
        store.record(token, answer_to(item))
    assert ratings(store) == []


def test_a_withdrawn_link_opens_nothing_and_a_new_one_resumes(store: Store, reader: Reader, open_study: int) -> None:
    answered = reader.answer()
    (progress,) = store.progress(open_study)
    store.revoke_reader(progress.rater_id)
    with pytest.raises(UnknownLink):
        store.reading(reader.token)
    assert store.progress(open_study)[0].revoked
    token = store.reissue_link(progress.rater_id)
    item = store.next_item(token)
    assert item is not None and item.position == 2 and item.presentation != answered.presentation
    with pytest.raises(UnknownLink):
        store.reading(reader.token)


def test_a_link_expires_and_a_new_one_goes_on(store: Store, clock: Clock, open_study: int) -> None:
    reader = Reader(store, clock, store.add_reader(open_study, "Dr Adler", days_valid=2))
    until = clock.now + timedelta(days=2)
    (before,) = store.progress(open_study)
    assert before.expires_at == until
    reader.answer()
    item = reader.look()
    clock.now = until - timedelta(seconds=1)
    assert store.reading(reader.token).answered == 1
    clock.now = until
    for act in (
        lambda: store.reading(reader.token),
        lambda: store.next_item(reader.token),
        lambda: store.last_answer(reader.token),
        lambda: store.mark_shown(reader.token, item.presentation),
        lambda: store.record(reader.token, answer_to(item)),
        lambda: store.withdraw(reader.token),
    ):
        with pytest.raises(LinkExpired, match="expired: ask the person who invited you"):
            act()
    again = Reader(store, clock, store.reissue_link(before.rater_id))
    assert store.progress(open_study)[0].expires_at == until + timedelta(days=LINK_DAYS)
    assert again.look().position == 2 and len(ratings(store)) == 1


def test_a_link_lasts_ninety_days_unless_said_otherwise(store: Store, clock: Clock, open_study: int) -> None:
    store.add_reader(open_study, "Dr Adler")
    store.add_reader(open_study, "Dr Bach", days_valid=None)
    assert [reader.expires_at for reader in store.progress(open_study)] == [clock.now + timedelta(days=90), None]
    for days in (0, -1, 3651):
        with pytest.raises(InvalidReader, match="1 to 3650 days"):
            store.add_reader(open_study, "Dr Late", days_valid=days)


def test_the_store_keeps_no_token(store: Store, reader: Reader) -> None:
    with store._engine.connect() as connection:
        kept = connection.execute(text("SELECT * FROM rater")).one()
    assert reader.token not in repr(kept) and len(reader.token) == 43


def test_readers_need_a_name_of_their_own(store: Store, invite: Invite, open_study: int) -> None:
    invite("Dr Adler")
    with pytest.raises(DuplicateReader, match="Dr Adler"):
        store.add_reader(open_study, " Dr Adler ")
    for name in ("", "  ", "x" * 101, "\0"):
        with pytest.raises(InvalidReader):
            store.add_reader(open_study, name)


def test_nobody_joins_a_closed_study(store: Store, open_study: int) -> None:
    store.close_study(open_study)
    with pytest.raises(WrongState, match="closed"):
        store.add_reader(open_study, "Dr Late")


def test_unknown_readers_are_named(store: Store) -> None:
    for verb in (store.revoke_reader, store.reissue_link):
        with pytest.raises(UnknownReader, match="no reader 404"):
            verb(404)


def test_progress_is_by_reader(store: Store, clock: Clock, invite: Invite, open_study: int) -> None:
    adler, bach = invite("Dr Adler"), invite("Dr Bach")
    adler.answer()
    bach.finish()
    store.correct(bach.token, answer_to(store.last_answer(bach.token).item))  # type: ignore[union-attr]
    rows = [(row.name, row.answered, row.total) for row in store.progress(open_study)]
    assert rows == [("Dr Adler", 1, 6), ("Dr Bach", 6, 6)]
    assert store.progress(open_study)[1].last_at == clock.now
    assert store.reading(bach.token).finished and store.next_item(bach.token) is None
