"""What the form of a new study remembers: the template it started from.

Knows: the session's keys. Does not know: the widgets.
Every widget's key holds the number of the start, so that another template begins with its own values.
"""

from __future__ import annotations

import secrets

import streamlit as st

from app.composition.template import Template, shipped

_TEMPLATE, _STARTS = "study-form/template", "study-form/starts"
SEED, GUIDANCE = "study-form/seed", "study-form/guidance"


def present() -> Template:
    """The template that the form started from; the first shipped one unless another was taken. Raises TemplateError."""
    if _TEMPLATE not in st.session_state:
        take(next(iter(shipped().values())))
    return st.session_state[_TEMPLATE]  # type: ignore[no-any-return]


def take(template: Template) -> None:
    """Start the form again from this template."""
    st.session_state[_TEMPLATE] = template
    st.session_state[_STARTS] = st.session_state.get(_STARTS, 0) + 1
    for name, value in ((SEED, template.ecgs.seed), (GUIDANCE, template.ecgs.guidance)):
        st.session_state.pop(name, None)
        if value is not None:
            st.session_state[name] = value


def choose_seed() -> None:
    """Let the seed be one by lot until somebody sets it."""
    st.session_state.setdefault(SEED, secrets.randbelow(1_000_000))


def key(name: str) -> str:
    """The key of a widget of the form."""
    return f"study-form/{st.session_state.get(_STARTS, 0)}/{name}"
