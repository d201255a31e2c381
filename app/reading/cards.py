"""The pages without an ECG: instructions, the end of practice, break, pause, thanks, leaving.

Knows: which of them is due. Does not know: ECGs; the clock of an ECG that a card hides stands still.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from app.language.words import gettext as _
from app.reading import desk as reading_desk
from app.reading import words as reading_words
from app.reading.answering import CHANGE_KEY
from app.reading.desk import COUNTING, LEAVING, PAUSED, RESTED, STARTED, Desk, recall, remember
from app.reading.papers import warm_up
from review_db.blinded import Reading, Score
from review_db.store import Store


def due(reading: Reading) -> Callable[[Desk], None] | None:
    """The card that stands before the next ECG, if one does."""
    if not (reading.answered or reading.practice_answered or recall(STARTED)):
        return show_instructions
    if recall(PAUSED):
        return show_pause
    if reading.practice_total and _is_first_that_counts(reading) and not recall(COUNTING):
        return show_now_it_counts
    return show_break if _is_break_due(reading) and recall(RESTED) != reading.answered else None


def _is_first_that_counts(reading: Reading) -> bool:
    return reading.answered == 0 and reading.practice_answered >= reading.practice_total


def _is_break_due(reading: Reading) -> bool:
    every = reading.rules.break_every
    return every is not None and reading.answered > 0 and reading.answered % every == 0


def show_instructions(desk: Desk) -> None:
    """What will be shown, what will be asked, by which rules."""
    with st.container(key="reading-text"):
        st.title(desk.reading.title, anchor=False)
        if desk.reading.description:
            st.write(desk.reading.description)
        st.markdown(reading_words.instructions(desk.reading))
        _continue(_("Start practice") if desk.reading.practice_total else _("Start reading"), STARTED, True)
        _offer_leaving()
        reading_as = _("Reading as {reader}.").format(reader=desk.reading.reader)
        st.html(f'<p class="small-print">{escape(reading_as)}</p>')
    if desk.reading.rules.maximum_view_seconds is not None:
        warm_up()


def show_now_it_counts(desk: Desk) -> None:
    """Between practice and the study."""
    _card(_("Now it counts"), reading_words.now_it_counts(desk.reading))
    _continue(_("Start reading"), COUNTING, True)


def show_break(desk: Desk) -> None:
    """A break is suggested."""
    _card(_("Time for a break"), reading_words.break_words(desk.reading))
    _continue(_("Continue"), RESTED, desk.reading.answered)


def show_pause(desk: Desk) -> None:
    """The reader has paused."""
    words = _("The ECG is hidden and its clock stands still. You can also close the page and come back later.")
    _card(_("Pause"), words)
    _continue(_("Continue"), PAUSED, False)
    _offer_leaving()


def show_thanks(desk: Desk) -> None:
    """All is read."""
    read_all = _("You have read all {ecgs} of “{title}”. Your answers are stored.")
    ecgs = reading_words.count(desk.reading.total, desk.reading.rules)
    _card(_("Thank you"), read_all.format(ecgs=ecgs, title=desk.reading.title))
    st.write(_("You can close this page. The results are shown by the person who runs the study once it is closed."))
    if desk.reading.total:
        words = _("Change my last answer")
        st.button(words, shortcut=CHANGE_KEY, on_click=reading_desk.begin_change, args=(desk, None))
    _offer_leaving()


def show_paused_by_others(store: Store, token: str, words: str) -> None:
    """The investigator has paused this reader, who may still leave."""
    if recall(LEAVING):
        show_leaving(store, token)
        return
    _card(_("Reading"), words)
    _offer_leaving()


def show_leaving(store: Store, token: str) -> None:
    """Are you sure?"""
    _card(_("Leave the study?"), reading_words.what_leaving_does(store.erases_on_withdrawal(token)))
    st.button(_("Leave the study for good"), type="primary", on_click=reading_desk.leave, args=(store, token))
    st.button(_("Stay"), shortcut="Esc", on_click=remember, args=(LEAVING, False))


def show_score(score: Score) -> None:
    """The study is unblinded, and its protocol promised to tell readers how they did."""
    _card(score.title, reading_words.score_words(score))


def show_left() -> None:
    """The reader is gone."""
    words = _("Your link no longer works. Thank you for your time; you can close this page.")
    _card(_("You have left the study"), words)


def _card(title: str, words: str) -> None:
    st.title(title, anchor=False)
    with st.container(key="reading-text"):
        st.write(words)
    reading_desk.show_message()


def _continue(words: str, key: str, value: object) -> None:
    st.button(words, type="primary", shortcut="Enter", on_click=remember, args=(key, value))


def _offer_leaving() -> None:
    st.button(_("Leave the study"), type="tertiary", on_click=remember, args=(LEAVING, True))
