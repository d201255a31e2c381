"""Watching a study while it is read: how far, how fast, how carefully; and nothing of the truth or of the answers."""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from inspect import signature
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text

from review_db import monitoring
from review_db.analysis import flags
from review_db.errors import UnknownStudy
from review_db.model import StudyState
from review_db.monitoring import FLAG_WORDS, IDLE_SECONDS, forecast
from review_db.protocol import Design, StudyProtocol
from review_db.scales import Choice, Grade, Plausibility, Reason, Verdict
from review_db.store import Store
from tests.review_db.scenario import Clock, Reader, Script, as_asked, make_plan
from tests.review_db.scripted import mirrored

MAY_READ = {"study", "protocol_version", "rater", "assignment", "rating"}


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(*call: object) -> None:
        sent.append(str(call[2]))

    event.listen(store._engine, "before_cursor_execute", note)
    yield sent
    event.remove(store._engine, "before_cursor_execute", note)


def by_lot(seed: int = 0) -> Script:
    """Answers that know nothing, each after 6 s."""
    chance = random.Random(seed)
    return lambda item: (chance.randint(1, len(item.rules.design.scale)), 6.0)


def study_of(store: Store, clock: Clock, *scripts: Script, per_arm: int = 8, most: int | None = None) -> int:
    study = store.create_study(make_plan(per_arm=per_arm))
    tokens = [store.add_reader(study, f"Dr {number}") for number in range(len(scripts))]
    store.open_study(study)
    for token, script in zip(tokens, scripts, strict=True):
        Reader(store, clock, token).follow(script, most)
    return study


# ------------------------------------------------------------------------------------------- without truth


def test_monitoring_asks_the_database_for_nothing_but_readers_presentations_and_answers(
    store: Store, clock: Clock
) -> None:
    study = study_of(store, clock, by_lot(), by_lot(1))
    with statements(store) as sent:
        store.monitoring(study)
        store.monitored_studies()
    tables = {name for words in sent for name in re.findall(r"(?:FROM|JOIN) (\w+)", words)}
    assert tables == MAY_READ
    assert not [words for words in sent if re.search(r"\b(truth|arm|item|labels|provenance|payload)\b", words)]


def test_the_number_of_questions_does_not_grow_with_readers_or_answers(store: Store, clock: Clock) -> None:
    small, large = study_of(store, clock, by_lot(), most=2), study_of(store, clock, *map(by_lot, range(4)), most=4)
    counts = []
    for study in (small, large):
        with statements(store) as sent:
            store.monitoring(study)
        counts.append(len(sent))
    assert counts[0] == counts[1] > 0


def test_the_module_does_not_name_the_truth() -> None:
    code = Path(monitoring.__file__).read_text().partition('"""\n')[2].partition('"""\n')[2]
    assert not re.search(r"tables\.(Truth|Arm|Item)|Origin|observations", code)


@given(order=st.permutations(range(16)))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_other_truths_change_nothing(store: Store, clock: Clock, order: list[int]) -> None:
    """The truth of all ECGs is dealt anew among them; what is said of the readers stays the same."""
    if not store.studies():
        study_of(store, clock, lambda item: (2, 1.2), by_lot())
    study = store.studies()[0].id
    before = store.monitoring(study)
    assert before[0].flags
    with store._writing_engine.begin() as connection:
        truths = connection.execute(text("SELECT item_id, arm_id FROM truth ORDER BY item_id")).all()
        for (item, _), other in zip(truths, order, strict=True):
            values = {"arm": truths[other].arm_id, "item": item}
            connection.execute(text("UPDATE truth SET arm_id = :arm WHERE item_id = :item"), values)
    assert store.monitoring(study) == before


# ----------------------------------------------------------------------------------------- without answers


SCRIPTS: dict[str, Script] = {
    "too fast": lambda item: (1 + item.position % 6, 1.2),
    "straight-lining": lambda item: (1, 6.0),
    "drifting": lambda item: (1 + 6 * (item.position - 1) // item.total, 6.0),
    "by lot": by_lot(),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_study_with_its_scale_turned_round_looks_the_same(store: Store, clock: Clock, name: str) -> None:
    """So nothing that is shown tells which side was chosen."""
    script = SCRIPTS[name] if name != "by lot" else by_lot()
    turned = mirrored(SCRIPTS[name] if name != "by lot" else by_lot())
    began = clock.now
    looks = []
    for of_study in (script, turned):
        clock.now = began
        study = study_of(store, clock, of_study, per_arm=10)
        looks.append([replace(pace, rater_id=0) for pace in store.monitoring(study)])
    assert looks[0] == looks[1]


def test_no_flag_names_a_side_a_step_or_a_number() -> None:
    scales = [step.wording for scale in (Verdict, Choice, Grade, Plausibility) for step in scale]
    words = {word for wording in [*scales, *map(str, Reason)] for word in wording.lower().split()}
    told = " ".join(FLAG_WORDS.values()).lower()
    assert not set(re.findall(r"[\w-]+", told)) & (words | {"synthetic", "real", "left", "right", "towards"})
    assert not re.search(r"\d", told)


def test_every_rule_has_its_sentence() -> None:
    assert set(FLAG_WORDS) == set(flags.RULES)
    assert signature(flags.too_fast).parameters["fastest"].default == 2.0  # "within two seconds"


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_is_said_of_a_reader_has_no_verdict_in_it(store: Store, clock: Clock, name: str) -> None:
    study = study_of(store, clock, SCRIPTS[name], per_arm=10)
    (pace,) = store.monitoring(study)
    assert not re.search("real|synthetic|certainly|possibly|probably|verdict|correlation", repr(pace).lower())
    assert [flag.words for flag in pace.flags] == [FLAG_WORDS[flag.kind] for flag in pace.flags]


@pytest.mark.parametrize(
    ("name", "kinds"),
    [("too fast", ["too_fast"]), ("straight-lining", ["straight_lining"]), ("drifting", ["drift"]), ("by lot", [])],
)
def test_each_kind_of_careless_reading_is_flagged(store: Store, clock: Clock, name: str, kinds: list[str]) -> None:
    study = study_of(store, clock, SCRIPTS[name], per_arm=10)
    assert [flag.kind for flag in store.monitoring(study)[0].flags] == kinds


def test_a_correction_counts_for_the_flags_and_not_for_the_progress(store: Store, clock: Clock) -> None:
    study = store.create_study(make_plan(per_arm=6))
    reader = Reader(store, clock, store.add_reader(study, "Dr Adler"))
    store.open_study(study)
    for at in range(12):
        item = reader.look(6)
        store.record(reader.token, as_asked(item, 1 + at % 6))
        store.correct(reader.token, as_asked(item, 5))
    (pace,) = store.monitoring(study)
    assert [flag.kind for flag in pace.flags] == ["straight_lining"] and (pace.answered, pace.total) == (12, 12)


# -------------------------------------------------------------------------------------------- progress and pace


def test_pace_is_time_on_screen(store: Store, clock: Clock) -> None:
    study = store.create_study(make_plan(per_arm=4))
    reader = Reader(store, clock, store.add_reader(study, "Dr Adler"))
    store.open_study(study)
    reader.follow(lambda item: (3, 10.0), most=2)
    clock.advance(3600)  # between two ECGs
    reader.follow(lambda item: (3, 40.0), most=1)
    (pace,) = store.monitoring(study)
    assert (pace.answered, pace.total, pace.finished) == (3, 8, False)
    assert (pace.seconds_on_task, pace.median_seconds, pace.per_hour) == (60.0, 10.0, 180.0)
    assert pace.last_at == clock.now


def test_a_page_left_open_over_night_is_not_a_night_of_work(store: Store, clock: Clock) -> None:
    study = study_of(store, clock, lambda item: (3, 40_000.0 if item.position == 1 else 100.0), most=2)
    assert store.monitoring(study)[0].seconds_on_task == IDLE_SECONDS + 100


def test_the_forecast_takes_the_pace_since_the_first_ecg_with_its_breaks(store: Store, clock: Clock) -> None:
    began = clock.now
    study = study_of(store, clock, by_lot(), per_arm=5, most=2)
    clock.now = began + timedelta(days=1)
    assert store.monitoring(study)[0].done_at == began + timedelta(days=5)  # 2 of 10 took a day


@pytest.mark.parametrize("answered", [0, 10])
def test_before_the_first_and_after_the_last_answer_there_is_no_forecast(answered: int) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    assert forecast(at, at + timedelta(days=1), answered, 10) is None
    assert forecast(None, at, 5, 10) is None


def test_a_forecast_of_years_is_none_and_a_clock_that_was_set_back_does_no_harm() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    assert forecast(at, at + timedelta(days=300), 1, 2000) is None
    assert forecast(at, at - timedelta(hours=1), 1, 2) == at - timedelta(hours=1)


@pytest.mark.parametrize("stop", ["pause_reader", "revoke_reader", "withdraw_reader"])
def test_who_does_not_read_on_has_no_forecast(store: Store, clock: Clock, stop: str) -> None:
    study = study_of(store, clock, by_lot(), most=4)
    (pace,) = store.monitoring(study)
    assert pace.done_at is not None
    getattr(store, stop)(pace.rater_id)
    (pace,) = store.monitoring(study)
    assert pace.done_at is None and pace.answered == 4
    assert [pace.paused, pace.revoked, pace.withdrawn] == {
        "pause_reader": [True, False, False],
        "revoke_reader": [False, True, False],
        "withdraw_reader": [False, True, True],
    }[stop]


def test_a_closed_study_has_progress_and_no_forecast(store: Store, clock: Clock) -> None:
    study = study_of(store, clock, by_lot(), most=4)
    store.close_study(study)
    (pace,) = store.monitoring(study)
    assert (pace.answered, pace.done_at) == (4, None)


def test_answers_are_counted_by_day(store: Store, clock: Clock) -> None:
    study = store.create_study(make_plan(per_arm=4))
    reader = Reader(store, clock, store.add_reader(study, "Dr Adler"))
    store.open_study(study)
    for most in (3, 2):
        reader.follow(by_lot(), most)
        clock.advance(86_400)
    assert store.monitoring(study)[0].per_day == {date(2026, 3, 1): 3, date(2026, 3, 2): 2}


def test_readers_come_in_the_order_in_which_they_were_added(store: Store, clock: Clock) -> None:
    study = store.create_study(make_plan())
    for name in ("Dr Zorn", "Dr Adler"):
        store.add_reader(study, name)
    paces = store.monitoring(study)
    assert [pace.name for pace in paces] == ["Dr Zorn", "Dr Adler"]
    assert [(pace.answered, pace.median_seconds, pace.per_hour, pace.flags) for pace in paces] == [
        (0, None, None, ())
    ] * 2


def test_pairs_and_grades_are_watched_alike(store: Store, clock: Clock) -> None:
    for design in Design:
        study = store.create_study(make_plan(per_arm=6, protocol=StudyProtocol(design=design)))
        token = store.add_reader(study, "Dr Adler")
        store.open_study(study)
        Reader(store, clock, token).follow(by_lot())
        (pace,) = store.monitoring(study)
        assert pace.finished and pace.total == {Design.PAIRS: 6}.get(design, 12)


def test_studies_to_watch_are_those_that_were_opened_the_open_ones_first(store: Store, clock: Clock) -> None:
    closed, opened, _ = (store.create_study(make_plan()) for _ in range(3))
    for study in (opened, closed):
        store.open_study(study)
    store.close_study(closed)
    assert [(s.id, s.state) for s in store.monitored_studies()] == [
        (opened, StudyState.OPEN),
        (closed, StudyState.CLOSED),
    ]


def test_a_study_that_is_not_there_is_named(store: Store) -> None:
    with pytest.raises(UnknownStudy, match="no study 404"):
        store.monitoring(404)
