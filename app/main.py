"""The entry script: which screens a session may open, and what stands around them.

Knows: the list of screens, who may open which, the frame of all pages.
Does not know: what a screen does. Its services are made once, in `session.services`.

A session with a reader's link has the Read screen and no other: the others are not merely hidden, they are
not among its pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app import session
from app.settings import SettingsError
from engine.files.own_records import OwnRecordsError
from engine.ptbxl import PtbXlError
from review_db.errors import ReviewError

NAME = "ECG Turing"
STYLE = Path(__file__).parent.parent / "assets" / "app.css"
SCREENS = {
    "explore": ("Explore", ":material/ecg_heart:"),
    "read": ("Read", ":material/visibility:"),
    "studies": ("Studies", ":material/folder_open:"),
    "results": ("Results", ":material/bar_chart:"),
}


def main() -> None:
    """Show the screen that was asked for."""
    is_reader = session.reader_token() is not None
    st.set_page_config(page_title=NAME, page_icon=":material/ecg_heart:", layout="wide")
    st.html(STYLE)
    screen = st.navigation(_screens(is_reader), position="hidden" if is_reader else "top")
    if _services_are_ready():
        screen.run()
    st.html('<p class="small-print">For research and teaching. Not a medical device: not for use in patients.</p>')


def _screens(is_reader: bool) -> Sequence[StreamlitPage]:
    allowed = ["read"] if is_reader else list(SCREENS)
    return [
        st.Page(f"screens/{name}.py", title=title, icon=icon, default=name == allowed[0])
        for name, (title, icon) in SCREENS.items()
        if name in allowed
    ]


def _services_are_ready() -> bool:
    """Make the services if they are not there yet; if that fails, say what to do instead of a screen."""
    try:
        session.services()
    except (SettingsError, PtbXlError, OwnRecordsError, ReviewError) as error:
        st.error(f"The app cannot start. {error}")
        return False
    return True


if __name__ == "__main__":
    main()
