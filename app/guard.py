"""The door: making the first account, choosing a passphrase by a set-up link, signing in.

Knows: the forms and their words. Does not know: what lies behind the door; `session` keeps who is inside.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app import openid, session
from app.access import OPEN_TO, screens_for
from app.account_words import AS_ROLE, NOT_FOR, in_words
from app.language.words import N_
from app.language.words import gettext as _
from app.wording import plain
from review_db.account import Role
from review_db.credentials import SHORTEST_PASSPHRASE
from review_db.errors import ReviewError, UnknownSetupLink

FIRST_NAME = "investigator"  # suggested for the first account
RULE = N_("At least {fewest} characters; a few words that do not belong together are good.")


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
            st.info(_(NOT_FOR[role]))
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
    words = _("Sign out {name}").format(name=account.name) if account else _("Sign out")
    st.button(words, type="tertiary", on_click=session.sign_out)


def ask_for_new_passphrase() -> tuple[str, str]:
    """Two fields for a form: the new passphrase, and the same again."""
    rule = _(RULE).format(fewest=SHORTEST_PASSPHRASE)
    passphrase = st.text_input(_("Passphrase"), type="password", autocomplete="new-password", help=rule)
    return passphrase, st.text_input(_("The same again"), type="password", autocomplete="new-password")


def differ(passphrase: str, again: str) -> bool:
    """True, and said on the page, if the two are not the same."""
    if passphrase != again:
        st.error(_("The two passphrases differ: type the same one twice."))
    return passphrase != again


# --------------------------------------------------------------------------------------------------- signing in


def _sign_in() -> None:
    st.title(_("Sign in"), anchor=False)
    st.write(_("Studies, results and accounts are for the people who run the studies. Readers need no account."))
    with st.form("sign-in", border=False):
        name = st.text_input(_("Name"), autocomplete="username")
        passphrase = st.text_input(_("Passphrase"), type="password", autocomplete="current-password")
        if st.form_submit_button(_("Sign in"), type="primary"):
            _try(lambda: session.sign_in(name, passphrase), then=_enter)
    st.caption(_("You stay signed in until this page is reloaded or closed. Nothing of a study is lost by that."))
    _offer_openid()


def _offer_openid() -> None:
    refusal = session.openid_refusal()
    if refusal:
        st.error(plain(in_words(refusal)))
        st.button(_("Sign in there as somebody else"), on_click=session.sign_out)
        return
    providers = openid.providers()
    for provider, name in providers.items():
        words = _("Sign in with {provider}").format(provider=name)
        st.button(words, key=f"openid-{provider}", on_click=openid.sign_in, args=(provider,))
    if providers:
        st.caption(_("That lasts for twelve hours at most, also when this page is reloaded."))


# ---------------------------------------------------------------------------------------------- new passphrases


def _make_first_account() -> None:
    st.title(_("First start: choose a passphrase"), anchor=False)
    words = _(
        "It opens studies and results, for whoever runs the studies; other people can be added later. Readers do not "
        "need it: they get links of their own. It is stored as a hash only and cannot be shown again, so keep it safe."
    )
    st.write(words)
    with st.form("choose-passphrase", border=False):
        name = st.text_input(_("Name"), FIRST_NAME, autocomplete="username")
        passphrase, again = ask_for_new_passphrase()
        if st.form_submit_button(_("Set the passphrase"), type="primary") and not differ(passphrase, again):
            _try(lambda: session.make_first_account(name, passphrase))


def _set_up(token: str) -> None:
    try:
        account = session.services().store.account_to_set_up(token)
    except UnknownSetupLink as error:
        st.error(in_words(error))
        return
    st.title(_("{name}: choose your passphrase").format(name=plain(account.name)), anchor=False)
    st.write(_(AS_ROLE[account.role]))
    with st.form("set-up", border=False):
        passphrase, again = ask_for_new_passphrase()
        if st.form_submit_button(_("Set the passphrase"), type="primary") and not differ(passphrase, again):
            _try(lambda: session.set_up(token, passphrase))


def _try(step: Callable[[], None], then: Callable[[], None] = st.rerun) -> None:
    try:
        step()
    except ReviewError as error:
        st.error(in_words(error))
    else:
        then()


def _enter() -> None:
    """On with this screen, or for a role that has few of them to the first of these."""
    role = session.role()
    if role in OPEN_TO:
        present = {path.stem for path in (Path(__file__).parent / "screens").glob("*.py")}
        st.switch_page(f"screens/{screens_for(role, present)[0]}.py")
    st.rerun()
