"""Ways to look closer at an ECG that was drawn, one of which is open at a time below it.

Knows: their titles and which fit a scene. Does not know: what any of them shows. A new one is a file and a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import streamlit as st

from app.explore import compare_look, completing, copies, distributions, measured, memory
from app.explore.collection import kept
from app.explore.film import film
from app.explore.redrawn import can_be_redrawn
from app.explore.same_noise import same_noise
from app.explore.scene import Scene
from app.explore.waiting import nothing_else
from app.explore.way import way
from app.language.words import N_
from app.language.words import gettext as _

LOOK, LINKED = "explore_look", "explore/linked-look"


@dataclass(frozen=True)
class Look:
    """show draws it; fits says whether there is anything to show; address, what a link must say to show the same."""

    show: Callable[[Scene], None]
    fits: Callable[[Scene], bool]
    address: Callable[[], Mapping[str, str]] = dict


def _has_real(scene: Scene) -> bool:
    return scene.room.ptbxl is not None


def _can_compare(scene: Scene) -> bool:
    others = len(scene.drawn) > 1 or scene.before is not None or len(kept()) > 0
    return others or _has_real(scene) or "second" in memory.look_address()


LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        N_("Compare"): Look(compare_look.compare, _can_compare, compare_look.address),
        N_("Measurements"): Look(measured.show, lambda scene: True),
        N_("Does it show it?"): Look(distributions.show, _has_real),
        N_("Is it a copy?"): Look(copies.show, _has_real),
        N_("Same noise, other labels"): Look(same_noise, can_be_redrawn),
        N_("Way between labels"): Look(way, can_be_redrawn),
        N_("Film"): Look(film, can_be_redrawn),
        N_("Complete a record"): Look(completing.show, completing.can_be_completed),
    }
)


def look_closer(scene: Scene) -> None:
    """The choice, and the look that is chosen; nothing where none fits."""
    fitting = [title for title, look in LOOKS.items() if look.fits(scene)]
    if not fitting:
        return
    st.divider()
    first = _linked() if _linked() in fitting else fitting[0]
    title = st.segmented_control(
        _("Look closer"), fitting, default=first, format_func=_, key=LOOK, persist_state="session"
    )
    with nothing_else(scene.room.generation):
        if title in fitting:
            LOOKS[title].show(scene)
            memory.keep_look(({"look": title} if title != fitting[0] else {}) | dict(LOOKS[title].address()))


def _linked() -> str | None:
    """The look that the address named when the first ECG came."""
    title: str | None = st.session_state.setdefault(LINKED, st.query_params.get("look"))
    return title
