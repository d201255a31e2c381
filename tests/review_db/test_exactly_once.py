"""An answer is stored exactly once: under threads, under processes, and when the writer is killed."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import text

from review_db.blinded import Submission
from review_db.errors import AlreadyRated, InvalidSubmission, StudyNotOpen, WrongState
from review_db.protocol import StudyProtocol
from review_db.store import Store
from tests.review_db.scenario import Clock, Reader, answer_to, make_plan
from tests.review_db.submitter import send

ROOT = Path(__file__).parents[2]
SUBMITTER = Path(__file__).with_name("submitter.py")
THREADS = 8
Outcome = TypeVar("Outcome")


def at_once(act: Callable[[int], Outcome], count: int = THREADS) -> list[Outcome]:
    """Run `act(0..count-1)`, each in its own thread, all let go at the same moment."""
    barrier = Barrier(count)

    def run(number: int) -> Outcome:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


def stored(store: Store) -> list[str]:
    with store._engine.connect() as connection:
        return list(connection.execute(text("SELECT submission_id FROM rating ORDER BY id")).scalars())


# --------------------------------------------------------------------------------------------- threads


def test_the_same_click_many_times_is_one_answer(store: Store, reader: Reader) -> None:
    for _ in range(3):
        answer = answer_to(reader.look())
        told = Counter(at_once(lambda _: send(store, reader.token, answer)))  # noqa: B023
        assert told == {"new": 1, "repeat": THREADS - 1}
    assert len(stored(store)) == 3


def test_many_tabs_make_one_answer(store: Store, reader: Reader) -> None:
    for _ in range(3):
        item = reader.look()
        answers = [answer_to(item) for _ in range(THREADS)]
        told = at_once(lambda number: send(store, reader.token, answers[number]))  # noqa: B023
        assert Counter(told) == {"new": 1, "refused": THREADS - 1}
        assert stored(store)[-1] == answers[told.index("new")].submission_id
    assert len(stored(store)) == 3


def test_readers_do_not_stand_in_each_other_s_way(store: Store, invite: Callable[[str], Reader]) -> None:
    readers = [invite(f"Dr {number}") for number in range(THREADS)]
    for reader in readers:
        reader.look()
    at_once(lambda number: readers[number].finish())
    assert len(stored(store)) == THREADS * 6
    assert all(store.reading(reader.token).finished for reader in readers)


def test_corrections_from_two_tabs_are_numbered_one_after_the_other(store: Store, reader: Reader) -> None:
    item = reader.look()
    store.record(reader.token, answer_to(item))
    assert all(done.is_new for done in at_once(lambda _: store.correct(reader.token, answer_to(item))))
    with store._engine.connect() as connection:
        numbers = connection.execute(text("SELECT sequence FROM rating ORDER BY id")).scalars().all()
    assert list(numbers) == list(range(1, THREADS + 2))


def test_the_first_time_shown_is_kept_when_tabs_race(store: Store, clock: Clock, reader: Reader) -> None:
    item = store.next_item(reader.token)
    assert item is not None
    at_once(lambda _: store.mark_shown(reader.token, item.presentation))
    clock.advance(5)
    at_once(lambda _: store.mark_shown(reader.token, item.presentation))
    store.record(reader.token, answer_to(item))
    with store._engine.connect() as connection:
        assert connection.execute(text("SELECT seconds FROM rating")).scalar_one() == pytest.approx(5.0)


def test_a_study_does_not_close_under_an_answer(store: Store, clock: Clock) -> None:
    """Whoever comes first: an acknowledged answer is among the results, a refused one is not."""
    for _ in range(5):
        study_id = store.create_study(make_plan(1))
        store.open_study(study_id)
        readers = [Reader(store, clock, store.add_reader(study_id, f"Dr {n}")) for n in range(THREADS - 1)]
        answers = [answer_to(reader.look()) for reader in readers]

        def act(number: int) -> str:
            if number == THREADS - 1:
                store.close_study(study_id)  # noqa: B023
                return f"{len(store.observations(study_id))} seen"  # noqa: B023
            try:
                return send(store, readers[number].token, answers[number])  # noqa: B023
            except StudyNotOpen:
                return "late"

        told = Counter(at_once(act))
        assert told[f"{told['new']} seen"] == 1, told


def test_readers_added_at_once_get_numbers_of_their_own(store: Store, open_study: int) -> None:
    tokens = at_once(lambda number: store.add_reader(open_study, f"Dr {number}"))
    assert len(set(tokens)) == THREADS == len(store.progress(open_study))


def test_a_study_is_opened_once(store: Store) -> None:
    study_id = store.create_study(make_plan())

    def attempt(_: int) -> str:
        try:
            store.open_study(study_id)
        except WrongState:
            return "refused"
        return "opened"

    assert Counter(at_once(attempt)) == {"opened": 1, "refused": THREADS - 1}


def test_submission_ids_are_unique_across_readers_who_race(store: Store, invite: Callable[[str], Reader]) -> None:
    """Two pages that make the same name by accident: one answer is stored, the other told to try again."""
    readers = [invite(f"Dr {number}") for number in range(THREADS)]
    answers = [answer_to(reader.look(), submission_id="the same") for reader in readers]
    at_once(lambda number: _try(store, readers[number], answers[number]))
    assert stored(store) == ["the same"]


def _try(store: Store, reader: Reader, answer: Submission) -> None:
    try:
        store.record(reader.token, answer)
    except InvalidSubmission:
        pass


# ------------------------------------------------------------------------------------------- processes


def submitter(url: str, token: str, presentation: str, *names: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", SUBMITTER, url, token, presentation, *names],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_processes_that_race_make_one_answer(store: Store, url: str, reader: Reader) -> None:
    """Four processes, each sending the same click twice and then another one, all let go together."""
    reader.clock.now = reader.clock.now.replace(year=2020)  # the processes go by the real time
    item = reader.look()
    processes = [
        submitter(url, reader.token, item.presentation, "click", "click", f"tab {number}") for number in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    told = Counter(word for process in processes for word in process.communicate(timeout=60)[0].split())
    assert [process.returncode for process in processes] == [0] * 4
    assert told == {"new": 1, "repeat": 7, "refused": 4}
    assert stored(store) == ["click"]


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("acknowledged", [1, 17, 60])
def test_a_killed_writer_loses_no_acknowledged_answer(
    store: Store, url: str, clock: Clock, acknowledged: int, database: str
) -> None:
    study_id = store.create_study(make_plan(per_arm=400, protocol=StudyProtocol(minimum_view_seconds=0.0)))
    store.open_study(study_id)
    token = store.add_reader(study_id, "Dr Adler", days_valid=None)
    process = submitter(url, token, "all")
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    heard = [process.stdout.readline().strip() for _ in range(acknowledged)]
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate(timeout=60)
    heard += rest.split()
    assert process.returncode == -signal.SIGKILL
    kept = stored(store)
    assert kept[: len(heard)] == heard and len(kept) <= len(heard) + 1
    with store._engine.connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    reading_goes_on(store, token, len(kept))


def reading_goes_on(store: Store, token: str, answered: int) -> None:
    item = store.next_item(token)
    assert item is not None and item.position == answered + 1
    store.mark_shown(token, item.presentation)
    assert store.record(token, answer_to(item)).is_new
    with pytest.raises(AlreadyRated):
        store.record(token, answer_to(item))
