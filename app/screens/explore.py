"""Explore: pick labels, let the generator draw, look, compare, take away. Open to anyone.

Knows: the order of the screen, and how a job becomes a result. Does not know: networks, studies, readers.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from app.about_model import about
from app.explore import memory
from app.explore.collection import Desk, favourites_panel
from app.explore.downloads import DrawnEcg, drawn_ecgs, labels_in_words
from app.explore.favourites import Favourite
from app.explore.form import FIRST_REQUEST, FIRST_SIMULATED, MOST_ECGS, Progress, form
from app.explore.heading import heading
from app.explore.looks import look_closer
from app.explore.memory import Jobs
from app.explore.result import large, lay_out, strip
from app.explore.scene import Scene
from app.generator_words import in_words, show_unusable
from app.language.words import N_
from app.language.words import gettext as _
from app.session import Services, services
from engine.catalogue import CheckpointSummary
from engine.generators import GENERATORS, DrawRequest
from engine.jobs import JobState, JobStatus, UnknownJob

PURPOSE = N_("Choose what an ECG should show, let the model draw it, and compare it with a real one.")
POLL_SECONDS = 0.5
LARGEST = replace(FIRST_REQUEST, count=MOST_ECGS, seed=memory.LARGEST_SEED)
INVITATION = N_("Nothing drawn yet. Press **Generate**, or choose another finding first.")
NO_CHECKPOINT = N_(
    "**There is no model here yet.** No checkpoint was found in `{folder}`. Train one with `python -m engine train` or "
    "put one into that folder, then reload this page. Until then the NeuroKit2 simulator draws sinus rhythms: a "
    "formula, not a model."
)
FIRST_PROGRESS = "explore/first_progress"
STYLE = """<style>
.st-key-explore_labels { min-width: min(100%, 340px); }
.st-key-explore_empty { min-height: 340px; justify-content: center; background-color: #fffaf8;
  background-image: linear-gradient(#f0aca577 1px, transparent 1px),
    linear-gradient(90deg, #f0aca577 1px, transparent 1px),
    linear-gradient(#fbdedb77 1px, transparent 1px), linear-gradient(90deg, #fbdedb77 1px, transparent 1px);
  background-size: 20px 20px, 20px 20px, 4px 4px, 4px 4px; }
.st-key-explore_empty p { color: #2b2b33; text-align: center; }
</style>"""


def render(room: Services) -> None:
    """The whole screen."""
    st.html(STYLE)
    with st.container(horizontal=True, vertical_alignment="bottom", key="explore_heading"):
        st.title(_("Explore"), anchor=False, width="content")
        st.caption(_(PURPOSE))
    checkpoints = room.checkpoints()
    show_unusable(room.settings.checkpoints)
    memory.recall_form(room.label_set, FIRST_REQUEST if checkpoints else FIRST_SIMULATED, MOST_ECGS)
    jobs = _settle(room, memory.recall_jobs())
    if not checkpoints:
        _say_no_checkpoint(room)
    form(room.label_set, checkpoints, _how_far(room, jobs), partial(_start, room))
    _say_how_it_goes(room, jobs)
    _show_result(room, jobs, checkpoints)
    names = {one.digest: one.name for one in checkpoints}
    favourites_panel(Desk(room, names, partial(_show_favourite, room), LARGEST))
    if (chosen := memory.chosen_checkpoint(checkpoints)) is not None:
        about(chosen)


def _status(room: Services, job: str | None) -> JobStatus | None:
    """Where a job stands; None for no job and for one that is no longer known."""
    try:
        return room.generation.status(job) if job else None
    except UnknownJob:
        return None


def _is_busy(room: Services, jobs: Jobs) -> bool:
    status = _status(room, jobs.drawing)
    return status is not None and not status.state.is_over


def _how_far(room: Services, jobs: Jobs) -> Progress:
    if _is_busy(room, jobs):
        return Progress.BUSY
    return Progress.DRAWN if jobs.drawing is None and _status(room, jobs.shown) else Progress.OPEN


def _settle(room: Services, jobs: Jobs) -> Jobs:
    """A job that is done moves onto the screen; what was there becomes the one before."""
    status = _status(room, jobs.drawing)
    if status is not None and status.state is JobState.DONE:
        jobs = Jobs(None, jobs.drawing, jobs.shown, jobs.then)
    memory.keep_jobs(jobs, memory.last_request())
    return jobs


def _start(room: Services) -> None:
    jobs = memory.recall_jobs()
    if _is_busy(room, jobs):
        return  # the second click of a double click
    request = memory.form_request(room.label_set).check(room.label_set)
    then = jobs.then if _asks_for_the_same(request, memory.last_request()) else 0  # a link names its very ECG
    memory.keep_jobs(replace(jobs, drawing=room.generation.submit(request), then=then), request)


def _show_favourite(room: Services, favourite: Favourite) -> None:
    """Large, where it is on the screen; else the form asks for it and it is drawn again."""
    jobs = memory.recall_jobs()
    status = _status(room, jobs.shown)
    if status is not None and status.drawn is not None and favourite.provenance in status.drawn.provenance:
        _choose(status.drawn.provenance.index(favourite.provenance))
    elif not _is_busy(room, jobs):
        memory.fill_form(favourite.request)
        request = favourite.request.check(room.label_set)
        job = room.generation.submit(request)
        memory.keep_jobs(replace(jobs, drawing=job, then=favourite.provenance.index), request)


def _asks_for_the_same(request: DrawRequest, other: DrawRequest | None) -> bool:
    """Guidance and checkpoint apart: a form may name them where a link left them open, or the other way round."""
    return other is not None and replace(request, guidance=None, checkpoint=None) == replace(
        other, guidance=None, checkpoint=None
    )


def _say_no_checkpoint(room: Services) -> None:
    st.info(_(NO_CHECKPOINT).format(folder=room.settings.checkpoints), icon=":material/info:")


def _say_how_it_goes(room: Services, jobs: Jobs) -> None:
    status = _status(room, jobs.drawing or jobs.shown)
    if status is None:
        if jobs.drawing or jobs.shown:
            st.info(_("These ECGs are no longer kept. **Generate** draws the very same ones again."))
    elif status.state is JobState.FAILED:
        words = _("The ECGs could not be drawn. {reason}").format(reason=_sentence(status.error))
        st.error(words, icon=":material/error:")
    elif status.state is JobState.CANCELLED:
        st.info(_("Cancelled. **Generate** starts again."), icon=":material/cancel:")
    elif jobs.drawing:
        _progress(room, jobs.drawing)  # also if it ended while the page was made: it makes the page anew


def _sentence(error: str | None) -> str:
    words = in_words(error.strip()) if error else _("The generator gave no reason")
    advised = _("{reason}. Try again, or change labels or settings.")
    return words if words.endswith((".", "!")) else advised.format(reason=words)


@st.fragment(run_every=POLL_SECONDS)
def _progress(room: Services, job: str) -> None:
    status = _status(room, job)
    if status is None or status.state.is_over:
        st.rerun()
    request = memory.last_request()
    words = _("Drawing {count} × {labels}") if request else _("Drawing")
    what = words.format(count=request.count, labels=" + ".join(request.labels)) if request else words
    with st.container(horizontal=True, vertical_alignment="bottom", key="explore_progress"):
        st.progress(status.done / max(1, status.total), f"{what} · {_time_left(job, status)}")
        st.button(_("Cancel"), key="explore_cancel", on_click=_cancel, args=(room, job))


def _cancel(room: Services, job: str) -> None:
    try:
        room.generation.cancel(job)
    except UnknownJob:
        return  # it ended, and was forgotten, before the click arrived


def _time_left(job: str, status: JobStatus) -> str:
    """From the pace since the first progress that this session saw."""
    if status.done == 0:
        return _("waiting for the generator")
    first = st.session_state.get(FIRST_PROGRESS)
    if first is None or first[0] != job:
        first = st.session_state[FIRST_PROGRESS] = (job, time.monotonic(), status.done)
    return time_left_words(time.monotonic() - first[1], status.done - first[2], status.total - status.done)


def time_left_words(seconds: float, done: int, left: int) -> str:
    """How long `left` units of work will take when `done` took so many seconds."""
    if done <= 0:
        return _("measuring the pace")
    wait = seconds / done * left
    if wait < 90:
        return _("about {seconds} s left").format(seconds=f"{max(1, wait):.0f}")
    return _("about {minutes} min left").format(minutes=f"{wait / 60:.0f}")


def _show_result(room: Services, jobs: Jobs, checkpoints: Sequence[CheckpointSummary]) -> None:
    names = {one.digest: one.name for one in checkpoints}
    drawn = _drawn(room, jobs.shown, names)
    if not drawn:
        _empty_state(_("The first ECGs appear here.") if _is_busy(room, jobs) else _(INVITATION))
        return
    chosen, before = min(jobs.chosen, len(drawn) - 1), _drawn(room, jobs.before, names)
    lay_out(len(drawn))
    if len(drawn) > 1:
        strip(jobs.shown or "", drawn, chosen, _choose)
    other = (jobs.before or "", before[min(chosen, len(before) - 1)]) if before else None
    scene = Scene(room, jobs.shown or "", drawn, chosen, other, memory.chosen_checkpoint(checkpoints))
    heading(_title(scene), scene, _choose)
    large(jobs.shown or "", drawn, chosen)
    look_closer(scene)


def _title(scene: Scene) -> str:
    total, words = len(scene.drawn), labels_in_words(scene.room.label_set, scene.one)
    if GENERATORS[scene.one.provenance.generator].is_simulator:
        title = _("Simulated ECG {number} of {total}: {labels}") if total > 1 else _("Simulated ECG: {labels}")
    else:
        title = _("Synthetic ECG {number} of {total}: {labels}") if total > 1 else _("Synthetic ECG: {labels}")
    return title.format(number=scene.chosen + 1, total=total, labels=words)


def _drawn(room: Services, job: str | None, names: Mapping[str, str]) -> tuple[DrawnEcg, ...]:
    status = _status(room, job)
    if status is None or status.drawn is None:
        return ()
    name = names.get(status.drawn.provenance[0].checkpoint or "")
    return drawn_ecgs(status.drawn.ecgs, status.drawn.provenance, room.label_set, name)


def _choose(index: int) -> None:
    memory.keep_jobs(replace(memory.recall_jobs(), chosen=index), memory.last_request())


def _empty_state(words: str) -> None:
    with st.container(key="explore_empty", border=True):
        st.markdown(words)


if __name__ == "__main__":
    render(services())
