"""The sentences about a study's protocol in the language of the visitor.

Knows: the sentences of `review_db.protocol_words`, which the report has too and which are English there; they are
recognised by their words. Does not know: which of them a study's protocol says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from app.language.recognised import said
from app.language.words import N_, decimal, ngettext
from app.wording import numerals
from review_db.protocol import Design, StudyProtocol
from review_db.protocol_words import sentences

SENTENCES = (
    N_("One ECG at a time: real or synthetic, in six steps."),
    N_("A real and a synthetic ECG side by side: which is the synthetic one, in six steps."),
    N_("One ECG at a time: how good is it as a clinical recording, in four classes."),
    N_("Asked besides: does the ECG show the stated finding?"),
    N_("The plausibility of the stated finding is not asked."),
    N_("Reasons are not asked."),
    N_("Asked besides: what was poor."),
    N_("Asked besides: what gave it away."),
    N_("Comments can be left."),
    N_("No comments."),
    N_("Readers are not asked to agree to anything."),
    N_("Readers agree to a text of {length} before they read."),
    N_("Who withdraws has their answers erased."),
    N_("Answers of readers who withdraw are kept."),
    N_("Readers give specialty, years and ECGs per week."),
    N_("Readers are not asked who they are."),
    N_("No practice."),
    N_("{number} for practice first, with feedback, not counted."),
    N_("Each reader reads everything."),
    N_("Each reader reads {number}, in balanced blocks."),
    N_("Nothing is shown twice."),
    N_("{number} shown twice, for the agreement of readers with themselves."),
    N_("At least {number} presentations between both readings of one."),
    N_("No catch pairs."),
    N_("{number} of two ECGs of one origin."),
    N_("Never more than {number} of one origin in a row, where that is possible."),
    N_("Each is looked at for at least {seconds} s."),
    N_("ECGs stay as long as the reader wants."),
    N_("After {seconds} s the ECG disappears; it can still be answered."),
    N_("No breaks are suggested."),
    N_("A break is suggested after every {number}."),
    N_("What readers measure with the calipers is kept with the ECG."),
    N_("What readers measure with the calipers is not kept."),
    N_(
        "Below each ECG stand its heart rate, PR, QRS, QT, QTc and axes, measured alike in all arms when the study was "
        "composed. The leak audit looks at which of them are missing, and not at their values, which may tell readers "
        "something of the arm."
    ),
    N_("No measurements are shown."),
    N_("After closing, readers see how they did."),
    N_("Readers do not see how they did."),
    N_("Registered margin: equivalence means an AUC of 0.5 ± {margin}."),
    N_("Registered margin: equivalence means an accuracy of 50 % ± {margin} points."),
    N_("Level of the tests: {alpha}."),
    N_(
        "Decided by an analysis of variance with readers and ECGs random, if every reader reads everything and three "
        "or more do; else by the wider one of the exact interval and that by bootstrap of readers and ECGs."
    ),
    N_("Decided by a bootstrap of readers and ECGs."),
    N_("The leak audit: an AUC above {threshold} needs a written reason to open the study."),
)
VERSIONS = (N_("Version of the consent text: {version}."),)
COUNTED: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "ECG": lambda n: ngettext("{number} ECG", "{number} ECGs", n),
        "pair": lambda n: ngettext("{number} pair", "{number} pairs", n),
        "catch pair": lambda n: ngettext("{number} catch pair", "{number} catch pairs", n),
        "word": lambda n: ngettext("{number} word", "{number} words", n),
    }
)
_COUNTED = re.compile(rf"([\d,]+) ({'|'.join(COUNTED)})s?")


def protocol_sentences(protocol: StudyProtocol) -> list[str]:
    """The design, the registered plan, and what else differs from the default, a sentence each."""
    return [in_words(sentence) for sentence in sentences(protocol)]


def in_words(sentence: str) -> str:
    """One of the sentences of `review_db.protocol_words`."""
    return said(said(sentence, VERSIONS), SENTENCES, _value)


def shown_words(number: int, design: Design) -> str:
    """So many presentations: "40 ECGs" or "20 pairs"."""
    words = COUNTED["pair" if design is Design.PAIRS else "ECG"](number)
    return words.format(number=decimal(number, ","))


def _value(words: str) -> str:
    """A value: "20 pairs" or a number."""
    found = _COUNTED.fullmatch(words)
    if found is None:
        return numerals(words)
    return COUNTED[found[2]](int(found[1].replace(",", ""))).format(number=numerals(found[1]))
