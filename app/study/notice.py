"""What the investigator's screens say after a step: the store's refusals in words.

Knows: the session's key. Does not know: which steps there are.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.study.refusals import in_words
from review_db.errors import ReviewError

NOTICE = "studies/notice"


def note(words: str) -> None:
    """To be said at the next run, in the visitor's language."""
    st.session_state[NOTICE] = words


def show_notice() -> None:
    """Say it, once."""
    if notice := st.session_state.pop(NOTICE, None):
        st.error(notice)


def attempt(step: Callable[[int], object], number: int) -> None:
    """A step that the store may refuse, in words."""
    try:
        step(number)
    except ReviewError as error:
        note(in_words(error))
