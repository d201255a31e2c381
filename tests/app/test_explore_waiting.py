"""Work that a look asks for: once per wish, with progress, cancelled by who waits or who goes away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from engine.generators import DrawRequest
from engine.jobs import JobState, JobStatus, UnknownJob
from engine.tasks import Answer, Task

FILM, OTHER_FILM = Task("film", {"seed": 1}), Task("film", {"seed": 2})
ANSWER = Answer({"rate": 100.0})


class Worker:
    """A GenerationService whose jobs stand where the test puts them."""

    def __init__(self) -> None:
        self.asked: list[DrawRequest | Task] = []
        self.states: dict[str, JobStatus] = {}

    def submit(self, wanted: DrawRequest | Task) -> str:
        self.asked.append(wanted)
        job = f"job{len(self.asked)}"
        self.states[job] = JobStatus(JobState.QUEUED)
        return job

    def status(self, job: str) -> JobStatus:
        if job not in self.states:
            raise UnknownJob(job)
        return self.states[job]

    def cancel(self, job: str) -> None:
        if not self.status(job).state.is_over:
            self.states[job] = JobStatus(JobState.CANCELLED)

    def stands(self, state: JobState, **facts: object) -> None:
        self.states[f"job{len(self.asked)}"] = JobStatus(state, **facts)  # type: ignore[arg-type]


def page() -> None:
    """What the app under test shows: for each wish of the session its outcome, as a look would."""
    import streamlit as st

    from app.explore.waiting import nothing_else, outcome

    worker = st.session_state["worker"]
    with nothing_else(worker):
        for place, wanted in st.session_state["wishes"].items():
            status = outcome(worker, place, wanted, f"Working on {place}")
            st.text(f"{place}: {status.answer.facts if status else 'nothing yet'}")


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
def look(worker: Worker) -> Callable[..., AppTest]:
    """look(film=task): a session that waits for these; again with other wishes it is the same session."""
    app = AppTest.from_function(page, default_timeout=20)
    app.session_state["worker"] = worker

    def run(**wishes: DrawRequest | Task) -> AppTest:
        app.session_state["wishes"] = wishes
        return checked(app.run())

    return run


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def said(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.text, *app.info))


def states(worker: Worker) -> list[JobState]:
    return [status.state for status in worker.states.values()]


def test_work_is_asked_for_once_and_its_answer_stays(look: Callable[..., AppTest], worker: Worker) -> None:
    assert "film: nothing yet" in said(look(film=FILM))
    worker.stands(JobState.DONE, answer=ANSWER)
    for _ in range(3):
        assert "film: {'rate': 100.0}" in said(look(film=Task("film", {"seed": 1})))
    assert worker.asked == [FILM]


def test_progress_is_shown_with_a_way_out(look: Callable[..., AppTest], worker: Worker) -> None:
    look(film=FILM)
    worker.stands(JobState.RUNNING, done=5, total=20)
    app = look(film=FILM)
    bar = app.get("progress")[0].proto
    assert (bar.value, bar.text) == (25, "Working on film")
    app = checked(app.button(key="film-cancel").click().run())
    assert states(worker) == [JobState.CANCELLED] and "Cancelled." in said(app)
    checked(app.button(key="film-again").click().run())
    assert worker.asked == [FILM, FILM] and states(worker)[-1] is JobState.QUEUED


def test_progress_beyond_its_total_is_a_full_bar(look: Callable[..., AppTest], worker: Worker) -> None:
    look(film=FILM)
    worker.stands(JobState.RUNNING, done=7, total=5)
    assert look(film=FILM).get("progress")[0].proto.value == 100


def test_a_failure_is_told_and_can_be_tried_again(look: Callable[..., AppTest], worker: Worker) -> None:
    look(film=FILM)
    worker.stands(JobState.FAILED, error="The memory is full.")
    app = look(film=FILM)
    assert "That did not work: The memory is full." in said(app) and worker.asked == [FILM]
    checked(app.button(key="film-again").click().run())
    assert worker.asked == [FILM, FILM]


def test_work_that_is_no_longer_kept_can_be_asked_for_again(look: Callable[..., AppTest], worker: Worker) -> None:
    look(film=FILM)
    worker.states.clear()
    app = look(film=FILM)
    assert "no longer kept" in said(app)
    checked(app.button(key="film-again").click().run())
    assert worker.asked == [FILM, FILM]


def test_another_wish_in_the_same_place_takes_the_place_of_the_first(
    look: Callable[..., AppTest], worker: Worker
) -> None:
    look(film=FILM)
    look(film=OTHER_FILM)
    assert worker.asked == [FILM, OTHER_FILM] and states(worker) == [JobState.CANCELLED, JobState.QUEUED]


def test_places_do_not_disturb_each_other(look: Callable[..., AppTest], worker: Worker) -> None:
    drawing = DrawRequest(("SR",))
    app = look(film=FILM, beside=drawing)
    assert worker.asked == [FILM, drawing] and len(app.get("progress")) == 2
    look(film=FILM, beside=drawing)
    assert states(worker) == [JobState.QUEUED, JobState.QUEUED]


def test_who_goes_away_leaves_no_work_behind(look: Callable[..., AppTest], worker: Worker) -> None:
    look(film=FILM)
    look(other=OTHER_FILM)
    assert states(worker) == [JobState.CANCELLED, JobState.QUEUED]
    look(film=FILM)
    assert worker.asked == [FILM, OTHER_FILM, FILM], "coming back asks anew, without a word about a cancellation"


def test_what_was_done_is_still_there_for_who_comes_back(look: Callable[..., AppTest], worker: Worker) -> None:
    look(film=FILM)
    worker.stands(JobState.DONE, answer=ANSWER)
    look()
    assert "film: {'rate': 100.0}" in said(look(film=FILM)) and worker.asked == [FILM]
