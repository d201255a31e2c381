"""What readers measure on the sheet is kept with the presentation, in studies whose protocol wants it."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from review_db import calipers
from review_db.blinded import LEADS, BlindedItem, Caliper, CaliperKind, LastAnswer
from review_db.errors import InvalidSubmission, NeverShown, NotCorrectable, UnknownPresentation
from review_db.model import AuditKind
from review_db.protocol import Design, StudyProtocol
from review_db.store import Store
from tests.review_db.scenario import PR_INTERVAL, R_WAVE, Clock, Reader, as_asked, make_plan

KEEPS = StudyProtocol(keeps_calipers=True)
CLEARED = st.builds(Caliper.cleared, st.sampled_from(CaliperKind), st.booleans())
ANY = CLEARED | st.builds(
    Caliper, st.sampled_from(CaliperKind), st.sampled_from(LEADS), st.floats(-60, 60), st.floats(-100, 100),
    st.floats(0, 200), st.booleans(),
)  # fmt: skip


def rows(store: Store) -> list[tuple[object, ...]]:
    with store._engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT * FROM caliper ORDER BY id"))]


def reader_of(store: Store, clock: Clock, protocol: StudyProtocol = KEEPS) -> Reader:
    study = store.create_study(make_plan(protocol=protocol))
    store.open_study(study)
    return Reader(store, clock, store.add_reader(study, "Dr Adler"))


def measure(reader: Reader, *spanned: Caliper) -> int:
    """On the ECG that is to be read."""
    return reader.store.measure(reader.token, reader.look(1.5).presentation, spanned)


def last_of(kept: list[Caliper]) -> set[Caliper]:
    """The last of each caliper that is on the sheet."""
    return {one for one in {(one.is_beside, one.kind): one for one in kept}.values() if not one.is_cleared}


def is_news(one: Caliper, kept: list[Caliper]) -> bool:
    """What was never measured cannot be cleared."""
    last = {(known.is_beside, known.kind): known for known in kept}.get((one.is_beside, one.kind))
    return one != last and not (last is None and one.is_cleared)


def shown_again(reader: Reader) -> tuple[Caliper, ...]:
    item = reader.store.next_item(reader.token)
    assert item is not None
    return item.calipers


# --------------------------------------------------------------------------------------- they stay with the ECG


@given(moments=st.lists(st.lists(ANY, max_size=3), max_size=4))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("design", Design)
def test_what_was_measured_comes_back_as_it_was_and_each_once(
    url: str, design: Design, moments: list[list[Caliper]]
) -> None:
    """After a reload: the last of each caliper. In the results: all of them, with their times, in their order."""
    with Store.open(url, clock := Clock()) as store:
        reader = reader_of(store, clock, replace(KEEPS, design=design))
        kept: list[Caliper] = []
        for spanned in moments:
            before = len(kept)
            for one in spanned:
                if is_news(one, kept):
                    kept.append(one)
            assert measure(reader, *spanned) == len(kept) - before
        assert set(shown_again(reader)) == last_of(kept)
        reader.finish()
        (study, *_) = store.studies()
        store.close_study(study.id)
        assert store.verify_audit_trail().problem is None
        unblind: dict[Design, Callable[[int], list[object]]] = {
            Design.SINGLE: store.observations, Design.PAIRS: store.pair_observations,
            Design.GRADED: store.grade_observations,
        }  # type: ignore[dict-item]  # fmt: skip
        first, *others = unblind[design](study.id)
        assert [placed.caliper for placed in first.measurements] == kept  # type: ignore[attr-defined]
        assert all(placed.at.tzinfo is UTC for placed in first.measurements)  # type: ignore[attr-defined]
        assert not any(other.measurements for other in others)  # type: ignore[attr-defined]


def test_the_next_ecg_and_other_readers_see_nothing_of_it(store: Store, clock: Clock) -> None:
    reader = reader_of(store, clock)
    other = Reader(store, clock, store.add_reader(1, "Dr Bach"))
    measure(reader, PR_INTERVAL, R_WAVE)
    assert shown_again(reader) == (R_WAVE, PR_INTERVAL) and shown_again(other) == ()
    reader.answer()
    assert shown_again(reader) == ()


def test_the_same_again_is_no_new_measurement_but_going_back_is(store: Store, clock: Clock) -> None:
    reader = reader_of(store, clock)
    wider = replace(PR_INTERVAL, value=200.0)
    assert [measure(reader, one) for one in (PR_INTERVAL, PR_INTERVAL, wider, PR_INTERVAL)] == [1, 0, 1, 1]
    assert len(rows(store)) == 3 and shown_again(reader) == (PR_INTERVAL,)


def test_what_was_cleared_stays_off_the_sheet_and_in_the_store(store: Store, clock: Clock) -> None:
    reader = reader_of(store, clock)
    off = Caliper.cleared(CaliperKind.TIME)
    assert measure(reader, off) == 0 and not rows(store)  # there was nothing to clear
    assert [measure(reader, *moment) for moment in ([PR_INTERVAL, R_WAVE], [off], [off])] == [2, 1, 0]
    assert shown_again(reader) == (R_WAVE,) and len(rows(store)) == 3
    assert measure(reader, Caliper.cleared(CaliperKind.AMPLITUDE)) == 1 and shown_again(reader) == ()
    assert measure(reader, PR_INTERVAL) == 1 and shown_again(reader) == (PR_INTERVAL,)
    assert store.verify_audit_trail().problem is None


def test_an_answer_stays_open_to_measuring_until_the_next_one(store: Store, clock: Clock) -> None:
    """The sheet's word may come after that of the button."""
    reader = reader_of(store, clock)
    first = reader.look()
    store.record(reader.token, as_asked(first, 3))
    assert store.measure(reader.token, first.presentation, [PR_INTERVAL]) == 1
    last = store.last_answer(reader.token)
    assert isinstance(last, LastAnswer) and last.item.calipers == (PR_INTERVAL,)
    reader.answer()
    with pytest.raises(NotCorrectable, match="the ECG that you read now"):
        store.measure(reader.token, first.presentation, [R_WAVE])


def test_practice_is_kept_and_not_among_the_results(store: Store, clock: Clock) -> None:
    items = [replace(item, is_practice=at in (0, 4)) for at, item in enumerate(make_plan(4).items)]
    study = store.create_study(make_plan(protocol=replace(KEEPS, practice=2), items=items))
    store.open_study(study)
    reader = Reader(store, clock, store.add_reader(study, "Dr Adler"))
    measure(reader, PR_INTERVAL)
    assert shown_again(reader) == (PR_INTERVAL,)
    reader.finish()
    store.close_study(study)
    assert len(rows(store)) == 1 and not any(o.measurements for o in store.observations(study))


def test_once_the_viewing_time_is_over_the_calipers_are_gone_with_the_ecg(store: Store, clock: Clock) -> None:
    reader = reader_of(store, clock, replace(KEEPS, maximum_view_seconds=10.0))
    measure(reader, PR_INTERVAL)
    clock.advance(20)
    item = store.next_item(reader.token)
    assert isinstance(item, BlindedItem) and item.payload == b"" and item.calipers == ()


# ------------------------------------------------------------------------------------------------ what is refused


def test_a_study_whose_protocol_says_no_stores_nothing(store: Store, reader: Reader) -> None:
    with pytest.raises(InvalidSubmission, match="does not keep"):
        measure(reader, PR_INTERVAL)
    assert not rows(store) and not StudyProtocol().keeps_calipers


def test_measuring_needs_an_ecg_of_ones_own_on_the_screen(store: Store, clock: Clock) -> None:
    reader = reader_of(store, clock)
    item = store.next_item(reader.token)
    assert item is not None
    with pytest.raises(NeverShown):
        store.measure(reader.token, item.presentation, [PR_INTERVAL])
    other = Reader(store, clock, store.add_reader(1, "Dr Bach"))
    for presentation in (item.presentation, "another", "\0"):
        with pytest.raises(UnknownPresentation):
            store.measure(other.token, presentation, [PR_INTERVAL])
    assert not rows(store)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "weight"),
        ("lead", "V7"),
        ("lead", ""),  # a place, and on no lead
        ("seconds", 61.0),
        ("seconds", float("nan")),
        ("millivolts", float("inf")),
        ("value", -1.0),
        ("value", float("nan")),
        ("value", 1e9),
    ],
)
def test_a_caliper_that_no_sheet_could_hold_is_refused(field: str, value: object) -> None:
    with pytest.raises(InvalidSubmission, match=r"caliper (is|lies)"):
        replace(PR_INTERVAL, **{field: value})  # type: ignore[arg-type]


def test_nobody_fills_the_store_with_one_ecg(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calipers, "MOST_PER_PRESENTATION", 2)
    reader = reader_of(store, clock)
    measure(reader, PR_INTERVAL, R_WAVE)
    with pytest.raises(InvalidSubmission, match="No more than 2"):
        measure(reader, replace(R_WAVE, value=1.0))
    assert len(rows(store)) == 2


# --------------------------------------------------------------------------------------------- the trail, the export


def test_the_trail_says_that_something_was_measured_and_not_what(store: Store, clock: Clock) -> None:
    reader = reader_of(store, clock)
    measure(reader, PR_INTERVAL, R_WAVE)
    told = [event for event in store.reading_trail(1) if event.kind is AuditKind.MEASURED]
    assert [(event.actor, event.detail) for event in told] == [("reader 1", "presentation 1")] * 2
    assert [list(event.seals or {}) for event in told] == [
        ["measurement 1 on presentation 1 of reader 1"],
        ["measurement 2 on presentation 1 of reader 1"],
    ]
    assert not [event for event in store.audit_trail(1) if event.kind is AuditKind.MEASURED]


def test_the_export_tells_kind_place_value_and_time(store: Store, clock: Clock) -> None:
    reader = reader_of(store, clock, replace(KEEPS, design=Design.PAIRS))
    measure(reader, PR_INTERVAL, replace(R_WAVE, is_beside=True))
    reader.finish()
    store.close_study(1)
    cells, other, *_ = csv.DictReader(io.StringIO(store.export_csv(1)))
    assert list(cells)[-2:] == ["left_measurements", "right_measurements"] and not other["left_measurements"]
    assert json.loads(cells["left_measurements"]) == [
        {"kind": "time", "value": 164.0, "unit": "ms", "lead": "II", "seconds": 1.25, "millivolts": -0.4,
         "at": "2026-03-01T08:00:01.500000+00:00"}
    ]  # fmt: skip
    (right,) = json.loads(cells["right_measurements"])
    assert (right["kind"], right["value"], right["unit"], right["lead"]) == ("amplitude", 1.8, "mV", "V5")


def test_the_export_says_when_a_caliper_was_taken_off(store: Store, clock: Clock) -> None:
    reader = reader_of(store, clock)
    measure(reader, PR_INTERVAL)
    measure(reader, Caliper.cleared(CaliperKind.TIME))
    reader.finish()
    store.close_study(1)
    cells, *_ = csv.DictReader(io.StringIO(store.export_csv(1)))
    placed, cleared = json.loads(cells["measurements"])
    assert placed["value"] == 164.0 and placed["at"] < cleared["at"]
    nowhere = {"kind": "time", "value": None, "unit": "ms", "lead": None, "seconds": None, "millivolts": None}
    assert cleared == nowhere | {"at": cleared["at"]}


def test_a_zero_with_a_sign_is_sealed_as_the_database_keeps_it(store: Store, clock: Clock) -> None:
    reader = reader_of(store, clock)
    measure(reader, replace(R_WAVE, millivolts=-0.0, value=0.0))
    assert store.verify_audit_trail().problem is None
