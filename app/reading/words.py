"""What a reader is told about a study: instructions, practice, breaks, feedback, leaving.

Knows: how the rules of a study and an answer sound in words, in the language of the visitor.
Does not know: Streamlit, the store; nothing of the truth, but what feedback on practice says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from app.language.words import N_, decimal, ngettext
from app.language.words import gettext as _
from app.reading.answering import (
    BOTH_KEY,
    LARGE_KEY,
    Question,
    main_question,
    plausibility_questions,
    reason_question,
    step_words,
)
from review_db.blinded import BlindedItem, Feedback, Reading, Rules, Score
from review_db.model import Origin
from review_db.protocol import Design
from review_db.scales import Answer

WHAT_IS_SHOWN: Mapping[Design, str] = MappingProxyType(
    {
        Design.SINGLE: N_(
            "You will see **{total} twelve-lead ECGs**, one at a time. Some may be recordings of patients, others may "
            "come from a computer; how many of each is not told."
        ),
        Design.PAIRS: N_(
            "You will see **{total} pairs of twelve-lead ECGs**, A and B, that are said to show the same. As a rule "
            "one is the recording of a patient and the other comes from a computer."
        ),
        Design.GRADED: N_(
            "You will see **{total} twelve-lead ECGs**, one at a time. Some may be recordings of patients, others may "
            "come from a computer."
        ),
    }
)
HOW_TO_ANSWER: Mapping[Design, str] = MappingProxyType(
    {
        Design.SINGLE: N_(
            "Six steps from certainly real to certainly synthetic. There is no middle: please commit yourself."
        ),
        Design.PAIRS: N_("Six steps from certainly A to certainly B. There is no middle: please commit yourself."),
        Design.GRADED: N_(
            "Four classes from unusable to good, as you would grade a recording that you have to report."
        ),
    }
)
HOW_IT_IS_DRAWN = N_(
    "All are first drawn at 25 mm/s and 10 mm/mV; the menu Format below changes that for all of them. Above them "
    "stands the finding that they are said to show."
)
HOW_TO_COMPARE = N_(
    "Both ECGs of a pair are drawn to the same scale. Key `{large}` shows one of them large, and again `{large}` the "
    "other one in its place; `{both}` shows both."
)
HOW_IT_GOES_ON = N_(
    "`Enter` goes on. You can change your last answer, but no older one. You can pause, or close the page and come "
    "back with the same link at any time and on any device: you continue where you were. While the study is open "
    "nobody is told which ECG was what."
)


HOW_TO_MEASURE = N_(
    "Calipers: `I` for time, `V` for amplitude, `9` marches the time out, `0` is a lens, `Esc` clears. Arrow "
    "keys move an end, the mouse or a finger drags it."
)


def instructions(reading: Reading) -> str:
    """The page before the first ECG, as Markdown."""
    rules = reading.rules
    shown = _(WHAT_IS_SHOWN[rules.design]).format(total=reading.total)
    lines = "\n".join(f"- {line}" for line in _asked(rules))
    parts = [
        f"{shown} {_(HOW_IT_IS_DRAWN)}",
        _("Each time you are asked:") + f"\n\n{lines}",
        _(HOW_TO_COMPARE).format(large=LARGE_KEY, both=BOTH_KEY) if rules.design is Design.PAIRS else "",
        _(HOW_TO_MEASURE),
        " ".join(_rules_in_words(reading)),
        _(HOW_IT_GOES_ON),
    ]
    return "\n\n".join(part for part in parts if part)


def _asked(rules: Rules) -> Iterable[str]:
    main = main_question(rules.design)
    keys = _("Keys {keys}.").format(keys=_keys(main))
    yield f"**{main.words}** {_(HOW_TO_ANSWER[rules.design])} {keys}"
    if rules.asks_plausibility:
        yield _asked_plausibility(*plausibility_questions(rules.design))
    if rules.asks_reasons:
        yield f"**{reason_question(rules.design)}** " + _("As many reasons as you like, or none.")
    if rules.asks_comment:
        yield _("A comment, if you like.")


def _asked_plausibility(question: Question, beside: Question | None = None) -> str:
    if beside is None:
        return f"**{question.words}** " + _("Five steps. Keys {keys}.").format(keys=_keys(question))
    words = _("**Does each of them show the stated finding?** Five steps. Keys {a} for A, {b} for B.")
    return words.format(a=_keys(question), b=_keys(beside))


def _rules_in_words(reading: Reading) -> Iterable[str]:
    rules = reading.rules
    if reading.practice_total:
        yield _(
            "You begin with **{practice}**: after each you are told what was what, and these answers do not count."
        ).format(practice=practice_count(reading.practice_total, rules))
    if rules.maximum_view_seconds is not None:
        yield _(
            "You can look for **{seconds} s** each time; then the ECG disappears, and you can still answer."
        ).format(seconds=decimal(rules.maximum_view_seconds))
    if rules.minimum_view_seconds > 1:
        words = _("Look for at least {seconds} s before you answer.")
        yield words.format(seconds=decimal(rules.minimum_view_seconds))
    if rules.shows_measurements:
        yield _("Below each ECG stand measurements by a computer; a dash stands for what the signal does not carry.")
    if rules.keeps_calipers:
        yield _("What you measure with the calipers is stored with your answer.")
    if rules.break_every is not None:
        yield _("After every {ecgs} a break is suggested.").format(ecgs=count(rules.break_every, rules))


def count(number: int, rules: Rules) -> str:
    """A number of ECGs, or of pairs: "3 ECGs"."""
    if rules.design is Design.PAIRS:
        return ngettext("{number} pair", "{number} pairs", number).format(number=number)
    return ngettext("{number} ECG", "{number} ECGs", number).format(number=number)


def practice_count(number: int, rules: Rules) -> str:
    """The same of practice: "3 practice ECGs"."""
    if rules.design is Design.PAIRS:
        return ngettext("{number} practice pair", "{number} practice pairs", number).format(number=number)
    return ngettext("{number} practice ECG", "{number} practice ECGs", number).format(number=number)


def _keys(question: Question) -> str:
    return " ".join(f"`{key}`" for key in question.keys.values())


def now_it_counts(reading: Reading) -> str:
    """After practice, before the first ECG that counts."""
    return _(
        "Practice is over. From here on your answers count: {ecgs}, and nobody is told which ECG was what while the "
        "study is open."
    ).format(ecgs=count(reading.total, reading.rules))


def break_words(reading: Reading) -> str:
    """When a break is due."""
    left = reading.total - reading.answered
    read = ngettext(
        "You have read {read} of {total}; {left} is left.", "You have read {read} of {total}; {left} are left.", left
    )
    rest = _(
        "This is a good moment to rest your eyes. The clock stands still, and you can also close the page and come "
        "back later."
    )
    return f"{read.format(read=reading.answered, total=reading.total, left=left)} {rest}"


def feedback_words(feedback: Feedback, given: Answer) -> tuple[str, str]:
    """What the practice ECG was, and what the reader had said of it."""
    words = step_words(given)
    return _truth(feedback), _("You said: {answer}.").format(answer=words[:1].lower() + words[1:])


def _truth(feedback: Feedback) -> str:
    if feedback.beside is None:
        return _("It was synthetic.") if feedback.shown is Origin.SYNTHETIC else _("It was real.")
    if feedback.shown is feedback.beside:
        return _("Both were synthetic.") if feedback.shown is Origin.SYNTHETIC else _("Both were real.")
    return _("A was synthetic.") if feedback.shown is Origin.SYNTHETIC else _("B was synthetic.")


def right_to_leave(erases: bool) -> str:
    """What the page of the consent text adds to it."""
    if erases:
        return _(
            "You can leave the study at any time; then your answers so far, what you said about yourself and your name "
            "are erased."
        )
    return _("You can leave the study at any time; then your answers so far are kept and stay in the study.")


def score_words(score: Score) -> str:
    """How a reader did, after the unblinding."""
    return _(
        "The study is closed and unblinded. You were right in {right} of {told}; guessing gives {guessed} on average. "
        "Thank you for reading."
    ).format(right=score.right, told=score.told, guessed=decimal(score.told / 2))


def what_leaving_does(erases: bool) -> str:
    """Before a reader leaves for good."""
    becomes = (
        _("Your answers so far, what you said about yourself and your name are erased.")
        if erases
        else _("Your answers so far are kept and stay in the study.")
    )
    final = _("Your link stops working, and this cannot be undone. To go on later, just pause instead.")
    return f"{becomes} {final}"


def next_words(item: BlindedItem) -> str:
    """What the button says that sends an answer."""
    if item.is_practice:
        return _("See what it was")
    if item.position == item.total:
        return _("Finish")
    return _("Next pair") if item.rules.design is Design.PAIRS else _("Next ECG")
