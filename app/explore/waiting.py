"""Work that a look needs of the worker: asked for once, shown while it runs, cancelled by whoever waits.

Knows: jobs, progress. Does not know: what the work is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from app.generator_words import in_words
from app.language.words import gettext as _
from engine.generators import DrawRequest
from engine.jobs import GenerationService, JobState, JobStatus, UnknownJob
from engine.tasks import Task

POLL_SECONDS = 0.5
_PLACES, _ASKED = "explore/waiting/", "explore/asked"  # beginning of the session's keys of places; those of this run


def outcome(service: GenerationService, key: str, wanted: DrawRequest | Task, words: str) -> JobStatus | None:
    """How a piece of work ended, once it is DONE; until then progress, or why there is nothing, is on the screen.

    key: names the place on the screen, one piece of work at a time; another `wanted` there starts anew.
    """
    st.session_state.setdefault(_ASKED, set()).add(_place(key))
    job = _job(service, key, wanted)
    status = _status(service, job)
    if status is None:
        _offer_again(key, _("This is no longer kept."))
    elif status.state is JobState.DONE:
        return status
    elif status.state is JobState.FAILED:
        _offer_again(key, _failure(status.error))
    elif status.state is JobState.CANCELLED:
        _offer_again(key, _("Cancelled."))
    else:
        _watch(service, key, job, words)
    return None


@contextmanager
def nothing_else(service: GenerationService) -> Iterator[None]:
    """Work that is not asked for in here is cancelled at the end: nobody waits for it any more."""
    st.session_state[_ASKED] = set()
    yield
    for place in [str(name) for name in st.session_state if str(name).startswith(_PLACES)]:
        status = _status(service, st.session_state[place][1])
        if place not in st.session_state[_ASKED] and (status is None or not status.state.is_over):
            _cancel(service, st.session_state.pop(place)[1])


def _job(service: GenerationService, key: str, wanted: DrawRequest | Task) -> str:
    kept = st.session_state.get(_place(key))
    if kept is None or kept[0] != wanted:
        if kept is not None:
            _cancel(service, kept[1])
        kept = st.session_state[_place(key)] = (wanted, service.submit(wanted))
    job: str = kept[1]
    return job


def _place(key: str) -> str:
    return f"{_PLACES}{key}"


def _status(service: GenerationService, job: str) -> JobStatus | None:
    try:
        return service.status(job)
    except UnknownJob:
        return None


@st.fragment(run_every=POLL_SECONDS)
def _watch(service: GenerationService, key: str, job: str, words: str) -> None:
    status = _status(service, job)
    if status is None or status.state.is_over:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.progress(min(1.0, status.done / max(1, status.total)), words)
        st.button(_("Cancel"), key=f"{key}-cancel", on_click=_cancel, args=(service, job))


def _offer_again(key: str, words: str) -> None:
    st.info(words)
    st.button(_("Try again"), key=f"{key}-again", on_click=st.session_state.pop, args=(_place(key), None))


def _failure(reason: str | None) -> str:
    said = in_words(reason) if reason else _("the generator gave no reason")
    return _("That did not work: {reason}").format(reason=said)


def _cancel(service: GenerationService, job: str) -> None:
    try:
        service.cancel(job)
    except UnknownJob:
        return
