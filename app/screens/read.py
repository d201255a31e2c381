"""Read: what a reader's link opens. One ECG at a time, a verdict, and the next one.

Knows: the order of a reading session: instructions, ECGs, pause, change of the last answer, thanks.
Does not know: where an ECG comes from. It asks the store with the link's token for `BlindedItem`s and has no
other source; nothing it sends to the browser depends on the origin of an ECG.

The ECG is drawn once per presentation; only the panel of questions (a fragment) runs again while the reader
chooses. The server's clock of an ECG runs from `mark_shown` to the answer, and stands still while the ECG is
hidden. Every answer names the presentation that was on screen when its button was drawn, so a click that
comes late belongs to the old ECG, not to the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st

from app import session
from app.answering import PLAUSIBILITY_KEYS, VERDICT_KEYS, Draft
from app.ecg_figure import STATIC, alt_text, ecg_figure, keep_scale_style
from engine.harmonise import decode
from review_db.errors import AlreadyRated, ReviewError, UnknownLink
from review_db.model import LONGEST_COMMENT, BlindedItem, Plausibility, Reading, Verdict
from review_db.store import Store

PAPER_KEY = "reading-ecg"
STARTED, PAUSED, CHANGING = "read/started", "read/paused", "read/changing"
DRAFT, MESSAGE = "read/draft", "read/message"


def show() -> None:
    """The whole screen."""
    token = session.reader_token()
    if token is None:
        _ask_for_link()
        return
    store = session.services().store
    try:
        _show_reading(store, token, store.reading(token))
    except UnknownLink as closed_door:
        st.title("Reading", anchor=False)
        st.info(str(closed_door))


def _ask_for_link() -> None:
    st.title("Read", anchor=False)
    st.write("Reading starts with a personal link, which the person who runs the study sends to each reader.")
    with st.form("link", border=False):
        link = st.text_input("Your link", placeholder="https://…/?reader=…")
        if st.form_submit_button("Open", type="primary") and link.strip():
            session.follow_link(link.strip().rpartition(f"{session.READER}=")[2])
            st.rerun()


def _show_reading(store: Store, token: str, reading: Reading) -> None:
    item = store.next_item(token)
    with st.container(key="reading-room"):
        _show_place(store, token, item, reading)


def _show_place(store: Store, token: str, item: BlindedItem | None, reading: Reading) -> None:
    """Where the reader is: instructions, an ECG, a pause, the last answer again, the end."""
    if st.session_state.get(CHANGING):
        _show_change(store, token, reading)
    elif item is None:
        _show_thanks(store, token, reading)
    elif reading.answered == 0 and not st.session_state.get(STARTED):
        _show_instructions(item, reading)
    elif st.session_state.get(PAUSED):
        _show_pause(item, reading)
    else:
        _show_item(store, token, item, reading)


# ------------------------------------------------------------------------------------- before, between, after


def _show_instructions(item: BlindedItem, reading: Reading) -> None:
    st.title(reading.title, anchor=False)
    if reading.description:
        st.write(reading.description)
    with st.container(key="reading-text"):
        st.markdown(_instructions(item, reading))
    st.button("Start reading", type="primary", shortcut="Enter", on_click=_set, args=(STARTED, True))
    _small_print(f"Reading as {reading.reader}.")


def _instructions(item: BlindedItem, reading: Reading) -> str:
    plausibility = (
        f"- **Does the ECG show the stated finding?** Five steps, keys {_keys(PLAUSIBILITY_KEYS)}.\n"
        if item.asks_plausibility
        else ""
    )
    return (
        f"You will see **{reading.total} twelve-lead ECGs**, one at a time, at 25 mm/s and 10 mm/mV. Some may be "
        "recordings of patients, others may come from a computer; how many of each is not told. "
        "Above each ECG stands the finding that it is said to show.\n\n"
        "For each ECG you are asked:\n\n"
        f"- **Is it real or synthetic?** Six steps from certainly real to certainly synthetic, "
        f"keys {_keys(VERDICT_KEYS)}. There is no middle: please commit yourself.\n"
        f"{plausibility}"
        "- A comment, if you like.\n\n"
        "`Enter` goes to the next ECG. You can change your last answer, but no older one. You can pause, or close "
        "the page and come back with the same link at any time and on any device: you continue where you were. "
        "While the study is open nobody is told which answers were right."
    )


def _show_pause(item: BlindedItem, reading: Reading) -> None:
    _heading(reading, item.position)
    st.subheader("Pause", anchor=False)
    st.write("The ECG is hidden and its clock stands still. You can also close the page and come back later.")
    st.button("Continue", type="primary", shortcut="Enter", on_click=_set, args=(PAUSED, False))


def _show_thanks(store: Store, token: str, reading: Reading) -> None:
    st.title("Thank you", anchor=False)
    st.write(f"You have read all {reading.total} ECGs of “{reading.title}”. Your answers are stored.")
    st.write("You can close this page. The results are shown by the person who runs the study once it is closed.")
    if reading.total:
        st.button("Change my last answer", shortcut="U", on_click=_begin_change, args=(store, token, None))


# ------------------------------------------------------------------------------------------------- reading


def _show_item(store: Store, token: str, item: BlindedItem, reading: Reading) -> None:
    place = (store, token, item.presentation)
    with st.container(key="reading-bar", horizontal=True, vertical_alignment="center", gap="small"):
        _heading(reading, item.position)
        if reading.answered:
            st.button("Change my last answer", shortcut="U", type="tertiary", on_click=_begin_change, args=place)
        st.button("Pause", shortcut="P", type="tertiary", on_click=_pause, args=place)
    with st.container(horizontal=True, gap="medium"):
        _draw(item)
        with st.container(key="reading-panel", gap="small"):
            comment_key = _ask(Draft(item.presentation), item)
            _show_message()
            st.button(
                "Next ECG" if item.position < item.total else "Finish",
                key=f"next-{item.position}",
                type="primary",
                shortcut="Enter",
                width="stretch",
                on_click=_send,
                args=(store, token, item, comment_key),
            )
    store.mark_shown(token, item.presentation)


def _show_change(store: Store, token: str, reading: Reading) -> None:
    answer = store.last_answer(token)
    if answer is None:
        _end_change()
        st.rerun()
    with st.container(key="reading-bar", horizontal=True, vertical_alignment="center"):
        _heading(reading, answer.item.position, remark="changing your last answer")
    with st.container(horizontal=True, gap="medium"):
        _draw(answer.item)
        with st.container(key="reading-panel", gap="small"):
            comment_key = _ask(Draft.of(answer), answer.item, answer.comment)
            _show_message()
            st.button(
                "Save the change",
                type="primary",
                shortcut="Enter",
                width="stretch",
                on_click=_send_change,
                args=(store, token, answer.item, comment_key),
            )
            st.button("Leave it as it was", type="tertiary", shortcut="Esc", on_click=_end_change)


def _heading(reading: Reading, position: int, remark: str = "") -> None:
    remark_html = f'<span class="count">{escape(remark)}</span>' if remark else ""
    st.html(
        f'<div class="reading-heading"><span class="title">{escape(reading.title)}</span>'
        f'<span class="count">{position} of {reading.total}</span>{remark_html}</div>'
    )


def _state_finding(item: BlindedItem) -> None:
    st.html(f'<div class="reading-stated"><span>Stated finding: <b>{escape(item.stated)}</b></span></div>')


def _draw(item: BlindedItem) -> None:
    st.html(keep_scale_style(PAPER_KEY))
    with st.container(key="reading-paper", width="content", gap="xsmall"):
        _state_finding(item)
        st.plotly_chart(
            ecg_figure(decode(item.payload)),
            width="content",
            theme=None,
            key=PAPER_KEY,
            config=dict(STATIC),
            alt=alt_text(),
        )


def _ask(fresh: Draft, item: BlindedItem, comment: str = "") -> str:
    """The questions about the ECG on screen; returns the key of the comment."""
    draft = _draft(fresh)
    _ask_scales(item)
    key = f"comment-{draft.submission_id}"
    st.text_area(
        "Comment",
        comment,
        key=key,
        height=68,
        max_chars=LONGEST_COMMENT,
        placeholder="Comment (optional)",
        label_visibility="collapsed",
    )
    return key


@st.fragment
def _ask_scales(item: BlindedItem) -> None:
    """The buttons of both scales: choosing runs this fragment alone, and the ECG stays untouched."""
    draft: Draft = st.session_state[DRAFT]
    st.html('<p class="question">Is this ECG real or synthetic?</p>')
    _scale("verdicts", VERDICT_KEYS, draft.verdict, item)
    if item.asks_plausibility:
        st.html('<p class="question">Does it show the stated finding?</p>')
        _scale("plausibilities", PLAUSIBILITY_KEYS, draft.plausibility, item)


def _scale(
    name: str,
    keys: Mapping[Verdict, str] | Mapping[Plausibility, str],
    chosen: Verdict | Plausibility | None,
    item: BlindedItem,
) -> None:
    """One button per step; the chosen one is filled. No step is chosen before the reader chooses one."""
    with st.container(key=name, horizontal=True, gap="xxsmall"):
        for step, key in keys.items():
            st.button(
                step.wording.capitalize(),
                key=f"{name}-{item.position}-{int(step)}",
                type="primary" if step == chosen else "secondary",
                shortcut=key,
                width="stretch",
                on_click=_choose,
                args=(item.presentation, step),
            )


# -------------------------------------------------------------------------------------------- what clicks do


def _set(key: str, value: object) -> None:
    st.session_state[key] = value


def _draft(fresh: Draft) -> Draft:
    """The draft of this presentation; `fresh` if the one at hand belongs to another."""
    if getattr(st.session_state.get(DRAFT), "presentation", None) != fresh.presentation:
        st.session_state[DRAFT] = fresh
    draft: Draft = st.session_state[DRAFT]
    return draft


def _choose(presentation: str, step: Verdict | Plausibility) -> None:
    draft: Draft = st.session_state[DRAFT]
    if draft.presentation == presentation:
        st.session_state[DRAFT] = draft.choosing(step)


def _send(store: Store, token: str, item: BlindedItem, comment_key: str) -> None:
    """Store the answer to `item`, the ECG that was on screen when the button was drawn."""
    draft: Draft = st.session_state[DRAFT]
    if draft.presentation != item.presentation:
        return  # a late click on a button of the ECG before
    if missing := draft.what_is_missing(item.asks_plausibility):
        st.session_state[MESSAGE] = missing
        return
    try:
        store.record(token, draft.submission(st.session_state.get(comment_key, "")))
    except AlreadyRated:
        pass  # in another tab; here the reading goes on as well
    except ReviewError as refusal:
        st.session_state[MESSAGE] = str(refusal)
        return


def _send_change(store: Store, token: str, item: BlindedItem, comment_key: str) -> None:
    draft: Draft = st.session_state[DRAFT]
    try:
        store.correct(token, draft.submission(st.session_state.get(comment_key, "")))
    except ReviewError as refusal:
        st.session_state[MESSAGE] = str(refusal)
        return
    _end_change()


def _pause(store: Store, token: str, presentation: str) -> None:
    store.pause(token, presentation)
    st.session_state[PAUSED] = True


def _begin_change(store: Store, token: str, hidden: str | None) -> None:
    """Show the last answer; the clock of the ECG that it hides stands still."""
    if hidden is not None:
        store.pause(token, hidden)
    st.session_state[CHANGING] = True


def _end_change() -> None:
    st.session_state[CHANGING] = False


# -------------------------------------------------------------------------------------------------- wording


def _show_message() -> None:
    """What was wrong with the last click; said once."""
    if message := st.session_state.pop(MESSAGE, None):
        st.warning(message)


def _small_print(words: str) -> None:
    st.html(f'<p class="small-print">{escape(words)}</p>')


def _keys(keys: Mapping[Verdict, str] | Mapping[Plausibility, str]) -> str:
    return " ".join(f"`{key}`" for key in keys.values())


if __name__ == "__main__":
    show()
