"""Sentences of rooms that know no languages, recognised by their words and said in the language of the visitor.

Knows: how a sentence with values in it is found in a text. Does not know: which sentences there are; each room of
screens lists those that it shows (`app.study.refusals`, `app.records.reasons` and others).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, partial

from app.language.words import gettext as _

Say = Callable[[str], str]
SENTENCES_IN = frozenset({"reason", "name", "records"})  # "Ada B. Smith" looks like two


def said(words: str, sentences: Iterable[str], value: Say = str) -> str:
    """A text with those of these sentences that occur in it in the visitor's language; the rest stays as it is.

    sentences: as N_ marks them. value: says what stands in the place of a {value}. A value does not go on behind the
    end of a sentence, save for those that may be sentences themselves (SENTENCES_IN).
    """
    for sentence in (one for one in sentences if _longest_part(one) in words):
        words = _pattern(sentence).sub(partial(_again, sentence, value), words)
    return words


def _again(sentence: str, value: Say, found: re.Match[str]) -> str:
    return _(sentence).format(**{name: value(of) for name, of in found.groupdict().items()})


@cache
def _longest_part(sentence: str) -> str:
    """Of what stands between its values: most texts lack it, and a search for it is quick."""
    return max(re.split(r"{\w+}", sentence), key=len)


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    """A sentence with anything in the place of its values, between spaces or at an end of the text."""
    anything = re.sub(r"\\{(\w+)\\}", lambda found: _value(found[1]), re.escape(sentence))
    return re.compile(rf"(?<!\S){anything}(?!\S)", re.DOTALL)


def _value(name: str) -> str:
    return f"(?P<{name}>.+)" if name in SENTENCES_IN else rf"(?P<{name}>(?:(?!\. [A-Z]).)+?)"
