"""The pages with an ECG on them: reading it, changing the last answer, feedback on practice.

Knows: how heading, sheets and panel stand together. Does not know: where the ECG comes from; it is told so, by the
store, for practice that has been answered.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.language.words import gettext as _
from app.reading import desk as reading_desk
from app.reading.answering import CHANGE_KEY, PAUSE_KEY, Draft
from app.reading.calipers import keep
from app.reading.desk import FEEDBACK, Answered, Desk, remember
from app.reading.panel import ask, name_of_place
from app.reading.papers import draw, run_clock
from app.reading.words import feedback_words, next_words
from review_db.blinded import BlindedItem
from review_db.measured import NOTHING


def show_item(desk: Desk, item: BlindedItem) -> None:
    """The ECG to read now, with its questions; its clock runs from here."""
    with _bar():
        heading(desk, item)
        run_clock(item.seconds_left)
        _offer_ways_out(desk, item)
    with _room(item):
        draw(item, partial(keep, desk, item))
        panel = _panel()
    with panel:  # not within the room's `with`: every fragment copies all containers that it stands in
        asked = item if item.is_practice else _without_ecgs(item)  # what is drawn again, after the answer, is practice
        comment_key = ask(Draft(item.presentation), asked)
        reading_desk.show_message()
        st.button(
            next_words(item),
            key=f"next-{name_of_place(item)}",
            type="primary",
            shortcut="Enter",
            width="stretch",
            on_click=_send,
            args=(desk, asked, comment_key),
        )
    desk.store.mark_shown(desk.token, item.presentation)


def show_change(desk: Desk) -> None:
    """The last answer, to be changed. Where viewing time is limited its ECG is not shown again."""
    answer = desk.store.last_answer(desk.token)
    if answer is None:
        reading_desk.end_change()
        st.rerun()
    item = answer.item
    with _bar():
        heading(desk, item, remark=_("changing your last answer"))
    with _room(item):
        draw(item if item.seconds_left is None else _without_ecgs(item), partial(keep, desk, item))
        with _panel():
            comment_key = ask(Draft.of(answer), item, answer.comment)
            reading_desk.show_message()
            st.button(
                _("Save the change"),
                type="primary",
                shortcut="Enter",
                width="stretch",
                on_click=_send_change,
                args=(desk, item, comment_key),
            )
            st.button(_("Leave it as it was"), type="tertiary", shortcut="Esc", on_click=reading_desk.end_change)


def _send(desk: Desk, item: BlindedItem, comment_key: str) -> None:
    """What is measured belongs to the answer, even if the sheet tells of it with the same click."""
    keep(desk, item)
    reading_desk.send(desk, item, comment_key)


def _send_change(desk: Desk, item: BlindedItem, comment_key: str) -> None:
    keep(desk, item)
    reading_desk.send_change(desk, comment_key)


def show_feedback(desk: Desk, answered: Answered) -> None:
    """A practice ECG again, with what it was."""
    feedback = desk.store.feedback(desk.token, answered.item.presentation)
    truth, said = feedback_words(feedback, answered.given)
    with _bar():
        heading(desk, answered.item)
    with _room(answered.item):
        draw(answered.item, partial(keep, desk, answered.item))
        with _panel(), st.container(key="reading-feedback", gap="xsmall"):
            st.subheader(truth, anchor=False)
            st.write(said)
            st.button(_("Next"), type="primary", shortcut="Enter", on_click=remember, args=(FEEDBACK, None))


def heading(desk: Desk, item: BlindedItem, remark: str = "") -> None:
    """Title, place, and what is special about this page."""
    where = _("Practice {position} of {total}") if item.is_practice else _("{position} of {total}")
    place = where.format(position=item.position, total=item.total)
    place_html = f'<span class="practice">{escape(place)}</span>' if item.is_practice else _count(place)
    st.html(
        f'<div class="reading-heading"><span class="title">{escape(desk.reading.title)}</span>'
        f"{place_html}{_count(remark) if remark else ''}</div>"
    )


def _count(words: str) -> str:
    return f'<span class="count">{escape(words)}</span>'


def _offer_ways_out(desk: Desk, item: BlindedItem) -> None:
    place = (desk, item.presentation)
    if desk.reading.answered:
        st.button(
            _("Change my last answer"),
            shortcut=CHANGE_KEY,
            type="tertiary",
            on_click=reading_desk.begin_change,
            args=place,
        )
    st.button(_("Pause"), shortcut=PAUSE_KEY, type="tertiary", on_click=reading_desk.pause, args=place)


def _without_ecgs(item: BlindedItem) -> BlindedItem:
    """The same with nothing to see on its sheets, and nothing that was measured on them. A session that waits for an
    answer needs no more, and an ECG is a quarter of its memory.
    """
    blank = None if item.measured is None else NOTHING
    beside = None if item.beside is None else b""
    shown = {"measured": blank, "measured_beside": None if item.beside is None else blank}
    return replace(item, payload=b"", beside=beside, calipers=(), **shown)


def _bar() -> DeltaGenerator:
    return st.container(key="reading-bar", horizontal=True, vertical_alignment="center", gap="small")


def _room(item: BlindedItem) -> DeltaGenerator:
    """One ECG has its questions beside it, two have them below."""
    return st.container(horizontal=item.beside is None, gap="medium")


def _panel() -> DeltaGenerator:
    return st.container(key="reading-panel", gap="small")
