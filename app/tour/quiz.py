"""The game: eight ECGs, a question with two answers to each, half of them true for either answer; the score in words.

Knows: cards, the order by a seed, what a score means against guessing. Does not know: Streamlit, where ECGs come from.

It is no study: one person, eight ECGs, feedback after each, nothing kept.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from app.language.words import N_, decimal
from app.language.words import gettext as _
from engine.ecg import Ecg

RIGHT, WRONG = N_("Right."), N_("No.")


@dataclass(frozen=True)
class Question:
    """words with two answers; keys of the keyboard are 1 and 2."""

    words: str
    answers: tuple[str, str]


def real_or_synthetic() -> Question:
    """The question where there are real ECGs."""
    return Question(_("Is this ECG real or synthetic?"), (_("Real"), _("Synthetic")))


def asked_for(finding: str) -> Question:
    """The question where all ECGs are drawn."""
    return Question(_("Was “{finding}” asked for here?").format(finding=_(finding)), (_("Yes"), _("No")))


@dataclass(frozen=True, eq=False)
class Card:
    """ecg: harmonised. truth: which of the two answers is right, 0 or 1. told: after the answer, where it comes from.

    stated: what it is said to show, before the answer; empty where that is the question.
    """

    ecg: Ecg
    truth: int
    told: str
    stated: str = ""


def deal(cards: Sequence[Card], seed: int) -> tuple[Card, ...]:
    """The cards in an order by lot."""
    shuffled = list(cards)
    random.Random(f"tour/{seed}").shuffle(shuffled)
    return tuple(shuffled)


def right_answers(cards: Sequence[Card], answers: Sequence[int]) -> int:
    """How many of the answers so far are right."""
    return sum(card.truth == answer for card, answer in zip(cards, answers, strict=False))


def by_guessing(right: int, of: int) -> tuple[str, float]:
    """Which tail a score lies in, "more" or "less", and how often a fair coin does at least as well, or as badly."""
    if 2 * right >= of:
        return "more", sum(comb(of, k) for k in range(right, of + 1)) / 2**of
    return "less", sum(comb(of, k) for k in range(right + 1)) / 2**of


def verdict_words(right: int, of: int) -> str:
    """The score against guessing: as in "5 of 8 right. Guessing gives that or more in 36 % of tries"."""
    tail, share = by_guessing(right, of)
    percent = f"{decimal(round(100 * share, 0 if share >= 0.01 else 1))} %"
    words = (
        _("{right} of {told} right. Guessing gives that or more in {percent} of tries.")
        if tail == "more"
        else _("{right} of {told} right. Guessing gives that or less in {percent} of tries.")
    )
    return words.format(right=right, told=of, percent=percent)


def interval_words(low: float, high: float, of: int) -> str:
    """What so few answers allow to say; low and high are the ends of a 95 % interval of the share."""
    return _(
        "{ecgs} ECGs say little: somebody with this score may well be right in anything between {low} % and {high} % "
        "of all such ECGs (95 % interval, Wilson). That is why a study needs more ECGs and readers."
    ).format(ecgs=of, low=f"{100 * low:.0f}", high=f"{100 * high:.0f}")
