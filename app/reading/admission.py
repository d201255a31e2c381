"""What stands before the first ECG: the text to agree to, the questions about the reader.

Knows: how they are asked. Does not know: what the study is about; until both are answered the store shows no ECG.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from app.language.words import N_
from app.language.words import gettext as _
from app.reading import desk as reading_desk
from app.reading.desk import Desk
from app.reading.refusals import in_words
from app.reading.words import right_to_leave
from review_db.blinded import Consent, Profile
from review_db.errors import ReviewError

SPECIALTIES = (
    N_("Cardiology"),
    N_("Electrophysiology"),
    N_("Internal medicine"),
    N_("Emergency medicine"),
    N_("Intensive care"),
    N_("Anaesthesiology"),
    N_("General practice"),
    N_("Paediatric cardiology"),
    N_("Nursing"),
    N_("ECG technician"),
    N_("Medical student"),
)


def show_consent(desk: Desk, consent: Consent) -> None:
    """The text as it was written, and nothing else to go to."""
    with st.container(key="reading-text"):
        st.title(desk.reading.title, anchor=False)
        st.write(_("Please read this before you take part."))
        st.html(f'<div class="consent-text">{escape(consent.text)}</div>')
        version = _("Version {version}").format(version=consent.version)
        st.html(f'<p class="small-print">{escape(version)}</p>')
        st.write(right_to_leave(consent.erases_on_withdrawal))
        agreed = st.checkbox(_("I have read this text and agree to take part."), key=f"consent-{consent.version}")
        reading_desk.show_message()
        st.button(_("Go on"), type="primary", disabled=not agreed, on_click=reading_desk.agree, args=(desk, consent))
        or_else = _("If you do not agree, just close this page.")
        st.html(f'<p class="small-print">{escape(or_else)}</p>')


def show_profile(desk: Desk) -> None:
    """Who reads, asked once."""
    with st.container(key="reading-text"):
        st.title(_("About you"), anchor=False)
        st.write(_("A report describes its readers as a group. This is asked once."))
        with st.form("profile", border=False):
            specialty = st.selectbox(
                _("Specialty"),
                SPECIALTIES,
                index=None,
                accept_new_options=True,
                placeholder=_("Choose one, or type your own"),
                format_func=_,  # the English word is stored
            )
            new = _("0 if you are new")
            years = st.number_input(_("Years of reading ECGs"), 0, 80, value=None, step=1, placeholder=new)
            weekly = st.number_input(_("ECGs that you read per week, about"), 0, 5000, value=None, step=1)
            if st.form_submit_button(_("Go on"), type="primary"):
                _introduce(desk, specialty, years, weekly)


def _introduce(desk: Desk, specialty: str | None, years: int | None, weekly: int | None) -> None:
    if specialty is None or years is None or weekly is None:
        st.warning(_("Please answer all three."))
        return
    try:
        reading_desk.introduce(desk, Profile(specialty.strip(), years, weekly))
    except ReviewError as refusal:
        st.warning(in_words(refusal))
        return
    st.rerun()
