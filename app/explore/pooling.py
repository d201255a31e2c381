"""Favourites into the pool of a study: which ones, and what became of it. For investigators.

Knows: the widgets. Does not know: how a pool is stored (`app.pool`), how a study is made of it.
"""

from __future__ import annotations

import streamlit as st

from app import session
from app.explore.favourites import Favourites
from app.explore.refusals import in_words
from app.language.words import N_, ngettext
from app.language.words import gettext as _
from app.pool import pick, picked
from app.session import Services
from engine.generators import Provenance
from review_db.errors import PoolRefused

_CHOSEN, _DONE = "explore_pool_chosen", "explore/pool/done"
WHAT = N_(
    "The page Studies makes a study's synthetic arm of your pool: choose the arm “Hand-picked ECGs” there. Picked by "
    "hand they are no random sample of what the model draws, and the study's report says so."
)


def offer_pool(room: Services, favourites: Favourites) -> None:
    """A choice of favourites, those first that are not in the pool; nothing for whoever is no investigator."""
    if not favourites or not session.is_investigator():
        return
    with st.popover(_("Add to a study's pool"), icon=":material/playlist_add:", key="explore_pool"):
        there = {one.provenance for one in picked(room)}
        new = {at: one for at, one in enumerate(favourites) if one.provenance not in there}
        st.caption(" ".join((_how_many(len(there)), _(WHAT))))
        _say_what_was_done()
        if not new:
            st.caption(_("All favourites are in the pool."))
            return
        # Another choice has other ECGs: a key of its own lets those that are new be chosen.
        key = f"{_CHOSEN}_{hash(tuple((at, one.provenance) for at, one in new.items()))}"
        numbered = _("{number}: {favourite}")  # two may have one title: drawn with other settings
        chosen = st.multiselect(
            _("Favourites"),
            list(new),
            list(new),
            format_func=lambda at: numbered.format(number=at + 1, favourite=new[at].title),
            key=key,
        )
        origins = tuple(new[at].provenance for at in chosen)
        st.button(_("Add to the pool"), key="explore_pool_add", type="primary", on_click=_add, args=(room, origins),
                  disabled=not origins)  # fmt: skip


def _how_many(number: int) -> str:
    words = ngettext("{number} ECG in your pool.", "{number} ECGs in your pool.", number)
    return words.format(number=number) if number else _("No ECG in your pool.")


def _how_many_more(number: int) -> str:
    words = ngettext("{number} ECG added to your pool.", "{number} ECGs added to your pool.", number)
    return words.format(number=number) if number else _("No ECG added to your pool.")


def _add(room: Services, origins: tuple[Provenance, ...]) -> None:
    try:
        st.session_state[_DONE] = _how_many_more(pick(room, origins))
    except PoolRefused as error:
        st.session_state[_DONE] = in_words(str(error))


def _say_what_was_done() -> None:
    if done := st.session_state.pop(_DONE, None):
        st.info(done)
