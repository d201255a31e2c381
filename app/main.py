"""The entry script: which screens a session may open, and what stands around them.

Knows: the list of screens, who may open which, the frame of all pages.
Does not know: what a screen does. Its services are made once, in `session.services`.

What a role may not open is not merely hidden, it is not among the pages of its session (`access`): a reader's link has
the Read screen and no other, a monitor no screen with arms or answers.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app import session
from app.access import home, screens_for
from app.settings import SettingsError
from engine.ptbxl import PtbXlError
from review_db.account import Role
from review_db.errors import ReviewError

NAME = "ECG Turing"
STYLE = Path(__file__).parent.parent / "assets" / "app.css"
ICON = STYLE.with_name("icon.png")  # a Material symbol would be fetched from Google by every reader's browser
SCREENS = {
    "welcome": ("Welcome", ":material/home:"),
    "tour": ("Tour", ":material/play_circle:"),
    "explore": ("Explore", ":material/ecg_heart:"),
    "read": ("Read", ":material/visibility:"),
    "studies": ("Studies", ":material/folder_open:"),
    "monitor": ("Monitor", ":material/monitoring:"),
    "planner": ("Planner", ":material/calculate:"),
    "records": ("Records", ":material/upload_file:"),
    "results": ("Results", ":material/bar_chart:"),
    "accounts": ("Accounts", ":material/group:"),
}


def main() -> None:
    """Show the screen that was asked for."""
    st.set_page_config(page_title=NAME, page_icon=str(ICON), layout="wide")
    st.html(STYLE)
    try:
        session.services()
        session.recognise_openid()
        screen = _chosen_screen(session.role())
    except (SettingsError, PtbXlError, ReviewError) as error:
        st.error(f"The app cannot start. {error}")
    else:
        screen.run()
    st.html('<p class="small-print">For research and teaching. Not a medical device: not for use in patients.</p>')


def _chosen_screen(role: Role | None) -> StreamlitPage:
    allowed = screens_for(role, SCREENS, is_setup=session.setup_token() is not None)
    first = home(allowed, st.query_params, urlsplit(st.context.url or "").path)
    pages = [
        st.Page(f"screens/{name}.py", title=title, icon=icon, default=name == first)
        for name, (title, icon) in SCREENS.items()
        if name in allowed
    ]
    return st.navigation(pages, position="hidden" if len(pages) == 1 else "top")


if __name__ == "__main__":
    main()
