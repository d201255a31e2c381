"""How often a checkpoint saw each label and each pair of labels in training.

Knows: the counts in a checkpoint's provenance.  Does not know: checkpoints' files, sentences for readers.
`records_by_label` maps a code to its number of records; `records_by_pair` maps two codes in the order of the label set,
joined by a space, to the records that carry both, and holds only pairs that occur.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from engine.labels import UnknownLabel


@dataclass(frozen=True)
class Seen:
    """Codes, one or two, and the number of training records that carry all of them."""

    codes: tuple[str, ...]
    records: int


@dataclass(frozen=True)
class LabelCounts:
    """Counts of the labels `codes`, in the order of the label set; None where the checkpoint does not say."""

    codes: tuple[str, ...]
    _by_label: Mapping[str, int] | None = field(repr=False)
    _by_pair: Mapping[str, int] | None = field(repr=False)

    @classmethod
    def of(cls, provenance: Mapping[str, Any], codes: Sequence[str]) -> LabelCounts:
        """From a checkpoint's provenance and its label codes."""
        return cls(tuple(codes), provenance.get("records_by_label"), provenance.get("records_by_pair"))

    @property
    def knows_pairs(self) -> bool:
        """Whether the checkpoint says which labels occurred together."""
        return self._by_pair is not None

    def seen(self, code: str) -> int | None:
        """Training records with this label; None where the checkpoint does not say.  Raises UnknownLabel."""
        self._position(code)
        return None if self._by_label is None else self._by_label.get(code, 0)

    def together(self, first: str, second: str) -> int | None:
        """Training records with both labels; None where the checkpoint does not say.  Raises UnknownLabel."""
        pair = sorted((first, second), key=self._position)
        if first == second:
            return self.seen(first)
        return None if self._by_pair is None else self._by_pair.get(" ".join(pair), 0)

    def companions(self, code: str, most: int = 5) -> tuple[Seen, ...]:
        """The labels most often seen with this one, most often first; none where the checkpoint has no pairs."""
        found = [pair for pair in self._pairs_with(code) if pair.records]
        return tuple(sorted(found, key=lambda pair: -pair.records)[:most])

    def never_with(self, code: str, most: int = 5) -> tuple[str, ...]:
        """Labels never seen with this one, the most frequent first; none where the checkpoint has no pairs."""
        others = [pair.codes[1] for pair in self._pairs_with(code) if not pair.records and self.seen(pair.codes[1])]
        return tuple(sorted(others, key=lambda other: -(self.seen(other) or 0))[:most])

    def scarce(self, codes: Iterable[str], fewer_than: int) -> tuple[Seen, ...]:
        """Of these codes the labels, then the pairs, with fewer training records than this; 0 is never seen.

        A pair is left out where one of its labels is scarce itself, for that says it already.
        """
        chosen = sorted(set(codes), key=self._position)
        labels = [Seen((code,), seen) for code in chosen if (seen := self.seen(code)) is not None and seen < fewer_than]
        few = {code for label in labels for code in label.codes}
        pairs = [(pair, self.together(*pair)) for pair in combinations([c for c in chosen if c not in few], 2)]
        return (*labels, *(Seen(pair, n) for pair, n in pairs if n is not None and n < fewer_than))

    def never_seen(self, codes: Iterable[str]) -> tuple[Seen, ...]:
        """Of these codes the labels, then the pairs, that no training record carries."""
        return self.scarce(codes, fewer_than=1)

    def _pairs_with(self, code: str) -> list[Seen]:
        self._position(code)
        counts = [(other, self.together(code, other)) for other in self.codes if other != code]
        return [Seen((code, other), records) for other, records in counts if records is not None]

    def _position(self, code: str) -> int:
        if code not in self.codes:
            raise UnknownLabel(f"This checkpoint has no label {code}; its labels are {', '.join(self.codes[:5])}, ...")
        return self.codes.index(code)
