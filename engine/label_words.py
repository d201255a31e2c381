"""Words to labels: what a typed description or a pasted line of a report says, and what of it was not understood.

Knows: phrases (engine.label_synonyms), how far a "no" reaches (engine.label_reach), label sets.
Does not know: how frequent labels are, whether they go together (engine.label_relations), what is drawn.

Nothing is guessed: a phrase that may mean several statements is a `Choice`, misspelt words are `Unknown` and at most
suggested (`did_you_mean`), and every decision names the words that it rests on.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.label_reach import CUES, Standing, alternatives, standings
from engine.label_synonyms import RANK, Meaning, Word, lexicon, words_of
from engine.labels import LabelSet

LONGEST_TEXT = 4000  # characters; a report of PTB-XL has at most 400 or so
_LEAD_OR_NUMBER = re.compile(r"[\d.:]*\d\w{0,2}|v\d\w*", re.IGNORECASE)
_MARKS = {".": Meaning.END, ",": Meaning.COMMA}
_SILENT = {Meaning.FILLER, Meaning.MODIFIER}


class TextTooLong(ValueError):
    """More text than a report has; the message says how much is read."""


class Doubt(StrEnum):
    """Why the reader has to choose."""

    WORDING = "wording"  # the words leave open which statement is meant, or whether it is
    ALTERNATIVES = "alternatives"  # the text says "or"
    NEGATION = "negation"  # a "no" may or may not reach these words


@dataclass(frozen=True)
class Finding:
    """Words that were understood.  text[start:end] is `words`.

    codes: one, or for an absent finding all that the words cover; cue: the words that made it uncertain or absent.
    """

    words: str
    start: int
    end: int
    codes: tuple[str, ...]
    standing: Standing
    cue: str = ""


@dataclass(frozen=True)
class Choice:
    """Words that may mean any of these codes, or none; nothing is set until somebody chooses."""

    words: str
    start: int
    end: int
    codes: tuple[str, ...]
    doubt: Doubt
    cue: str = ""


@dataclass(frozen=True)
class Remark:
    """Words without a code: not understood, or understood and named by no statement."""

    words: str
    start: int
    end: int


@dataclass(frozen=True)
class Suggestion:
    """A text with misspelt words corrected, and each such word with its correction.  Nothing is corrected unasked."""

    text: str
    changes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Understood:
    """What a text says, in the order of the text.

    codes: to set, in the order of the label set, uncertain ones included; disputed ones, which the text both states
    and denies, left out.  outside: findings whose statement the label set lacks.  unlabelled: understood, but named by
    no statement (the heart's axis, the age of an infarct).
    """

    text: str
    codes: tuple[str, ...]
    findings: tuple[Finding, ...]
    choices: tuple[Choice, ...]
    outside: tuple[Finding, ...]
    unlabelled: tuple[Remark, ...]
    unknown: tuple[Remark, ...]

    @property
    def absent(self) -> tuple[Finding, ...]:
        """Findings that the text denies."""
        return tuple(finding for finding in self.findings if finding.standing is Standing.ABSENT)

    @property
    def uncertain(self) -> tuple[Finding, ...]:
        """Findings that the text calls possible, probable or the like; their codes are set."""
        return tuple(finding for finding in self.findings if finding.standing is Standing.UNCERTAIN)

    @property
    def disputed(self) -> tuple[str, ...]:
        """Codes that the text both states and denies; not set."""
        return tuple(dict.fromkeys(code for code in _codes(self.findings) if code in _denied(self.findings)))


@dataclass(frozen=True)
class _Piece:
    """A phrase of the text: words first..last, by number."""

    meaning: Meaning
    codes: tuple[str, ...]
    first: int
    last: int


def understand(text: str, label_set: LabelSet) -> Understood:
    """What a text in English, German or Swedish says in statements of the label set.  Raises TextTooLong."""
    if len(text) > LONGEST_TEXT:
        raise TextTooLong(f"At most {LONGEST_TEXT} characters are read at a time; this text has {len(text)}.")
    words = words_of(text)
    pieces = _pieces(words)
    reading = _Reading(text, words, [piece for piece in pieces if piece.meaning not in _SILENT])
    findings, choices = reading.findings(), reading.choices()
    inside = tuple(finding for finding in findings if any(code in label_set for code in finding.codes))
    offered = tuple(_within(choice, label_set) for choice in choices)
    return Understood(
        text,
        _to_set(inside, label_set),
        inside,
        tuple(choice for choice in offered if choice.codes),
        tuple(finding for finding in findings if finding not in inside),
        reading.remarks(piece for piece in pieces if piece.meaning in (Meaning.UNLABELLED, Meaning.MODIFIER)),
        reading.remarks(_runs([piece for piece in pieces if piece.meaning is Meaning.UNKNOWN] + reading.idle_cues())),
    )


def did_you_mean(understood: Understood, label_set: LabelSet) -> Suggestion | None:
    """The text with misspelt words corrected, where that leaves fewer words not understood and is not too long."""
    changes = dict(_corrections(understood))
    if len(_changed(understood.text, changes)) > LONGEST_TEXT:
        return None
    least = _not_understood(_changed(understood.text, changes), label_set)
    for word in list(changes):
        others = {other: near for other, near in changes.items() if other != word}
        if _not_understood(_changed(understood.text, others), label_set) <= least:
            changes = others
    if not changes:
        return None
    named = tuple((understood.text[word.start : word.end], near) for word, near in changes.items())
    return Suggestion(_changed(understood.text, changes), named)


def _corrections(understood: Understood) -> Iterator[tuple[Word, str]]:
    """Words that no phrase has, each with the most similar word that one has."""
    vocabulary = lexicon().vocabulary
    for word in words_of(understood.text):
        inside = any(remark.start <= word.start < remark.end for remark in understood.unknown)
        near = difflib.get_close_matches(word.spelling.lower(), sorted(vocabulary), n=1, cutoff=0.8) if inside else []
        if near and word.spelling.lower() not in vocabulary:
            yield word, near[0]


def _changed(text: str, changes: Mapping[Word, str]) -> str:
    for word in sorted(changes, key=lambda word: -word.start):  # from the end: what is before stays in place
        text = text[: word.start] + changes[word] + text[word.end :]
    return text


def _not_understood(text: str, label_set: LabelSet) -> int:
    return sum(len(words_of(remark.words)) for remark in understand(text, label_set).unknown)


@dataclass(frozen=True)
class _Reading:
    """The pieces of a text that carry sense, in order, and how each finding stands."""

    text: str
    words: tuple[Word, ...]
    pieces: list[_Piece]

    @property
    def _meanings(self) -> list[Meaning]:
        return [piece.meaning for piece in self.pieces]

    def findings(self) -> tuple[Finding, ...]:
        standing, cue_of = standings(self._meanings)
        either = {at for group in self._either(standing) for at in group}
        return tuple(
            Finding(*self._span(self.pieces[at]), self.pieces[at].codes, said, self._cue(cue_of.get(at)))
            for at, said in standing.items()
            if self.pieces[at].codes and at not in either
            if said is Standing.ABSENT or (said is not Standing.OPEN and self.pieces[at].meaning is Meaning.LABEL)
        )

    def choices(self) -> tuple[Choice, ...]:
        standing, cue_of = standings(self._meanings)
        groups = self._either(standing)
        joined = {at for group in groups for at in group}
        found = [self._choice(group, Doubt.ALTERNATIVES, cue_of) for group in groups]
        for at, said in standing.items():
            if at in joined or said is Standing.ABSENT or not self.pieces[at].codes:
                continue
            if said is Standing.OPEN:
                found.append(self._choice((at,), Doubt.NEGATION, cue_of))
            elif self.pieces[at].meaning is Meaning.OFFER:
                found.append(self._choice((at,), Doubt.WORDING, cue_of))
        return tuple(sorted(found, key=lambda choice: choice.start))

    def remarks(self, pieces: Iterable[_Piece]) -> tuple[Remark, ...]:
        return tuple(Remark(*self._span(piece)) for piece in pieces)

    def idle_cues(self) -> list[_Piece]:
        """Negations and the like that reach no finding: what they say was not understood."""
        _, cue_of = standings(self._meanings)
        used = set(cue_of.values())
        return [piece for at, piece in enumerate(self.pieces) if piece.meaning in CUES and at not in used]

    def _either(self, standing: dict[int, Standing]) -> list[tuple[int, ...]]:
        """Findings that the text gives as alternatives, unless it denies them."""
        groups = []
        for group in alternatives(self._meanings):
            codes = {code for at in group for code in self.pieces[at].codes}
            if len(codes) > 1 and all(standing[at] in (Standing.PRESENT, Standing.UNCERTAIN) for at in group):
                groups.append(group)
        return groups

    def _choice(self, group: Sequence[int], doubt: Doubt, cue_of: dict[int, int]) -> Choice:
        pieces = [self.pieces[at] for at in group]
        codes = tuple(dict.fromkeys(code for piece in pieces for code in piece.codes))
        whole = _Piece(Meaning.OFFER, codes, pieces[0].first, pieces[-1].last)
        return Choice(*self._span(whole), codes, doubt, self._cue(cue_of.get(group[0])))

    def _cue(self, at: int | None) -> str:
        return "" if at is None else self._span(self.pieces[at])[0]

    def _span(self, piece: _Piece) -> tuple[str, int, int]:
        start, end = self.words[piece.first].start, self.words[piece.last].end
        return self.text[start:end], start, end


def _pieces(words: Sequence[Word]) -> list[_Piece]:
    """The whole text as phrases: the longest first, then what is left word by word."""
    taken: dict[int, _Piece] = {}
    for piece in sorted(_matches(words), key=lambda p: (p.first - p.last, RANK[p.meaning], p.first)):
        numbers = range(piece.first, piece.last + 1)
        if not any(number in taken for number in numbers):
            taken.update(dict.fromkeys(numbers, piece))
    for number, word in enumerate(words):
        taken.setdefault(number, _Piece(_left_over(word), (), number, number))
    return list(dict.fromkeys(taken[number] for number in range(len(words))))


def _matches(words: Sequence[Word]) -> Iterator[_Piece]:
    line = "".join(f" {word.spelling}" for word in words)
    number_at = {match.start(): number for number, match in enumerate(re.finditer(" ", line))}
    for phrase in lexicon().phrases:
        for match in phrase.pattern.finditer(line):
            first = number_at[match.start()]
            yield _Piece(phrase.meaning, phrase.codes, first, first + match.group().count(" ") - 1)


def _left_over(word: Word) -> Meaning:
    if word.spelling in _MARKS:
        return _MARKS[word.spelling]
    return Meaning.FILLER if _LEAD_OR_NUMBER.fullmatch(word.spelling) else Meaning.UNKNOWN


def _runs(pieces: list[_Piece]) -> Iterator[_Piece]:
    """Pieces that touch each other as one."""
    run: _Piece | None = None
    for piece in sorted(pieces, key=lambda piece: piece.first):
        if run and piece.first == run.last + 1:
            run = _Piece(run.meaning, (), run.first, piece.last)
            continue
        if run:
            yield run
        run = piece
    if run:
        yield run


def _codes(findings: Iterable[Finding]) -> list[str]:
    return [code for finding in findings if finding.standing is not Standing.ABSENT for code in finding.codes]


def _denied(findings: Iterable[Finding]) -> set[str]:
    """Codes denied by name; a denial of a whole family ("no infarct") disputes no member that is stated."""
    absent = [finding for finding in findings if finding.standing is Standing.ABSENT]
    return {finding.codes[0] for finding in absent if len(finding.codes) == 1}


def _to_set(findings: Sequence[Finding], label_set: LabelSet) -> tuple[str, ...]:
    return label_set.select(code for code in _codes(findings) if code not in _denied(findings)).codes


def _within(choice: Choice, label_set: LabelSet) -> Choice:
    codes = tuple(code for code in choice.codes if code in label_set)
    return Choice(choice.words, choice.start, choice.end, codes, choice.doubt, choice.cue)
