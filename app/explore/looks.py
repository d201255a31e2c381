"""Ways to look closer at an ECG that was drawn, one of which is open at a time below it.

Knows: their titles and which fit a scene. Does not know: what any of them shows. A new one is a file and a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import streamlit as st

from app.explore.result import comparison
from app.explore.scene import Scene

LOOK = "explore_look"


@dataclass(frozen=True)
class Look:
    """show draws it; fits says whether there is anything to show."""

    show: Callable[[Scene], None]
    fits: Callable[[Scene], bool]


def _can_compare(scene: Scene) -> bool:
    return scene.room.ptbxl is not None or scene.before is not None


LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "Compare": Look(comparison, _can_compare),
    }
)


def look_closer(scene: Scene) -> None:
    """The choice, and the look that is chosen; nothing where none fits."""
    fitting = [title for title, look in LOOKS.items() if look.fits(scene)]
    if not fitting:
        return
    st.divider()
    title = st.segmented_control("Look closer", fitting, default=fitting[0], key=LOOK, persist_state="session")
    if title in fitting:
        LOOKS[title].show(scene)
