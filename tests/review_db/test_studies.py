"""A study from plan to closing, on both databases."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_db.errors import InvalidPlan, ReviewError, UnknownStudy, WrongState
from review_db.model import Arm, AuditKind, Origin, StudyState
from review_db.protocol import StudyProtocol
from review_db.store import Store
from tests.review_db.scenario import REAL, SYNTHETIC, Clock, Reader, answer_to, make_plan


def test_a_new_study_is_a_draft_with_what_the_plan_says(store: Store, clock: Clock) -> None:
    study = store.study(store.create_study(make_plan(protocol=StudyProtocol(minimum_view_seconds=2.5))))
    assert (study.title, study.description, study.seed) == ("Reading at dawn", "Twelve leads each.", 5)
    assert (study.state, study.items, study.readers, study.ratings) == (StudyState.DRAFT, 6, 0, 0)
    assert study.arms == (REAL, SYNTHETIC)
    assert study.protocol == StudyProtocol(minimum_view_seconds=2.5)
    assert (study.created_at, study.opened_at, study.closed_at) == (clock.now, None, None)


def test_studies_are_listed_with_the_newest_first(store: Store) -> None:
    older, newer = (store.create_study(make_plan(title=title)) for title in ("older", "newer"))
    assert [(study.id, study.title) for study in store.studies()] == [(newer, "newer"), (older, "older")]


def test_a_study_goes_from_draft_to_open_to_closed_and_not_back(store: Store, clock: Clock) -> None:
    study_id = store.create_study(make_plan())
    with pytest.raises(WrongState, match="draft"):
        store.close_study(study_id)
    clock.advance(60)
    store.open_study(study_id)
    opened = clock.now
    clock.advance(60)
    store.close_study(study_id)
    study = store.study(study_id)
    assert (study.state, study.opened_at, study.closed_at) == (StudyState.CLOSED, opened, clock.now)
    for verb in (store.open_study, store.close_study, store.delete_draft):
        with pytest.raises(WrongState, match="closed"):
            verb(study_id)


def test_a_draft_can_be_deleted_with_its_readers_and_leaves_a_trail(store: Store) -> None:
    study_id, kept = store.create_study(make_plan()), store.create_study(make_plan())
    store.add_reader(study_id, "Dr Adler")
    store.delete_draft(study_id)
    assert [study.id for study in store.studies()] == [kept]
    assert [event.kind for event in store.audit_trail(study_id)][-1] is AuditKind.DRAFT_DELETED


def test_the_number_of_a_deleted_draft_is_not_used_again(store: Store) -> None:
    deleted = store.create_study(make_plan())
    store.delete_draft(deleted)
    assert store.create_study(make_plan()) != deleted


def test_an_open_study_cannot_be_deleted(store: Store, open_study: int) -> None:
    with pytest.raises(WrongState, match="only a draft"):
        store.delete_draft(open_study)


@pytest.mark.parametrize("verb", ["study", "open_study", "close_study", "delete_draft", "progress", "observations"])
def test_verbs_name_a_study_that_is_not_there(store: Store, verb: str) -> None:
    with pytest.raises(UnknownStudy, match="no study 404"):
        getattr(store, verb)(404)


def test_a_number_beyond_the_database_is_refused_in_words(store: Store) -> None:
    with pytest.raises(ReviewError):
        store.study(10**30)


def test_ratings_are_counted_by_study_and_without_corrections(store: Store, reader: Reader) -> None:
    other = store.create_study(make_plan(title="other"))
    for _ in range(2):
        reader.answer()
    last = store.last_answer(reader.token)
    assert last is not None
    store.correct(reader.token, answer_to(last.item))
    assert {study.title: study.ratings for study in store.studies()} == {"other": 0, "Reading at dawn": 2}
    assert store.study(other).readers == 0


def test_the_trail_tells_a_study_from_beginning_to_end(store: Store, clock: Clock) -> None:
    study_id = store.create_study(make_plan())
    token = store.add_reader(study_id, "Dr Adler")
    store.open_study(study_id)
    Reader(store, clock, token).finish()
    store.close_study(study_id)
    store.observations(study_id)
    store.observations(study_id)
    store.export_csv(study_id)
    kinds = [event.kind.value for event in store.audit_trail(study_id)]
    assert kinds == ["created", "reader added", "opened", "closed", "unblinded", "exported"]
    assert token not in repr(store.audit_trail())


# ------------------------------------------------------------------------------------------------- plans

ITEMS = make_plan().items


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "   "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "\0"}, "not text"),
        ({"description": "\ud800"}, "not text"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"items": []}, "at least one ECG"),
        ({"arms": [REAL, REAL]}, "each a different one"),
        ({"arms": [REAL]}, "diffusion sampler"),
        ({"arms": [REAL, SYNTHETIC, Arm("idle", Origin.REAL)]}, "idle"),
        ({"items": [*ITEMS, replace(ITEMS[0], payload=b"")]}, "same size"),
        ({"items": [*ITEMS, replace(ITEMS[0], payload=bytes(25))]}, "same size"),
        ({"items": [*ITEMS, ITEMS[0]]}, "twice"),
        ({"items": [*ITEMS, replace(ITEMS[0], payload=bytes(24), provenance={"x": math.nan})]}, "JSON"),
        ({"items": [*ITEMS, replace(ITEMS[0], payload=bytes(24), provenance={"x": {1}})]}, "JSON"),
    ],
)
def test_a_plan_that_could_not_be_read_blind_is_refused_in_words(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidPlan, match=words):
        make_plan(**changes)


def test_a_plan_names_all_that_is_wrong_with_it() -> None:
    with pytest.raises(InvalidPlan, match=r"title.*seed.*at least one ECG"):
        make_plan(title="", seed=-1, items=[])


STORABLE = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=50)


@given(text=STORABLE, seed=st.integers(0, 2**63 - 1))
def test_any_text_is_a_description(text: str, seed: int) -> None:
    assert make_plan(description=text, seed=seed).description == text


def test_two_readers_of_a_study_read_in_different_orders(invite: Callable[[str], Reader]) -> None:
    orders = []
    for name in ("Dr Adler", "Dr Bach", "Dr Chopin", "Dr Dvorak"):
        reader, order = invite(name), []
        while (item := reader.store.next_item(reader.token)) is not None:
            order.append(item.payload)
            reader.answer()
        orders.append(tuple(order))
    assert len(set(orders)) > 1
    assert len({frozenset(order) for order in orders}) == 1


def test_an_ecg_of_any_study_is_known_by_its_payload(store: Store) -> None:
    plan = make_plan()
    assert not store.holds_ecg(plan.items[0].payload)
    study = store.create_study(plan)
    assert all(store.holds_ecg(item.payload) for item in plan.items) and not store.holds_ecg(b"another")
    store.delete_draft(study)
    assert not store.holds_ecg(plan.items[0].payload)
