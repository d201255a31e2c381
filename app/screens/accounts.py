"""Accounts: who may sign in, in which role; one's own passphrase. For investigators; a monitor sees only the latter.

Knows: the list, adding, switching off and on, roles, set-up links, changing one's passphrase.
Does not know: what a role may open (`access`), how somebody gets in (`guard`), how secrets are kept (`credentials`).
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import openid, session
from app.account_words import MAKE, ROLES, in_words
from app.guard import admit, ask_for_new_passphrase, differ, sign_out_button
from app.language.words import N_
from app.language.words import gettext as _
from app.table import show_table
from app.wording import day, plain, when
from review_db.account import Account, Role
from review_db.errors import ReviewError
from review_db.store import Store

NOTICE, LINK = "accounts/notice", "accounts/link"
ROLE_WORDS = {
    Role.MONITOR: N_("Monitor: sees how far studies have come, never arms or answers"),
    Role.INVESTIGATOR: N_("Investigator: composes studies, invites readers, unblinds"),
}
BY_LINK, BY_OPENID = N_("A passphrase, chosen by a link"), N_("OpenID Connect")


def show() -> None:
    """The whole screen."""
    if not admit(Role.INVESTIGATOR, Role.MONITOR):
        return
    mine = session.current_account()
    assert mine is not None
    store = session.services().store
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(_("Accounts") if mine.role is Role.INVESTIGATOR else _("Your account"), anchor=False)
        sign_out_button()
    _show_notice()
    if mine.role is Role.INVESTIGATOR:
        _show_all(store)
    _change_passphrase(mine)


# ------------------------------------------------------------------------------------------------ all accounts


def _show_all(store: Store) -> None:
    accounts = store.accounts()
    rows = [(a.name, _(ROLES[a.role]), _signs_in_by(a), _state(a), day(a.created_at)) for a in accounts]
    show_table((_("Name"), _("Role"), _("Signs in by"), _("State"), _("Added")), rows)
    _show_link()
    _manage(store, accounts)
    _add(store)


def _signs_in_by(account: Account) -> str:
    ways = [_("passphrase")] * account.has_passphrase + [f"OpenID, {account.openid}"] * (account.openid is not None)
    return ", ".join(ways) or _("nothing yet")


def _state(account: Account) -> str:
    if account.disabled_at is not None:
        return _("switched off {day}").format(day=day(account.disabled_at))
    set_up = _("set-up link until {time}").format(time=when(account.setup_until))
    # Translators: the state of an account that is switched on
    return set_up if account.setup_until else _("on")


def _manage(store: Store, accounts: list[Account]) -> None:
    with st.expander(_("Somebody forgot the passphrase, has another role now, or should not get in any more")):
        by_number = {account.id: account for account in accounts}  # a number stays chosen when its account changes
        number = st.selectbox(_("Account"), list(by_number), format_func=lambda at: by_number[at].name, width=320)
        chosen = by_number[number]
        other = Role.MONITOR if chosen.role is Role.INVESTIGATOR else Role.INVESTIGATOR
        with st.container(horizontal=True):
            st.button(_("New set-up link"), on_click=_renew, args=(store, chosen))
            st.button(_(MAKE[other]), on_click=_do, args=(lambda: store.change_role(chosen.id, other),))
            if chosen.disabled_at is None:
                st.button(_("Switch off"), on_click=_do, args=(lambda: store.disable_account(chosen.id),))
            else:
                st.button(_("Switch on"), on_click=_do, args=(lambda: store.enable_account(chosen.id),))
        st.caption(_("With a set-up link its person chooses another passphrase; until then the old one works."))


def _add(store: Store) -> None:
    st.subheader(_("Add a person"), anchor=False)
    with st.form("add-account", clear_on_submit=True, border=False, width=520):
        st.text_input(_("Name"), key="account-name")
        st.radio(_("Role"), list(ROLE_WORDS), format_func=lambda role: _(ROLE_WORDS[role]), key="account-role")
        if openid.providers():
            st.radio(_("Signs in by"), [BY_LINK, BY_OPENID], format_func=_, key="account-way")
            words = _("For OpenID Connect: verified e-mail address, or issuer and subject")
            st.text_input(words, key="account-identity")
        st.form_submit_button(_("Add the account"), on_click=_add_account, args=(store,))


def _add_account(store: Store) -> None:
    """Called before the form is cleared, so what was typed is still there."""
    name, role = st.session_state["account-name"].strip(), st.session_state["account-role"]
    st.session_state.pop(LINK, None)
    if st.session_state.get("account-way") == BY_OPENID:
        identity = st.session_state["account-identity"]
        _do(lambda: store.add_openid_account(name, role, identity))
    else:
        _do(lambda: _keep_link(name, store.invite_account(name, role)))


def _renew(store: Store, account: Account) -> None:
    _do(lambda: _keep_link(account.name, store.renew_setup_link(account.id)))


def _keep_link(name: str, token: str) -> None:
    st.session_state[LINK] = (name, session.setup_link(token))


def _show_link() -> None:
    """The link that was just made; gone with the next step."""
    made = st.session_state.pop(LINK, None)
    if made is None:
        return
    name, link = made
    words = _(
        "Set-up link for {name}, for seven days and one use. Copy it now: only its hash is stored, it cannot be shown "
        "again."
    )
    st.success(words.format(name=plain(name)))
    st.code(link, language=None, wrap_lines=True)


# ---------------------------------------------------------------------------------------------------- one's own


def _change_passphrase(mine: Account) -> None:
    if not mine.has_passphrase:
        return
    with st.expander(_("Change your own passphrase")), st.form("change-passphrase", border=False, width=520):
        present = st.text_input(_("Present passphrase"), type="password", autocomplete="current-password")
        new, again = ask_for_new_passphrase()
        if st.form_submit_button(_("Change it")) and not differ(new, again):
            try:
                session.change_passphrase(mine, present, new)
            except ReviewError as error:
                st.error(in_words(error))
            else:
                st.success(_("From now on you sign in with the new one. You are signed out everywhere else."))


def _do(step: Callable[[], None]) -> None:
    """A step that the store may refuse, in words."""
    try:
        step()
    except ReviewError as error:
        st.session_state[NOTICE] = in_words(error)


def _show_notice() -> None:
    if notice := st.session_state.pop(NOTICE, None):
        st.error(plain(notice))


if __name__ == "__main__":
    show()
