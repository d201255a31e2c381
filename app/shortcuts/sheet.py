"""The sheet of shortcuts in the browser: a button at the foot of every page, and `?`.

Knows: what is sent, and how the component is put together from the files in assets/shortcuts.
Does not know: the keys (`app.shortcuts.groups`). Opening it asks nothing of the server: no clock stops, no answer is
lost. Which groups hold is seen from the page itself, so what is sent is the same for every ECG and every reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from app.language import visitor
from app.language.words import gettext as _
from app.shortcuts.groups import groups

ASSETS = Path(__file__).parents[2] / "assets" / "shortcuts"


def offer_shortcuts(screen: str) -> None:
    """The button, and the listener for its key, on a screen of `app.main.SCREENS`."""
    with st.container(key="shortcuts", width="content"):
        _component()(key="shortcut-sheet", data=sheet_data(screen, visitor.code()), width="content")


@cache
def sheet_data(screen: str, language: str) -> Mapping[str, Any]:
    """What the browser gets; made once for every language, which is that of the visitor."""
    return {
        "button": _("Keyboard"),
        "title": _("Keyboard shortcuts"),
        "close": _("Close"),
        "groups": [vars(group) for group in groups(screen)],
    }


@cache
def _component() -> Callable[..., Any]:
    """Made when the first page is shown, not at import."""
    script, style = ((ASSETS / f"shortcuts.{kind}").read_text(encoding="utf-8") for kind in ("js", "css"))
    return st.components.v2.component("shortcut_sheet", js=script, css=style)
