"""A reader's place in front of the store, and what the session remembers between two clicks.

Knows: the state of a reading session (started, paused, changing, the draft ...), what each click does to it and to the
store. Every answer names the presentation that was on screen when its button was drawn, so a click that comes late
belongs to the old ECG, not to the next one.

What a click wants stored waits in the session until the store has acknowledged it: the page begins with `deliver`, and
does so again and again while the database is away. An answer keeps its name meanwhile, so it is stored once.
Does not know: what the page looks like; where an ECG comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import streamlit as st

from app.reading.answering import Draft, Question
from app.reading.refusals import in_words
from review_db.blinded import BlindedItem, Caliper, Consent, Profile, Reading, Submission
from review_db.errors import AlreadyRated, ReviewError, StoreUnavailable
from review_db.scales import Answer, Reason, Scale
from review_db.store import Store

STARTED, COUNTING, RESTED = "read/started", "read/counting", "read/rested"
PAUSED, CHANGING, FEEDBACK = "read/paused", "read/changing", "read/feedback"
LEAVING, LEFT = "read/leaving", "read/left"
DRAFT, MESSAGE, VIEW = "read/draft", "read/message", "read/view"
CALIPERS, UNSENT = "read/calipers", "read/unsent"


@dataclass(frozen=True)
class Desk:
    """Where a reader sits: the store, the token of the link, and how far the reading is."""

    store: Store
    token: str
    reading: Reading


@dataclass(frozen=True)
class Answered:
    """A practice ECG that has just been answered, for its feedback."""

    item: BlindedItem
    given: Answer


# --------------------------------------------------------------------------------------- what is remembered


def remember(key: str, value: object) -> None:
    """Until the page is reloaded or closed."""
    st.session_state[key] = value


def recall(key: str) -> object:
    """What was remembered, None if nothing was."""
    return st.session_state.get(key)


def draft() -> Draft:
    """The answer in the making."""
    at_hand: Draft = st.session_state[DRAFT]
    return at_hand


def begin(fresh: Draft) -> Draft:
    """The draft of this presentation; `fresh` if the one at hand belongs to another."""
    if getattr(recall(DRAFT), "presentation", None) != fresh.presentation:
        remember(DRAFT, fresh)
    return draft()


def answered(desk: Desk) -> Answered | None:
    """The practice ECG whose feedback is on screen; after a reload, the one whose feedback has yet to be seen."""
    if FEEDBACK not in st.session_state:
        last = desk.store.practice_to_explain(desk.token) if desk.reading.practice_answered else None
        remember(FEEDBACK, last and Answered(last.item, last.verdict))
    kept = recall(FEEDBACK)
    return kept if isinstance(kept, Answered) else None


def show_message() -> None:
    """What was wrong with the last click; said once."""
    if message := st.session_state.pop(MESSAGE, None):
        st.warning(message)


# ---------------------------------------------------------------------------------- what is on its way to the store


def unsent() -> tuple[Callable[[], object], ...]:
    """What clicks wanted stored and the store has not acknowledged, in their order."""
    waiting: tuple[Callable[[], object], ...] = st.session_state.get(UNSENT, ())
    return waiting


def deliver() -> None:
    """Do what is unsent. Raises StoreUnavailable and keeps it while the database is away; a refusal ends it, in words
    for the page that is drawn next.
    """
    while waiting := unsent():
        try:
            waiting[0]()
        except StoreUnavailable:
            raise
        except ReviewError as refusal:
            remember(MESSAGE, in_words(refusal))
        remember(UNSENT, waiting[1:])


def _post(act: Callable[[], object]) -> None:
    remember(UNSENT, (*unsent(), act))


# -------------------------------------------------------------------------------------------- what clicks do


def choose(presentation: str, question: Question, step: Scale) -> None:
    """A step of a scale."""
    if draft().presentation == presentation:
        remember(DRAFT, draft().choosing(question, step))


def toggle(presentation: str, reason: Reason) -> None:
    """A reason, on or off."""
    if draft().presentation == presentation:
        remember(DRAFT, draft().toggling(reason))


def send(desk: Desk, item: BlindedItem, comment_key: str) -> None:
    """Store the answer to `item`, the ECG that was on screen when the button was drawn."""
    given = draft()
    if given.presentation != item.presentation:
        return  # a late click on a button of the ECG before
    if missing := given.what_is_missing(item.rules):
        remember(MESSAGE, missing)
        return
    _post(partial(_record, desk, item, given.submission(_comment(comment_key))))


def _record(desk: Desk, item: BlindedItem, submission: Submission) -> None:
    with suppress(AlreadyRated):  # in another tab; here the reading goes on as well
        desk.store.record(desk.token, submission)
        if item.is_practice:
            remember(FEEDBACK, Answered(item, submission.verdict))


def send_change(desk: Desk, comment_key: str) -> None:
    """Store the answer again, changed."""
    _post(partial(_correct, desk, draft().submission(_comment(comment_key))))


def _correct(desk: Desk, submission: Submission) -> None:
    desk.store.correct(desk.token, submission)
    end_change()


def measure(desk: Desk, item: BlindedItem, spanned: Collection[Caliper]) -> None:
    """Keep what calipers span on `item`, the ECG that was on screen when they were moved. Their sheet runs alone."""
    _post(partial(desk.store.measure, desk.token, item.presentation, spanned))
    with suppress(StoreUnavailable):
        deliver()


def _comment(key: str) -> str:
    return str(recall(key) or "")


def pause(desk: Desk, presentation: str) -> None:
    """Hide the ECG; its clock stands still."""
    remember(PAUSED, True)
    hide(desk, presentation)


def hide(desk: Desk, presentation: str) -> None:
    """The clock of an ECG that is not on screen stands still; on its return its sheet begins anew."""
    remember(CALIPERS, None)
    _post(partial(desk.store.pause, desk.token, presentation))


def begin_change(desk: Desk, hidden: str | None) -> None:
    """Show the last answer; the clock of the ECG that it hides stands still."""
    remember(CHANGING, True)
    if hidden is not None:
        hide(desk, hidden)


def end_change() -> None:
    """Back to the ECG that is to be read."""
    remember(CHANGING, False)


def agree(desk: Desk, consent: Consent) -> None:
    """The reader agrees to the text that was on screen."""
    _post(partial(desk.store.consent, desk.token, consent.version))


def introduce(desk: Desk, profile: Profile) -> None:
    """Say who reads. Raises ReviewError."""
    desk.store.introduce(desk.token, profile)


def leave(store: Store, token: str) -> None:
    """Withdraw from the study, for good."""
    remember(LEAVING, False)
    try:
        store.withdraw(token)
    except ReviewError as refusal:  # it is for good, so it is not done later by itself
        remember(MESSAGE, in_words(refusal))
    else:
        remember(LEFT, True)
