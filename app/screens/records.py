"""Records: the hospital's own ECGs, from files to an arm of studies. For the investigator.

Knows: the three states of the page (nothing at work, files being read, files read), and what adding means.
Does not know: formats (`engine.files`), who may be here (`guard`).
"""

from __future__ import annotations

import streamlit as st

from app import session
from app.guard import admit_investigator, sign_out_button
from app.language.words import gettext as _
from app.records.importing import Desk, desk, ecgs_words, files_words
from app.records.listing import FAULT, NOTICE, note_in_trail, show_empty, show_records
from app.records.preview import CHOSEN, show_found
from app.records.reasons import in_words
from app.records.upload import ask_for_files, cancel, follow
from engine.files.own_records import OwnRecordsError


def show() -> None:
    """The whole screen."""
    if not admit_investigator():
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(_("Records"), anchor=False)
        sign_out_button()
    _show_notices()
    table = desk()
    receiving = table.receiving
    if receiving is None:
        _show_all(table)
    elif not receiving.finished:
        follow(table)
    else:
        _show_read(table)


def _show_all(table: Desk) -> None:
    services = session.services()
    try:
        own = services.own()
    except OwnRecordsError as error:
        st.error(in_words(str(error)))
        return
    if own is None:
        show_empty()
    else:
        show_records(own)
    ask_for_files(table, services.settings.own_records)


def _show_read(table: Desk) -> None:
    receiving = table.receiving
    if receiving is None:
        return
    if receiving.problem:
        st.error(in_words(receiving.problem))
    st.write(files_words(receiving.received))
    number = 0 if receiving.problem else len(receiving.found)
    with st.container(horizontal=True):
        if number:
            words = _("Add {ecgs} to the own records").format(ecgs=ecgs_words(number))
            st.button(words, type="primary", on_click=_add, args=(table,))
        st.button(_("Discard") if number else _("Back"), on_click=_discard, args=(table,))
    show_found(table, receiving, session.services().label_set)


def _add(table: Desk) -> None:
    receiving = table.receiving
    if receiving is None:
        return
    try:
        number = receiving.keep(table.labels)
    except (OSError, OwnRecordsError) as error:
        st.session_state[FAULT] = _("Nothing was added: {reason}").format(reason=in_words(str(error)))
        return
    note_in_trail(session.services().store.note_records_added, number)
    _discard(table)
    words = _("Added: {ecgs}. Studies can use the own records at once.")
    st.session_state[NOTICE] = words.format(ecgs=ecgs_words(number))


def _discard(table: Desk) -> None:
    cancel(table)
    st.session_state.pop(CHOSEN, None)


def _show_notices() -> None:
    with st.container():  # always there: what stands below must not lose its state when a notice goes
        if notice := st.session_state.pop(NOTICE, None):
            st.success(notice)
        if fault := st.session_state.pop(FAULT, None):
            st.error(fault)


if __name__ == "__main__":
    show()
