"""Studies: all of them, a new one, the one being composed, one of them. For the investigator.

Knows: which of these is shown, and how composing is followed.
Does not know: the form (`app.study_form`), how a study is composed (`app.composition`), the page of one study,
who may be here (`guard`).
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from app import session, store_words
from app.composition.composing import Bench, Composition
from app.composition.curate import CurationError
from app.composition.template import TemplateError
from app.guard import admit_investigator, sign_out_button
from app.language.words import gettext as _
from app.study.notice import note, show_notice
from app.study.page import counts, show_heading, show_study
from app.study.readers import forget_link
from app.study_form.arms import describe_default, real_sources
from app.study_form.form import ask_for_order
from app.study_form.refusals import in_words
from engine.audit.checking import AuditFailed
from engine.generators import RequestError
from engine.labels import UnknownLabel
from review_db.errors import ReviewError, StoreUnavailable
from review_db.model import StudySummary
from review_db.store import Store

CHOSEN = "studies/chosen"  # a study's number, NEW, or absent for the list
NEW = "new"
POLL_SECONDS = 0.5


@st.cache_resource(show_spinner=False)
def _bench() -> Bench:
    """Where the study in the making lies: in the process, so that it outlives a reload of the page."""
    return Bench()


def show() -> None:
    """The whole screen."""
    if not admit_investigator():
        return
    show_notice()
    services = session.services()
    chosen = st.session_state.get(CHOSEN)
    if _bench().composition is not None:
        _show_composition()
    elif chosen == NEW:
        _show_new(services)
    elif chosen is None:
        _show_all(services)
    else:
        _way_back()
        show_study(services.store, chosen, partial(_choose, None))


# ------------------------------------------------------------------------------------------------ all studies


def _show_all(services: session.Services) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(_("Studies"), anchor=False)
        sign_out_button()
    studies = services.store.studies()
    if not studies:
        st.write(
            _("There are no studies yet. A study shows ECGs of two or more sources to readers who cannot know which.")
        )
        st.write(describe_default(services))
    st.button(_("New study"), type="primary", icon=":material/add:", on_click=_choose, args=(NEW,))
    for study in studies:
        _show_row(services.store, study)


def _show_row(store: Store, study: StudySummary) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"study-{study.id}"):
        with st.container(gap="xxsmall"):
            show_heading(study, lambda title: st.markdown(f"**{title}**", width="content"))
            st.caption(counts(study, store.progress(study.id)))
        st.button(_("Manage"), key=f"manage-{study.id}", on_click=_choose, args=(study.id,))


# -------------------------------------------------------------------------------------------------- composing


def _show_new(services: session.Services) -> None:
    _way_back()
    st.title(_("New study"), anchor=False)
    try:
        order = ask_for_order(services)
        if order is None:
            return
        with st.spinner(_("Reading and preparing the ECGs…")):
            made = Composition(order, services.generation, real_sources(services), services.label_set)
    except (CurationError, RequestError, UnknownLabel, TemplateError, ReviewError) as error:
        st.error(in_words(error))
        return
    _bench().composition = made
    st.rerun()


def _show_composition() -> None:
    st.title(_("Composing the study"), anchor=False)
    st.write(
        _("The ECGs are drawn in a process of their own. You can reload this page and sign in again; the work goes on.")
    )
    with st.container(width=760):
        _follow()
        st.button(_("Cancel"), on_click=_cancel)


@st.fragment(run_every=POLL_SECONDS)
def _follow() -> None:
    """Progress; leaves for the study when it is finished."""
    bench = _bench()
    with bench.lock:  # another page of the investigator may follow the same work
        if bench.composition is not None and _advance(bench.composition):
            bench.composition = None
    if bench.composition is None:
        st.rerun()


def _advance(made: Composition) -> bool:
    """Take what is drawn; True when the study is stored, or cannot be made."""
    try:
        made.advance()
        st.progress(made.progress, made.progress_words)
        if not made.finished:
            return False
        st.session_state[CHOSEN] = session.services().store.create_study(made.plan())
    except StoreUnavailable as away:  # what is drawn is kept, and stored as soon as the database is back
        st.warning(store_words.in_words(away))
        return False
    except (CurationError, RequestError, ReviewError, AuditFailed) as error:
        made.cancel()
        note(in_words(error))
    return True


def _cancel() -> None:
    bench = _bench()
    with bench.lock:
        made, bench.composition = bench.composition, None
    if made is not None:
        made.cancel()


# ----------------------------------------------------------------------------------------------------- common


def _choose(view: int | str | None) -> None:
    st.session_state[CHOSEN] = view
    forget_link()


def _way_back() -> None:
    st.button(_("All studies"), type="tertiary", icon=":material/arrow_back:", on_click=_choose, args=(None,))


if __name__ == "__main__":
    show()
