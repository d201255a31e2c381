"""Readers in the report: who they were, who left, and nothing of who was erased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest

from review_db.blinded import Profile
from review_db.errors import StillBlinded, UnknownStudy
from review_db.model import AuditEvent, AuditKind
from review_db.observed import ReaderRecord
from review_db.protocol import FIELDS, Design, StudyProtocol
from review_db.report import methods_protocol, people
from review_db.report.trail import LEFT_OUT, without_erased_names
from review_db.store import Store, migrate
from tests.review_db.report_kit import START, answers, content
from tests.review_db.scenario import Clock, Reader, make_plan

ASKING = StudyProtocol(consent="I agree.", consent_version="1", erases_on_withdrawal=True, asks_profile=True)


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'review.db'}"
    migrate(url)
    with Store.open(url, clock) as opened:
        yield opened


def record(number: int, profile: Profile | None = None, **changes: object) -> ReaderRecord:
    usual: dict[str, object] = dict.fromkeys(("is_paused", "is_revoked", "has_withdrawn", "is_erased"), False)
    usual |= {"consent_version": None, "practice_answered": 0, "practice_total": 0}
    return ReaderRecord(number, profile, **(usual | changes))  # type: ignore[arg-type]


def test_readers_are_described_after_closing_without_a_name_or_an_erased_profile(store: Store, clock: Clock) -> None:
    study = store.create_study(make_plan(protocol=ASKING))
    tokens = [store.add_reader(study, name) for name in ("Dr Ada", "Dr Bo")]
    store.open_study(study, reason="A pilot")
    for token in tokens:
        store.consent(token, "1")
        store.introduce(token, Profile("Cardiology", 5, 40))
        Reader(store, clock, token).answer()
    store.withdraw(tokens[1])
    with pytest.raises(StillBlinded):
        store.reader_profiles(study)
    store.close_study(study)
    assert store.reader_profiles(study) == [
        record(1, Profile("Cardiology", 5, 40), consent_version="1"),
        record(2, None, consent_version="1", is_revoked=True, has_withdrawn=True, is_erased=True),
    ]
    assert "name" not in {field.name for field in fields(ReaderRecord)}
    with pytest.raises(UnknownStudy):
        store.reader_profiles(study + 1)


def test_the_ecgs_of_a_study_are_listed_after_unblinding_whether_or_not_anybody_read_them(
    store: Store, clock: Clock
) -> None:
    study = store.create_study(make_plan(per_arm=3))
    token = store.add_reader(study, "Dr Ada")
    store.open_study(study, reason="A pilot")
    Reader(store, clock, token).answer()
    store.close_study(study)
    with pytest.raises(StillBlinded):
        store.items_of(study)
    (answered,) = store.observations(study)
    items = {item.item: item for item in store.items_of(study)}
    assert list(items) == [1, 2, 3, 4, 5, 6]
    known = items[answered.item]
    assert (known.arm, known.origin, known.labels) == (answered.arm, answered.origin, answered.labels)
    assert known.provenance == answered.provenance
    with pytest.raises(StillBlinded):
        store.items_of(study + 1)


def test_an_old_trail_is_shown_without_the_name_of_who_was_erased() -> None:
    told = [
        (AuditKind.CREATED, "6 ECGs"),
        (AuditKind.READER_ADDED, "Dr Ada"),
        (AuditKind.READER_ADDED, "Dr Bo"),
        (AuditKind.READER_ADDED, "reader 3"),
        (AuditKind.READER_PAUSED, "Dr Bo"),
        (AuditKind.READER_ERASED, "reader 2, 4 rows"),
        (AuditKind.READER_ERASED, "reader 3, 1 rows"),
        (AuditKind.CLOSED, ""),
    ]
    trail = [AuditEvent(START + timedelta(at), kind, 1, detail, "") for at, (kind, detail) in enumerate(told)]
    shown = [event.detail for event in without_erased_names(trail)]
    assert shown == [
        "6 ECGs", "Dr Ada", LEFT_OUT, "reader 3", LEFT_OUT, "reader 2, 4 rows", "reader 3, 1 rows", ""
    ]  # fmt: skip


def test_specialties_are_counted_whatever_their_capitals_and_numbers_have_median_and_range() -> None:
    given = [Profile("Cardiology ", 3, 10), Profile("cardiology", 9, 30), Profile("Surgery", 4, 500)]
    assert people.specialties(given) == {"Cardiology": 2, "Surgery": 1}
    years, weekly = people.spreads(given)
    assert (years.median, years.low, years.high, years.readers) == (4.0, 3, 9, 3)
    assert (weekly.median, weekly.low, weekly.high) == (30.0, 10, 500)
    assert people.spreads([]) == []


def test_settings_are_said_for_the_design_and_defaults_too() -> None:
    usual, pairs = StudyProtocol(), StudyProtocol(design=Design.PAIRS, repeats=3, repeat_distance=5)
    assert set(methods_protocol.SETTINGS) <= FIELDS
    said = methods_protocol.settings(usual)
    assert "Nothing is shown twice." in said and "No practice." in said and not any("catch" in one for one in said)
    assert {"No catch pairs.", "At least 5 presentations between both readings of one."} <= set(
        methods_protocol.settings(pairs)
    )


def test_pauses_revoked_links_and_both_ways_of_leaving_are_counted_apart() -> None:
    made = content(answers(("A", "B", "C", "D"), 4))
    readers = [
        *made.readers[:1],
        *(replace(one, **state) for one, state in zip(made.readers[1:], (
            {"withdrawn": True, "revoked": True}, {"revoked": True}, {"paused": True}), strict=True)),
    ]  # fmt: skip
    kept = content(
        answers(("A", "B", "C", "D"), 4),
        readers=readers,
        people=[record(1), record(2, has_withdrawn=True), record(3, is_revoked=True), record(4, is_paused=True)],
        trail=[AuditEvent(START, AuditKind.READER_PAUSED, 7, "reader 4", "")],
    )
    told = people.leaving(kept)
    assert "1 reader withdrew (answers kept: 1, erased: 0)." in told
    assert "1 link revoked" in told and "paused 1 time, 1 of them to the end" in told
