"""The phrases that stand for statements, from assets/label_synonyms.toml: what each means and how it is found.

Knows: the grammar of that file, words and their spelling.  Does not know: sentences, negation (engine.label_reach).
A phrase is compiled to a regular expression over words joined by one space, so a match starts and ends with a word.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from engine.labels import LabelSet, ptbxl_statements

SYNONYMS = Path(__file__).parent.parent / "assets" / "label_synonyms.toml"
# A word with its ending in brackets, such as "contraction(s)", is one word; a number such as 4.46 or 2:1 too.
_WORD = re.compile(r"\d+(?:[.:]\d+)+|(?:[^\W_]|[\u0300-\u036f])+(?:\([^\W_]{1,3}\))?|[.,;!/&+?\n]")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "(": "", ")": ""})
_STOP = {";": ".", "!": ".", "\n": "."}


class SynonymError(ValueError):
    """A phrase that can't be read; the message names it."""


class Meaning(StrEnum):
    """What a phrase says.  Where two phrases of one length compete, the one named first here is taken."""

    LABEL = "label"
    OFFER = "offer"  # leaves open which statement is meant
    ABSENT_BEFORE = "absent_before"  # stands before what it denies
    ABSENT_AFTER = "absent_after"
    UNCERTAIN_BEFORE = "uncertain_before"
    UNCERTAIN_AFTER = "uncertain_after"
    OR = "or"
    AND = "and"
    END = "end"  # of what a word before it reaches
    COMMA = "comma"
    UNLABELLED = "unlabelled"  # a finding that no statement names
    MODIFIER = "modifier"  # a property of a finding that no statement names: its age, its extent
    FILLER = "filler"
    UNKNOWN = "unknown"


RANK = {meaning: rank for rank, meaning in enumerate(Meaning)}


@dataclass(frozen=True)
class Word:
    """A word or punctuation mark of a text: its spelling for comparison and where it stands (start, end)."""

    spelling: str
    start: int
    end: int


@dataclass(frozen=True)
class Phrase:
    """A way of saying something.  codes: of the statements meant, the likeliest first; none for words of syntax."""

    pattern: re.Pattern[str]
    meaning: Meaning
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lexicon:
    """All phrases, and the words in them that are long enough to be corrected to."""

    phrases: tuple[Phrase, ...]
    vocabulary: frozenset[str]


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text in order."""
    return tuple(Word(_spelling(match.group()), match.start(), match.end()) for match in _WORD.finditer(text))


@cache
def lexicon() -> Lexicon:
    """The phrases of the shipped synonym list and the names of the 71 statements."""
    return read_lexicon(SYNONYMS, ptbxl_statements())


def read_lexicon(path: Path, label_set: LabelSet) -> Lexicon:
    """The phrases of a synonym list and the names of the statements.  Raises SynonymError, UnknownLabel."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    written = [*_names(label_set), *_synonyms(content, label_set), *_syntax(content)]
    lists = content["lists"]
    phrases = tuple(Phrase(_compiled(text, lists), meaning, codes) for text, meaning, codes in written)
    texts = [*(text for text, _, _ in written), *(text for texts in lists.values() for text in texts)]
    return Lexicon(phrases, frozenset(_vocabulary(texts)))


_Written = tuple[str, Meaning, tuple[str, ...]]


def _names(label_set: LabelSet) -> Iterator[_Written]:
    for statement in label_set.statements:
        names = [statement.description, statement.plain_name]
        # Two letters may be a word of another language; the list says how such a code is written.
        names += [statement.code] if len(statement.code) > 2 else []
        yield from ((_plain(name), Meaning.LABEL, (statement.code,)) for name in names)


def _synonyms(content: Mapping[str, Any], label_set: LabelSet) -> Iterator[_Written]:
    for code, texts in [*content["label"].items(), *_placed(content)]:
        label_set.index(code)
        yield from ((text, Meaning.LABEL, (code,)) for text in texts)
    for offer in content["offer"]:
        codes = tuple(offer["codes"])
        label_set.select(codes)
        yield from ((text, Meaning.OFFER, codes) for text in offer["words"])


def _placed(content: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for place in content["place"].values():
        for finding, texts in content["finding"].items():
            if finding in place:
                yield place[finding], [text.replace("{place}", word) for text in texts for word in place["words"]]


def _syntax(content: Mapping[str, Any]) -> Iterator[_Written]:
    for name, texts in [*content["cue"].items(), *content["silent"].items()]:
        yield from ((text, Meaning(name), ()) for text in texts)


def _plain(text: str) -> str:
    """A name as a phrase: its punctuation is no grammar."""
    return " ".join(word.spelling for word in words_of(text))


def _compiled(text: str, lists: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
    exact = text.startswith("=")
    items = [_item(item, lists) for item in text.removeprefix("=").split()]
    body = "".join(rf"(?: {item[:-1]})?" if item.endswith("?") else f" {item}" for item in items)
    if not body:
        raise SynonymError("A phrase of the synonym list is empty.")
    # Every word brings the space before it, the first one too: the text to search starts with a space.
    return re.compile(body + r"(?!\S)", 0 if exact else re.IGNORECASE)


def _item(item: str, lists: Mapping[str, Sequence[str]]) -> str:
    """The expression for one place of a phrase; ends in ? where it may be missing."""
    optional = "?" if item.endswith("?") and len(item) > 1 else ""
    item = item.removesuffix("?") if optional else item
    if item.startswith("{"):
        return f"(?:{'|'.join(_listed(item, lists))})" + optional
    return f"(?:{'|'.join(map(_literal, item.split('|')))})" + optional


def _listed(item: str, lists: Mapping[str, Sequence[str]]) -> Iterator[str]:
    name = item.strip("{}")
    if name not in lists:
        raise SynonymError(f"The synonym list uses {item}, which is not under [lists].")
    # An expression takes the first alternative that fits, which must be the longest.
    for text in sorted(lists[name], key=len, reverse=True):
        items = [_item(part, lists) for part in text.split()]
        yield items[0] + "".join(rf"(?: {part[:-1]})?" if part.endswith("?") else f" {part}" for part in items[1:])


def _literal(written: str) -> str:
    beginning = written.endswith("*")
    spelling = " ".join(re.escape(word.spelling) for word in words_of(written.removesuffix("*")))
    if not spelling:
        raise SynonymError(f"The synonym list has {written!r}, which holds no word.")
    return spelling + (r"\w*" if beginning else "")


def _spelling(word: str) -> str:
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", word).translate(_GERMAN))
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter) and not letter.isspace())
    return _STOP.get(word, plain or "?")


def _vocabulary(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for written in re.findall(r"[^\W_]{4,}\*?", text):
            if not written.endswith("*"):
                yield _spelling(written).lower()
