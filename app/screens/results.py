"""Results: what the answers of a closed study say. For the investigator.

Knows: the order of the sections, the act of unblinding, waiting for the analysis, what can be taken away.
Does not know: how a number is computed (`review_db.statistics`, `review_db.analysis`), how a section looks.

Truth and answers come together only after a click that is confirmed; the store writes it down, once, and
refuses as long as the study is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from app import session
from app.composition.leak_notice import show_leak_audit
from app.guard import admit_investigator, sign_out_button
from app.language.words import gettext as _
from app.language.words import ngettext
from app.results import download
from app.results.analysis import Analyses, AnalysisFailed, AnalysisProcess, Question
from app.results.data import Results, Unblinded
from app.results.designs import SCREENS
from app.results.report_sentences import in_words
from app.results.trail_words import event_row
from app.table import show_table
from app.wording import day
from review_db import export_designs
from review_db.model import AuditKind, StudyState, StudySummary
from review_db.protocol import Design
from review_db.report.content import Content
from review_db.report.found import Found
from review_db.report.trail import without_erased_names
from review_db.store import Store

POLL_SECONDS = 1.0


@st.cache_resource(show_spinner=False)
def _analyses() -> Analyses:
    """In the process, so that all sessions wait for the same analysis."""
    return Analyses(session.services().settings.cache / "analyses", AnalysisProcess)


@st.cache_resource(show_spinner=False, max_entries=8)
def _unblinded(_store: Store, url: str, study: int, design: Design) -> Unblinded:
    """The answers of a closed study, which never change; the store logs the first look at them."""
    observations = SCREENS[design].observations(_store, study)
    return Unblinded(observations, export_designs.to_csv(design, observations))


def show() -> None:
    """The whole screen."""
    if not admit_investigator():
        return
    services = session.services()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(_("Results"), anchor=False)
        sign_out_button()
    study = _choose_study(services.store.studies())
    if study is None:
        return
    if not _was_unblinded(services.store, study):
        _ask_to_unblind(services.store, study)
        return
    answers = _unblinded(services.store, services.settings.store_url, study.id, study.protocol.design)
    if not answers.observations:
        st.info(_("The study was closed without a single answer, so there is nothing to report."))
        return
    _show_results(services, study, answers)


def _choose_study(studies: Sequence[StudySummary]) -> StudySummary | None:
    closed = [study for study in studies if study.state is StudyState.CLOSED]
    if closed:
        return st.selectbox(_("Study"), closed, format_func=_study_words, width=560)
    open_ones = [study for study in studies if study.state is StudyState.OPEN]
    if open_ones:
        words = _("No study is closed yet. Results can be seen once a study is closed, so that nobody reads unblinded.")
    else:
        words = _("There are no results yet. Compose a study, let it be read and close it; then its results are here.")
    st.write(words)
    return None


def _study_words(study: StudySummary) -> str:
    words = _("{title} (no. {number}, closed {day})")
    return words.format(title=study.title, number=study.id, day=day(study.closed_at))


def _was_unblinded(store: Store, study: StudySummary) -> bool:
    return any(event.kind is AuditKind.UNBLINDED for event in store.audit_trail(study.id))


def _ask_to_unblind(store: Store, study: StudySummary) -> None:
    words = ngettext(
        "This study is closed with {answers} of {total} answers from {number} reader. It is still blinded.",
        "This study is closed with {answers} of {total} answers from {number} readers. It is still blinded.",
        study.readers,
    )
    st.write(words.format(answers=study.ratings, total=study.items * study.readers, number=study.readers))
    if st.button(_("Unblind the study"), type="primary"):
        st.dialog(_("Unblind the study?"))(_confirm_unblinding)(store, study)


def _confirm_unblinding(store: Store, study: StudySummary) -> None:
    st.write(_("From now on it is known which ECG was real. The moment is written to the study's audit trail."))
    observations, words = SCREENS[study.protocol.design].observations, _("Unblind it and show the results")
    if st.button(words, type="primary", on_click=observations, args=(store, study.id)):
        st.rerun()


# ---------------------------------------------------------------------------------------------- the analysis


def _question(study: StudySummary, answers: Unblinded) -> Question:
    """The answers, and what the protocol registered."""
    protocol = study.protocol
    return Question(study.id, answers.csv, protocol.margin, protocol.alpha, protocol.minimum_view_seconds)


def _analysis(study: StudySummary, answers: Unblinded) -> Found | None:
    """What the analysis found; without it the page says that it is at work, or why it failed."""
    question = _question(study, answers)
    try:
        found = _analyses().of(question)
    except AnalysisFailed as error:
        st.error(in_words(str(error)))
        st.button(_("Analyse again"), on_click=_analyses().forget_failure, args=(question,))
        return None
    if found is None:
        _wait(question)
    return found


@st.fragment(run_every=POLL_SECONDS)
def _wait(question: Question) -> None:
    """Ask now and then; the whole page is made anew when the analysis is there, or failed."""
    words = _("Bootstrap and mixed model are at work; this takes some seconds, with many answers a minute.")
    st.info(words, icon=":material/hourglass_top:")
    try:
        is_over = _analyses().of(question) is not None
    except AnalysisFailed:
        is_over = True
    if is_over:
        st.rerun()


# ------------------------------------------------------------------------------------------------ the sections


def _show_results(services: session.Services, study: StudySummary, answers: Unblinded) -> None:
    screen = SCREENS[study.protocol.design]
    above = st.container()  # the headline stands above the words on an analysis at work, which comes first
    found = _analysis(study, answers)
    results = Results(study, answers.observations, services.label_set, found)
    with above:
        screen.headline(results)
    _offer_downloads(services, results, answers)
    for section in screen.sections:
        section(results)
    screen.gallery(results, partial(services.store.item_payload, study.id))
    _show_protocol(services.store, study)


def _offer_downloads(services: session.Services, results: Results, answers: Unblinded) -> None:
    store, study = services.store, results.study
    with st.container(horizontal=True):
        for words, what, mime, make in _reports(services, results, answers):
            _download(words, make, _file_name(study, what), mime)
        csv_name = _file_name(study, "answers.csv")
        _download(_("Download all answers (CSV)"), lambda: store.export_csv(study.id), csv_name, "text/csv")
    words = _(
        "The report holds every number, and the package all it rests on. Every export of answers is written to the "
        "audit trail."
    )
    st.caption(words)


def _reports(
    services: session.Services, results: Results, answers: Unblinded
) -> Iterator[tuple[str, str, str, download.Make]]:
    """Words on the button, name of the file, its kind and how to make it; nothing until the analysis is there."""
    store, study, found = services.store, results.study, results.found
    if found is None:
        return

    def content() -> Content:
        return download.content_of(store, study.id, answers.observations, found, services.label_set)

    yield _("Report (PDF)"), "report.pdf", "application/pdf", lambda: download.report_pdf(content(), answers.csv)
    yield _("Report (HTML)"), "report.html", "text/html", lambda: download.report(content(), answers.csv)
    csv = partial(store.export_csv, study.id)
    yield _("Data package (ZIP)"), "data.zip", "application/zip", lambda: download.data_package(content(), csv())


def _file_name(study: StudySummary, what: str) -> str:
    return download.file_name(study.id, what, datetime.now(UTC).date())


def _download(label: str, make: download.Make, file_name: str, mime: str) -> None:
    st.download_button(label, make, file_name=file_name, mime=mime, icon=":material/download:", on_click="ignore")


def _show_protocol(store: Store, study: StudySummary) -> None:
    st.subheader(_("Protocol and audit trail"), anchor=False)
    show_leak_audit(study)
    digest = study.protocol_sha256 or _("not recorded")
    st.text(_("Protocol SHA-256: {digest}").format(digest=digest))
    with st.expander(_("Audit trail of this study")):
        rows = map(event_row, without_erased_names(store.audit_trail(study.id)))
        show_table((_("When"), _("Who"), _("What"), _("Detail"), _("Hash")), rows)
        words = _("Each hash covers the event and the one before it. Check: {command}")
        st.caption(words.format(command="python -m review_db audit-trail verify"))


if __name__ == "__main__":
    show()
