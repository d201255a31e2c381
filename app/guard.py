"""The investigator's door: choosing the passphrase at first start, giving it later.

Knows: the two forms and their words. Does not know: what lies behind the door; `session` keeps who is inside.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import session
from review_db.credentials import SHORTEST_PASSPHRASE
from review_db.errors import ReviewError


def admit_investigator() -> bool:
    """True if the investigator has signed in; else shows the form for it, and the screen has to end here."""
    if session.is_investigator():
        return True
    with st.container(width=520):
        if session.services().store.has_passphrase():
            _ask_for_passphrase()
        else:
            _choose_passphrase()
    return False


def sign_out_button() -> None:
    """The way out."""
    st.button("Sign out", type="tertiary", on_click=session.sign_out)


def _ask_for_passphrase() -> None:
    st.title("Investigator", anchor=False)
    st.write("Studies and results are for the person who runs the study.")
    with st.form("sign-in", border=False):
        passphrase = st.text_input("Passphrase", type="password", autocomplete="current-password")
        if st.form_submit_button("Sign in", type="primary"):
            _try(lambda: session.sign_in(passphrase))
    st.caption("You stay signed in until this page is reloaded or closed. Nothing of a study is lost by that.")


def _choose_passphrase() -> None:
    st.title("First start: choose a passphrase", anchor=False)
    st.write(
        "It opens studies and results, for whoever runs the studies. Readers do not need it: they get links of "
        "their own. It is stored as a hash only and cannot be shown again, so keep it safe."
    )
    with st.form("choose-passphrase", border=False):
        passphrase = st.text_input(
            "Passphrase",
            type="password",
            autocomplete="new-password",
            help=f"At least {SHORTEST_PASSPHRASE} characters; a few words that do not belong together are good.",
        )
        again = st.text_input("The same again", type="password", autocomplete="new-password")
        if st.form_submit_button("Set the passphrase", type="primary"):
            _set_passphrase(passphrase, again)


def _set_passphrase(passphrase: str, again: str) -> None:
    if passphrase != again:
        st.error("The two passphrases differ: type the same one twice.")
        return
    _try(lambda: session.choose_passphrase(passphrase))


def _try(step: Callable[[], None]) -> None:
    try:
        step()
    except ReviewError as error:
        st.error(str(error))
        return
    st.rerun()
