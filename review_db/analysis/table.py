"""The long table of ratings as arrays: what every analysis of this package takes.

Knows rows and columns. Does not know files (`table_csv`) and stores. Readers and items are codes from 0, in
the order of their first appearance, so that sums by reader or by item are a `bincount`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from review_db.analysis.confusion import Confusion
from review_db.analysis.errors import InvalidTable
from review_db.model import Observation, Origin

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
T = TypeVar("T")

REPEATS_NOTE = "{} readings are repeats of an ECG by the same reader; they go to the agreement within readers only."
NO_REPEAT_COLUMN = "There is no column repeat: a second row of the same reader and ECG is taken as a repeat."
SAME_NUMBERS = "{} item names occur in both origins and are taken as different ECGs."


class Row(NamedTuple):
    """One reading. What was not recorded is None, or NaN for a number."""

    reader: str
    item: str
    arm: str
    is_synthetic: bool
    labels: tuple[str, ...]
    says_synthetic: bool
    step: int | None = None  # verdict from 1 (certainly real) to 6 (certainly synthetic)
    confidence: float = nan  # signed: below 0 towards real
    plausibility: float = nan
    seconds: float = nan
    position: float = nan
    repeat: int | None = None


@dataclass(frozen=True)
class Ratings:
    """n readings of I items by R readers. A column that was not recorded at all is None, a gap in it NaN."""

    readers: tuple[str, ...]  # (R) names
    items: tuple[str, ...]  # (I) names
    labels: tuple[str, ...]  # (L) in alphabetical order
    item_is_synthetic: Bools  # (I)
    item_labels: Bools  # (I, L)
    reader: Ints  # (n) codes
    item: Ints  # (n) codes
    says_synthetic: Bools  # (n)
    nth: Ints  # (n) 0 for the first reading of an item by a reader, 1 for its first repeat ...
    step: Ints | None  # (n) verdicts from 1 to 6
    confidence: Floats | None  # (n) signed
    plausibility: Floats | None  # (n) 1 .. 5
    seconds: Floats | None  # (n)
    position: Floats | None  # (n)
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of readings."""
        return len(self.reader)

    @property
    def is_synthetic(self) -> Bools:
        """Truth of each reading."""
        return self.item_is_synthetic[self.item]

    @property
    def is_correct(self) -> Bools:
        """True where the verdict is on the side of the truth."""
        return np.equal(self.says_synthetic, self.is_synthetic)

    @property
    def confusion(self) -> Confusion:
        """Counts of verdicts by truth."""
        counts = np.bincount(2 * self.is_synthetic + self.says_synthetic, minlength=4)
        return Confusion(*(int(count) for count in counts))

    def where(self, rows: Bools) -> "Ratings":
        """The readings where `rows` (n) is true; codes and names stay as they are."""
        return replace(
            self,
            reader=self.reader[rows],
            item=self.item[rows],
            says_synthetic=self.says_synthetic[rows],
            nth=self.nth[rows],
            step=None if self.step is None else self.step[rows],
            confidence=_kept(self.confidence, rows),
            plausibility=_kept(self.plausibility, rows),
            seconds=_kept(self.seconds, rows),
            position=_kept(self.position, rows),
        )

    def first_readings(self) -> "Ratings":
        """Without repeats: one reading per reader and item."""
        return self.where(self.nth == 0)

    def of_label(self, at: int) -> "Ratings":
        """The readings of items that carry label number `at`."""
        return self.where(self.item_labels[self.item, at])

    def of_reader(self, at: int) -> "Ratings":
        """The readings of reader number `at`."""
        return self.where(self.reader == at)


def _kept(column: Floats | None, rows: Bools) -> Floats | None:
    return None if column is None else column[rows]


def ratings(rows: Sequence[Row]) -> Ratings:
    """The table of these rows; raises InvalidTable without rows or when a reading is there twice."""
    if not rows:
        raise InvalidTable("The table has no rows: there is nothing to analyse.")
    # Two ECGs of different origin may have the same number in tables that count within arms.
    readers, reader = _codes(row.reader for row in rows)
    items, item = _codes((row.item, row.is_synthetic) for row in rows)
    labels = sorted({label for row in rows for label in row.labels})
    position = _numbers(row.position for row in rows)
    nth = _nth(rows, reader, item, position)
    return Ratings(
        readers=tuple(readers),
        items=tuple(name for name, _ in items),
        labels=tuple(labels),
        item_is_synthetic=np.array([is_synthetic for _, is_synthetic in items]),
        item_labels=_item_labels(rows, item, len(items), labels),
        reader=reader,
        item=item,
        says_synthetic=np.array([row.says_synthetic for row in rows]),
        nth=nth,
        step=_steps(rows),
        confidence=_numbers(row.confidence for row in rows),
        plausibility=_numbers(row.plausibility for row in rows),
        seconds=_numbers(row.seconds for row in rows),
        position=position,
        notes=tuple(_notes(rows, items, nth)),
    )


def from_observations(observations: Iterable[Observation]) -> Ratings:
    """The table of the answers of a closed study."""
    return ratings([_row(o) for o in observations])


def _row(o: Observation) -> Row:
    return Row(
        reader=o.reader,
        item=str(o.item),
        arm=o.arm,
        is_synthetic=o.origin is Origin.SYNTHETIC,
        labels=o.labels,
        says_synthetic=o.verdict.says_synthetic,
        step=int(o.verdict),
        confidence=float(o.confidence),
        plausibility=nan if o.plausibility is None else float(o.plausibility),
        seconds=o.seconds,
        position=float(o.position),
    )


def _codes(values: Iterable[T]) -> tuple[list[T], Ints]:
    known: dict[T, int] = {}
    codes = [known.setdefault(value, len(known)) for value in values]
    return list(known), np.array(codes, dtype=np.int64)


def _numbers(values: Iterable[float]) -> Floats | None:
    column = np.array(list(values), dtype=np.float64)
    return None if np.isnan(column).all() else column


def _steps(rows: Sequence[Row]) -> Ints | None:
    steps = [row.step for row in rows if row.step is not None]
    return np.array(steps, dtype=np.int64) if len(steps) == len(rows) else None


def _item_labels(rows: Sequence[Row], item: Ints, items: int, labels: Sequence[str]) -> Bools:
    column = {label: at for at, label in enumerate(labels)}
    carries = np.zeros((items, len(labels)), dtype=np.bool_)
    for row, code in zip(rows, item, strict=True):
        for label in row.labels:
            carries[code, column[label]] = True
    return carries


def _nth(rows: Sequence[Row], reader: Ints, item: Ints, position: Floats | None) -> Ints:
    """Rank of each reading among those of the same reader and item: by repeat, then position, then row."""
    repeat = np.array([row.repeat or 0 for row in rows], dtype=np.int64)
    _refuse_doubles(rows, reader, item, repeat)
    at = np.zeros(len(rows)) if position is None else position
    order = np.lexsort((at, repeat, item, reader))
    changes = np.ones(len(rows), dtype=np.bool_)
    changes[1:] = (np.diff(reader[order]) != 0) | (np.diff(item[order]) != 0)
    starts = np.flatnonzero(changes)
    nth = np.empty(len(rows), dtype=np.int64)
    nth[order] = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows))))
    return nth


def _refuse_doubles(rows: Sequence[Row], reader: Ints, item: Ints, repeat: Ints) -> None:
    seen: dict[tuple[int, int, int], int] = {}
    for at, key in enumerate(zip(reader.tolist(), item.tolist(), repeat.tolist(), strict=True)):
        if seen.setdefault(key, at) != at and rows[at].repeat is not None:
            words = f"{rows[at].reader} has answered item {rows[at].item} (repeat {key[2]}) before"
            raise InvalidTable(f"row {at + 1}: {words}: number the repeats or remove one.")


def _notes(rows: Sequence[Row], items: Sequence[tuple[str, bool]], nth: Ints) -> Iterable[str]:
    repeats = int((nth > 0).sum())
    if repeats:
        yield REPEATS_NOTE.format(repeats)
    if repeats and all(row.repeat is None for row in rows):
        yield NO_REPEAT_COLUMN
    same = len(items) - len({name for name, _ in items})
    if same:
        yield SAME_NUMBERS.format(same)
    against = sum(row.confidence * (1 if row.says_synthetic else -1) < 0 for row in rows)
    if against:
        yield f"In {against} rows the sign of the confidence is not the side of the verdict; the ROC follows the sign."
