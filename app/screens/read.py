"""Read: what a reader's link opens. One presentation at a time, an answer, and the next one.

Knows: the order of a reading session: consent, questions about the reader, instructions, practice with feedback, ECGs,
breaks, pause, change of the last answer, thanks, leaving.
Does not know: where an ECG comes from. It asks the store with the link's token for `BlindedItem`s and has no
other source; nothing it sends to the browser depends on the origin of an ECG.

The ECG is drawn once per presentation; only the panel of questions (a fragment) runs again while the reader
chooses. The server's clock of an ECG runs from `mark_shown` to the answer, and stands still while the ECG is
hidden.
"""

from __future__ import annotations

import streamlit as st

from app import session
from app.language.words import N_
from app.language.words import gettext as _
from app.reading import admission, cards, page
from app.reading import desk as reading_desk
from app.reading.desk import CHANGING, LEAVING, LEFT, Desk, recall
from app.reading.refusals import in_words
from app.store_away import say_when_slow, show_store_away
from review_db.blinded import BlindedItem
from review_db.errors import ReadingPaused, ReviewError, StoreUnavailable, StudyNotOpen

NOT_STORED_YET = N_("What you did last is not stored yet; it is kept on this page and stored as soon as possible.")


def show() -> None:
    """The whole screen."""
    token = session.reader_token()
    if token is None:
        _ask_for_link()
        return
    say_when_slow()
    try:
        with st.container(key="reading-room"):
            _show_reading(token)
    except StoreUnavailable as away:
        show_store_away(away, kept=_(NOT_STORED_YET) if reading_desk.unsent() else "")
    except ReviewError as closed_door:
        _show_closed_door(token, closed_door)


def _show_closed_door(token: str, closed_door: ReviewError) -> None:
    score = session.services().store.score(token) if isinstance(closed_door, StudyNotOpen) else None
    if score is not None:
        cards.show_score(score)
        return
    if isinstance(closed_door, ReadingPaused):
        cards.show_paused_by_others(session.services().store, token, in_words(closed_door))
        return
    st.title(_("Reading"), anchor=False)
    st.info(in_words(closed_door))


def _ask_for_link() -> None:
    st.title(_("Read"), anchor=False)
    st.write(_("Reading starts with a personal link, which the person who runs the study sends to each reader."))
    with st.form("link", border=False):
        link = st.text_input(_("Your link"), placeholder="https://…/?reader=…")
        if st.form_submit_button(_("Open"), type="primary") and link.strip():
            session.follow_link(link.strip().rpartition(f"{session.READER}=")[2])
            st.rerun()


def _show_reading(token: str) -> None:
    if recall(LEFT):
        cards.show_left()
        return
    reading_desk.deliver()
    store = session.services().store
    desk = Desk(store, token, store.reading(token))
    if recall(LEAVING):
        cards.show_leaving(store, token)
    elif desk.reading.consent is not None:
        admission.show_consent(desk, desk.reading.consent)
    elif desk.reading.needs_profile:
        admission.show_profile(desk)
    else:
        _show_place(desk)


def _show_place(desk: Desk) -> None:
    """Where an admitted reader is: feedback, the last answer again, the next ECG or a card before it, the end."""
    if (answered := reading_desk.answered(desk)) is not None:
        page.show_feedback(desk, answered)
    elif recall(CHANGING):
        page.show_change(desk)
    elif (item := desk.store.next_item(desk.token)) is not None:
        _show_next(desk, item)
    else:
        cards.show_thanks(desk)


def _show_next(desk: Desk, item: BlindedItem) -> None:
    card = cards.due(desk.reading)
    if card is None:
        page.show_item(desk, item)
        return
    reading_desk.hide(desk, item.presentation)
    reading_desk.deliver()
    card(desk)


if __name__ == "__main__":
    show()
