"""A study's protocol in readable words: one sentence for each setting that differs from its default or is registered.

Knows: the wording, for the screens and for the report. Does not know: screens, studies, ECGs. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType

from review_db.protocol import Design, StudyProtocol

DESIGNS: Mapping[Design, str] = MappingProxyType(
    {
        Design.SINGLE: "One ECG at a time: real or synthetic, in six steps.",
        Design.PAIRS: "A real and a synthetic ECG side by side: which is the synthetic one, in six steps.",
        Design.GRADED: "One ECG at a time: how good is it as a clinical recording, in four classes.",
    }
)

_OF_ACCURACY = (
    "Decided by an analysis of variance with readers and ECGs random, if every reader reads everything and three or "
    "more do; else by the wider one of the exact interval and that by bootstrap of readers and ECGs."
)
DECIDED: Mapping[Design, str] = MappingProxyType(
    {
        Design.SINGLE: _OF_ACCURACY,
        Design.PAIRS: _OF_ACCURACY,
        Design.GRADED: "Decided by a bootstrap of readers and ECGs.",
    }
)
MEASUREMENTS_SHOWN = (
    "Below each ECG stand its heart rate, PR, QRS, QT, QTc and axes, measured alike in all arms when the study was "
    "composed. The leak audit looks at which of them are missing, and not at their values, which may tell readers "
    "something of the arm."
)


def number_words(number: int, one: str, many: str) -> str:
    """For example "1 ECG", "1,200 ECGs"."""
    return f"{number:,} {one if number == 1 else many}"


def shown_words(number: int, design: Design) -> str:
    """So many presentations: "40 ECGs" or "20 pairs"."""
    return number_words(number, "pair", "pairs") if design is Design.PAIRS else number_words(number, "ECG", "ECGs")


def _reasons(protocol: StudyProtocol) -> str:
    if not protocol.asks_reasons:
        return "Reasons are not asked."
    return f"Asked besides: {'what was poor' if protocol.design is Design.GRADED else 'what gave it away'}."


def _per_reader(protocol: StudyProtocol) -> str:
    if protocol.items_per_reader is None:
        return "Each reader reads everything."
    return f"Each reader reads {shown_words(protocol.items_per_reader, protocol.design)}, in balanced blocks."


def _practice(protocol: StudyProtocol) -> str:
    if not protocol.practice:
        return "No practice."
    return f"{shown_words(protocol.practice, protocol.design)} for practice first, with feedback, not counted."


def _repeats(protocol: StudyProtocol) -> str:
    if not protocol.repeats:
        return "Nothing is shown twice."
    return (
        f"{shown_words(protocol.repeats, protocol.design)} shown twice, for the agreement of readers with themselves."
    )


def _catch(protocol: StudyProtocol) -> str:
    if not protocol.catch_pairs:
        return "No catch pairs."
    return f"{number_words(protocol.catch_pairs, 'catch pair', 'catch pairs')} of two ECGs of one origin."


def _maximum(protocol: StudyProtocol) -> str:
    if protocol.maximum_view_seconds is None:
        return "ECGs stay as long as the reader wants."
    return f"After {protocol.maximum_view_seconds:g} s the ECG disappears; it can still be answered."


def _break(protocol: StudyProtocol) -> str:
    if protocol.break_every is None:
        return "No breaks are suggested."
    return f"A break is suggested after every {shown_words(protocol.break_every, protocol.design)}."


def _consent(protocol: StudyProtocol) -> str:
    if not protocol.consent:
        return "Readers are not asked to agree to anything."
    length = number_words(len(protocol.consent.split()), "word", "words")
    return f"Readers agree to a text of {length} before they read."


def _margin(protocol: StudyProtocol) -> str:
    if protocol.design is Design.GRADED:
        return f"Registered margin: equivalence means an AUC of 0.5 ± {protocol.margin:.3g}."
    return f"Registered margin: equivalence means an accuracy of 50 % ± {100 * protocol.margin:.3g} points."


def _alpha(protocol: StudyProtocol) -> str:
    return f"Level of the tests: {protocol.alpha:g}. {DECIDED[protocol.design]}"


def _either(name: str, yes: str, no: str) -> Callable[[StudyProtocol], str]:
    return lambda protocol: yes if getattr(protocol, name) else no


def _of(words: str) -> Callable[[StudyProtocol], str]:
    """A sentence with the values of fields in it."""

    def say(protocol: StudyProtocol) -> str:
        return words.format(**{field.name: getattr(protocol, field.name) for field in fields(protocol)})

    return say


# Fields of StudyProtocol, in the order in which a person reads them.
WORDS: Mapping[str, Callable[[StudyProtocol], str]] = MappingProxyType(
    {
        "design": lambda protocol: DESIGNS[protocol.design],
        "asks_plausibility": _either(
            "asks_plausibility",
            "Asked besides: does the ECG show the stated finding?",
            "The plausibility of the stated finding is not asked.",
        ),
        "asks_reasons": _reasons,
        "asks_comment": _either("asks_comment", "Comments can be left.", "No comments."),
        "consent": _consent,
        "consent_version": _of("Version of the consent text: {consent_version}."),
        "erases_on_withdrawal": _either(
            "erases_on_withdrawal",
            "Who withdraws has their answers erased.",
            "Answers of readers who withdraw are kept.",
        ),
        "asks_profile": _either(
            "asks_profile", "Readers give specialty, years and ECGs per week.", "Readers are not asked who they are."
        ),
        "practice": _practice,
        "items_per_reader": _per_reader,
        "repeats": _repeats,
        "repeat_distance": _of("At least {repeat_distance} presentations between both readings of one."),
        "catch_pairs": _catch,
        "longest_run": _of("Never more than {longest_run} of one origin in a row, where that is possible."),
        "minimum_view_seconds": _of("Each is looked at for at least {minimum_view_seconds:g} s."),
        "maximum_view_seconds": _maximum,
        "break_every": _break,
        "keeps_calipers": _either(
            "keeps_calipers",
            "What readers measure with the calipers is kept with the ECG.",
            "What readers measure with the calipers is not kept.",
        ),
        "shows_measurements": _either("shows_measurements", MEASUREMENTS_SHOWN, "No measurements are shown."),
        "shows_score_after_closing": _either(
            "shows_score_after_closing",
            "After closing, readers see how they did.",
            "Readers do not see how they did.",
        ),
        "margin": _margin,
        "alpha": _alpha,
        "leak_threshold": _of(
            "The leak audit: an AUC above {leak_threshold:g} needs a written reason to open the study."
        ),
    }
)
STANDARD = StudyProtocol()


def said(protocol: StudyProtocol) -> list[str]:
    """Names of the fields that are told, in reading order: those that differ from their default, the design, and where
    there is an accuracy the registered margin and level.
    """
    always = {"design"} if protocol.design is Design.GRADED else {"design", "margin", "alpha"}
    return [name for name in WORDS if name in always or getattr(protocol, name) != getattr(STANDARD, name)]


def sentences(protocol: StudyProtocol) -> list[str]:
    """The design, the registered plan, and what else differs from the default, a sentence each."""
    return [WORDS[name](protocol) for name in said(protocol)]
