"""What anybody sees while the database cannot serve: a sentence, and a page that goes on by itself.

Knows: StoreUnavailable, how often is tried again. Does not know: which screen was to be shown, what is kept for later.
"""

from __future__ import annotations

import logging
import time

import streamlit as st

from app.language.words import N_
from app.language.words import gettext as _
from app.store_words import in_words
from review_db.errors import StoreUnavailable

AGAIN_SECONDS = 5.0
GOES_ON = N_("This page tries again every few seconds and then goes on by itself: leave it open.")
SLOW = N_("The database takes its time. What you chose is kept on this page: leave it open.")


def show_store_away(away: StoreUnavailable, kept: str = "") -> None:
    """In place of a screen; kept: a sentence on what waits to be stored."""
    logging.getLogger(__name__).warning("%s", away)
    with st.container(key="store-away"):
        st.warning("\n\n".join(filter(None, (in_words(away), kept, _(GOES_ON)))), icon=":material/cloud_off:")
        st.button(_("Try again"), key="store-away-again", type="primary")
        _look_again(time.monotonic())


def say_when_slow() -> None:
    """A sentence that the style sheet shows once the page has been at work for some seconds; first thing on a page."""
    st.html(f'<p class="still-waiting" role="status">{_(SLOW)}</p>')


@st.fragment(run_every=AGAIN_SECONDS)
def _look_again(since: float) -> None:
    if time.monotonic() - since > AGAIN_SECONDS / 2:  # not when it is first drawn
        st.rerun()
