"""The answer that a reader is giving: the questions, their keys, what is chosen so far, what is missing.

Knows: which questions a study asks, their words, their steps as keys; under which name an answer will be stored.
Does not know: Streamlit, the store, anything about the ECGs but the random code of their presentation.

Words are the visitor's, in their language; steps and reasons are stored as `review_db.scales` names them.

In pairs the screen says A and B where the scale says left and right: in a narrow window they stand one above the other.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from app.language.words import N_
from app.language.words import gettext as _
from review_db.blinded import LastAnswer, Rules, Submission
from review_db.protocol import Design
from review_db.scales import Answer, Choice, Grade, Plausibility, Reason, Scale, Verdict

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
        Design.SINGLE: N_("Is this ECG real or synthetic?"),
        Design.PAIRS: N_("Which ECG is the synthetic one?"),
        Design.GRADED: N_("How good is this ECG as a clinical recording?"),
    }
)
REASON_QUESTIONS: Mapping[Design, str] = MappingProxyType(
    {
        Design.SINGLE: N_("What gave it away?"),
        Design.PAIRS: N_("What gave it away?"),
        Design.GRADED: N_("What makes it look poor?"),
    }
)
STEP_WORDS: Mapping[type[Scale], tuple[str, ...]] = MappingProxyType(
    {
        Verdict: (
            N_("Certainly real"),
            N_("Probably real"),
            N_("Possibly real"),
            N_("Possibly synthetic"),
            N_("Probably synthetic"),
            N_("Certainly synthetic"),
        ),
        Choice: (
            N_("Certainly A"),
            N_("Probably A"),
            N_("Possibly A"),
            N_("Possibly B"),
            N_("Probably B"),
            N_("Certainly B"),
        ),
        Grade: (N_("Unusable"), N_("Poor"), N_("Acceptable"), N_("Good")),
        Plausibility: (
            N_("Implausible"),
            N_("Rather implausible"),
            N_("Undecided"),
            N_("Rather plausible"),
            N_("Plausible"),
        ),
    }
)
REASON_WORDS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.P_WAVE: N_("P wave"),
        Reason.QRS: N_("QRS"),
        Reason.ST_T: N_("ST-T"),
        Reason.RHYTHM: N_("Rhythm"),
        Reason.BASELINE: N_("Baseline"),
        Reason.NOISE: N_("Noise"),
        Reason.AMPLITUDE: N_("Amplitude"),
        Reason.OTHER: N_("Other"),
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
        keys = tuple(self.keys.values())
        return _("{first} to {last}").format(first=keys[0], last=keys[-1])


def main_question(design: Design) -> Question:
    """The question of a design, with the keys 1, 2, 3 ..."""
    return Question("verdict", _(MAIN_QUESTIONS[design]), {step: str(int(step)) for step in design.scale})


def plausibility_questions(design: Design) -> tuple[Question, ...]:
    """Does each ECG show what it is said to show?"""
    if design.ecgs == 1:
        return (_plausibility("plausibility", _("Does it show the stated finding?"), PLAUSIBILITY_KEYS),)
    return (
        _plausibility("plausibility", _("Does A show the stated finding?"), PLAUSIBILITY_KEYS),
        _plausibility("plausibility_beside", _("Does B show the stated finding?"), BESIDE_KEYS),
    )


def _plausibility(about: str, words: str, keys: str) -> Question:
    return Question(about, words, dict(zip(Plausibility, keys, strict=True)))


def reason_question(design: Design) -> str:
    """The question above the reasons."""
    return _(REASON_QUESTIONS[design])


def questions(rules: Rules) -> tuple[Question, ...]:
    """All scales that a study asks for, in the order of the screen."""
    asked = plausibility_questions(rules.design) if rules.asks_plausibility else ()
    return (main_question(rules.design), *asked)


def step_words(step: Scale) -> str:
    """As a button says it: "Probably real", "Certainly A"."""
    return _(STEP_WORDS[type(step)][step - 1])


def reason_words(reason: Reason) -> str:
    """As a button says it: "P wave", "Rhythm"."""
    return _(REASON_WORDS[reason])


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
        words = _("Still to be answered: {question} Keys {keys}.")
        return words.format(question=unanswered[0].words, keys=unanswered[0].span)

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
