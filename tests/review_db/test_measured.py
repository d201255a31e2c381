"""Measurements below the ECG: of all arms in one form, stored with the ECG, shown where the protocol says so."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from review_db.blinded import BlindedItem
from review_db.errors import InvalidPlan
from review_db.measured import NAMES, NOTHING, in_order, is_whole
from review_db.plan import StudyPlan
from review_db.protocol import Design, StudyProtocol, from_mapping
from review_db.protocol_words import sentences
from review_db.store import Store
from tests.review_db.scenario import Clock, Reader, make_plan, with_measurements

ANY = st.fixed_dictionaries({name: st.none() | st.integers(-180, 900) for name in NAMES})


def read(store: Store, clock: Clock, plan: StudyPlan) -> list[BlindedItem]:
    """All presentations of one reader."""
    study = store.create_study(plan)
    store.open_study(study)
    reader, seen = Reader(store, clock, store.add_reader(study, "Dr Adler")), []
    while (item := store.next_item(reader.token)) is not None:
        seen.append(item)
        reader.follow(lambda item: (3, 2.0), most=1)
    return seen


def shape(measured: Mapping[str, int | None] | None) -> list[str]:
    assert measured is not None and all(value is None or type(value) is int for value in measured.values())
    return list(measured)


@given(values=st.lists(ANY, min_size=6, max_size=6))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("design", Design)
def test_every_ecg_of_every_arm_comes_with_the_same_names_and_its_own_values(
    url: str, design: Design, values: list[dict[str, int | None]]
) -> None:
    made = with_measurements(make_plan(protocol=StudyProtocol(design=design)))
    plan = replace(made, items=[replace(item, measured=one) for item, one in zip(made.items, values, strict=True)])
    stored = {item.payload: item.measured for item in plan.items}
    with Store.open(url, clock := Clock()) as store:
        seen = read(store, clock, plan)
    for item in seen:
        sides: list[tuple[bytes, Any]] = [(item.payload, item.measured)]
        if item.beside is not None:
            sides.append((item.beside, item.measured_beside))
        for payload, measured in sides:
            assert shape(measured) == list(NAMES) and measured == stored[payload]


def test_a_study_that_shows_none_has_none_in_any_item(store: Store, clock: Clock) -> None:
    assert {(item.measured, item.measured_beside) for item in read(store, clock, make_plan())} == {(None, None)}


def test_once_the_viewing_time_is_over_the_names_stay_and_the_values_go(store: Store, clock: Clock) -> None:
    plan = with_measurements(make_plan(protocol=StudyProtocol(maximum_view_seconds=5.0)))
    study = store.create_study(plan)
    store.open_study(study)
    reader = Reader(store, clock, store.add_reader(study, "Dr Adler"))
    reader.look(9.0)
    item = store.next_item(reader.token)
    assert item is not None and item.measured == dict(NOTHING) and list(item.measured) == list(NAMES)


BROKEN: dict[str, Any] = {
    "one is missing": {name: 1 for name in NAMES[1:]},
    "one is too many": {name: 1 for name in (*NAMES, "rr_cv")},
    "a fraction": dict(NOTHING) | {"qrs_ms": 91.5},
    "a truth value": dict(NOTHING) | {"qrs_ms": True},
    "none at all": None,
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_form_that_could_tell_the_arms_apart_is_refused(kind: str) -> None:
    plan = with_measurements(make_plan())
    with pytest.raises(InvalidPlan, match="whole numbers, of all ECGs"):
        replace(plan, items=[replace(plan.items[0], measured=BROKEN[kind]), *plan.items[1:]])


def test_measurements_that_the_protocol_does_not_show_are_refused() -> None:
    plan = with_measurements(make_plan())
    with pytest.raises(InvalidPlan, match="of none where not"):
        replace(plan, protocol=StudyProtocol())


@given(ANY)
def test_whatever_order_a_database_gives_them_back_in_they_are_in_theirs(measured: dict[str, int | None]) -> None:
    backwards = dict(reversed(measured.items()))
    assert list(in_order(backwards)) == list(NAMES) and in_order(backwards) == measured and is_whole(measured)


@pytest.mark.parametrize("shows", [True, False])
def test_the_data_package_tells_what_readers_saw_below_an_ecg(store: Store, clock: Clock, shows: bool) -> None:
    plan = with_measurements(make_plan()) if shows else make_plan()
    read(store, clock, plan)
    store.close_study(1)
    store.observations(1)
    told = [truth.measured for truth in store.items_of(1)]
    assert told == [None if item.measured is None else dict(item.measured) for item in plan.items]


def test_they_lie_with_the_ecg_and_not_with_the_truth(store: Store) -> None:
    store.create_study(with_measurements(make_plan()))
    with store._engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM item WHERE measured IS NOT NULL")).scalar_one() == 6
        truth = connection.execute(text("SELECT * FROM truth")).mappings().all()
    assert truth and not any("qrs_ms" in str(row) for row in truth)


# ------------------------------------------------------------------------------------------------- the protocol


def test_the_hash_covers_both_rules_and_the_values(store: Store) -> None:
    """Each study differs from the one before in one thing."""
    made = make_plan()
    shown = with_measurements(made)
    other = replace(shown, items=[replace(shown.items[0], measured=dict(NOTHING)), *shown.items[1:]])
    plans = [made, replace(made, protocol=StudyProtocol(keeps_calipers=True)), shown, other]
    hashes = set()
    for plan in plans:
        store.open_study(number := store.create_study(plan))
        hashes.add(store.study(number).protocol_sha256)
    assert len(hashes) == len(plans)


def test_a_protocol_without_them_is_written_as_it_was_before_there_were_any() -> None:
    assert not {"keeps_calipers", "shows_measurements"} & set(StudyProtocol().asdict())
    for name in ("keeps_calipers", "shows_measurements"):
        protocol = StudyProtocol(**{name: True})  # type: ignore[arg-type]
        assert protocol.asdict()[name] is True and from_mapping(protocol.asdict()) == protocol


def test_the_protocol_says_that_they_are_a_source_of_information_which_no_audit_looks_at() -> None:
    (told,) = [words for words in sentences(StudyProtocol(shows_measurements=True)) if "QTc" in words]
    assert "alike in all arms" in told and "may tell readers something of the arm" in told and "leak audit" in told
