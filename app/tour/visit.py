"""One visit to the tour: what draws here, its seed, the work that is asked for when it begins, where it stands.

Knows: the session's and the address's names. Does not know: what a step shows.

The seed never leaves the server: who knew it could foretell the order of the game.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import cast

import streamlit as st

from app.session import Services
from app.tour import wanted
from app.tour.ahead import AskedAhead
from app.tour.dealing import has_enough_real
from app.tour.wanted import Repertoire
from engine.jobs import GenerationService

STEP = "step"  # of the address
LARGEST_SEED = 2**31
_VISIT, _LIVE, _GAME, _ANSWERS, _TOLD = "tour/visit", "tour/live", "tour/game", "tour/answers", "tour/told"


@dataclass(frozen=True)
class Visit:
    """room: the app's services. repertoire: of the generator that draws. with_real: whether real ECGs are in the game.

    service: to be asked for work; some of it is at work already.
    """

    room: Services
    repertoire: Repertoire
    with_real: bool
    seed: int
    service: AskedAhead

    @property
    def generation(self) -> GenerationService:
        """The same as those who wait for work take it."""
        return cast(GenerationService, self.service)


def begin(room: Services) -> Visit:
    """This session's visit. A new one asks for the ECGs of all steps at once, in the order of the steps."""
    if _VISIT not in st.session_state:
        st.session_state[_VISIT] = _new(room)
    visit: Visit = st.session_state[_VISIT]
    return visit


def end() -> None:
    """Forget it; nobody waits for its work any more."""
    visit = st.session_state.pop(_VISIT, None)
    if visit is not None:
        visit.service.cancel_all()
    for name in (_LIVE, _GAME, _ANSWERS, _TOLD):
        st.session_state.pop(name, None)


def _new(room: Services) -> Visit:
    of = wanted.repertoire(bool(room.checkpoints()))
    with_real = has_enough_real(room.ptbxl, of)
    visit = Visit(room, of, with_real, new_seed(), AskedAhead(room.generation))
    visit.service.ask(wanted.one(of, next(iter(of.findings)), visit.seed))
    visit.service.ask(wanted.several(wanted.same_noise(of)))
    if of.generator == wanted.MODEL:
        visit.service.ask(wanted.film_task(of))
    visit.service.ask(wanted.several(wanted.game(of, visit.seed, with_real)))
    return visit


def new_seed() -> int:
    """One that nobody can guess."""
    return secrets.randbelow(LARGEST_SEED)


# ------------------------------------------------------------------------------------------------ where it stands


def step_number(steps: int) -> int:
    """The step of the address, from 1; the first one for anything else."""
    given = st.query_params.get(STEP, "1")
    return min(int(given), steps) if given.isdecimal() and given != "0" else 1


def go_to(number: int) -> None:
    """Another step, which a reload brings back."""
    st.query_params[STEP] = str(number)


# ---------------------------------------------------------------------------------------------- the live drawing


def live_seed(visit: Visit) -> int:
    """Of the ECG that is drawn live."""
    return int(st.session_state.get(_LIVE, visit.seed))


def draw_another() -> None:
    """The same finding with other noise."""
    st.session_state[_LIVE] = new_seed()


# ------------------------------------------------------------------------------------------------------ the game


def game_seed(visit: Visit) -> int:
    """Of the game that is played."""
    return int(st.session_state.get(_GAME, visit.seed))


def answers() -> tuple[int, ...]:
    """Given so far in this game."""
    return tuple(st.session_state.get(_ANSWERS, ()))


def is_told() -> bool:
    """Whether the last answer's truth is on the screen."""
    return bool(st.session_state.get(_TOLD, False))


def answer(at: int, given: int) -> None:
    """Keep the answer to ECG number `at`, from 0; a second click on it counts no more."""
    if at == len(answers()):
        st.session_state[_ANSWERS], st.session_state[_TOLD] = (*answers(), given), True


def go_on() -> None:
    """From the truth to the next ECG."""
    st.session_state[_TOLD] = False


def play_again() -> None:
    """Other ECGs, no answers."""
    st.session_state[_GAME], st.session_state[_ANSWERS] = new_seed(), ()
    go_on()
