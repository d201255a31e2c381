"""A page goes on by itself after its connection was lost, also where its session is gone: with a server that was
started anew, or on another replica.

Knows: the component, from assets/reconnection.js. Does not know: screens. Streamlit runs nothing when a browser comes
back, because the session usually still lives. Where it does not, a click inside a fragment would be passed over in
silence, since the new session has never seen that fragment. So the page asks for one run of the whole script.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

SCRIPT = Path(__file__).parents[1] / "assets" / "reconnection.js"


def go_on_after_reconnecting() -> None:
    """Nothing to be seen; outside of every fragment, so that its news run the whole page."""
    _component()(key="reconnection", on_back_change=lambda: None, height=0)


@cache
def _component() -> Callable[..., Any]:
    """Made when the first page is shown, not at import."""
    return st.components.v2.component("reconnection", js=SCRIPT.read_text(encoding="utf-8"))
