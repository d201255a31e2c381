"""What a reader is told about a study: instructions, practice, breaks, feedback, leaving.

Knows: how the rules of a study and an answer sound in words. Pure text.
Does not know: Streamlit, the store; nothing of the truth, but what feedback on practice says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from app.reading.answering import (
    BOTH_KEY,
    LARGE_KEY,
    REASON_QUESTIONS,
    Question,
    main_question,
    plausibility_questions,
    step_words,
)
from review_db.blinded import BlindedItem, Feedback, Reading, Rules, Score
from review_db.model import Origin
from review_db.protocol import Design
from review_db.scales import Answer

WHAT_IS_SHOWN: Mapping[Design, str] = MappingProxyType(
    {
        Design.SINGLE: "**{total} twelve-lead ECGs**, one at a time. Some may be recordings of patients, others may "
        "come from a computer; how many of each is not told.",
        Design.PAIRS: "**{total} pairs of twelve-lead ECGs**, A and B, that are said to show the same. As a rule one "
        "is the recording of a patient and the other comes from a computer.",
        Design.GRADED: "**{total} twelve-lead ECGs**, one at a time. Some may be recordings of patients, others may "
        "come from a computer.",
    }
)
HOW_TO_ANSWER: Mapping[Design, str] = MappingProxyType(
    {
        Design.SINGLE: "Six steps from certainly real to certainly synthetic. There is no middle: please commit "
        "yourself.",
        Design.PAIRS: "Six steps from certainly A to certainly B. There is no middle: please commit yourself.",
        Design.GRADED: "Four classes from unusable to good, as you would grade a recording that you have to report.",
    }
)
HOW_TO_COMPARE = (
    f"Both ECGs of a pair are drawn to the same scale. Key `{LARGE_KEY}` shows one of them large, and again "
    f"`{LARGE_KEY}` the other one in its place; `{BOTH_KEY}` shows both."
)
HOW_IT_GOES_ON = (
    "`Enter` goes on. You can change your last answer, but no older one. You can pause, or close the page and come "
    "back with the same link at any time and on any device: you continue where you were. While the study is open "
    "nobody is told which ECG was what."
)


HOW_TO_MEASURE = (
    "Calipers: `I` for time, `V` for amplitude, `9` marches the time out, `0` is a lens, `Esc` clears. Arrow "
    "keys move an end, the mouse or a finger drags it."
)


def instructions(reading: Reading) -> str:
    """The page before the first ECG, as Markdown."""
    rules = reading.rules
    shown = WHAT_IS_SHOWN[rules.design].format(total=reading.total)
    lines = "\n".join(f"- {line}" for line in _asked(rules))
    parts = [
        f"You will see {shown} All are first drawn at 25 mm/s and 10 mm/mV; the menu Format below changes that for all "
        "of them. Above them stands the finding that they are said to show.",
        f"Each time you are asked:\n\n{lines}",
        HOW_TO_COMPARE if rules.design is Design.PAIRS else "",
        HOW_TO_MEASURE,
        " ".join(_rules_in_words(reading)),
        HOW_IT_GOES_ON,
    ]
    return "\n\n".join(part for part in parts if part)


def _asked(rules: Rules) -> Iterable[str]:
    main = main_question(rules.design)
    yield f"**{main.words}** {HOW_TO_ANSWER[rules.design]} Keys {_keys(main)}."
    if rules.asks_plausibility:
        asked = plausibility_questions(rules.design)
        which = "it" if len(asked) == 1 else "each of them"
        keys = "; ".join(map(_keys, asked)) if len(asked) == 1 else f"{_keys(asked[0])} for A, {_keys(asked[1])} for B"
        yield f"**Does {which} show the stated finding?** Five steps. Keys {keys}."
    if rules.asks_reasons:
        yield f"**{REASON_QUESTIONS[rules.design]}** As many reasons as you like, or none."
    if rules.asks_comment:
        yield "A comment, if you like."


def _rules_in_words(reading: Reading) -> Iterable[str]:
    rules = reading.rules
    if reading.practice_total:
        yield (
            f"You begin with **{count(reading.practice_total, 'practice', rules)}**: after each you are told what was "
            "what, and these answers do not count."
        )
    if rules.maximum_view_seconds is not None:
        yield (
            f"You can look for **{rules.maximum_view_seconds:g} s** each time; then the ECG disappears, and you can "
            "still answer."
        )
    if rules.minimum_view_seconds > 1:
        yield f"Look for at least {rules.minimum_view_seconds:g} s before you answer."
    if rules.break_every is not None:
        yield f"After every {count(rules.break_every, '', rules)} a break is suggested."


def count(number: int, kind: str, rules: Rules) -> str:
    """A number of ECGs, or of pairs: "3 practice ECGs"."""
    noun = ("pair" if rules.design is Design.PAIRS else "ECG") + ("" if number == 1 else "s")
    return " ".join(word for word in (str(number), kind, noun) if word)


def _keys(question: Question) -> str:
    return " ".join(f"`{key}`" for key in question.keys.values())


def now_it_counts(reading: Reading) -> str:
    """After practice, before the first ECG that counts."""
    return (
        f"Practice is over. From here on your answers count: {count(reading.total, '', reading.rules)}, and nobody is "
        "told which ECG was what while the study is open."
    )


def break_words(reading: Reading) -> str:
    """When a break is due."""
    left = reading.total - reading.answered
    return (
        f"You have read {reading.answered} of {reading.total}; {left} {'is' if left == 1 else 'are'} left. This is a "
        "good moment to rest your eyes. The clock stands still, and you can also close the page and come back later."
    )


def feedback_words(feedback: Feedback, given: Answer) -> tuple[str, str]:
    """What the practice ECG was, and what the reader had said of it."""
    words = step_words(given)
    return _truth(feedback), f"You said: {words[:1].lower()}{words[1:]}."


def _truth(feedback: Feedback) -> str:
    if feedback.beside is None:
        return f"It was {feedback.shown}."
    if feedback.shown is feedback.beside:
        return f"Both were {feedback.shown}."
    return f"{'A' if feedback.shown is Origin.SYNTHETIC else 'B'} was synthetic."


def right_to_leave(erases: bool) -> str:
    """What the page of the consent text adds to it."""
    return f"You can leave the study at any time; then {_what_becomes_of_answers(erases)}."


def score_words(score: Score) -> str:
    """How a reader did, after the unblinding."""
    return (
        f"The study is closed and unblinded. You were right in {score.right} of {score.told}; guessing gives "
        f"{score.told / 2:g} on average. Thank you for reading."
    )


def what_leaving_does(erases: bool) -> str:
    """Before a reader leaves for good."""
    becomes = _what_becomes_of_answers(erases)
    return (
        f"{becomes[:1].upper()}{becomes[1:]}. Your link stops working, and this cannot be undone. To go on later, just "
        "pause instead."
    )


def _what_becomes_of_answers(erases: bool) -> str:
    if erases:
        return "your answers so far, what you said about yourself and your name are erased"
    return "your answers so far are kept and stay in the study"


def next_words(item: BlindedItem) -> str:
    """What the button says that sends an answer."""
    if item.is_practice:
        return "See what it was"
    if item.position == item.total:
        return "Finish"
    return "Next pair" if item.rules.design is Design.PAIRS else "Next ECG"
