"""Accounts: who may sign in, in which role; one's own passphrase. For investigators; a monitor sees only the latter.

Knows: the list, adding, switching off and on, roles, set-up links, changing one's passphrase.
Does not know: what a role may open (`access`), how somebody gets in (`guard`), how secrets are kept (`credentials`).
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import openid, session
from app.guard import admit, ask_for_new_passphrase, differ, sign_out_button
from app.table import show_table
from app.wording import day, plain, when
from review_db.account import Account, Role
from review_db.errors import ReviewError
from review_db.store import Store

NOTICE, LINK = "accounts/notice", "accounts/link"
ROLE_WORDS = {
    Role.MONITOR: "Monitor: sees how far studies have come, never arms or answers",
    Role.INVESTIGATOR: "Investigator: composes studies, invites readers, unblinds",
}
BY_LINK, BY_OPENID = "A passphrase, chosen by a link", "OpenID Connect"


def show() -> None:
    """The whole screen."""
    if not admit(Role.INVESTIGATOR, Role.MONITOR):
        return
    mine = session.current_account()
    assert mine is not None
    store = session.services().store
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title("Accounts" if mine.role is Role.INVESTIGATOR else "Your account", anchor=False)
        sign_out_button()
    _show_notice()
    if mine.role is Role.INVESTIGATOR:
        _show_all(store)
    _change_passphrase(mine)


# ------------------------------------------------------------------------------------------------ all accounts


def _show_all(store: Store) -> None:
    accounts = store.accounts()
    rows = [(a.name, a.role.value, _signs_in_by(a), _state(a), day(a.created_at)) for a in accounts]
    show_table(("Name", "Role", "Signs in by", "State", "Added"), rows)
    _show_link()
    _manage(store, accounts)
    _add(store)


def _signs_in_by(account: Account) -> str:
    ways = ["passphrase"] * account.has_passphrase + [f"OpenID, {account.openid}"] * (account.openid is not None)
    return ", ".join(ways) or "nothing yet"


def _state(account: Account) -> str:
    if account.disabled_at is not None:
        return f"switched off {day(account.disabled_at)}"
    return f"set-up link until {when(account.setup_until)}" if account.setup_until else "on"


def _manage(store: Store, accounts: list[Account]) -> None:
    with st.expander("Somebody forgot the passphrase, has another role now, or should not get in any more"):
        by_number = {account.id: account for account in accounts}  # a number stays chosen when its account changes
        number = st.selectbox("Account", list(by_number), format_func=lambda at: by_number[at].name, width=320)
        chosen = by_number[number]
        other = Role.MONITOR if chosen.role is Role.INVESTIGATOR else Role.INVESTIGATOR
        with st.container(horizontal=True):
            st.button("New set-up link", on_click=_renew, args=(store, chosen))
            st.button(f"Make {other.value}", on_click=_do, args=(lambda: store.change_role(chosen.id, other),))
            if chosen.disabled_at is None:
                st.button("Switch off", on_click=_do, args=(lambda: store.disable_account(chosen.id),))
            else:
                st.button("Switch on", on_click=_do, args=(lambda: store.enable_account(chosen.id),))
        st.caption("With a set-up link its person chooses another passphrase; until then the old one works.")


def _add(store: Store) -> None:
    st.subheader("Add a person", anchor=False)
    with st.form("add-account", clear_on_submit=True, border=False, width=520):
        st.text_input("Name", key="account-name")
        st.radio("Role", list(ROLE_WORDS), format_func=lambda role: ROLE_WORDS[role], key="account-role")
        if openid.providers():
            st.radio("Signs in by", [BY_LINK, BY_OPENID], key="account-way")
            st.text_input("For OpenID Connect: verified e-mail address, or issuer and subject", key="account-identity")
        st.form_submit_button("Add the account", on_click=_add_account, args=(store,))


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
    st.success(
        f"Set-up link for {plain(name)}, for seven days and one use. Copy it now: only its hash is stored, it cannot "
        "be shown again."
    )
    st.code(link, language=None, wrap_lines=True)


# ---------------------------------------------------------------------------------------------------- one's own


def _change_passphrase(mine: Account) -> None:
    if not mine.has_passphrase:
        return
    with st.expander("Change your own passphrase"), st.form("change-passphrase", border=False, width=520):
        present = st.text_input("Present passphrase", type="password", autocomplete="current-password")
        new, again = ask_for_new_passphrase()
        if st.form_submit_button("Change it") and not differ(new, again):
            try:
                session.change_passphrase(mine, present, new)
            except ReviewError as error:
                st.error(str(error))
            else:
                st.success("From now on you sign in with the new one. You are signed out everywhere else.")


def _do(step: Callable[[], None]) -> None:
    """A step that the store may refuse, in words."""
    try:
        step()
    except ReviewError as error:
        st.session_state[NOTICE] = str(error)


def _show_notice() -> None:
    if notice := st.session_state.pop(NOTICE, None):
        st.error(plain(notice))


if __name__ == "__main__":
    show()
