"""Who is in front of the screen, and the services that all screens share.

Knows: how a browser's session proves that it is a reader's or the investigator's; what the app is made of.
Does not know: what the screens show.

A reader is whoever holds a link, `?reader=TOKEN`; such a session is a reader's and nothing else, even if the
passphrase was given in it before. The investigator is whoever gave the passphrase in this session: Streamlit
offers no cookie that scripts could set safely, so the sign-in ends when the page is reloaded or closed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote, urlsplit

import streamlit as st

from app.settings import Settings, load_settings
from engine.catalogue import CheckpointSummary, checkpoints_in
from engine.files.own_records import OwnRecords
from engine.jobs import GenerationService
from engine.labels import LabelSet, ptbxl_statements
from engine.ptbxl import PtbXl
from review_db.store import Store

READER = "reader"  # the query parameter of a reader's link
_SIGNED_IN = "session/investigator"


@dataclass(frozen=True)
class Services:
    """What the app is made of. `ptbxl` and `own` are None where the installation has none."""

    settings: Settings
    store: Store
    generation: GenerationService
    ptbxl: PtbXl | None
    own: OwnRecords | None
    label_set: LabelSet
    checkpoints: Callable[[], list[CheckpointSummary]]  # those that lie in the folder now, the default one first


@st.cache_resource(show_spinner=False)
def services() -> Services:
    """The services of this process, made once.

    Raises SettingsError, PtbXlError, OwnRecordsError or ReviewError, each with a sentence that says what to do.
    """
    return open_services(load_settings())


def open_services(settings: Settings) -> Services:
    """Open what the settings name. Raises PtbXlError, OwnRecordsError or ReviewError."""
    label_set = ptbxl_statements()
    ptbxl = PtbXl(settings.ptbxl, label_set) if settings.ptbxl else None
    generation = GenerationService(settings.checkpoints, settings.device)
    listed = partial(checkpoints_in, settings.checkpoints)
    own = OwnRecords(settings.own_records, label_set) if settings.own_records else None
    return Services(settings, Store.open(settings.store_url), generation, ptbxl, own, label_set, listed)


def reader_token() -> str | None:
    """The token of the reader's link that opened this session, if one did."""
    return st.query_params.get(READER) or None


def reader_link(token: str) -> str:
    """The address of the Read screen for this token, as this browser reaches the app."""
    address = urlsplit(st.context.url or "http://localhost:8501")
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{address.scheme}://{address.netloc}/{base}{'/' if base else ''}?{READER}={quote(token)}"


def follow_link(token: str) -> None:
    """Turn this session into the session of this reader's link."""
    st.query_params[READER] = token


def is_investigator() -> bool:
    """True once the passphrase was given in this session, and never in a reader's session."""
    return reader_token() is None and st.session_state.get(_SIGNED_IN) is True


def sign_in(passphrase: str) -> None:
    """Become the investigator. Raises WrongPassphrase, TooManyGuesses or PassphraseNotSet."""
    services().store.check_passphrase(passphrase)
    st.session_state[_SIGNED_IN] = True


def choose_passphrase(passphrase: str) -> None:
    """Set the first passphrase and become the investigator. Raises WeakPassphrase or PassphraseAlreadySet."""
    services().store.set_passphrase(passphrase)
    st.session_state[_SIGNED_IN] = True


def sign_out() -> None:
    """Forget the investigator and all that this session was doing."""
    st.session_state.clear()
