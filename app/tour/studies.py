"""The last steps: how physicians' studies work, and what came out.

Knows: the words; who may see a result of this installation: an investigator, and only of a study that was closed and
unblinded. Everybody else sees published results, with their sources. Does not know: how numbers are computed.

Sources of the published results: answers in github.com/AI4HealthUOL/SSSD-ECG, folder "clinical evaluation", counted
(Alcaraz & Strodthoff, Comput Biol Med 2023; 163:107115); abstracts of "Synthetic electrocardiograms for Brugada
syndrome: from data generation to expert cardiologists evaluation" and of Bodagh et al. (GenECG), BMJ Health Care
Inform 2025.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import session
from app.language.words import N_
from app.language.words import gettext as _
from app.results.analysis import Analyses, AnalysisFailed, AnalysisProcess, Question
from app.results.designs import SCREENS
from app.results.report_sentences import in_words
from app.table import show_table
from app.tour import layout
from app.tour.visit import Visit
from app.wording import day, plain
from review_db import export_designs
from review_db.model import AuditKind, StudyState, StudySummary
from review_db.report.conclusion import can_readers_tell
from review_db.report.found import Found
from review_db.store import Store

READING_PICTURE = Path(__file__).parents[2] / "assets" / "screenshots" / "reading.png"
PUBLISHED_COLUMNS = (N_("Published study"), N_("Readers"), N_("Right answers; guessing gives 50 %"))
PUBLISHED = (
    (
        N_("SSSD-ECG, Alcaraz & Strodthoff, Comput Biol Med 2023; 163:107115 (answers they published, counted)"),
        N_("one"),
        N_("22 of 44 (50 %)"),
    ),
    (
        N_("Synthetic ECGs of Brugada syndrome, from data generation to expert evaluation (abstract)"),
        N_("7 cardiologists"),
        N_("40 %, in a second round 42 %"),
    ),
    (
        N_("GenECG, pictures of ECGs, Bodagh et al., BMJ Health Care Inform 2025 (abstract)"),
        N_("experts"),
        N_("63.9 % (95 % CI 58.0 to 69.8), after three rounds 53.3 % (48.6 to 58.1)"),
    ),
)
LESSON = N_(
    "22 of 44 looks like guessing, yet with so few answers anything between 35 and 65 % fits (95 % interval, "
    "exact). “No difference was found” is not “there is none”: studies here state in advance how close to guessing "
    "counts as equal, and test for it."
)
STEPS = N_(
    "1. **Composed**: real and synthetic ECGs with the same findings, all processed alike. A leak audit checks "
    "that nothing but the heart tells them apart.\n"
    "2. **Planned**: how many readers and ECGs it takes, and what will count as a result.\n"
    "3. **Read blind**: each physician has a personal link and an order by lot. No truth leaves the database.\n"
    "4. **Closed, then unblinded**: once, by a person, in an audit trail.\n"
    "5. **Reported**: with intervals that know that readers and ECGs differ."
)


def how_studies_work(visit: Visit) -> None:
    """What makes a study more than a game."""
    with layout.picture():
        words = _("What a reader sees: an ECG on paper of true scale, a finding, two questions.")
        st.image(READING_PICTURE, alt=words)
        st.caption(words)
    with layout.words():
        st.markdown(_(STEPS))


def what_was_found(visit: Visit) -> None:
    """The last study's conclusion for an investigator, published ones for everybody else."""
    study = last_unblinded(visit.room.store) if session.is_investigator() else None
    with st.container(key="tour-published"):
        if study is not None:
            _show_conclusion(visit.room, study)
        show_table([_(words) for words in PUBLISHED_COLUMNS], [[_(words) for words in row] for row in PUBLISHED])
        st.markdown(_(LESSON))
        if study is None:
            words = _("Results of studies on this installation are shown to its investigators, after unblinding.")
            st.caption(words)


def last_unblinded(store: Store) -> StudySummary | None:
    """The study that was closed last among those that were unblinded."""
    closed = [study for study in store.studies() if study.state is StudyState.CLOSED and study.closed_at is not None]
    newest_first = sorted(closed, key=lambda study: (study.closed_at, study.id), reverse=True)
    return next((study for study in newest_first if _was_unblinded(store, study)), None)


def _was_unblinded(store: Store, study: StudySummary) -> bool:
    return any(event.kind is AuditKind.UNBLINDED for event in store.audit_trail(study.id))


def _show_conclusion(room: session.Services, study: StudySummary) -> None:
    words = _("The last study here, **{title}**, closed {day}:")
    st.markdown(words.format(title=plain(study.title), day=day(study.closed_at)))
    try:
        found = _found(room, study)
    except AnalysisFailed:
        st.info(_("It could not be analysed. The page Results says why."))
        return
    words = in_words(can_readers_tell(found)) if found else _("It is being analysed: look at the page Results.")
    st.subheader(words, anchor=False)
    st.divider()


def _found(room: session.Services, study: StudySummary) -> Found | None:
    """None while the analysis is made, and where nobody answered. Raises AnalysisFailed."""
    design, protocol = study.protocol.design, study.protocol
    observations = SCREENS[design].observations(room.store, study.id)
    if not observations:
        return None
    csv = export_designs.to_csv(design, observations)
    return _analyses().of(Question(study.id, csv, protocol.margin, protocol.alpha, protocol.minimum_view_seconds))


@st.cache_resource(show_spinner=False)
def _analyses() -> Analyses:
    """The folder in which the page Results keeps them."""
    return Analyses(session.services().settings.cache / "analyses", AnalysisProcess)
