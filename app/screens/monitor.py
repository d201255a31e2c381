"""Monitor: how far the readers of a study have come, how fast they read, and who should be asked about it.

Knows: choosing the study, what stands where, the refresh. Does not know: truth or answers, which it never gets; the
pictures (`app.monitor.pictures`), the words (`words`), the investigator's steps (`actions`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import streamlit as st

from app import session
from app.display.theme import in_theme
from app.guard import admit, sign_out_button
from app.language.words import gettext as _
from app.monitor.actions import show_actions
from app.monitor.pictures import answers_per_day, bars_html, days_figure, days_in_words
from app.monitor.words import summary
from app.study.notice import show_notice
from app.study.refusals import in_words
from app.wording import day, plain
from review_db.account import Role
from review_db.errors import ReviewError
from review_db.model import StudyState
from review_db.monitoring import MonitoredStudy, ReaderPace
from review_db.store import utc_now

STYLE = Path(__file__).parents[2] / "assets" / "monitor.css"
REFRESH_SECONDS = 30
WATCHERS = (Role.INVESTIGATOR, Role.MONITOR)
CHART = {"displayModeBar": False, "scrollZoom": False}


def show() -> None:
    """The whole screen."""
    if not admit(*WATCHERS):
        return
    st.html(STYLE)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(_("Monitor"), anchor=False)
        sign_out_button()
    show_notice()
    store = session.services().store
    study = _chosen(store.monitored_studies())
    if study is None:
        st.write(_("No study is open yet. Once one is, this page shows how far its readers have come."))
        return
    refresh = REFRESH_SECONDS if study.state is StudyState.OPEN else None
    paces = st.fragment(_watch, run_every=refresh)(study)
    if session.is_investigator():
        show_actions(store, study, paces)


def _chosen(studies: Sequence[MonitoredStudy]) -> MonitoredStudy | None:
    if len(studies) < 2:
        return studies[0] if studies else None
    by_number = {study.id: study for study in studies}
    chosen = st.selectbox(_("Study"), list(by_number), format_func=lambda number: _named(by_number[number]), width=520)
    return by_number[chosen]


def _named(study: MonitoredStudy) -> str:
    """With its number: of two options with the same words the browser knows only the first."""
    is_open = study.state is StudyState.OPEN
    words = _("{title} (no. {number}, open since {day})") if is_open else _("{title} (no. {number}, closed {day})")
    since = study.opened_at if is_open else study.closed_at
    return words.format(title=study.title, number=study.id, day=day(since))


def _watch(study: MonitoredStudy) -> Sequence[ReaderPace]:
    """All that changes by itself; runs again every half a minute, and the page stays where it was scrolled to."""
    try:
        if session.role() not in WATCHERS:
            st.rerun()  # signed out or switched off meanwhile: the door is shown
        paces = session.services().store.monitoring(study.id)
    except ReviewError as error:
        st.error(in_words(error))
        return ()
    if not paces:
        st.write(_("Nobody is invited yet: that is done on the page Studies."))
        return ()
    now = utc_now()
    st.subheader(plain(study.title), anchor=False)
    st.caption(summary(paces, now))
    st.html(bars_html(paces, study, now))
    _show_flags(paces)
    _show_days(paces, study.closed_at or now)
    return paces


def _show_flags(paces: Iterable[ReaderPace]) -> None:
    flagged = [(pace, flag) for pace in paces for flag in pace.flags]
    for pace, flag in flagged:
        st.markdown(f":material/flag: **{plain(pace.name)}.** {_(flag.words)}")
    words = _(
        "A flag is a reason to ask the reader, not to leave answers out. It is found without knowing what the ECGs "
        "are, and it does not say what was answered."
    )
    if flagged:
        st.caption(words)


def _show_days(paces: Iterable[ReaderPace], until: datetime) -> None:
    counts = answers_per_day(paces, until.date())
    st.subheader(_("Answers per day"), anchor=False)
    if not counts:
        st.write(_("No answers yet."))
        return
    with st.container(width=720):
        figure = in_theme(days_figure(counts))
        st.plotly_chart(figure, key="monitor-days", config=CHART, alt=days_in_words(counts))


if __name__ == "__main__":
    show()
