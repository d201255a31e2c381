"""What an investigator does with a reader who reads: remind, pause, withdraw.

Knows: the buttons and their confirmations. Does not know: monitors, who have none of them; inviting.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.language.words import gettext as _
from app.monitor import words
from app.study.notice import attempt
from app.wording import plain, when
from review_db.model import StudyState
from review_db.monitoring import MonitoredStudy, ReaderPace
from review_db.store import Store


def show_actions(store: Store, study: MonitoredStudy, paces: Sequence[ReaderPace]) -> None:
    """Choose a reader, then act; readers who have withdrawn are left alone."""
    here = {pace.rater_id: pace for pace in paces if not pace.withdrawn}
    if not here:
        return
    st.subheader(_("Act on a reader"), anchor=False)
    reading_first = sorted(here, key=lambda number: (here[number].finished, here[number].paused))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.selectbox(_("Reader"), reading_first, format_func=lambda number: here[number].name, width=320)
        _buttons(store, study, here[number])
    st.caption(_("Links are made and withdrawn on the page Studies. Every step is written to the audit trail."))


def _buttons(store: Store, study: MonitoredStudy, pace: ReaderPace) -> None:
    is_open, number = study.state is StudyState.OPEN, pace.rater_id
    can_read = is_open and not pace.finished and not pace.revoked
    if st.button(_("Remind"), icon=":material/mail:", disabled=not can_read or pace.paused):
        st.dialog(_("Remind the reader"), width="medium")(_remind)(store, study, pace)
    if pace.paused:
        st.button(_("Let go on"), icon=":material/play_arrow:", on_click=attempt, args=(store.resume_reader, number))
    else:
        step = {"on_click": attempt, "args": (store.pause_reader, number)}
        st.button(_("Pause"), icon=":material/pause:", disabled=not can_read, **step)  # type: ignore[arg-type]
    # Translators: take this reader out of the study
    if st.button(_("Withdraw"), icon=":material/person_remove:"):
        st.dialog(_("Withdraw the reader?"))(_confirm_withdrawal)(store, study, pace)


def _remind(store: Store, study: MonitoredStudy, pace: ReaderPace) -> None:
    message = words.reminder(pace, study)
    st.write(_("Copy this message, or open it in your mail program. It says nothing about what the ECGs are."))
    st.code(message, language=None, wrap_lines=True)
    if pace.reminded_at is not None:
        st.caption(_("Last reminded {time}.").format(time=when(pace.reminded_at)))
    with st.container(horizontal=True):
        address = words.mail_address(_("Reading in “{title}”").format(title=study.title), message)
        st.link_button(_("Open in the mail program"), address, icon=":material/open_in_new:")
        noted = {"on_click": attempt, "args": (store.note_reminder, pace.rater_id)}
        if st.button(_("I have sent it"), type="primary", **noted):  # type: ignore[arg-type]
            st.rerun()


def _confirm_withdrawal(store: Store, study: MonitoredStudy, pace: ReaderPace) -> None:
    st.markdown(f"**{plain(pace.name)}**")
    st.markdown(words.withdrawal(pace, study))
    step = {"on_click": attempt, "args": (store.withdraw_reader, pace.rater_id)}
    if st.button(_("Withdraw for good"), type="primary", **step):  # type: ignore[arg-type]
        st.rerun()
