"""The answer that a reader is giving: the questions, their keys, what is chosen so far, what is missing.

Knows: which questions a study asks, their words, their steps as keys; under which name an answer will be stored.
Does not know: Streamlit, the store, anything about the ECGs but the random code of their presentation.

In pairs the screen says A and B where the scale says left and right: in a narrow window they stand one above the other.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from review_db.blinded import LastAnswer, Rules, Submission
from review_db.protocol import Design
from review_db.scales import Answer, Plausibility, Reason, Scale

# Streamlit keeps C and R for itself. A to G and H to L lie side by side on most keyboards.
PLAUSIBILITY_KEYS = "ASDFG"
BESIDE_KEYS = "HJKLM"
REASON_KEYS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.P_WAVE: "W",
        Reason.QRS: "Q",
        Reason.ST_T: "T",
        Reason.RHYTHM: "Y",
        Reason.BASELINE: "B",
        Reason.NOISE: "N",
        Reason.AMPLITUDE: "E",
        Reason.OTHER: "O",
    }
)
PAUSE_KEY, CHANGE_KEY = "P", "U"
BOTH_KEY, LARGE_KEY = "Z", "X"

MAIN_QUESTIONS: Mapping[Design, str] = MappingProxyType(
    {
        Design.SINGLE: "Is this ECG real or synthetic?",
        Design.PAIRS: "Which ECG is the synthetic one?",
        Design.GRADED: "How good is this ECG as a clinical recording?",
    }
)
REASON_QUESTIONS: Mapping[Design, str] = MappingProxyType(
    {
        Design.SINGLE: "What gave it away?",
        Design.PAIRS: "What gave it away?",
        Design.GRADED: "What makes it look poor?",
    }
)


@dataclass(frozen=True)
class Question:
    """One scale as the screen asks it. `about` is the field of `Draft` that its answer goes to."""

    about: str
    words: str
    keys: Mapping[Scale, str]

    @property
    def span(self) -> str:
        """Its keys in short: "1 to 6"."""
        first, *_, last = self.keys.values()
        return f"{first} to {last}"


def main_question(design: Design) -> Question:
    """The question of a design, with the keys 1, 2, 3 ..."""
    return Question("verdict", MAIN_QUESTIONS[design], {step: str(int(step)) for step in design.scale})


def plausibility_questions(design: Design) -> tuple[Question, ...]:
    """Does each ECG show what it is said to show?"""
    if design.ecgs == 1:
        return (_plausibility("plausibility", "it", PLAUSIBILITY_KEYS),)
    return (
        _plausibility("plausibility", "A", PLAUSIBILITY_KEYS),
        _plausibility("plausibility_beside", "B", BESIDE_KEYS),
    )


def _plausibility(about: str, ecg: str, keys: str) -> Question:
    return Question(about, f"Does {ecg} show the stated finding?", dict(zip(Plausibility, keys, strict=True)))


def questions(rules: Rules) -> tuple[Question, ...]:
    """All scales that a study asks for, in the order of the screen."""
    asked = plausibility_questions(rules.design) if rules.asks_plausibility else ()
    return (main_question(rules.design), *asked)


def step_words(step: Scale) -> str:
    """As a button says it: "Probably real", "Certainly A"."""
    return step.wording.capitalize().replace("left", "A").replace("right", "B")


def reason_words(reason: Reason) -> str:
    """As a button says it: "P wave", "Rhythm"."""
    return reason[:1].upper() + reason[1:]


def _new_name() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True)
class Draft:
    """An answer in the making. Its `submission_id` is made once, so that sending it twice stores it once."""

    presentation: str
    verdict: Answer | None = None
    plausibility: Plausibility | None = None
    plausibility_beside: Plausibility | None = None
    reasons: frozenset[Reason] = frozenset()
    submission_id: str = field(default_factory=_new_name)

    @classmethod
    def of(cls, answer: LastAnswer) -> Draft:
        """The draft of a correction: begins with the answer as it stands."""
        return cls(
            answer.item.presentation,
            answer.verdict,
            answer.plausibility,
            answer.plausibility_beside,
            frozenset(answer.reasons),
        )

    def chosen(self, question: Question) -> Scale | None:
        """The step chosen so far."""
        step: Scale | None = getattr(self, question.about)
        return step

    def choosing(self, question: Question, step: Scale) -> Draft:
        """The same answer with another step of one of its scales."""
        return replace(self, **{question.about: step})

    def toggling(self, reason: Reason) -> Draft:
        """The same answer with this reason more, or less."""
        return replace(self, reasons=self.reasons ^ {reason})

    def what_is_missing(self, rules: Rules) -> str | None:
        """A sentence if the answer is not complete yet."""
        unanswered = [question for question in questions(rules) if self.chosen(question) is None]
        if not unanswered:
            return None
        return f"Still to be answered: {unanswered[0].words} Keys {unanswered[0].span}."

    def submission(self, comment: str) -> Submission:
        """The answer as the store takes it; it must be complete."""
        assert self.verdict is not None
        return Submission(
            self.presentation,
            self.verdict,
            self.plausibility,
            comment,
            self.submission_id,
            tuple(reason for reason in Reason if reason in self.reasons),
            self.plausibility_beside,
        )
