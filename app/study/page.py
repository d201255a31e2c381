"""The page of one study: its arms, leak audit, protocol and readers, and what can be done with it in its state.

Knows: drafts, open and closed studies. Does not know: composing, what readers answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import streamlit as st

from app.composition.leak_notice import ask_for_reason, reason_given, show_leak_audit
from app.language.words import gettext as _
from app.language.words import ngettext, pgettext
from app.study.arm_words import arm_words
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
    st.markdown("\n".join(f"- {arm_words(arm)}" for arm in study.arms))
    show_leak_audit(study)
    show_protocol(store, study)
    _steps(store, study, readers, leave)
    show_readers(store, study, readers)


def show_heading(study: StudySummary, write: Callable[[str], object]) -> None:
    """The title, as `write` writes it, and its state beside it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        write(plain(study.title))
        if study.unblinded_at:
            st.badge(_("Unblinded"), color="violet")
        else:
            st.badge(_state_words(study.state), color=STATE_COLOURS[study.state])  # type: ignore[arg-type]


def _state_words(state: StudyState) -> str:
    words = {
        StudyState.DRAFT: pgettext("a study", "Draft"),
        StudyState.OPEN: pgettext("a study", "Open"),
        StudyState.CLOSED: pgettext("a study", "Closed"),
    }
    return words[state]


def counts(study: StudySummary, readers: Iterable[ReaderProgress]) -> str:
    """For example "40 ECGs · PTB-XL against SSSD-ECG-nle · 2 readers · 11 of 80 answers · composed 3 Mar 2026"."""
    totals = [reader.total for reader in readers]
    parts = [
        ngettext("{number} ECG", "{number} ECGs", study.items).format(number=study.items),
        _(" against ").join(_(arm.name) for arm in study.arms),
        ngettext("{number} reader", "{number} readers", len(totals)).format(number=len(totals)),
        _("{given} of {wanted} answers").format(given=study.ratings, wanted=sum(totals)) if totals else "",
        _("composed {day}").format(day=day(study.created_at)),
    ]
    return " · ".join(part for part in parts if part)


def _steps(store: Store, study: StudySummary, readers: list[ReaderProgress], leave: Callable[[], None]) -> None:
    """What can be done with a study in its state."""
    if study.state is StudyState.DRAFT:
        _open_or_delete(store, study, leave)
    elif study.state is StudyState.OPEN:
        if st.button(_("Close the study")):
            st.dialog(_("Close the study?"))(_confirm_close)(store, study, readers)
    else:
        st.info(_closed_words(study))


def _closed_words(study: StudySummary) -> str:
    if study.unblinded_at is None:
        words = _("Closed {closed}, still blinded. Its results are on the page Results.")
    else:
        words = _("Closed {closed}, unblinded {unblinded}. Its results are on the page Results.")
    return words.format(closed=day(study.closed_at), unblinded=day(study.unblinded_at))


def _open_or_delete(store: Store, study: StudySummary, leave: Callable[[], None]) -> None:
    st.write(_("Opening the study makes the readers' links work. After that its ECGs cannot be changed."))
    ask_for_reason(study)
    with st.container(horizontal=True):
        st.button(_("Open the study"), type="primary", on_click=attempt, args=(partial(_open, store), study.id))
        if st.button(_("Delete the draft")):
            st.dialog(_("Delete the draft?"))(_confirm_delete)(store, study, leave)


def _open(store: Store, number: int) -> None:
    store.open_study(number, reason_given(number))


def _confirm_close(store: Store, study: StudySummary, readers: list[ReaderProgress]) -> None:
    missing = sum(reader.total - reader.answered for reader in readers if not reader.withdrawn)
    words = _(
        "Readers' links stop working and no more answers are taken. A closed study cannot be opened again; "
        "only then can its results be seen."
    )
    st.write(f"{words} {_missing_words(missing)}")
    if st.button(_("Close it for good"), type="primary", on_click=attempt, args=(store.close_study, study.id)):
        st.rerun()


def _missing_words(missing: int) -> str:
    if not missing:
        return _("All answers are there.")
    words = ngettext("**{number} answer is still missing.**", "**{number} answers are still missing.**", missing)
    return words.format(number=missing)


def _confirm_delete(store: Store, study: StudySummary, leave: Callable[[], None]) -> None:
    st.write(_("The study and its ECGs are removed. Nobody has read it yet."))
    if st.button(_("Delete it"), type="primary", on_click=_delete, args=(store, study, leave)):
        st.rerun()


def _delete(store: Store, study: StudySummary, leave: Callable[[], None]) -> None:
    attempt(store.delete_draft, study.id)
    leave()
