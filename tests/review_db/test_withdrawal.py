"""A reader leaves: the link stops, and what was answered stays or goes as the text said that the reader agreed to."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from types import NoneType

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from review_db.blinded import Profile
from review_db.errors import LinkExpired, UnknownLink, UnknownReader, WrongState
from review_db.model import AuditKind
from review_db.protocol import StudyProtocol
from review_db.store import Store
from tests.review_db.scenario import PR_INTERVAL, R_WAVE, Clock, Reader, as_asked, make_plan, ratings

ERASES = StudyProtocol(consent="Your answers are erased if you leave.", consent_version="1", erases_on_withdrawal=True)
KEEPS = replace(ERASES, consent="Your answers are kept.", erases_on_withdrawal=False)
Leave = Callable[[Store, int, Reader], None]


def by_link(store: Store, study: int, reader: Reader) -> None:
    store.withdraw(reader.token)


def by_investigator(store: Store, study: int, reader: Reader) -> None:
    store.withdraw_reader(store.progress(study)[0].rater_id)


def read_by_two(store: Store, clock: Clock, protocol: StudyProtocol) -> tuple[int, Reader, Reader]:
    """An open study in which Dr Adler has read three ECGs and Dr Bach two."""
    study = store.create_study(make_plan(protocol=protocol))
    store.open_study(study)
    adler, bach = (Reader(store, clock, store.add_reader(study, name)) for name in ("Dr Adler", "Dr Bach"))
    for reader, most in ((adler, 3), (bach, 2)):
        if protocol.consent:
            store.consent(reader.token, protocol.consent_version)
        store.introduce(reader.token, Profile("cardiology", 12, 150))
        reader.follow(lambda item: (3, 2.0), most=most)
    return study, adler, bach


def row(store: Store, name: str = "rater", where: str = "number = 0") -> dict[str, object]:
    with store._engine.connect() as connection:
        return dict(connection.execute(text(f"SELECT * FROM {name} WHERE {where}")).mappings().one())


def test_a_paused_reader_and_one_of_a_closed_study_may_leave(store: Store, clock: Clock) -> None:
    study, adler, bach = read_by_two(store, clock, ERASES)
    store.pause_reader(store.progress(study)[0].rater_id)
    assert store.erases_on_withdrawal(adler.token)
    store.withdraw(adler.token)
    store.close_study(study)
    store.withdraw(bach.token)
    assert [place.withdrawn for place in store.progress(study)] == [True, True] and not ratings(store)


def test_an_expired_link_withdraws_nobody(store: Store, clock: Clock) -> None:
    study, adler, _ = read_by_two(store, clock, ERASES)
    clock.advance(91 * 86400)
    with pytest.raises(LinkExpired):
        store.withdraw(adler.token)
    assert not store.progress(study)[0].withdrawn


@pytest.mark.parametrize("leave", [by_link, by_investigator])
def test_where_the_text_says_kept_the_link_stops_and_the_answers_stay(store: Store, clock: Clock, leave: Leave) -> None:
    study, adler, bach = read_by_two(store, clock, KEEPS)
    before = ratings(store)
    leave(store, study, adler)
    with pytest.raises(UnknownLink):
        store.reading(adler.token)
    first, second = store.progress(study)
    assert (first.name, first.answered, first.withdrawn, second.withdrawn) == ("Dr Adler", 3, True, False)
    assert ratings(store) == before
    bach.finish()
    store.close_study(study)
    assert len(store.observations(study)) == 3 + 6
    assert [e.detail for e in store.audit_trail(study) if e.kind is AuditKind.READER_WITHDREW] == ["reader 1"]


@pytest.mark.parametrize("leave", [by_link, by_investigator])
def test_where_the_text_says_erased_answers_times_profile_and_name_are_gone(
    store: Store, clock: Clock, leave: Leave
) -> None:
    study, adler, bach = read_by_two(store, clock, ERASES)
    leave(store, study, adler)
    first, second = store.progress(study)
    assert (first.name, first.answered, second.name, second.answered) == ("withdrawn reader 1", 0, "Dr Bach", 2)
    kept = row(store)
    assert kept["profile"] is None and kept["erased_at"] is not None and kept["consented_at"] is not None
    with store._engine.connect() as connection:
        times = connection.execute(
            text("SELECT count(*) FROM assignment JOIN rater ON rater.id = rater_id WHERE number = 0 "
                 "AND (shown_at IS NOT NULL OR viewing_since IS NOT NULL OR viewed_seconds > 0)")
        ).scalar_one()  # fmt: skip
    assert times == 0 and len(ratings(store)) == 2
    assert store.monitoring(study)[0].per_day == {} and store.monitoring(study)[0].last_at is None
    bach.finish()
    store.close_study(study)
    assert {o.reader for o in store.observations(study)} == {"Dr Bach"}
    erased = [event.detail for event in store.audit_trail(study) if event.kind is AuditKind.READER_ERASED]
    assert erased == ["reader 1, 3 rows"] and store.verify_audit_trail().problem is None


def test_corrections_are_erased_with_the_answers(store: Store, clock: Clock) -> None:
    study, adler, _ = read_by_two(store, clock, ERASES)
    last = store.last_answer(adler.token)
    assert last is not None
    store.correct(adler.token, as_asked(last.item, 6))
    assert len(ratings(store)) == 6
    store.withdraw(adler.token)
    assert len(ratings(store)) == 2


def measured(store: Store) -> int:
    with store._engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM caliper")).scalar_one())


def test_measurements_are_erased_with_the_answers_and_those_of_others_stay(store: Store, clock: Clock) -> None:
    study, adler, bach = read_by_two(store, clock, replace(ERASES, keeps_calipers=True))
    for reader in (adler, bach):
        store.measure(reader.token, reader.look().presentation, [PR_INTERVAL, R_WAVE])
    with store._engine.connect() as connection, pytest.raises(DBAPIError, match="caliper is append-only"):
        connection.execute(text("DELETE FROM caliper"))
    store.withdraw(adler.token)
    assert measured(store) == 2 and store.verify_audit_trail().problem is None
    assert (store.audit_trail(study)[-1].seals or {})["measurement 1 on presentation 4 of reader 1"] is None


@pytest.mark.parametrize("statement", ["DELETE FROM rating", "UPDATE rating SET verdict = 1"])
def test_the_database_lets_nobody_else_s_ratings_be_deleted_and_none_be_changed(
    store: Store, clock: Clock, statement: str
) -> None:
    _, adler, _ = read_by_two(store, clock, KEEPS)
    store.withdraw(adler.token)
    before = ratings(store)
    with store._engine.connect() as connection, pytest.raises(DBAPIError, match="rating is append-only"):
        connection.execute(text(statement))
    assert ratings(store) == before and len(before) == 5


def test_what_counts_is_the_text_that_this_reader_agreed_to(store: Store, clock: Clock) -> None:
    study, adler, bach = read_by_two(store, clock, ERASES)
    store.amend_protocol(study, replace(KEEPS, consent_version="2"), "", "The ethics board asked for it.")
    store.consent(bach.token, "2")
    assert [pace.erases_on_withdrawal for pace in store.monitoring(study)] == [True, False]
    store.withdraw(adler.token)  # agreed to version 1 only
    store.withdraw(bach.token)
    assert [reader.name for reader in store.progress(study)] == ["withdrawn reader 1", "Dr Bach"]
    assert len(ratings(store)) == 2


def test_without_a_text_the_protocol_decides(store: Store, clock: Clock) -> None:
    _, adler, _ = read_by_two(store, clock, StudyProtocol(erases_on_withdrawal=True))
    store.withdraw(adler.token)
    assert len(ratings(store)) == 2


def test_an_answer_that_comes_with_the_withdrawal_is_erased_or_refused(store: Store, clock: Clock) -> None:
    study = store.create_study(make_plan(protocol=StudyProtocol(erases_on_withdrawal=True)))
    store.open_study(study)
    readers = [Reader(store, clock, store.add_reader(study, f"Dr {number}")) for number in range(6)]
    answers = [(reader, as_asked(reader.look(), 3)) for reader in readers]
    acts = [partial(store.record, reader.token, answer) for reader, answer in answers]
    acts += [partial(store.withdraw, reader.token) for reader in readers]
    with ThreadPoolExecutor(len(acts)) as threads:
        outcomes = [future.exception() for future in [threads.submit(act) for act in acts]]
    assert {type(error) for error in outcomes} <= {NoneType, UnknownLink} and outcomes[6:] == [None] * 6
    assert ratings(store) == [] and store.verify_audit_trail().problem is None


def test_a_withdrawn_reader_gets_no_other_link_and_leaves_only_once(store: Store, clock: Clock) -> None:
    study, adler, _ = read_by_two(store, clock, ERASES)
    number = store.progress(study)[0].rater_id
    store.withdraw(adler.token)
    events = len(store.audit_trail(study))
    store.withdraw_reader(number)
    assert len(store.audit_trail(study)) == events
    with pytest.raises(UnknownLink):
        store.withdraw(adler.token)
    with pytest.raises(WrongState, match="has withdrawn"):
        store.reissue_link(number)


def test_a_reader_may_leave_a_closed_study_until_it_is_unblinded(store: Store, clock: Clock) -> None:
    study, _, _ = read_by_two(store, clock, ERASES)
    adler, bach = store.progress(study)
    store.close_study(study)
    store.withdraw_reader(adler.rater_id)
    assert {o.reader for o in store.observations(study)} == {"Dr Bach"}
    with pytest.raises(WrongState, match="unblinded"):
        store.withdraw_reader(bach.rater_id)
    assert len(ratings(store)) == 2


def test_a_reader_who_is_not_there_cannot_be_withdrawn(store: Store) -> None:
    with pytest.raises(UnknownReader, match="no reader 404"):
        store.withdraw_reader(404)
