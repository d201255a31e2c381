"""Practice: first, explained after each answer, and never counted."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import event

from review_db.blinded import Feedback
from review_db.errors import NotCorrectable, UnknownPresentation
from review_db.model import Origin
from review_db.plan import StudyPlan
from review_db.protocol import Design, StudyProtocol
from review_db.store import Store
from tests.review_db.scenario import Clock, Reader, answer_to, as_asked, make_plan

PRACTICE = 2


def practising_plan(design: Design = Design.SINGLE) -> StudyPlan:
    """Three cases that count and two for practice, of which two ECGs (or pairs) are shown."""
    plan = make_plan(per_arm=5)
    items = [replace(item, is_practice=at % 5 >= 3) for at, item in enumerate(plan.items)]
    return replace(plan, items=items, protocol=StudyProtocol(design=design, practice=PRACTICE))


def truth_of(plan: StudyPlan) -> dict[bytes, Origin]:
    origins = {arm.name: arm.origin for arm in plan.arms}
    return {item.payload: origins[item.arm] for item in plan.items}


@pytest.fixture(params=Design)
def plan(request: pytest.FixtureRequest) -> StudyPlan:
    return practising_plan(request.param)


@pytest.fixture
def study(store: Store, plan: StudyPlan) -> int:
    study = store.create_study(plan)
    store.open_study(study)
    return study


@pytest.fixture
def invite(store: Store, clock: Clock, study: int) -> Callable[[str], Reader]:
    return lambda name: Reader(store, clock, store.add_reader(study, name))


@pytest.fixture
def reader(invite: Callable[[str], Reader]) -> Reader:
    return invite("Dr Adler")


def test_practice_comes_first_and_each_answer_is_explained(store: Store, reader: Reader, plan: StudyPlan) -> None:
    truth = truth_of(plan)
    for at in range(PRACTICE):
        item = reader.look()
        assert item.is_practice and (item.position, item.total) == (at + 1, PRACTICE)
        store.record(reader.token, as_asked(item, 2))
        beside = None if item.beside is None else truth[item.beside]
        assert store.feedback(reader.token, item.presentation) == Feedback(truth[item.payload], beside)
    item = reader.look()
    assert not item.is_practice and item.position == 1


def test_feedback_that_a_reload_took_away_can_be_had_until_the_next_ecg_is_shown(store: Store, reader: Reader) -> None:
    assert store.practice_to_explain(reader.token) is None
    for verdict in (2, 1):
        item = reader.look()
        assert store.practice_to_explain(reader.token) is None
        store.record(reader.token, as_asked(item, verdict))
        waiting = store.practice_to_explain(reader.token)
        assert waiting and (waiting.item.presentation, waiting.verdict) == (item.presentation, verdict)
    item = reader.look()
    assert store.practice_to_explain(reader.token) is None
    store.record(reader.token, as_asked(item, 2))
    assert store.practice_to_explain(reader.token) is None


def test_practice_is_counted_apart_and_never_observed(store: Store, reader: Reader, study: int) -> None:
    reader.follow(lambda item: (3, 2.0), most=PRACTICE)
    place = store.reading(reader.token)
    assert (place.practice_answered, place.practice_total, place.answered) == (PRACTICE, PRACTICE, 0)
    assert store.progress(study)[0].answered == store.study(study).ratings == 0
    pace = store.monitoring(study)[0]
    assert (pace.practice_answered, pace.answered, pace.per_day, pace.started_at) == (PRACTICE, 0, {}, None)
    reader.finish()
    store.close_study(study)
    design = store.study(study).protocol.design
    look = {Design.SINGLE: store.observations, Design.PAIRS: store.pair_observations,
            Design.GRADED: store.grade_observations}[design]  # fmt: skip
    assert [o.position for o in look(study)] == list(range(1, place.total + 1))  # type: ignore[operator]


def test_nothing_is_explained_before_the_answer_or_outside_practice(store: Store, reader: Reader) -> None:
    first = reader.look()
    with pytest.raises(UnknownPresentation, match="Only practice that you have answered"):
        store.feedback(reader.token, first.presentation)
    reader.finish()
    with store._engine.connect() as connection:
        codes = connection.exec_driver_sql("SELECT presentation, is_practice FROM assignment").all()
    for code, is_practice in codes:
        if is_practice:
            assert store.feedback(reader.token, code)
        else:
            with pytest.raises(UnknownPresentation):
                store.feedback(reader.token, code)


@pytest.mark.parametrize("code", ["", "guess", "\0", "\ud800"])
def test_a_presentation_that_was_never_made_is_not_explained(store: Store, reader: Reader, code: str) -> None:
    with pytest.raises(UnknownPresentation):
        store.feedback(reader.token, code)


def test_another_reader_s_practice_is_not_explained(store: Store, invite: Callable[[str], Reader]) -> None:
    adler, bach = invite("Dr Adler"), invite("Dr Bach")
    item = adler.look()
    store.record(adler.token, as_asked(item, 2))
    with pytest.raises(UnknownPresentation):
        store.feedback(bach.token, item.presentation)


def test_an_answer_that_was_explained_cannot_be_corrected(store: Store, reader: Reader) -> None:
    item = reader.look()
    store.record(reader.token, as_asked(item, 2))
    assert store.last_answer(reader.token) is None
    with pytest.raises(NotCorrectable):
        store.correct(reader.token, as_asked(item, 1))


def test_every_reader_practises_on_the_same_ecgs(store: Store, invite: Callable[[str], Reader]) -> None:
    seen = []
    for name in ("Dr Adler", "Dr Bach"):
        reader, payloads = invite(name), set[bytes]()
        for _ in range(PRACTICE):
            item = reader.look()
            payloads |= {item.payload, item.beside or item.payload}
            store.record(reader.token, as_asked(item, 2))
        seen.append(payloads)
    assert seen[0] == seen[1]


@pytest.mark.parametrize("plan", [practising_plan()], ids=["single"])
def test_feedback_asks_for_the_truth_of_practice_only(store: Store, reader: Reader, plan: StudyPlan) -> None:
    """Were the presentation marked by mistake, the query for the origin still finds no ECG of the study."""
    reader.follow(lambda item: (3, 2.0), most=PRACTICE)
    item = reader.look()
    store.record(reader.token, answer_to(item))
    statements: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    with store._engine.connect() as connection:
        code = connection.exec_driver_sql("SELECT presentation FROM assignment WHERE is_practice").scalar()
    store.feedback(reader.token, str(code))
    asked = [statement for statement in statements if "truth" in statement]
    assert asked and all("item.is_practice" in statement for statement in asked)
    with pytest.raises(UnknownPresentation):
        store.feedback(reader.token, item.presentation)
