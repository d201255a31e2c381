"""What stands before the first ECG: the text to agree to, the questions about the reader.

Knows: how they are asked. Does not know: what the study is about; until both are answered the store shows no ECG.
"""

from __future__ import annotations

from html import escape

import streamlit as st

from app.reading import desk as reading_desk
from app.reading.desk import Desk
from app.reading.words import right_to_leave
from review_db.blinded import Consent, Profile
from review_db.errors import ReviewError

SPECIALTIES = (
    "Cardiology",
    "Electrophysiology",
    "Internal medicine",
    "Emergency medicine",
    "Intensive care",
    "Anaesthesiology",
    "General practice",
    "Paediatric cardiology",
    "Nursing",
    "ECG technician",
    "Medical student",
)


def show_consent(desk: Desk, consent: Consent) -> None:
    """The text as it was written, and nothing else to go to."""
    with st.container(key="reading-text"):
        st.title(desk.reading.title, anchor=False)
        st.write("Please read this before you take part.")
        st.html(f'<div class="consent-text">{escape(consent.text)}</div>')
        st.html(f'<p class="small-print">Version {escape(consent.version)}</p>')
        st.write(right_to_leave(consent.erases_on_withdrawal))
        agreed = st.checkbox("I have read this text and agree to take part.", key=f"consent-{consent.version}")
        reading_desk.show_message()
        st.button("Go on", type="primary", disabled=not agreed, on_click=reading_desk.agree, args=(desk, consent))
        st.html('<p class="small-print">If you do not agree, just close this page.</p>')


def show_profile(desk: Desk) -> None:
    """Who reads, asked once."""
    with st.container(key="reading-text"):
        st.title("About you", anchor=False)
        st.write("A report describes its readers as a group. This is asked once.")
        with st.form("profile", border=False):
            specialty = st.selectbox(
                "Specialty",
                SPECIALTIES,
                index=None,
                accept_new_options=True,
                placeholder="Choose one, or type your own",
            )
            years = st.number_input("Years of reading ECGs", 0, 80, value=None, step=1, placeholder="0 if you are new")
            weekly = st.number_input("ECGs that you read per week, about", 0, 5000, value=None, step=1)
            if st.form_submit_button("Go on", type="primary"):
                _introduce(desk, specialty, years, weekly)


def _introduce(desk: Desk, specialty: str | None, years: int | None, weekly: int | None) -> None:
    if specialty is None or years is None or weekly is None:
        st.warning("Please answer all three.")
        return
    try:
        reading_desk.introduce(desk, Profile(specialty.strip(), years, weekly))
    except ReviewError as refusal:
        st.warning(str(refusal))
        return
    st.rerun()
