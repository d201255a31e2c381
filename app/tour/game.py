"""The game on the screen: one ECG, a question, the truth at once, the score.

Knows: what is sent when. The truth of an ECG stays on the server until its answer is there; pictures before and after
are the same. Does not know: how cards are dealt (`dealing`), what a score means (`quiz`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app.display.words import PTBXL_CREDIT
from app.explore.compare import Shown
from app.explore.waiting import outcome
from app.tour import layout, quiz, visit, wanted
from app.tour.dealing import label_cards, mixed_cards
from app.tour.drawing import ecgs_of
from app.tour.quiz import Card, Question
from app.tour.visit import Visit
from engine.ecg import Ecg
from review_db.analysis.proportions import wilson

GAME = "This is a game. It is not part of any study, nothing is stored."
READERS = "If you are about to read in a study, play afterwards: the answers here would train you."
NO_REAL = (
    "There are no real ECGs here, so this game asks for something else. With PTB-XL (`ECG_TURING_PTBXL`) it is real "
    "against synthetic."
)


@dataclass(frozen=True)
class Table:
    """The game as it stands."""

    question: Question
    cards: Sequence[Card]
    answers: Sequence[int]

    @property
    def right(self) -> int:
        """Right answers so far."""
        return quiz.right_answers(self.cards, self.answers)

    @property
    def is_over(self) -> bool:
        """Whether all are answered."""
        return len(self.answers) >= len(self.cards)


def can_you_tell(here: Visit) -> None:
    """The step."""
    cards = _cards(here)
    if cards is None:
        return
    question = quiz.REAL_OR_SYNTHETIC if here.with_real else quiz.asked_for(here.repertoire.asked_for)
    table = Table(question, cards, visit.answers()[: len(cards)])
    if table.is_over and not visit.is_told():
        _show_score(table)
    else:
        _show_card(table, len(table.answers) - visit.is_told(), here)


def _cards(here: Visit) -> Sequence[Card] | None:
    seed = visit.game_seed(here)
    task = wanted.several(wanted.game(here.repertoire, seed, here.with_real))
    status = outcome(here.generation, "tour-game", task, "Drawing the ECGs of the game")
    if status is None or status.answer is None:
        return None
    return _dealt(seed, here.repertoire.generator, here.with_real, here, ecgs_of(status.answer))


@st.cache_resource(show_spinner=False, max_entries=32)
def _dealt(seed: int, generator: str, with_real: bool, _here: Visit, _drawn: Sequence[Ecg]) -> tuple[Card, ...]:
    """Kept outside the session, which is asked for at every click."""
    of, requests = _here.repertoire, wanted.game(_here.repertoire, seed, with_real)
    if with_real and _here.room.ptbxl is not None:
        real = _here.room.ptbxl
        return quiz.deal(mixed_cards(of, requests, _drawn, real, seed, _here.room.store.holds_ecg), seed)
    return quiz.deal(label_cards(of, requests, _drawn, _here.room.label_set), seed)


def _show_card(table: Table, at: int, here: Visit) -> None:
    card = table.cards[at]
    with layout.picture():
        layout.show_page(Shown(card.ecg, ""))
    with layout.words():
        st.caption(f"ECG {at + 1} of {len(table.cards)} · {table.right} of {len(table.answers)} right so far")
        if card.stated:
            st.markdown(f"Stated finding: **{card.stated}**")
        st.markdown(f"**{table.question.words}**")
        if visit.is_told():
            _tell(table, card, at)
        else:
            _ask(table, at)
        _small_print(here)


def _ask(table: Table, at: int) -> None:
    with st.container(horizontal=True):
        for number, words in enumerate(table.question.answers):
            key, shortcut = f"tour-answer-{number}", str(number + 1)
            st.button(words, key=key, shortcut=shortcut, on_click=visit.answer, args=(at, number))


def _tell(table: Table, card: Card, at: int) -> None:
    given = table.answers[at]
    verdict = quiz.RIGHT if given == card.truth else quiz.WRONG
    show = st.success if given == card.truth else st.warning
    show(f"**{verdict}** You said: {table.question.answers[given].lower()}. {card.told}")
    words = "Your score" if table.is_over else "Next ECG"
    st.button(words, key="tour-next-ecg", type="primary", shortcut="Enter", on_click=visit.go_on)


def _small_print(here: Visit) -> None:
    st.caption(GAME)
    st.caption(f"Real ECGs: {', '.join(PTBXL_CREDIT)}. {READERS}" if here.with_real else NO_REAL)


def _show_score(table: Table) -> None:
    n = len(table.cards)
    with st.container(key="tour-score", gap="medium"):
        st.subheader(quiz.verdict_words(table.right, n), anchor=False)
        share = wilson(table.right, n)
        st.markdown(quiz.interval_words(share.low, share.high, n))
        marks = ["✓" if card.truth == given else "✗" for card, given in zip(table.cards, table.answers, strict=True)]
        st.markdown("  ".join(f"{at}\u00a0{mark}" for at, mark in enumerate(marks, 1)))
        st.button("Play again with other ECGs", icon=":material/replay:", on_click=visit.play_again)
        st.caption(GAME)
