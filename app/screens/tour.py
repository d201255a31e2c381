"""Tour: the program in seven steps, about three minutes, for anyone.

Knows: the frame of a step: where the visitor is, back, next, away. Does not know: what the steps show (`app.tour`).

Keys: left and right arrow for Back and Next; Enter for what a step invites to do.
"""

from __future__ import annotations

import streamlit as st

from app import session
from app.language.words import gettext as _
from app.session import Role, Services
from app.tour import visit
from app.tour.steps import STEPS


def show(room: Services) -> None:
    """The whole screen."""
    number, here = visit.step_number(len(STEPS)), visit.begin(room)
    title, step = list(STEPS.items())[number - 1]
    with st.container(key="tour", gap="small"):
        _show_heading(number, _(title))
        with st.container(key="tour-body", horizontal=True, gap="medium"):
            step(here)
        _show_ways(number)


def _show_heading(number: int, title: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(title, anchor=False, width="content")
        st.html(dots(number), width="content")


def dots(number: int) -> str:
    """Where in the tour this is, for eyes and for screen readers."""
    marks = "".join(f'<i class="{"here" if at == number else ""}"></i>' for at in range(1, len(STEPS) + 1))
    words = _("Step {number} of {steps}").format(number=number, steps=len(STEPS))
    return f'<div class="tour-dots" role="img" aria-label="{words}">{marks}<span>{number} / {len(STEPS)}</span></div>'


def _show_ways(number: int) -> None:
    with st.container(key="tour-ways", horizontal=True, vertical_alignment="center"):
        if number > 1:
            st.button(_("Back"), key="tour-back", shortcut="Left", on_click=visit.go_to, args=(number - 1,))
        if number < len(STEPS):
            key, words = "tour-next", _("Start") if number == 1 else _("Next")
            st.button(words, key=key, type="primary", shortcut="Right", on_click=visit.go_to, args=(number + 1,))
            if st.button(_("Skip the tour"), key="tour-skip", type="tertiary"):
                visit.end()
                st.switch_page("screens/explore.py")
        else:
            _show_doors()


def _show_doors() -> None:
    st.page_link("screens/explore.py", label=_("Explore the model"), icon=":material/ecg_heart:")
    if session.role() in (None, Role.INVESTIGATOR):
        st.page_link("screens/studies.py", label=_("Run a study"), icon=":material/folder_open:")
    st.page_link("screens/planner.py", label=_("Plan one"), icon=":material/calculate:")


if __name__ == "__main__":
    show(session.services())
