"""A protocol is fixed when the study opens; what may be amended is, with a reason, and every version stays."""

from dataclasses import fields, replace

import pytest

from review_db.errors import InvalidPlan, UnknownStudy, WrongState
from review_db.model import AuditKind
from review_db.protocol import Design, StudyProtocol
from review_db.protocols import AMENDABLE
from review_db.store import Store
from tests.review_db.scenario import Clock, Reader, make_plan

FIRST = StudyProtocol(repeats=1, repeat_distance=2, consent="Version one.", consent_version="1")
WHY = "Readers asked for it."
OTHER_VALUES: dict[str, object] = {
    "design": Design.GRADED,
    "asks_plausibility": False,
    "asks_reasons": True,
    "asks_comment": False,
    "items_per_reader": 4,
    "repeats": 0,
    "repeat_distance": 3,
    "practice": 1,
    "longest_run": 3,
    "margin": 0.2,
    "alpha": 0.01,
    "leak_threshold": 0.6,
    "minimum_view_seconds": 2.0,
    "maximum_view_seconds": 60.0,
    "break_every": 10,
    "asks_profile": True,
    "shows_score_after_closing": True,
    "keeps_calipers": True,
    "shows_measurements": True,
}
APART = {"consent", "consent_version", "erases_on_withdrawal", "catch_pairs"}  # tested below; of pairs only


@pytest.fixture
def study(store: Store) -> int:
    study = store.create_study(make_plan(protocol=FIRST))
    store.open_study(study)
    return study


def amend(store: Store, study: int, reason: str = WHY, description: str = "Twelve leads each.", **to: object) -> int:
    changed = replace(store.study(study).protocol, **to)  # type: ignore[arg-type]
    return store.amend_protocol(study, changed, description, reason)


def test_every_rule_of_a_protocol_is_tested_here() -> None:
    assert (
        set(OTHER_VALUES) | APART == {f.name for f in fields(StudyProtocol)} and AMENDABLE <= set(OTHER_VALUES) | APART
    )


@pytest.mark.parametrize("name", sorted(set(OTHER_VALUES) & AMENDABLE))
def test_what_readers_feel_may_be_amended(store: Store, study: int, name: str) -> None:
    assert amend(store, study, **{name: OTHER_VALUES[name]}) == 2
    assert getattr(store.study(study).protocol, name) == OTHER_VALUES[name]


@pytest.mark.parametrize("name", sorted(set(OTHER_VALUES) - AMENDABLE))
def test_what_decides_the_answers_is_fixed(store: Store, study: int, name: str) -> None:
    with pytest.raises(InvalidPlan, match=f"Fixed since the study was opened: {name}"):
        amend(store, study, **{name: OTHER_VALUES[name]})
    assert store.study(study).protocol == FIRST and len(store.protocol_versions(study)) == 1


def test_a_draft_has_no_version_and_is_not_amended(store: Store) -> None:
    draft = store.create_study(make_plan())
    assert store.protocol_versions(draft) == [] and store.study(draft).protocol_version is None
    with pytest.raises(WrongState, match="this study is draft"):
        amend(store, draft, break_every=5)


def test_a_closed_study_is_not_amended(store: Store, study: int) -> None:
    store.close_study(study)
    with pytest.raises(WrongState, match="this study is closed"):
        amend(store, study, break_every=5)


def test_a_study_that_is_not_there_is_not_amended(store: Store) -> None:
    with pytest.raises(UnknownStudy):
        store.amend_protocol(404, FIRST, "", WHY)


def test_every_version_stays_with_its_time_reason_and_hash(store: Store, clock: Clock, study: int) -> None:
    clock.advance(3600)
    assert amend(store, study, break_every=5) == 2
    assert amend(store, study, description="Twelve leads, ten seconds.", break_every=6) == 3
    first, second, third = store.protocol_versions(study)
    assert [v.version for v in (first, second, third)] == [1, 2, 3]
    assert [v.protocol.break_every for v in (first, second, third)] == [None, 5, 6]
    assert (first.reason, second.reason, second.at) == ("", WHY, clock.now) and first.at < second.at
    assert (second.description, third.description) == ("Twelve leads each.", "Twelve leads, ten seconds.")
    assert len({v.sha256 for v in (first, second, third)}) == 3
    now = store.study(study)
    assert (now.protocol_version, now.protocol_sha256, now.description) == (3, third.sha256, third.description)


def test_the_trail_has_the_hash_and_the_reason_of_every_version(store: Store, study: int) -> None:
    amend(store, study, break_every=5)
    opened, amended = (
        next(event.detail for event in store.audit_trail(study) if event.kind is kind)
        for kind in (AuditKind.OPENED, AuditKind.AMENDED)
    )
    first, second = store.protocol_versions(study)
    assert first.sha256 in opened and second.sha256 in amended and WHY in amended and "version 2" in amended


def test_the_same_protocol_again_has_the_same_hash(store: Store, study: int) -> None:
    amend(store, study, break_every=5)
    amend(store, study, break_every=None)
    first, _, third = store.protocol_versions(study)
    assert first.sha256 == third.sha256


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_an_amendment_needs_a_reason(store: Store, study: int, reason: str) -> None:
    with pytest.raises(InvalidPlan, match="in words why"):
        amend(store, study, reason=reason, break_every=5)


@pytest.mark.parametrize(
    "to", [{"reason": "so\0"}, {"description": "\ud800"}, {"consent": "\0", "consent_version": "2"}]
)
def test_what_is_not_text_is_refused(store: Store, study: int, to: dict[str, str]) -> None:
    with pytest.raises(InvalidPlan, match="not text"):
        amend(store, study, **to)  # type: ignore[arg-type]


def test_an_amendment_changes_something(store: Store, study: int) -> None:
    with pytest.raises(InvalidPlan, match="Nothing was changed"):
        amend(store, study)
    assert amend(store, study, description="Other words.") == 2


def test_another_text_needs_a_version_that_nobody_has_agreed_to(store: Store, study: int) -> None:
    with pytest.raises(InvalidPlan, match="not used before"):
        amend(store, study, consent="Version two.")
    assert amend(store, study, consent="Version two.", consent_version="2") == 2
    with pytest.raises(InvalidPlan, match="not used before"):
        amend(store, study, consent="Version three.", consent_version="1")
    assert amend(store, study, consent="Version one.", consent_version="1") == 3  # back to the very same text


def test_another_rule_for_who_withdraws_needs_another_version_too(store: Store, study: int) -> None:
    with pytest.raises(InvalidPlan, match="not used before"):
        amend(store, study, erases_on_withdrawal=True)
    assert amend(store, study, erases_on_withdrawal=True, consent_version="2") == 2


def test_a_shorter_minimum_holds_from_the_next_click_on(store: Store, clock: Clock, study: int) -> None:
    reader = Reader(store, clock, store.add_reader(study, "Dr Adler"))
    store.consent(reader.token, "1")
    amend(store, study, minimum_view_seconds=30.0)
    item = store.next_item(reader.token)
    assert item is not None and item.rules.minimum_view_seconds == 30.0
    amend(store, study, minimum_view_seconds=0.0)
    reader.follow(lambda item: (3, 0.5))
    assert store.reading(reader.token).finished


def test_readers_who_come_after_an_amendment_read_what_the_others_read(store: Store, clock: Clock, study: int) -> None:
    store.add_reader(study, "Dr Adler")
    amend(store, study, break_every=5)
    store.add_reader(study, "Dr Bach")
    assert [reader.total for reader in store.progress(study)] == [7, 7]
