"""The page of one study: its arms, leak audit, protocol and readers, and what can be done with it in its state.

Knows: drafts, open and closed studies. Does not know: composing, what readers answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import streamlit as st

from app.composition.leak_notice import ask_for_reason, reason_given, show_leak_audit
from app.study.notice import attempt
from app.study.protocol import show_protocol
from app.study.readers import show_readers
from app.wording import day, plain
from review_db.model import ReaderProgress, StudyState, StudySummary
from review_db.store import Store

STATE_COLOURS = {StudyState.DRAFT: "gray", StudyState.OPEN: "green", StudyState.CLOSED: "blue"}


def show_study(store: Store, number: int, leave: Callable[[], None]) -> None:
    """Everything about one study; `leave` leads back to the list once it is deleted."""
    study, readers = store.study(number), store.progress(number)
    show_heading(study, partial(st.title, width="content", anchor=False))
    st.caption(counts(study, readers))
    if study.description:
        st.write(plain(study.description))
    arms = (f"- **{plain(arm.name)}**, {arm.origin.value}. {plain(arm.description)}" for arm in study.arms)
    st.markdown("\n".join(arms))
    show_leak_audit(study)
    show_protocol(store, study)
    _steps(store, study, readers, leave)
    show_readers(store, study, readers)


def show_heading(study: StudySummary, write: Callable[[str], object]) -> None:
    """The title, as `write` writes it, and its state beside it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        write(plain(study.title))
        if study.unblinded_at:
            st.badge("Unblinded", color="violet")
        else:
            st.badge(study.state.value.capitalize(), color=STATE_COLOURS[study.state])  # type: ignore[arg-type]


def counts(study: StudySummary, readers: Iterable[ReaderProgress]) -> str:
    """For example "40 ECGs · PTB-XL against SSSD-ECG-nle · 2 readers · 11 of 80 answers · composed 3 Mar 2026"."""
    totals = [reader.total for reader in readers]
    parts = [
        f"{study.items} ECGs",
        " against ".join(arm.name for arm in study.arms),
        f"{len(totals)} reader{'' if len(totals) == 1 else 's'}",
        f"{study.ratings} of {sum(totals)} answers" if totals else "",
        f"composed {day(study.created_at)}",
    ]
    return " · ".join(part for part in parts if part)


def _steps(store: Store, study: StudySummary, readers: list[ReaderProgress], leave: Callable[[], None]) -> None:
    """What can be done with a study in its state."""
    if study.state is StudyState.DRAFT:
        _open_or_delete(store, study, leave)
    elif study.state is StudyState.OPEN:
        if st.button("Close the study"):
            _confirm_close(store, study, readers)
    else:
        unblinded = f", unblinded {day(study.unblinded_at)}" if study.unblinded_at else ", still blinded"
        st.info(f"Closed {day(study.closed_at)}{unblinded}. Its results are on the page Results.")


def _open_or_delete(store: Store, study: StudySummary, leave: Callable[[], None]) -> None:
    st.write("Opening the study makes the readers' links work. After that its ECGs cannot be changed.")
    ask_for_reason(study)
    with st.container(horizontal=True):
        st.button("Open the study", type="primary", on_click=attempt, args=(partial(_open, store), study.id))
        if st.button("Delete the draft"):
            _confirm_delete(store, study, leave)


def _open(store: Store, number: int) -> None:
    store.open_study(number, reason_given(number))


@st.dialog("Close the study?")
def _confirm_close(store: Store, study: StudySummary, readers: list[ReaderProgress]) -> None:
    missing = sum(reader.total - reader.answered for reader in readers if not reader.withdrawn)
    unfinished = f" **{missing} answers are still missing.**" if missing else " All answers are there."
    st.write(
        "Readers' links stop working and no more answers are taken. A closed study cannot be opened again; "
        f"only then can its results be seen.{unfinished}"
    )
    if st.button("Close it for good", type="primary", on_click=attempt, args=(store.close_study, study.id)):
        st.rerun()


@st.dialog("Delete the draft?")
def _confirm_delete(store: Store, study: StudySummary, leave: Callable[[], None]) -> None:
    st.write("The study and its ECGs are removed. Nobody has read it yet.")
    if st.button("Delete it", type="primary", on_click=_delete, args=(store, study, leave)):
        st.rerun()


def _delete(store: Store, study: StudySummary, leave: Callable[[], None]) -> None:
    attempt(store.delete_draft, study.id)
    leave()
