"""Who is in front of the screen, and the services that all screens share.

Knows: how a browser's session proves whose it is; what the app is made of.
Does not know: what the screens show, which screens a role opens (`access`), what OpenID Connect is (`openid`).

A reader is whoever holds a link, `?reader=TOKEN`; such a session is a reader's and nothing else, even if somebody
signed in in it before. An account's session is one in which its person gave the passphrase: Streamlit offers no
cookie that scripts could set safely, so that sign-in ends when the page is reloaded or closed. Who signed in by
OpenID Connect is known by Streamlit's own cookie, which survives a reload.

A session keeps the number of its account and no more. Whether that account may still be here, and in which role, is
asked of the store at every run, so whoever is switched off is out with the next click.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote, urlsplit

import streamlit as st

from app import openid
from app.settings import Settings, load_settings
from engine.catalogue import CheckpointSummary, checkpoints_in
from engine.files.own_records import OwnRecords, own_records_in
from engine.jobs import GenerationService
from engine.labels import LabelSet, ptbxl_statements
from engine.ptbxl import PtbXl
from review_db.account import Account, Role
from review_db.errors import AccountError, UnknownAccount
from review_db.store import Store

READER = "reader"  # the query parameter of a reader's link
SETUP = "setup"  # the query parameter of a link by which the person of a new account chooses a passphrase
_ACCOUNT, _NAME = "session/account", "session/account-name"  # number and name of whose session this is
_MARK = "session/passphrase-mark"  # of the passphrase that was in force when this session began
_REFUSED = "session/openid-refused"  # the identity that has no account here, and the sentence for it


@dataclass(frozen=True)
class Services:
    """What the app is made of. `ptbxl` is None where the installation has none."""

    settings: Settings
    store: Store
    generation: GenerationService
    ptbxl: PtbXl | None
    own: Callable[[], OwnRecords | None]  # those in the folder now, None if there are none; may raise OwnRecordsError
    label_set: LabelSet
    checkpoints: Callable[[], list[CheckpointSummary]]  # those that lie in the folder now, the default one first


@st.cache_resource(show_spinner=False)
def services() -> Services:
    """The services of this process, made once.

    Raises SettingsError, PtbXlError or ReviewError, each with a sentence that says what to do.
    """
    import pandas  # noqa: F401 - before any figure: Plotly trips over a pandas that another thread is half through

    made = open_services(load_settings())
    _leave_alone_what_stays()
    return made


def _leave_alone_what_stays() -> None:
    """A full collection of Python's looks through all that survived the ones before, and every session waits for it.
    Nearly all of that are modules, which stay as long as the process: from here on they are not looked at.
    """
    gc.collect()
    gc.freeze()


def open_services(settings: Settings) -> Services:
    """Open what the settings name. Raises PtbXlError or ReviewError."""
    label_set = ptbxl_statements()
    ptbxl = PtbXl(settings.ptbxl, label_set) if settings.ptbxl else None
    generation = GenerationService(settings.checkpoints, settings.device, settings.precision)
    listed = partial(checkpoints_in, settings.checkpoints)
    own = partial(own_records_in, settings.own_records, label_set)
    store = Store.open(settings.store_url).acting_for(acting_name)
    return Services(settings, store, generation, ptbxl, own, label_set, listed)


def reader_token() -> str | None:
    """The token of the reader's link that opened this session, if one did."""
    return st.query_params.get(READER) or None


def reader_link(token: str) -> str:
    """The address of the Read screen for this token, as this browser reaches the app."""
    return _link(READER, token)


def setup_token() -> str | None:
    """The token of the set-up link that opened this session, if one did."""
    return st.query_params.get(SETUP) or None


def setup_link(token: str) -> str:
    """The address under which the person of an account chooses their passphrase."""
    return _link(SETUP, token)


def _link(parameter: str, token: str) -> str:
    address = urlsplit(st.context.url or "http://localhost:8501")
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{address.scheme}://{address.netloc}/{base}{'/' if base else ''}?{parameter}={quote(token)}"


def follow_link(token: str) -> None:
    """Turn this session into the session of this reader's link."""
    st.query_params[READER] = token


# ------------------------------------------------------------------------------------------------- who is here


def role() -> Role | None:
    """What this session may do; None for a visitor who has neither signed in nor come by a reader's link."""
    if reader_token() is not None:
        return Role.READER
    account = current_account()
    return account.role if account else None


def current_account() -> Account | None:
    """Whose session this is, as the store knows them now; None for readers, visitors, who was switched off, and where
    the passphrase was changed in another session: who changes it wants everybody else out.
    """
    number = None if reader_token() else st.session_state.get(_ACCOUNT)
    if number is None:
        return None
    try:
        account = services().store.account(number)
    except UnknownAccount:  # another store than the one in which this session signed in
        return None
    is_current = account.passphrase_mark == st.session_state.get(_MARK)
    return account if is_current and not account.disabled_at else None


def acting_name() -> str:
    """In whose name the audit trail writes down what this session does: never a reader's."""
    return "" if reader_token() else str(st.session_state.get(_NAME, ""))


def is_investigator() -> bool:
    """True once an investigator has signed in in this session, and never in a reader's session."""
    return role() is Role.INVESTIGATOR


# ---------------------------------------------------------------------------------------------- coming and going


def sign_in(name: str, passphrase: str) -> None:
    """Raises WrongPassphrase, TooManyGuesses or AccountDisabled."""
    _enter(services().store.sign_in(name, passphrase))


def make_first_account(name: str, passphrase: str) -> None:
    """Make the first account, an investigator's. Raises InvalidAccount, WeakPassphrase or AccountsExist."""
    _enter(services().store.add_first_account(name, passphrase))


def set_up(token: str, passphrase: str) -> None:
    """Choose the passphrase by a set-up link. Raises WeakPassphrase, UnknownSetupLink or AccountDisabled."""
    account = services().store.set_up_account(token, passphrase)
    st.query_params.pop(SETUP, None)
    _enter(account)


def change_passphrase(account: Account, present: str, new: str) -> None:
    """This session goes on, all others of the account end. Raises WeakPassphrase, WrongPassphrase, TooManyGuesses."""
    store = services().store
    store.change_passphrase(account.name, present, new)
    _enter(store.account(account.id))


def recognise_openid() -> None:
    """Sign in whom an OpenID provider vouches for, unless somebody is here already or that was refused before."""
    identity = openid.identity()
    if identity is None or reader_token() or setup_token() or _ACCOUNT in st.session_state:
        return
    if st.session_state.get(_REFUSED, ("", ""))[0] == identity.key:
        return
    try:
        _enter(services().store.sign_in_openid(identity))
    except AccountError as refusal:
        st.session_state[_REFUSED] = (identity.key, str(refusal))


def openid_refusal() -> str | None:
    """Why whoever signed in at an OpenID provider may not enter here; None for everybody else."""
    identity = openid.identity()
    refused, sentence = st.session_state.get(_REFUSED, ("", ""))
    return sentence if identity is not None and identity.key == refused else None


def sign_out() -> None:
    """Forget who was here and all that this session was doing, OpenID's cookie too."""
    st.session_state.clear()
    openid.sign_out()


def _enter(account: Account) -> None:
    st.session_state[_ACCOUNT], st.session_state[_NAME] = account.id, account.name
    st.session_state[_MARK] = account.passphrase_mark
