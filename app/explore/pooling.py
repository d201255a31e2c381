"""Favourites into the pool of a study: which ones, and what became of it. For investigators.

Knows: the widgets. Does not know: how a pool is stored (`app.pool`), how a study is made of it.
"""

from __future__ import annotations

import streamlit as st

from app import session
from app.explore.favourites import Favourite, Favourites
from app.pool import pick, picked
from app.session import Services
from engine.generators import Provenance
from review_db.errors import PoolRefused

_CHOSEN, _DONE = "explore_pool_chosen", "explore/pool/done"
WHAT = (
    "The page Studies makes a study's synthetic arm of your pool: choose the arm “Hand-picked ECGs” there. Picked by "
    "hand they are no random sample of what the model draws, and the study's report says so."
)


def offer_pool(room: Services, favourites: Favourites) -> None:
    """A choice of favourites, those first that are not in the pool; nothing for whoever is no investigator."""
    if not favourites or not session.is_investigator():
        return
    with st.popover("Add to a study's pool", icon=":material/playlist_add:", key="explore_pool"):
        there = {one.provenance for one in picked(room)}
        new = {_name(at, one): one.provenance for at, one in enumerate(favourites) if one.provenance not in there}
        st.caption(f"{_how_many(len(there))} in your pool. {WHAT}")
        _say_what_was_done()
        if not new:
            st.caption("All favourites are in the pool.")
            return
        # Another choice has other names: a key of its own lets those that are new be chosen.
        chosen = st.multiselect("Favourites", list(new), list(new), key=f"{_CHOSEN}_{hash(tuple(new))}")
        origins = tuple(new[name] for name in chosen)
        st.button("Add to the pool", key="explore_pool_add", type="primary", on_click=_add, args=(room, origins),
                  disabled=not origins)  # fmt: skip


def _how_many(number: int) -> str:
    return "No ECG" if not number else "1 ECG" if number == 1 else f"{number} ECGs"


def _name(at: int, one: Favourite) -> str:
    """Two may have one title: drawn with other settings."""
    return f"{at + 1}: {one.title}"


def _add(room: Services, origins: tuple[Provenance, ...]) -> None:
    try:
        number = pick(room, origins)
        st.session_state[_DONE] = f"{_how_many(number)} added to your pool."
    except PoolRefused as error:
        st.session_state[_DONE] = str(error)


def _say_what_was_done() -> None:
    if done := st.session_state.pop(_DONE, None):
        st.info(done)
