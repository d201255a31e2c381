"""What Explore remembers between clicks, reloads and visits to other screens.

Knows: the names in the session and in the address. Does not know: widgets, jobs' contents.

The address holds the request that was last drawn and the ids of its jobs: a reload, which ends the session,
finds them there. The session holds them as well, because going to another screen clears the address.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app.explore.label_picker import LABELS
from app.explore.link import from_address, to_address
from app.guidance import chosen_guidance
from app.language import visitor
from engine.catalogue import CheckpointSummary
from engine.generators import DrawRequest
from engine.labels import LabelSet, Sex

SEX, AGE, COUNT, SEED = "explore_sex", "explore_age", "explore_count", "explore_seed"
GENERATOR, SAMPLER, STEPS = "explore_generator", "explore_sampler", "explore_steps"
GUIDANCE, CHECKPOINT = "explore_guidance", "explore_checkpoint"
EITHER = "either"
ANY_AGE = "any"
KEY_LETTERS = 12  # of a checkpoint's digest, in addresses
LARGEST_SEED = 2**53 - 1  # beyond it a browser's numbers are no longer exact
LARGEST_NEW_SEED = 9999  # short enough to be read out
LOOK_NAMES = ("look", "first", "second", "view")  # in the address; the look below the ECG keeps them (`keep_look`)
_JOBS, _REQUEST, _GONE = "explore/jobs", "explore/request", "explore/gone-checkpoint"


@dataclass(frozen=True)
class Jobs:
    """Ids of the job at work (or ended without result), of the one on the screen and of the one before it.

    chosen: which ECG of the one on the screen is enlarged, from 0. then: which one will be once drawing is done.
    """

    drawing: str | None = None
    shown: str | None = None
    before: str | None = None
    chosen: int = 0
    then: int = 0


def recall_form(label_set: LabelSet, first: DrawRequest, largest_count: int) -> None:
    """Fill the form of a new session from the address, else with the first request."""
    if LABELS in st.session_state:
        return
    request = from_address(st.query_params.to_dict(), label_set, largest_count)
    request = request if request and request.seed <= LARGEST_SEED else None
    fill_form(request or first)
    st.session_state[_REQUEST] = request


def fill_form(request: DrawRequest) -> None:
    """Let the form show a request."""
    st.session_state[LABELS] = list(request.labels)
    st.session_state[SEX] = request.sex.value if request.sex else EITHER
    st.session_state[AGE] = request.age_band or ANY_AGE
    st.session_state[COUNT], st.session_state[SEED] = request.count, request.seed
    st.session_state[SAMPLER], st.session_state[STEPS] = request.sampler, request.steps
    st.session_state[GENERATOR], st.session_state[GUIDANCE] = request.generator, request.guidance
    st.session_state[CHECKPOINT] = request.checkpoint


def form_request(label_set: LabelSet) -> DrawRequest:
    """The request that the form shows, labels in the order of the label set."""
    sex, age = st.session_state[SEX], st.session_state[AGE]
    return DrawRequest(
        labels=label_set.select(st.session_state[LABELS]).codes,
        sex=None if sex in (None, EITHER) else Sex(sex),
        count=st.session_state[COUNT],
        seed=st.session_state[SEED],
        sampler=st.session_state[SAMPLER],
        steps=st.session_state[STEPS],
        generator=st.session_state[GENERATOR],
        guidance=chosen_guidance(GUIDANCE),
        checkpoint=st.session_state[CHECKPOINT],
        age_band=None if age == ANY_AGE else age,
    )


def checkpoint_key(checkpoint: CheckpointSummary) -> str:
    """Enough of the digest to be found by."""
    return checkpoint.digest[:KEY_LETTERS]


def chosen_checkpoint(checkpoints: Sequence[CheckpointSummary]) -> CheckpointSummary | None:
    """The checkpoint that the form names; the first one, and then the form names that, where it is not there."""
    if not checkpoints:
        st.session_state[CHECKPOINT] = None
        return None
    named = st.session_state[CHECKPOINT]
    found = [one for one in checkpoints if named and one.digest.startswith(named)]
    if named and not found:
        st.session_state[_GONE] = (named, st.session_state[SEED], tuple(st.session_state[LABELS]))
    chosen = (found or checkpoints)[0]
    if named != checkpoint_key(chosen):
        st.session_state[CHECKPOINT] = checkpoint_key(chosen)
    return chosen


def gone_checkpoint() -> str | None:
    """The checkpoint that a link named and that is not here, as long as the form asks for what the link did."""
    named, *asked = st.session_state.get(_GONE, (None,))
    return named if asked == [st.session_state[SEED], tuple(st.session_state[LABELS])] else None


def take_new_seed() -> None:
    """Other ECGs with the same labels."""
    st.session_state[SEED] = secrets.randbelow(LARGEST_NEW_SEED) + 1


def last_request() -> DrawRequest | None:
    """The request that was drawn last, None before the first."""
    request: DrawRequest | None = st.session_state.get(_REQUEST)
    return request


def recall_jobs() -> Jobs:
    """The jobs of this session, else those in the address."""
    if _JOBS not in st.session_state:
        address = st.query_params
        number = address.get("ecg", "1")
        chosen = int(number) - 1 if number.isdecimal() and number != "0" else 0
        ids = (address.get("drawing"), address.get("shown"), address.get("before"))
        st.session_state[_JOBS] = Jobs(*ids, chosen, chosen)
    jobs: Jobs = st.session_state[_JOBS]
    return jobs


def keep_jobs(jobs: Jobs, request: DrawRequest | None) -> None:
    """Remember the jobs and the request they are about, in the session and in the address."""
    st.session_state[_JOBS], st.session_state[_REQUEST] = jobs, request
    ids = {"drawing": jobs.drawing, "shown": jobs.shown, "before": jobs.before}
    wanted = {name: job for name, job in ids.items() if job}
    number = jobs.chosen if jobs.shown else jobs.then
    wanted |= {"ecg": str(number + 1)} if jobs.shown or number else {}
    wanted |= look_address() | visitor.in_address() | (to_address(request) if request else {})
    if wanted != st.query_params.to_dict():
        st.query_params.from_dict(wanted)


def look_address() -> dict[str, str]:
    """What the address says of the look below the ECG."""
    return {name: st.query_params[name] for name in LOOK_NAMES if name in st.query_params}


def keep_look(values: Mapping[str, str]) -> None:
    """Let the address name the look that is open and what it shows; values by LOOK_NAMES."""
    if values != look_address():
        others = {name: value for name, value in st.query_params.to_dict().items() if name not in LOOK_NAMES}
        st.query_params.from_dict(others | dict(values))
