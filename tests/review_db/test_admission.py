"""Who may read: consent before the first ECG, the questions about the reader, a reader who has to wait."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from review_db.blinded import Consent, Profile, Submission
from review_db.errors import ConsentMissing, InvalidSubmission, ReadingPaused
from review_db.model import AuditKind
from review_db.protocol import StudyProtocol
from review_db.scales import Plausibility, Verdict
from review_db.store import Store
from tests.review_db.scenario import Clock, Reader, answer_to, make_plan, ratings

TEXT = "You read ECGs. Your answers are kept under a number."
ASKING = StudyProtocol(consent=TEXT, consent_version="1", erases_on_withdrawal=True, asks_profile=True)
PROFILE = Profile("cardiology", 12, 150)
Act = Callable[[Store, Reader, str], object]
ACTS: dict[str, Act] = {
    "next_item": lambda store, reader, code: store.next_item(reader.token),
    "mark_shown": lambda store, reader, code: store.mark_shown(reader.token, code),
    "pause": lambda store, reader, code: store.pause(reader.token, code),
    "record": lambda store, reader, code: store.record(reader.token, answer(code)),
    "correct": lambda store, reader, code: store.correct(reader.token, answer(code)),
    "last_answer": lambda store, reader, code: store.last_answer(reader.token),
    "feedback": lambda store, reader, code: store.feedback(reader.token, code),
}


def answer(code: str) -> Submission:
    return Submission(code, Verdict.POSSIBLY_REAL, Plausibility.UNDECIDED, "", submission_id=code)


@pytest.fixture
def study(store: Store) -> int:
    study = store.create_study(make_plan(protocol=ASKING))
    store.open_study(study)
    return study


@pytest.fixture
def reader(store: Store, clock: Clock, study: int) -> Reader:
    return Reader(store, clock, store.add_reader(study, "Dr Adler"))


def presentation(store: Store) -> str:
    with store._engine.connect() as connection:
        code = connection.exec_driver_sql("SELECT presentation FROM assignment ORDER BY position").scalar()
    return str(code)


@pytest.mark.parametrize("act", ACTS)
def test_before_consent_and_profile_nothing_is_shown_and_nothing_is_taken(
    store: Store, reader: Reader, act: str
) -> None:
    for words in ("Agree to the text", "who you are"):
        with pytest.raises(ConsentMissing, match=words):
            ACTS[act](store, reader, presentation(store))
        store.consent(reader.token, "1")
    assert ratings(store) == []


def test_the_place_says_what_is_missing_until_it_is_given(store: Store, reader: Reader) -> None:
    place = store.reading(reader.token)
    assert (place.consent, place.needs_profile) == (Consent(TEXT, "1", erases_on_withdrawal=True), True)
    store.consent(reader.token, "1")
    place = store.reading(reader.token)
    assert (place.consent, place.needs_profile) == (None, True)
    store.introduce(reader.token, PROFILE)
    assert not store.reading(reader.token).needs_profile
    reader.finish()
    assert store.reading(reader.token).finished


def test_consent_is_kept_with_its_time_and_version_and_said_in_the_trail_once(
    store: Store, clock: Clock, reader: Reader, study: int
) -> None:
    agreed_at = clock.now
    for _ in range(2):
        store.consent(reader.token, "1")
        clock.advance(60)
    assert store.monitoring(study)[0].consented_at == agreed_at
    events = [event for event in store.audit_trail(study) if event.kind is AuditKind.READER_CONSENTED]
    assert [event.detail for event in events] == ["reader 1, version 1"]


@pytest.mark.parametrize("version", ["", "2", "x" * 9000, "\0"])
def test_nobody_agrees_to_a_text_that_is_not_in_force(store: Store, reader: Reader, version: str) -> None:
    with pytest.raises(ConsentMissing, match="reload the page"):
        store.consent(reader.token, version)
    assert store.reading(reader.token).consent is not None


def test_a_new_text_is_asked_for_again_in_the_middle_of_the_study(store: Store, reader: Reader, study: int) -> None:
    store.consent(reader.token, "1")
    store.introduce(reader.token, PROFILE)
    item = reader.look()
    store.amend_protocol(study, replace(ASKING, consent="Another text.", consent_version="2"), "", "The board asked.")
    with pytest.raises(ConsentMissing):
        store.record(reader.token, answer_to(item))
    with pytest.raises(ConsentMissing, match="changed meanwhile"):
        store.consent(reader.token, "1")
    store.consent(reader.token, "2")
    assert store.record(reader.token, answer_to(item)).is_new


def test_a_study_without_a_text_asks_for_nothing(store: Store, clock: Clock) -> None:
    study = store.create_study(make_plan())
    store.open_study(study)
    token = store.add_reader(study, "Dr Adler")
    store.consent(token, "whatever")
    assert store.reading(token).consent is None and store.next_item(token) is not None
    assert store.monitoring(study)[0].consented_at is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"specialty": "  "}, "specialty"),
        ({"specialty": "x" * 101}, "specialty"),
        ({"specialty": "\0"}, "specialty"),
        ({"years": -1}, "Years"),
        ({"years": 81}, "Years"),
        ({"ecgs_per_week": 5001}, "ECGs per week"),
    ],
)
def test_a_profile_that_cannot_be_is_refused_in_words(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidSubmission, match=words):
        replace(PROFILE, **changes)  # type: ignore[arg-type]


def test_a_paused_reader_waits_and_then_goes_on_at_the_same_ecg(store: Store, reader: Reader, study: int) -> None:
    store.consent(reader.token, "1")
    store.introduce(reader.token, PROFILE)
    item = reader.look()
    (place,) = store.progress(study)
    for _ in range(2):  # a second click changes nothing
        store.pause_reader(place.rater_id)
    for act in ACTS.values():
        with pytest.raises(ReadingPaused, match="paused by the person who runs the study"):
            act(store, reader, item.presentation)
    with pytest.raises(ReadingPaused):
        store.reading(reader.token)
    assert store.progress(study)[0].paused
    assert store.erases_on_withdrawal(reader.token)  # one may still ask, and leave
    store.resume_reader(place.rater_id)
    assert not store.progress(study)[0].paused
    assert store.record(reader.token, answer_to(item)).is_new
    kinds = [event.kind for event in store.audit_trail(study)]
    assert kinds.count(AuditKind.READER_PAUSED) == kinds.count(AuditKind.READER_RESUMED) == 1


def test_pausing_one_reader_leaves_the_others_alone(store: Store, clock: Clock, reader: Reader, study: int) -> None:
    other = Reader(store, clock, store.add_reader(study, "Dr Bach"))
    store.pause_reader(store.progress(study)[0].rater_id)
    store.consent(other.token, "1")
    store.introduce(other.token, PROFILE)
    other.finish()
    assert [place.answered for place in store.progress(study)] == [0, 6]


def test_a_reminder_is_written_down_with_its_time(store: Store, clock: Clock, reader: Reader, study: int) -> None:
    (place,) = store.progress(study)
    assert place.reminded_at is None
    clock.advance(3600)
    store.note_reminder(place.rater_id)
    assert store.progress(study)[0].reminded_at == clock.now
    assert store.audit_trail(study)[-1].kind is AuditKind.READER_REMINDED
