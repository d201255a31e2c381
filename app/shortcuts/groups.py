"""The keys of each screen in words: what the sheet of shortcuts lists.

Knows: which keys a screen takes, what they do, and which part of the page has to be there for them. Does not know: how
keys are listened to (the buttons' `shortcut`, assets/sheet/keys.js), how the sheet opens (`app.shortcuts.sheet`).

A new screen with shortcuts is a function and an entry of `SCREENS`; a test names a screen that has some but no entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.display.sheet import SHORTCUTS, Shortcuts
from app.language.words import gettext as _
from app.reading import answering
from app.reading.answering import Question
from app.reading.papers import MEASURING_KEYS
from review_db.protocol import Design

ARROWS = "← →"
SIX_STEPS = ":has(.st-key-scale-verdict > :nth-child(6))"
ROOMS: Mapping[Design, str] = MappingProxyType(
    {
        Design.SINGLE: f".st-key-reading-room:has(.st-key-reading-paper){SIX_STEPS}",
        Design.PAIRS: ".st-key-reading-room:has(.st-key-reading-pair)",
        Design.GRADED: f".st-key-reading-room:has(.st-key-reading-paper):not({SIX_STEPS})",
    }
)


@dataclass(frozen=True)
class Group:
    """Keys that belong together. They are listed while `where`, a CSS selector, finds something; empty: always."""

    title: str
    keys: tuple[tuple[str, str], ...]
    where: str = ""


Groups = tuple[Group, ...]


def groups(screen: str) -> Groups:
    """What holds on a screen, its own keys first, in the visitor's language."""
    return (*SCREENS.get(screen, on_paper)(), everywhere())


def everywhere() -> Group:
    """What holds on every screen."""
    keys = (
        ("?", _("Open or close this sheet")),
        ("Tab", _("To the next field or button; with Shift to the one before")),
        ("Enter", _("Press the button, open the menu; Space does the same")),
        ("Esc", _("Close a menu or a dialog")),
    )
    return Group(_("Everywhere"), keys)


def measuring(keys: Shortcuts) -> Group:
    """The tools under a sheet."""
    tools = (
        (keys.time, _("Caliper for time: ms and beats per minute")),
        (keys.amplitude, _("Caliper for amplitude: mV")),
        (keys.march, _("March out: repeat the time across the sheet")),
        (keys.magnify, _("Lens")),
        ("← → ↑ ↓", _("Move the chosen line or lens; with Shift by a millimetre")),
        ("Esc", _("Close the menu, then put calipers and lens away")),
    )
    return Group(_("Measuring on the sheet"), tools, ".ecg-sheet")


# ------------------------------------------------------------------------------------------------------- screens


def on_paper() -> Groups:
    """A screen without keys of its own: there may be a sheet on it."""
    return (measuring(SHORTCUTS),)


def welcome() -> Groups:
    """The first page."""
    return (Group(_("Welcome"), (("Enter", _("Take the tour")),)),)


def tour() -> Groups:
    """Its steps, and its game."""
    steps = ((ARROWS, _("Back, next step")), ("Enter", _("What the step invites to do")))
    game = (("1, 2 …", _("Your answer")), ("Enter", _("Next ECG")))
    return (Group(_("The tour"), steps), Group(_("The game"), game, "[class*=st-key-tour-answer-]"), *on_paper())


def explore() -> Groups:
    """Going through what was drawn."""
    keys = ((ARROWS, _("The ECG before, the next one")),)
    two = (
        ("X", _("Swap the sides; overlaid: flick from one ECG to the other")),
        ("B", _("Let the overlaid ECGs blink")),
        ("O", _("Show both of them")),
    )
    compared = Group(_("Two ECGs compared"), two, ".st-key-explore_compare_sheets")
    return (Group(_("The drawn ECGs"), keys, ".st-key-explore_next"), compared, *on_paper())


def results() -> Groups:
    """Going through the gallery."""
    keys = ((ARROWS, _("The one before, the next one")),)
    return (Group(_("One ECG after the other"), keys, "[data-has-shortcut=true]"), *on_paper())


def read() -> Groups:
    """The questions of every design; the page lists those that it asks."""
    questions = tuple(group for design in Design for group in answers(design))
    return (*questions, two_sheets(), going_on(), measuring(MEASURING_KEYS))


def answers(design: Design) -> Groups:
    """The questions of a design."""
    asked = (answering.main_question(design), *answering.plausibility_questions(design))
    return (*(_scale(question, ROOMS[design]) for question in asked), _reasons(design))


def _scale(question: Question, room: str) -> Group:
    keys = tuple((key, answering.step_words(step)) for step, key in question.keys.items())
    return Group(question.words, keys, f"{room} .st-key-scale-{question.about}")


def _reasons(design: Design) -> Group:
    keys = tuple((key, answering.reason_words(reason)) for reason, key in answering.REASON_KEYS.items())
    return Group(_(answering.REASON_QUESTIONS[design]), keys, f"{ROOMS[design]} .st-key-scale-reasons")


def two_sheets() -> Group:
    """The views of a pair."""
    views = (
        (answering.LARGE_KEY, _("One of them large, and again the other")),
        (answering.BOTH_KEY, _("Both side by side")),
    )
    return Group(_("The two ECGs"), views, ".st-key-reading-pair")


def going_on() -> Group:
    """From one page of a reading to another."""
    keys = (
        ("Enter", _("Give the answer, or go on")),
        (answering.CHANGE_KEY, _("Change the last answer")),
        (answering.PAUSE_KEY, _("Pause: the ECG is hidden, its clock stands still")),
        ("Esc", _("Leave the last answer as it was")),
    )
    return Group(_("Going on"), keys)


SCREENS: Mapping[str, Callable[[], Groups]] = MappingProxyType(
    {"welcome": welcome, "tour": tour, "explore": explore, "read": read, "results": results}
)
