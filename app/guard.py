"""The door: making the first account, choosing a passphrase by a set-up link, signing in.

Knows: the forms and their words. Does not know: what lies behind the door; `session` keeps who is inside.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app import openid, session
from app.access import OPEN_TO, screens_for
from app.wording import plain
from review_db.account import Role
from review_db.credentials import SHORTEST_PASSPHRASE
from review_db.errors import ReviewError, UnknownSetupLink

FIRST_NAME = "investigator"  # suggested for the first account
RULE = f"At least {SHORTEST_PASSPHRASE} characters; a few words that do not belong together are good."


def admit_investigator() -> bool:
    """True if an investigator has signed in; else shows the form for it, and the screen has to end here."""
    return admit(Role.INVESTIGATOR)


def admit(*roles: Role) -> bool:
    """True if somebody in one of these roles has signed in; else shows what to do, and the screen has to end here."""
    role = session.role()
    if role in roles:
        return True
    with st.container(width=520):
        if role is not None:
            st.info(f"This page is not for {role.value}s.")
        elif token := session.setup_token():
            _set_up(token)
        elif session.services().store.has_accounts():
            _sign_in()
        else:
            _make_first_account()
    return False


def sign_out_button() -> None:
    """The way out, and whose session this is."""
    account = session.current_account()
    st.button(f"Sign out {account.name}" if account else "Sign out", type="tertiary", on_click=session.sign_out)


def ask_for_new_passphrase() -> tuple[str, str]:
    """Two fields for a form: the new passphrase, and the same again."""
    passphrase = st.text_input("Passphrase", type="password", autocomplete="new-password", help=RULE)
    return passphrase, st.text_input("The same again", type="password", autocomplete="new-password")


def differ(passphrase: str, again: str) -> bool:
    """True, and said on the page, if the two are not the same."""
    if passphrase != again:
        st.error("The two passphrases differ: type the same one twice.")
    return passphrase != again


# --------------------------------------------------------------------------------------------------- signing in


def _sign_in() -> None:
    st.title("Sign in", anchor=False)
    st.write("Studies, results and accounts are for the people who run the studies. Readers need no account.")
    with st.form("sign-in", border=False):
        name = st.text_input("Name", autocomplete="username")
        passphrase = st.text_input("Passphrase", type="password", autocomplete="current-password")
        if st.form_submit_button("Sign in", type="primary"):
            _try(lambda: session.sign_in(name, passphrase), then=_enter)
    st.caption("You stay signed in until this page is reloaded or closed. Nothing of a study is lost by that.")
    _offer_openid()


def _offer_openid() -> None:
    refusal = session.openid_refusal()
    if refusal:
        st.error(plain(refusal))
        st.button("Sign in there as somebody else", on_click=session.sign_out)
        return
    providers = openid.providers()
    for provider, words in providers.items():
        st.button(f"Sign in with {words}", key=f"openid-{provider}", on_click=openid.sign_in, args=(provider,))
    if providers:
        st.caption("That lasts for twelve hours at most, also when this page is reloaded.")


# ---------------------------------------------------------------------------------------------- new passphrases


def _make_first_account() -> None:
    st.title("First start: choose a passphrase", anchor=False)
    st.write(
        "It opens studies and results, for whoever runs the studies; other people can be added later. Readers do not "
        "need it: they get links of their own. It is stored as a hash only and cannot be shown again, so keep it safe."
    )
    with st.form("choose-passphrase", border=False):
        name = st.text_input("Name", FIRST_NAME, autocomplete="username")
        passphrase, again = ask_for_new_passphrase()
        if st.form_submit_button("Set the passphrase", type="primary") and not differ(passphrase, again):
            _try(lambda: session.make_first_account(name, passphrase))


def _set_up(token: str) -> None:
    try:
        account = session.services().store.account_to_set_up(token)
    except UnknownSetupLink as error:
        st.error(str(error))
        return
    st.title(f"{plain(account.name)}: choose your passphrase", anchor=False)
    st.write(f"You will sign in as {account.role.value} under this name. This page's address works only once.")
    with st.form("set-up", border=False):
        passphrase, again = ask_for_new_passphrase()
        if st.form_submit_button("Set the passphrase", type="primary") and not differ(passphrase, again):
            _try(lambda: session.set_up(token, passphrase))


def _try(step: Callable[[], None], then: Callable[[], None] = st.rerun) -> None:
    try:
        step()
    except ReviewError as error:
        st.error(str(error))
    else:
        then()


def _enter() -> None:
    """On with this screen, or for a role that has few of them to the first of these."""
    role = session.role()
    if role in OPEN_TO:
        present = {path.stem for path in (Path(__file__).parent / "screens").glob("*.py")}
        st.switch_page(f"screens/{screens_for(role, present)[0]}.py")
    st.rerun()
