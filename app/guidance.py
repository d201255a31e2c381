"""The choice of guidance in a form: it stands at the checkpoint's own until somebody moves it.

Knows: the slider, and what the form remembers of it. Does not know: the rest of a form, how ECGs are drawn.
A slider that stands at a checkpoint's own guidance goes along when another checkpoint is chosen; one that was moved
stays where it was put. A checkpoint or generator without guidance hides it.
"""

from __future__ import annotations

from typing import Literal

import streamlit as st

from app.language.words import N_, decimal
from app.language.words import gettext as _
from engine.generators import LARGEST_GUIDANCE

HELP = N_("How much the labels count: 1 as in training, 0 not at all. Above 1 exaggerates; takes twice as long.")


def choose_guidance(key: str, own: float, persist_state: Literal["session"] | None = None) -> float:
    """The slider, and under it whether it stands at the checkpoint's own guidance. `follow_checkpoint` comes first."""
    words, help_ = _("Guidance"), _(HELP)
    chosen = st.slider(words, 0.0, LARGEST_GUIDANCE, step=0.5, key=key, help=help_, persist_state=persist_state)
    is_own = _("This checkpoint's own guidance is {weight}.")
    is_other = _("This checkpoint's own guidance is {weight}, but you chose another.")
    st.caption((is_own if chosen == own else is_other).format(weight=decimal(own)))
    return float(chosen)


def follow_checkpoint(key: str, own: float | None) -> None:
    """Let a slider that nobody has moved stand at the checkpoint's own guidance; None: there is no guidance."""
    st.session_state[_usable(key)] = own is not None
    if own is None:
        return
    if st.session_state.get(key) in (None, st.session_state.get(_followed(key))):
        st.session_state[key] = own
    st.session_state[_followed(key)] = own


def chosen_guidance(key: str) -> float | None:
    """What the form asks for; None where there is no guidance to ask for."""
    return float(st.session_state[key]) if st.session_state.get(_usable(key)) else None


def _usable(key: str) -> str:
    return f"{key}/usable"


def _followed(key: str) -> str:
    return f"{key}/followed"
