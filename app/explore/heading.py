"""Above the large ECG: one further or back, its title, the star and the link to it.

Knows: the widgets. Does not know: how ECGs are drawn, what becomes of a favourite.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.explore.collection import is_favourite, toggle
from app.explore.scene import Scene
from app.explore.sharing import link
from app.language.words import N_
from app.language.words import gettext as _

SHARED = N_("Labels, settings, seed and number in this link draw the same ECG, wherever this checkpoint is.")


def heading(title: str, scene: Scene, choose: Callable[[int], None]) -> None:
    """choose(index) is called for a neighbour; the arrow keys do the same."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="explore_heading_ecg"):
        if len(scene.drawn) > 1:
            _step(N_("Back"), "Left", scene.chosen - 1, scene, choose)
            _step(N_("Next"), "Right", scene.chosen + 1, scene, choose)
        _star(scene)
        _share(scene)
        st.markdown(f"**{title}**", width="content")  # last, so that the buttons stay where they are


def _step(words: str, arrow: str, index: int, scene: Scene, choose: Callable[[int], None]) -> None:
    st.button(
        _(words),
        key=f"explore_{words.lower()}",
        shortcut=arrow,
        on_click=choose,
        args=(index,),
        disabled=not 0 <= index < len(scene.drawn),
    )


def _star(scene: Scene) -> None:
    kept = is_favourite(scene.one.provenance)
    st.button(
        _("Favourite"),
        key="explore_star",
        icon=":material/star:",
        type="primary" if kept else "secondary",
        help=_("Take it from the favourites.") if kept else _("Keep it among the favourites, below."),
        on_click=toggle,
        args=(scene.one,),
    )


def _share(scene: Scene) -> None:
    with st.popover(_("Share"), icon=":material/link:"):
        address = link(st.context.url, scene.one.provenance, len(scene.drawn))
        st.code(address, language=None, wrap_lines=True)
        st.caption(_(SHARED))
