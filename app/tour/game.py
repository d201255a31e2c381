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
from app.language import visitor
from app.language.words import N_
from app.language.words import gettext as _
from app.tour import layout, quiz, visit, wanted
from app.tour.dealing import label_cards, mixed_cards
from app.tour.drawing import ecgs_of
from app.tour.quiz import Card, Question
from app.tour.visit import Visit
from engine.ecg import Ecg
from review_db.analysis.proportions import wilson

GAME = N_("This is a game. It is not part of any study, nothing is stored.")
READERS = N_("If you are about to read in a study, play afterwards: the answers here would train you.")
NO_REAL = N_(
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
    question = quiz.real_or_synthetic() if here.with_real else quiz.asked_for(here.repertoire.asked_for)
    table = Table(question, cards, visit.answers()[: len(cards)])
    if table.is_over and not visit.is_told():
        _show_score(table)
    else:
        _show_card(table, len(table.answers) - visit.is_told(), here)


def _cards(here: Visit) -> Sequence[Card] | None:
    seed = visit.game_seed(here)
    task = wanted.several(wanted.game(here.repertoire, seed, here.with_real))
    status = outcome(here.generation, "tour-game", task, _("Drawing the ECGs of the game"))
    if status is None or status.answer is None:
        return None
    language = visitor.code()
    return _dealt(seed, here.repertoire.generator, here.with_real, language, here, ecgs_of(status.answer))


@st.cache_resource(show_spinner=False, max_entries=32)
def _dealt(
    seed: int, generator: str, with_real: bool, language: str, _here: Visit, _drawn: Sequence[Ecg]
) -> tuple[Card, ...]:
    """Kept outside the session, which is asked for at every click; with words in a language."""
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
        of_how_many, so_far = (
            _("ECG {number} of {ecgs}"),
            _("ECG {number} of {ecgs} · {right} of {answers} right so far"),
        )
        numbers = {"number": at + 1, "ecgs": len(table.cards), "right": table.right, "answers": len(table.answers)}
        st.caption((so_far if table.answers else of_how_many).format(**numbers))
        if card.stated:
            finding = _("Stated finding:")
            st.markdown(f"{finding} **{card.stated}**")
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
    said = _("You said: {answer}.").format(answer=table.question.answers[given].lower())
    show(f"**{_(verdict)}** {said} {card.told}")
    words = _("Your score") if table.is_over else _("Next ECG")
    st.button(words, key="tour-next-ecg", type="primary", shortcut="Enter", on_click=visit.go_on)


def _small_print(here: Visit) -> None:
    st.caption(_(GAME))
    if here.with_real:
        source = _("Real ECGs: {source}.").format(source=", ".join(PTBXL_CREDIT))
        st.caption(f"{source} {_(READERS)}")
    else:
        st.caption(_(NO_REAL))


def _show_score(table: Table) -> None:
    n = len(table.cards)
    with st.container(key="tour-score", gap="medium"):
        st.subheader(quiz.verdict_words(table.right, n), anchor=False)
        share = wilson(table.right, n)
        st.markdown(quiz.interval_words(share.low, share.high, n))
        marks = ["✓" if card.truth == given else "✗" for card, given in zip(table.cards, table.answers, strict=True)]
        st.markdown("  ".join(f"{at}\u00a0{mark}" for at, mark in enumerate(marks, 1)))
        st.button(_("Play again with other ECGs"), icon=":material/replay:", on_click=visit.play_again)
        st.caption(_(GAME))
