"""The questions beside an ECG: scales, reasons, comment.

Knows: how a question becomes buttons with keys. Does not know: the store, what the ECG is.
Choosing runs the fragment of its question alone, so the ECG stays untouched and the keys answer quickly.
"""

from __future__ import annotations

import streamlit as st

from app.language.words import gettext as _
from app.reading import desk
from app.reading.answering import REASON_KEYS, Draft, Question, questions, reason_question, reason_words, step_words
from review_db.blinded import LONGEST_COMMENT, BlindedItem


def ask(fresh: Draft, item: BlindedItem, comment: str = "") -> str:
    """The questions about the ECG on screen; returns the key of the comment."""
    draft = desk.begin(fresh)
    for question in questions(item.rules):
        _ask(question, item)
    if item.rules.asks_reasons:
        _ask_reasons(item)
    key = f"comment-{draft.submission_id}"
    if item.rules.asks_comment:
        _ask_comment(key, comment)
    return key


def name_of_place(item: BlindedItem) -> str:
    """Tells the buttons of one presentation from those of the next."""
    return f"{'practice-' if item.is_practice else ''}{item.position}"


def _ask_comment(key: str, comment: str) -> None:
    st.text_area(
        _("Comment"),
        comment,
        key=key,
        height=68,
        max_chars=LONGEST_COMMENT,
        placeholder=_("Comment (optional)"),
        label_visibility="collapsed",
    )


@st.fragment
def _ask(question: Question, item: BlindedItem) -> None:
    """One button per step; the chosen one is filled. No step is chosen before the reader chooses one."""
    chosen = desk.draft().chosen(question)
    with st.container(key=f"question-{question.about}"):
        st.html(f'<p class="question">{question.words}</p>')
        with st.container(key=f"scale-{question.about}", horizontal=True, gap="xxsmall"):
            for step, key in question.keys.items():
                st.button(
                    step_words(step),
                    key=f"{question.about}-{name_of_place(item)}-{int(step)}",
                    type="primary" if step == chosen else "secondary",
                    shortcut=key,
                    width="stretch",
                    on_click=desk.choose,
                    args=(item.presentation, question, step),
                )


@st.fragment
def _ask_reasons(item: BlindedItem) -> None:
    """One button per reason, on or off."""
    given = desk.draft().reasons
    with st.container(key="question-reasons"):
        words, optional = reason_question(item.rules.design), _("(optional)")
        st.html(f'<p class="question">{words} <span>{optional}</span></p>')
        with st.container(key="scale-reasons", horizontal=True, gap="xxsmall"):
            for reason, key in REASON_KEYS.items():
                st.button(
                    reason_words(reason),
                    key=f"reason-{name_of_place(item)}-{key}",
                    type="primary" if reason in given else "secondary",
                    shortcut=key,
                    width="stretch",
                    on_click=desk.toggle,
                    args=(item.presentation, reason),
                )
