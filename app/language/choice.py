"""The choice of a language, at the foot of every page.

Knows: the control. Does not know: what a choice changes (`visitor`).
"""

from __future__ import annotations

import streamlit as st

from app.language import visitor
from app.language.catalogues import languages
from app.language.words import gettext as _

_OFFERED = "language/offered"


def offer() -> None:
    """The languages by their own names, for whoever wants another one; nothing where there is English only."""
    names = languages()
    if len(names) == 1:
        return
    st.session_state[_OFFERED] = visitor.code()
    st.segmented_control(
        _("Language"),
        list(names),
        format_func=lambda code: names[code],
        key=_OFFERED,
        on_change=_take,
        required=True,
        label_visibility="collapsed",
    )


def _take() -> None:
    visitor.choose(st.session_state[_OFFERED])
