"""Signing in elsewhere: OpenID Connect through Streamlit's own login.

Knows: which providers `.streamlit/secrets.toml` names in its [auth] section, and who Streamlit's signed cookie says
that the visitor is. Does not know: accounts, roles or screens.

An e-mail address counts only where the provider says that it has verified it (OpenID Connect Core 1.0, section 5.1:
`email_verified`); otherwise somebody could type the address of an investigator. Streamlit keeps its cookie for 30 days
and does not look at the time in it, so a sign-in here ends with a working day.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import streamlit as st

from review_db.account import OpenIdentity

LONGEST_SIGN_IN = 12 * 3600  # s since the provider made the ID token
CLIENT = "client_id"  # what the settings of a provider are known by
DEFAULT = "default"  # what Streamlit calls a provider whose settings stand in [auth] itself


def providers() -> dict[str, str]:
    """Providers by the name that Streamlit's login wants, each with the words for its button."""
    settings = _auth_settings()
    named = {name: name for name, section in settings.items() if isinstance(section, Mapping) and CLIENT in section}
    return ({DEFAULT: "OpenID"} if CLIENT in settings else {}) | named


def identity() -> OpenIdentity | None:
    """Who the visitor is by the provider's word; None if they did not sign in there, or too long ago."""
    user = st.user
    if user.get("is_logged_in") is not True or not _is_recent(user.get("iat")):
        return None
    email = user.get("email") if user.get("email_verified") in (True, "true") else None
    return OpenIdentity(str(user.get("iss", "")), str(user.get("sub", "")), str(email) if email else None)


def sign_in(provider: str) -> None:
    """Send the browser to the provider."""
    st.login(None if provider == DEFAULT else provider)


def sign_out() -> None:
    """Remove the cookie, if there is one, and sign out at the provider."""
    if st.user.get("is_logged_in") is True:
        st.logout()


def _auth_settings() -> Mapping[str, object]:
    if not st.secrets.load_if_toml_exists():
        return {}
    settings = st.secrets.get("auth", {})
    return settings if isinstance(settings, Mapping) else {}


def _is_recent(made_at: object) -> bool:
    return isinstance(made_at, int | float) and time.time() - made_at < LONGEST_SIGN_IN
