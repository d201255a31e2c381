"""Welcome: what this is, for whom, and where to click, on one screen. The first page of whoever comes without a link.

Knows: the words and the doors. Does not know: what is behind a door.
"""

from __future__ import annotations

import streamlit as st

from app import session
from app.explore.curves import picture_html
from app.language.words import N_
from app.language.words import gettext as _
from app.session import Role
from app.tour.drawing import WELCOME_ALT, WELCOME_PICTURE

WHAT = N_(
    "A neural network draws ECGs of people who do not exist. Here physicians find out, blinded, whether such ECGs can "
    "be told from real ones, and investigators measure it."
)
CAPTION = N_("Nobody's ECG: drawn by the model for “normal ECG, sinus rhythm”, chosen from 32 (seed 1, no. 3).")


def show() -> None:
    """The whole screen."""
    with st.container(key="welcome", gap="medium"):
        with st.container(key="welcome-top", horizontal=True, vertical_alignment="center", gap="large"):
            _say_what_it_is()
            _show_picture()
        with st.container(key="welcome-doors", horizontal=True, gap="medium"):
            _show_doors(session.role())


def _say_what_it_is() -> None:
    with st.container(key="welcome-words"):
        st.title(_("Can physicians tell synthetic ECGs from real ones?"), anchor=False)
        st.markdown(_(WHAT))
        words = _("Take the tour (3 minutes)")
        if st.button(words, type="primary", icon=":material/play_arrow:", shortcut="Enter"):
            st.switch_page("screens/tour.py")


def _show_picture() -> None:
    with st.container(key="welcome-picture", gap="xsmall"):
        st.html(picture_html(WELCOME_PICTURE.read_text(encoding="utf-8"), _(WELCOME_ALT)))
        st.caption(_(CAPTION))


def _show_doors(role: Role | None) -> None:
    """Monitors have no studies to compose and nothing to read."""
    if role is not Role.MONITOR:
        words = _("For physicians who were invited: open your personal link, or paste it here.")
        _door("read", _("Read with your link"), ":material/visibility:", words)
    words = _("For anyone: choose findings, let the model draw, compare, download.")
    _door("explore", _("Explore the model"), ":material/ecg_heart:", words)
    if role is not Role.MONITOR:
        words = _("For investigators: compose, invite readers, close, unblind, report. Needs an account.")
        _door("studies", _("Run a study"), ":material/folder_open:", words)


def _door(screen: str, label: str, icon: str, words: str) -> None:
    with st.container(key=f"welcome-door-{screen}", border=True, gap="xsmall"):
        st.page_link(f"screens/{screen}.py", label=f"**{label}**", icon=icon)
        st.caption(words)


if __name__ == "__main__":
    show()
