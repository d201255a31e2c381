"""The favourites of a session: kept, shown as thumbnails, opened, removed and brought back, saved and loaded.

Knows: the panel, where favourites live between clicks. Does not know: how a request is drawn.

They live as long as the session, which a reload ends: the list can be saved as a file and loaded again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zlib import crc32

import streamlit as st

from app.explore.downloads import DrawnEcg, drawn_ecgs
from app.explore.favourites import (
    Favourite,
    Favourites,
    FavouritesError,
    among,
    by_provenance,
    filled,
    from_file,
    missing,
    pool,
    to_file,
    with_added,
    without,
)
from app.explore.pooling import offer_pool
from app.explore.result import prepared
from app.explore.sharing import query
from app.explore.waiting import outcome
from app.language.words import N_
from app.language.words import gettext as _
from app.session import Services
from engine.generators import DrawRequest, Provenance

_KEPT, _REMOVED, _PROBLEM = "explore/favourites", "explore/favourites/removed", "explore/favourites/problem"
_REDRAW, _FILE = "explore/favourites/redraw", "explore_favourites_file"
CARD_PX, PICTURE_PX = 172, 160
WHAT = N_("They stay until this page is reloaded or closed; save the list to keep them, and load it to go on.")
STYLE = f"""<style>
.st-key-explore_favourites button:has(img) {{ padding: 2px; min-height: 0; }}
.st-key-explore_favourites button img {{
  display: block; width: {PICTURE_PX}px; max-width: none; height: {PICTURE_PX // 2}px; max-height: none;
  border-radius: 4px; }}
</style>"""


@dataclass(frozen=True)
class Desk:
    """What the panel needs. checkpoint_names: by digest. show: draws a favourite and shows it large. most: the largest
    count and seed that the form takes.
    """

    room: Services
    checkpoint_names: Mapping[str, str]
    show: Callable[[Favourite], None]
    most: DrawRequest


def kept() -> Favourites:
    """The favourites of this session."""
    favourites: Favourites = st.session_state.get(_KEPT, ())
    return favourites


def is_favourite(provenance: Provenance) -> bool:
    """Whether this ECG is one of them."""
    return among(kept(), provenance)


def toggle(drawn: DrawnEcg) -> None:
    """Keep an ECG, or let it go."""
    if is_favourite(drawn.provenance):
        _remove(drawn.provenance)
    else:
        _keep(Favourite(drawn.provenance, drawn))


def favourites_panel(desk: Desk) -> None:
    """All favourites as thumbnails, and what can be done with them."""
    st.html(STYLE)
    favourites = kept()
    title = _("Favourites ({number})").format(number=len(favourites)) if favourites else _("Favourites")
    with st.expander(title, icon=":material/star:", key="explore_favourites"):
        st.caption(_(WHAT) if favourites else " ".join((_("The star above an ECG keeps it here."), _(WHAT))))
        if problem := st.session_state.pop(_PROBLEM, None):
            st.warning(problem)
        _offer_undo()
        with st.container(horizontal=True, key="explore_favourites_cards"):
            for favourite in favourites:
                _card(favourite, desk)
        _draw_missing(favourites, desk)
        _files(favourites, desk)
        offer_pool(desk.room, favourites)


def _card(favourite: Favourite, desk: Desk) -> None:
    number = crc32(repr(favourite.provenance).encode())
    with st.container(width=CARD_PX, gap="xxsmall"):
        picture = _picture(favourite)
        st.button(
            f"![{favourite.title}](data:image/svg+xml;base64,{picture})" if picture else _("Not drawn yet"),
            key=f"explore_favourite_{number}",
            help=_("Show it large"),
            on_click=desk.show,
            args=(favourite,),
        )
        st.caption(f"{favourite.codes}  \n{favourite.number}")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            link = query(favourite.provenance, favourite.provenance.index + 1)
            st.markdown(_("[Link]({address})").format(address=f"?{link}"), width="content")
            st.button(
                _("Remove"),
                key=f"explore_favourite_remove_{number}",
                type="tertiary",
                on_click=_remove,
                args=(favourite.provenance,),
            )


def _picture(favourite: Favourite) -> str:
    """The thumbnail as base64; empty where there are no samples, or none that can be shown."""
    if favourite.drawn is None:
        return ""
    return prepared(f"favourite/{favourite.provenance}", 0, favourite.drawn.ecg)[1]


def _offer_undo() -> None:
    removed: tuple[int, Favourite] | None = st.session_state.get(_REMOVED)
    if removed is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("Removed: {title}.").format(title=removed[1].title), width="content")
        st.button(_("Bring it back"), key="explore_favourite_undo", type="tertiary", on_click=_bring_back)


def _draw_missing(favourites: Favourites, desk: Desk) -> None:
    """Those of a loaded list have no picture until somebody asks for it."""
    wanted, absent = missing(favourites), sum(one.drawn is None for one in favourites)
    if wanted is None:
        return
    if not st.session_state.get(_REDRAW):
        words = _("Draw the {number} without a picture").format(number=absent)
        st.button(words, key="explore_favourites_draw", on_click=_begin_to_draw)
        return
    status = outcome(desk.room.generation, "favourites", wanted, _("Drawing favourites"))
    if status is None or status.drawn is None:
        return
    name = desk.checkpoint_names.get(status.drawn.provenance[0].checkpoint or "")
    ecgs = drawn_ecgs(status.drawn.ecgs, status.drawn.provenance, desk.room.label_set, name)
    st.session_state[_KEPT] = now = filled(favourites, by_provenance(status.drawn, ecgs))
    if missing(now) == wanted:
        st.session_state[_PROBLEM] = _(
            "Some of these favourites cannot be drawn: the list does not say all about them."
        )
    st.session_state[_REDRAW] = missing(now) not in (None, wanted)
    st.rerun()


def _begin_to_draw() -> None:
    st.session_state[_REDRAW] = True


def _files(favourites: Favourites, desk: Desk) -> None:
    absent = any(one.drawn is None for one in favourites)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.download_button(
            _("Save the list"),
            to_file(favourites),
            "favourites.json",
            "application/json",
            key="explore_favourites_save",
            icon=":material/save:",
            on_click="ignore",
            disabled=not favourites,
        )
        st.download_button(
            _("Records and origins"),
            lambda: pool(favourites),
            "favourites.zip",
            "application/zip",
            key="explore_favourites_pool",
            icon=":material/download:",
            on_click="ignore",
            disabled=absent or not favourites,
            help=_("Draw those without a picture first.") if absent else _("A folder for each: WFDB and JSON, zipped"),
        )
        with st.popover(_("Load a list"), icon=":material/upload:"):
            st.file_uploader(_("A saved list, or the JSON of an ECG"), type="json", key=_FILE)
            st.button(_("Add them"), key="explore_favourites_load", on_click=_load, args=(desk,))


def _keep(*new: Favourite) -> None:
    try:
        st.session_state[_KEPT] = with_added(kept(), *new)
    except FavouritesError as error:
        st.session_state[_PROBLEM] = str(error)


def _remove(provenance: Provenance) -> None:
    before = kept()
    gone = next(((at, one) for at, one in enumerate(before) if one.provenance == provenance), None)
    if gone is not None:
        st.session_state[_REMOVED] = gone
        st.session_state[_KEPT] = without(before, provenance)


def _bring_back() -> None:
    at, favourite = st.session_state.pop(_REMOVED)
    others = without(kept(), favourite.provenance)
    st.session_state[_KEPT] = (*others[:at], favourite, *others[at:])


def _load(desk: Desk) -> None:
    file = st.session_state.get(_FILE)
    if file is None:
        st.session_state[_PROBLEM] = _("Choose a file first.")
        return
    try:
        _keep(*from_file(file.getvalue(), desk.room.label_set, desk.most))
    except FavouritesError as error:
        st.session_state[_PROBLEM] = str(error)
