"""Choosing ECG files, and following them while they are read.

Knows: the form, its limits and its words, progress and cancelling. Does not know: formats; `engine.files` opens files,
in a process of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.language.words import decimal
from app.language.words import gettext as _
from app.records.importing import Desk
from app.records.reasons import in_words
from engine.ecg import NLE_LEADS, SSSD_LEADS, STANDARD_LEADS
from engine.files.archive import MOST_BYTES
from engine.files.receiving import MOST_FILES, Receiving, ReceivingFailed
from engine.files.recording import FileError
from engine.files.sidecar import Sidecar, stated_for_all

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

ROUND = "records/round"  # a new number empties the form, and Streamlit's memory of the files
RATE, UNIT, LEADS = "records/rate", "records/unit", "records/leads"
UNITS = ("mV", "uV", "V", "nV")
LEAD_ORDERS = tuple(", ".join(order) for order in (STANDARD_LEADS, NLE_LEADS, SSSD_LEADS))
POLL_SECONDS = 0.4


def ask_for_files(desk: Desk, own: Path) -> None:
    """The form; puts an import on the desk once its button is pressed."""
    st.subheader(_("Add ECG files"), anchor=False)
    st.write(
        _(
            "WFDB (.hea with its .dat or .mat), EDF, DICOM 12-lead waveforms, CSV and NumPy arrays with named leads, "
            "and ZIP archives of these. A file `labels.csv` among them, with the columns file and labels, perhaps sex "
            "and age, says what the ECGs show. Of each person only labels, sex and decade of age are kept: no names, "
            "dates or numbers, and no file names."
        )
    )
    files = st.file_uploader(
        _("ECG files"), accept_multiple_files=True, key=f"records/files-{_round()}", label_visibility="collapsed"
    )
    st.caption(_size_words())
    try:
        otherwise = _ask_what_files_do_not_say()
    except FileError as error:
        st.error(in_words(str(error)))
        return
    if st.button(_("Read the files"), type="primary", disabled=not files, icon=":material/upload_file:"):
        _start(desk, files, own, otherwise)


def _size_words() -> str:
    largest = int(st.get_option("server.maxUploadSize"))
    return _(
        "Up to {files} files at a time, {largest} MB each; unpacked, all together {most} GB. Nothing is added before "
        "you have seen what was read. An archive may hold folders, but no archives."
    ).format(files=decimal(MOST_FILES, ","), largest=largest, most=MOST_BYTES // 2**30)


def _ask_what_files_do_not_say() -> Sidecar:
    """What counts for CSV and NPY files that do not state it. Raises FileError for a strange lead or unit."""
    with st.expander(_("CSV or NumPy files that do not state their sampling rate, unit or leads")):
        st.write(_("Stated here, it counts for those files only. What a file states itself comes first."))
        with st.container(horizontal=True):
            rate = st.number_input(_("Sampling rate (Hz)"), 1.0, 100_000.0, None, key=RATE, width=200, format="%g")
            unit = st.selectbox(_("Unit"), UNITS, None, key=UNIT, width=160, placeholder=_("not stated"))
            leads = st.selectbox(
                _("Leads of NumPy arrays, in their order"),
                LEAD_ORDERS,
                None,
                key=LEADS,
                accept_new_options=True,
                placeholder=_("Choose, or type names such as I, II, V1, ..."),
            )
    return stated_for_all(rate, unit or "", leads or "")


def _start(desk: Desk, files: Sequence[UploadedFile], own: Path, otherwise: Sidecar) -> None:
    if sum(file.size for file in files) > MOST_BYTES:
        words = _("Together the files exceed {most} GB; import fewer at a time.")
        st.error(words.format(most=MOST_BYTES // 2**30))
        return
    try:
        with st.spinner(_("Handing over the files...")):
            started = Receiving(((file.name, file) for file in files), own, otherwise)
    except (ReceivingFailed, OSError) as error:
        st.error(_("The files could not be taken: {reason}").format(reason=in_words(str(error))))
        return
    desk.receiving = started
    st.session_state[ROUND] = _round() + 1
    st.rerun()


def follow(desk: Desk) -> None:
    """Progress until all files are read, and the way out."""
    st.write(_("The files are being read by a process of its own. You can reload this page; the work goes on."))
    with st.container(width=760):
        _progress(desk)
        st.button(_("Cancel"), on_click=cancel, args=(desk,))


@st.fragment(run_every=POLL_SECONDS)
def _progress(desk: Desk) -> None:
    receiving = desk.receiving
    if receiving is None or receiving.finished:
        st.rerun()
        return
    done, total = len(receiving.received), receiving.total
    if total and done:
        words = _("{done} of {total} files").format(done=decimal(done, ","), total=decimal(total, ","))
        st.progress(min(1.0, done / total), words)
    else:
        st.progress(0.0, _("Looking at the files, and at the records that are there already"))


def cancel(desk: Desk) -> None:
    """End the import; nothing of it stays."""
    if (taken := desk.clear()) is not None:
        taken.discard()


def _round() -> int:
    return int(st.session_state.setdefault(ROUND, 0))
