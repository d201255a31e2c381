"""The readers of a study: how far they are, their links, inviting. For the investigator.

Knows: links and their words. Does not know: what readers answered.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from app import session
from app.language.words import gettext as _
from app.study.notice import attempt, note
from app.study.refusals import in_words
from app.table import show_table
from app.wording import day, plain, when
from review_db.errors import ReviewError
from review_db.model import ReaderProgress, StudyState, StudySummary
from review_db.readers import LINK_DAYS, LONGEST_LINK_DAYS
from review_db.store import Store, utc_now

LINK = "studies/link"


def show_readers(store: Store, study: StudySummary, readers: list[ReaderProgress]) -> None:
    """Who reads, and while the study is not closed, the way to invite more."""
    st.subheader(_("Readers"), anchor=False)
    if readers:
        show_table(
            (_("Reader"), _("Answered"), _("Last answer"), _("Link")), [_row(r, study) for r in readers], numbers=[1]
        )
    else:
        st.write(_("Nobody is invited yet."))
    if study.state is not StudyState.CLOSED:
        if readers:
            _manage_links(store, readers)
        _invite(store, study)


def forget_link() -> None:
    """The link that was just made is gone with the next step."""
    st.session_state.pop(LINK, None)


def _row(reader: ReaderProgress, study: StudySummary) -> tuple[str, ...]:
    answered = _("{answered} of {total}").format(answered=reader.answered, total=reader.total)
    return reader.name, answered, when(reader.last_at), _link_state(reader, study)


def _link_state(reader: ReaderProgress, study: StudySummary) -> str:
    if reader.withdrawn:
        return _("the reader withdrew")
    if reader.revoked:
        return _("withdrawn")
    if reader.paused and study.state is StudyState.OPEN:
        return _("paused")
    if reader.expires_at is not None and reader.expires_at <= utc_now():
        return _("expired {day}").format(day=day(reader.expires_at))
    return _working(reader, study.state)


def _working(reader: ReaderProgress, state: StudyState) -> str:
    if state is StudyState.DRAFT:
        words = (
            _("works until {day} once the study is open") if reader.expires_at else _("works once the study is open")
        )
    elif state is StudyState.OPEN:
        words = _("works until {day}") if reader.expires_at else _("works")
    else:
        words = _("closed")
    return words.format(day=day(reader.expires_at))


def _manage_links(store: Store, readers: list[ReaderProgress]) -> None:
    with st.expander(_("A reader lost the link, or should not read any more")):
        reader = st.selectbox(_("Reader"), readers, format_func=lambda reader: reader.name, width=320)
        with st.container(horizontal=True):
            st.button(_("New link"), on_click=_reissue, args=(store, reader))
            st.button(
                _("Withdraw the link"),
                disabled=reader.revoked,
                on_click=attempt,
                args=(store.revoke_reader, reader.rater_id),
            )
        words = _("A new link leads to the same place in the study, for {days} days; the old one stops working.")
        st.caption(words.format(days=LINK_DAYS))


def _invite(store: Store, study: StudySummary) -> None:
    _show_link()
    with st.form("invite", clear_on_submit=True, border=False, width=480):
        st.text_input(_("Invite a reader"), placeholder=_("Name or pseudonym"), key="invite-name")
        st.number_input(_("Days that the link works"), 1, LONGEST_LINK_DAYS, LINK_DAYS, key="invite-days")
        st.form_submit_button(_("Make a link"), on_click=_add_reader, args=(store, study.id))


def _show_link() -> None:
    """The link that was just made; it is in this session only."""
    made = st.session_state.get(LINK)
    if made is None:
        return
    name, link = made
    words = _("Link for {name}. Copy it now: only its hash is stored, it cannot be shown again.")
    st.success(words.format(name=plain(name)))
    st.code(link, language=None, wrap_lines=True)
    if urlsplit(link).hostname in ("localhost", "127.0.0.1"):
        st.caption(
            _(
                "This address works on this computer only. For readers elsewhere start the app with "
                "`make run ADDRESS=0.0.0.0` behind https, and open this page under the address that they will use."
            )
        )


def _add_reader(store: Store, study_id: int) -> None:
    name, days = st.session_state["invite-name"].strip(), st.session_state["invite-days"]
    forget_link()
    try:
        token = store.add_reader(study_id, name, days)
    except ReviewError as error:
        note(in_words(error))
        return
    st.session_state[LINK] = (name, session.reader_link(token))


def _reissue(store: Store, reader: ReaderProgress) -> None:
    try:
        st.session_state[LINK] = (reader.name, session.reader_link(store.reissue_link(reader.rater_id)))
    except ReviewError as error:
        note(in_words(error))
