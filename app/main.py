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
from app.language import choice, visitor
from app.language.words import N_
from app.language.words import gettext as _
from app.reconnection import go_on_after_reconnecting
from app.settings import SettingsError
from app.shortcuts.sheet import offer_shortcuts
from app.store_away import show_store_away
from engine.ptbxl import PtbXlError
from review_db.account import Role
from review_db.errors import ReviewError, StoreLost, StoreUnavailable

NAME = "ECG Turing"
STYLE = Path(__file__).parent.parent / "assets" / "app.css"
ICON = STYLE.with_name("icon.png")  # a Material symbol would be fetched from Google by every reader's browser
SCREENS = {
    "welcome": (N_("Welcome"), ":material/home:"),
    "tour": (N_("Tour"), ":material/play_circle:"),
    "explore": (N_("Explore"), ":material/ecg_heart:"),
    "read": (N_("Read"), ":material/visibility:"),
    "studies": (N_("Studies"), ":material/folder_open:"),
    "monitor": (N_("Monitor"), ":material/monitoring:"),
    "planner": (N_("Planner"), ":material/calculate:"),
    "records": (N_("Records"), ":material/upload_file:"),
    "results": (N_("Results"), ":material/bar_chart:"),
    "accounts": (N_("Accounts"), ":material/group:"),
}


def main() -> None:
    """Show the screen that was asked for."""
    st.set_page_config(page_title=NAME, page_icon=str(ICON), layout="wide")
    st.html(STYLE)
    visitor.keep()
    try:
        session.services()
        session.recognise_openid()
        name, screen = _chosen_screen(session.role())
    except StoreLost as away:
        show_store_away(away)
        _show_foot("")
    except (SettingsError, PtbXlError, ReviewError) as error:
        st.error(_("The app cannot start. {reason}").format(reason=error))
        _show_foot("")
    else:
        _run(screen)
        _show_foot(name)


def _run(screen: StreamlitPage) -> None:
    try:
        screen.run()
    except StoreUnavailable as away:
        show_store_away(away)


def _chosen_screen(role: Role | None) -> tuple[str, StreamlitPage]:
    allowed = screens_for(role, SCREENS, is_setup=session.setup_token() is not None)
    first = home(allowed, st.query_params, urlsplit(st.context.url or "").path)
    pages = {
        name: st.Page(f"screens/{name}.py", title=_(title), icon=icon, default=name == first)
        for name, (title, icon) in SCREENS.items()
        if name in allowed
    }
    chosen = st.navigation(list(pages.values()), position="hidden" if len(pages) == 1 else "top")
    return next(name for name, page in pages.items() if page is chosen), chosen


def _show_foot(screen: str) -> None:
    words = _("For research and teaching. Not a medical device: not for use in patients.")
    tells_language = f"<script>document.documentElement.lang = '{visitor.code()}'</script>"  # to screen readers
    with st.container(key="foot", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.html(f'<p class="small-print">{words}</p>{tells_language}', width="content", unsafe_allow_javascript=True)
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            choice.offer()
            offer_shortcuts(screen)
            go_on_after_reconnecting()


if __name__ == "__main__":
    main()
