"""Studies: composing, opening, inviting readers, closing. For the investigator.

Knows: the three views (all studies, a new one, one of them) and what can be done in each state of a study.
Does not know: how a study is composed (`composition`), who may be here (`guard`), what readers answered.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

import streamlit as st

from app import session
from app.composition import Bench, Composition, RealRecords
from app.curate import CurationError
from app.guard import admit_investigator, sign_out_button
from app.leak_notice import ask_for_reason, show_leak_audit
from app.study_form import ask_for_order, describe_default
from app.table import show_table
from app.wording import day, plain, when
from engine.audit.checking import AuditFailed
from engine.generators import RequestError
from engine.labels import UnknownLabel
from review_db.errors import ReviewError
from review_db.model import ReaderProgress, StudyState, StudySummary
from review_db.store import Store

CHOSEN = "studies/chosen"  # a study's number, NEW, or absent for the list
NEW = "new"
NOTICE, LINK = "studies/notice", "studies/link"
STATE_COLOURS = {StudyState.DRAFT: "gray", StudyState.OPEN: "green", StudyState.CLOSED: "blue"}
POLL_SECONDS = 0.5


@st.cache_resource(show_spinner=False)
def _bench() -> Bench:
    """Where the study in the making lies: in the process, so that it outlives a reload of the page."""
    return Bench()


def show() -> None:
    """The whole screen."""
    if not admit_investigator():
        return
    _show_notice()
    services = session.services()
    chosen = st.session_state.get(CHOSEN)
    if _bench().composition is not None:
        _show_composition()
    elif chosen == NEW:
        _show_new(services)
    elif chosen is None:
        _show_all(services)
    else:
        _show_one(services.store, chosen)


# ------------------------------------------------------------------------------------------------ all studies


def _show_all(services: session.Services) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title("Studies", anchor=False)
        sign_out_button()
    studies = services.store.studies()
    if not studies:
        st.write(
            "There are no studies yet. A study shows ECGs of two or more sources to readers who cannot know which."
        )
        st.write(describe_default(services))
    st.button("New study", type="primary", icon=":material/add:", on_click=_choose, args=(NEW,))
    for study in studies:
        _show_row(study)


def _show_row(study: StudySummary) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"study-{study.id}"):
        with st.container(gap="xxsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{plain(study.title)}**", width="content")
                _badge(study.state)
            st.caption(_counts(study))
        st.button("Manage", key=f"manage-{study.id}", on_click=_choose, args=(study.id,))


def _badge(state: StudyState) -> None:
    st.badge(state.value.capitalize(), color=STATE_COLOURS[state])  # type: ignore[arg-type]


def _counts(study: StudySummary) -> str:
    answers = study.items * study.readers
    parts = [
        f"{study.items} ECGs",
        " against ".join(arm.name for arm in study.arms),
        f"{study.readers} reader{'' if study.readers == 1 else 's'}",
        f"{study.ratings} of {answers} answers" if answers else "",
        f"composed {day(study.created_at)}",
    ]
    return " · ".join(part for part in parts if part)


# -------------------------------------------------------------------------------------------------- composing


def _show_new(services: session.Services) -> None:
    _way_back()
    st.title("New study", anchor=False)
    with st.container(key="study-form", width=760):
        order = ask_for_order(services)
        if order is None:
            return
        try:
            with st.spinner("Reading and preparing the ECGs…"):
                made = Composition(
                    order, services.generation, RealRecords(services.ptbxl, services.own), services.label_set
                )
        except (CurationError, RequestError, UnknownLabel) as error:
            st.error(str(error))
            return
    _bench().composition = made
    st.rerun()


def _show_composition() -> None:
    st.title("Composing the study", anchor=False)
    st.write(
        "The ECGs are drawn in a process of their own. You can reload this page and sign in again; the work goes on."
    )
    with st.container(width=760):
        _follow()
        st.button("Cancel", on_click=_cancel)


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
    except (CurationError, RequestError, ReviewError, AuditFailed) as error:
        made.cancel()
        st.session_state[NOTICE] = str(error)
    return True


def _cancel() -> None:
    bench = _bench()
    with bench.lock:
        made, bench.composition = bench.composition, None
    if made is not None:
        made.cancel()


# -------------------------------------------------------------------------------------------------- one study


def _show_one(store: Store, number: int) -> None:
    _way_back()
    study = store.study(number)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(plain(study.title), width="content", anchor=False)
        _badge(study.state)
    st.caption(_counts(study))
    if study.description:
        st.write(plain(study.description))
    _describe_arms(study)
    show_leak_audit(study)
    _steps(store, study)
    st.subheader("Readers", anchor=False)
    _show_readers(store, study)
    if study.state is not StudyState.CLOSED:
        _invite(store, study)


def _describe_arms(study: StudySummary) -> None:
    for arm in study.arms:
        st.markdown(f"- **{plain(arm.name)}**, {arm.origin.value}. {plain(arm.description)}")
    asked = "verdict and plausibility" if study.question_plausibility else "verdict only"
    st.caption(f"Asked: {asked} · at least {study.minimum_view_seconds:g} s per ECG · seed {study.seed}")


def _steps(store: Store, study: StudySummary) -> None:
    """What can be done with a study in its state."""
    if study.state is StudyState.DRAFT:
        st.write("Opening the study makes the readers' links work. After that its ECGs cannot be changed.")
        reason = ask_for_reason(study)
        with st.container(horizontal=True):
            st.button(
                "Open the study",
                type="primary",
                on_click=_do,
                args=(partial(store.open_study, reason=reason), study.id),
            )
            if st.button("Delete the draft"):
                _confirm_delete(store, study)
    elif study.state is StudyState.OPEN:
        if st.button("Close the study"):
            _confirm_close(store, study)
    else:
        st.info(f"Closed {day(study.closed_at)}. Its results are on the page Results.")


@st.dialog("Close the study?")
def _confirm_close(store: Store, study: StudySummary) -> None:
    missing = study.items * study.readers - study.ratings
    unfinished = f" **{missing} answers are still missing.**" if missing else " All answers are there."
    st.write(
        "Readers' links stop working and no more answers are taken. A closed study cannot be opened again; "
        f"only then can its results be seen.{unfinished}"
    )
    if st.button("Close it for good", type="primary", on_click=_do, args=(store.close_study, study.id)):
        st.rerun()


@st.dialog("Delete the draft?")
def _confirm_delete(store: Store, study: StudySummary) -> None:
    st.write("The study and its ECGs are removed. Nobody has read it yet.")
    if st.button("Delete it", type="primary", on_click=_delete, args=(store, study)):
        st.rerun()


# ---------------------------------------------------------------------------------------------------- readers


def _show_readers(store: Store, study: StudySummary) -> None:
    readers = store.progress(study.id)
    if not readers:
        st.write("Nobody is invited yet.")
        return
    rows = [(r.name, f"{r.answered} of {r.total}", when(r.last_at), _link_state(r, study)) for r in readers]
    show_table(("Reader", "Answered", "Last answer", "Link"), rows, numbers=[1])
    if study.state is not StudyState.CLOSED:
        _manage_links(store, readers)


def _link_state(reader: ReaderProgress, study: StudySummary) -> str:
    if reader.revoked:
        return "withdrawn"
    return {StudyState.DRAFT: "works once the study is open", StudyState.OPEN: "works"}.get(study.state, "closed")


def _manage_links(store: Store, readers: list[ReaderProgress]) -> None:
    with st.expander("A reader lost the link, or should not read any more"):
        reader = st.selectbox("Reader", readers, format_func=lambda reader: reader.name, width=320)
        with st.container(horizontal=True):
            st.button("New link", on_click=_reissue, args=(store, reader))
            st.button(
                "Withdraw the link", disabled=reader.revoked, on_click=_do, args=(store.revoke_reader, reader.rater_id)
            )
        st.caption("A new link leads to the same place in the study; the old one stops working.")


def _invite(store: Store, study: StudySummary) -> None:
    _show_link()
    with st.form("invite", clear_on_submit=True, border=False, width=480):
        name = st.text_input("Invite a reader", placeholder="Name or pseudonym", key="invite-name")
        st.form_submit_button("Make a link", on_click=_add_reader, args=(store, study.id))
    del name  # read by the callback, which runs before the form is cleared


def _show_link() -> None:
    """The link that was just made; it is in this session only and gone with the next step."""
    made = st.session_state.get(LINK)
    if made is None:
        return
    name, link = made
    st.success(f"Link for {plain(name)}. Copy it now: only its hash is stored, it cannot be shown again.")
    st.code(link, language=None, wrap_lines=True)
    if urlsplit(link).hostname in ("localhost", "127.0.0.1"):
        st.caption(
            "This address works on this computer only. For readers elsewhere start the app with "
            "`make run ADDRESS=0.0.0.0` behind https, and open this page under the address that they will use."
        )


def _add_reader(store: Store, study_id: int) -> None:
    name = st.session_state["invite-name"].strip()
    st.session_state.pop(LINK, None)
    try:
        token = store.add_reader(study_id, name)
    except ReviewError as error:
        st.session_state[NOTICE] = str(error)
        return
    st.session_state[LINK] = (name, session.reader_link(token))


def _reissue(store: Store, reader: ReaderProgress) -> None:
    try:
        st.session_state[LINK] = (reader.name, session.reader_link(store.reissue_link(reader.rater_id)))
    except ReviewError as error:
        st.session_state[NOTICE] = str(error)


# ----------------------------------------------------------------------------------------------------- common


def _choose(view: int | str | None) -> None:
    st.session_state[CHOSEN] = view
    st.session_state.pop(LINK, None)


def _way_back() -> None:
    st.button("All studies", type="tertiary", icon=":material/arrow_back:", on_click=_choose, args=(None,))


def _do(step: Callable[[int], None], number: int) -> None:
    """A step that the store may refuse, in words."""
    try:
        step(number)
    except ReviewError as error:
        st.session_state[NOTICE] = str(error)


def _delete(store: Store, study: StudySummary) -> None:
    _do(store.delete_draft, study.id)
    _choose(None)


def _show_notice() -> None:
    if notice := st.session_state.pop(NOTICE, None):
        st.error(notice)


if __name__ == "__main__":
    show()
