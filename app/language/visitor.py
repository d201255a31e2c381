"""The language of the visitor for whom the script runs.

Knows: where a visitor's choice is kept: in the session, and in the address, so that a reload keeps it.
Does not know: texts.

There is no state of the process: visitors in different languages are served by threads beside each other, so each call
asks the session of its own thread. A visitor who has not chosen gets the language of the browser if there is a
catalogue for it, else English. A page looks up several hundred messages, so what came out is kept in the session for
the run: that is one question to Streamlit instead of three.
"""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.language.catalogues import ENGLISH, languages

PARAMETER = "lang"  # of the address
_CHOSEN, _SPOKEN = "language/chosen", "language/spoken"


def code() -> str:
    """Of whoever the script runs for; English where it runs for nobody: commands, tests, threads of their own."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return ENGLISH
    spoken: str | None = st.session_state.get(_SPOKEN)
    return _wanted() if spoken is None else spoken


def _wanted() -> str:
    browsers = (st.context.locale or "").partition("-")[0]
    wanted = (st.query_params.get(PARAMETER), st.session_state.get(_CHOSEN), browsers)
    return next((one for one in wanted if one in languages()), ENGLISH)


def choose(chosen: str) -> None:
    """Speak this language from now on; it must be one of `languages()`."""
    st.session_state[_CHOSEN] = st.session_state[_SPOKEN] = st.query_params[PARAMETER] = chosen


def in_address() -> dict[str, str]:
    """What the address of this visitor says about the language: nothing before there was a choice."""
    kept = st.query_params.get(PARAMETER) or st.session_state.get(_CHOSEN)
    return {PARAMETER: kept} if kept in languages() else {}


def keep() -> None:
    """At the start of every run: going to another page empties the address, a link brings a language of its own."""
    for name, kept in in_address().items():
        st.session_state[_CHOSEN] = kept
        if st.query_params.get(name) != kept:
            st.query_params[name] = kept
    st.session_state[_SPOKEN] = _wanted()
