"""The long tables of readings as arrays: what every analysis of this package takes.

Knows rows and columns. Does not know files (`table_csv`) and stores. Readers and items are codes from 0, in
the order of their first appearance, so that sums by reader or by item are a `bincount`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
import numpy.typing as npt

from review_db.analysis.confusion import Confusion
from review_db.analysis.errors import InvalidTable
from review_db.analysis.rows import GradeRow, of_grade, of_verdict
from review_db.analysis.rows import Row as Row
from review_db.observed import GradeObservation, Observation
from review_db.scales import Reason

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
T = TypeVar("T")
Rows = Sequence[Row] | Sequence[GradeRow]

REPEATS_NOTE = "{} readings are repeats of an ECG by the same reader; they go to the agreement within readers only."
NO_REPEAT_COLUMN = "There is no column repeat: a second row of the same reader and ECG is taken as a repeat."
SAME_NUMBERS = "{} item names occur in both origins and are taken as different ECGs."


@dataclass(frozen=True, kw_only=True)
class Readings:
    """n readings of I items by R readers. A column that was not recorded at all is None, a gap in it NaN.

    Graded ECGs are such a table; `step` is the grade.
    """

    OF_READINGS: ClassVar[tuple[str, ...]] = (
        "reader", "item", "nth", "step", "plausibility", "seconds", "position", "reasons",
    )  # fmt: skip
    readers: tuple[str, ...]  # (R) names
    items: tuple[str, ...]  # (I) names
    labels: tuple[str, ...]  # (L) in alphabetical order
    arms: tuple[str, ...]  # (A) in the order of their appearance
    item_is_synthetic: Bools  # (I)
    item_labels: Bools  # (I, L)
    item_arm: Ints  # (I) codes
    reader: Ints  # (n) codes
    item: Ints  # (n) codes
    nth: Ints  # (n) 0 for the first reading of an item by a reader, 1 for its first repeat ...
    step: Ints | None  # (n) steps of the scale
    plausibility: Floats | None  # (n) 1 .. 5
    seconds: Floats | None  # (n)
    position: Floats | None  # (n)
    reason_names: tuple[str, ...] = ()  # (K)
    reasons: Bools | None = None  # (n, K) which were given
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of readings."""
        return len(self.reader)

    @property
    def is_synthetic(self) -> Bools:
        """Truth of each reading."""
        return self.item_is_synthetic[self.item]

    def where(self, rows: Bools) -> Self:
        """The readings where `rows` (n) is true; codes and names stay as they are."""
        columns = {name: getattr(self, name) for name in self.OF_READINGS}
        return replace(self, **{name: column[rows] for name, column in columns.items() if column is not None})

    def first_readings(self) -> Self:
        """Without repeats: one reading per reader and item."""
        return self.where(self.nth == 0)

    def of_label(self, at: int) -> Self:
        """The readings of items that carry label number `at`."""
        return self.where(self.item_labels[self.item, at])

    def of_arm(self, at: int) -> Self:
        """The readings of items of arm number `at`."""
        return self.where(self.item_arm[self.item] == at)

    def of_reader(self, at: int) -> Self:
        """The readings of reader number `at`."""
        return self.where(self.reader == at)


@dataclass(frozen=True, kw_only=True)
class Ratings(Readings):
    """Readings with a verdict, real or synthetic; `step` is the verdict from 1 to 6."""

    OF_READINGS: ClassVar[tuple[str, ...]] = (*Readings.OF_READINGS, "says_synthetic", "confidence")
    says_synthetic: Bools  # (n)
    confidence: Floats | None  # (n) signed

    @property
    def is_correct(self) -> Bools:
        """True where the verdict is on the side of the truth."""
        return np.equal(self.says_synthetic, self.is_synthetic)

    @property
    def confusion(self) -> Confusion:
        """Counts of verdicts by truth."""
        counts = np.bincount(2 * self.is_synthetic + self.says_synthetic, minlength=4)
        return Confusion(*(int(count) for count in counts))


def ratings(rows: Sequence[Row]) -> Ratings:
    """The table of these rows; raises InvalidTable without rows or when a reading is there twice."""
    shared = shared_columns(rows)
    notes = [*shared.pop("notes"), *_sign_notes(rows), *_gap_notes(rows)]
    return Ratings(
        **shared,
        says_synthetic=np.array([row.says_synthetic for row in rows], dtype=np.bool_),
        confidence=_numbers(row.confidence for row in rows),
        notes=tuple(notes),
    )


def grades(rows: Sequence[GradeRow]) -> Readings:
    """The table of graded ECGs; raises InvalidTable like `ratings`."""
    return Readings(**shared_columns(rows))


def from_observations(observations: Iterable[Observation]) -> Ratings:
    """The table of the verdicts of a closed study."""
    return ratings([of_verdict(o) for o in observations])


def from_grades(observations: Iterable[GradeObservation]) -> Readings:
    """The table of the grades of a closed study."""
    return grades([of_grade(o) for o in observations])


def shared_columns(rows: Rows) -> dict[str, Any]:
    """All columns of `Readings`, by name."""
    if not rows:
        raise InvalidTable("The table has no rows: there is nothing to analyse.")
    # Two ECGs of different origin may have the same number in tables that count within arms.
    readers, reader = _codes(row.reader for row in rows)
    items, item = _codes((row.item, row.is_synthetic) for row in rows)
    labels = sorted({label for row in rows for label in row.labels})
    position = _numbers(row.position for row in rows)
    nth = _nth(rows, reader, item, position)
    return {
        "readers": tuple(readers),
        "items": tuple(name for name, _ in items),
        "labels": tuple(labels),
        "item_is_synthetic": np.array([is_synthetic for _, is_synthetic in items], dtype=np.bool_),
        "item_labels": _item_labels(rows, item, len(items), labels),
        "reader": reader,
        "item": item,
        "nth": nth,
        "step": _steps(rows),
        "plausibility": _numbers(row.plausibility for row in rows),
        "seconds": _numbers(row.seconds for row in rows),
        "position": position,
        "notes": tuple(_notes(rows, items, nth)),
        **_arms(rows, item, len(items)),
        **reason_columns([row.reasons for row in rows]),
    }


def _arms(rows: Rows, item: Ints, items: int) -> dict[str, Any]:
    arms, arm = _codes(row.arm for row in rows)
    of_item = np.zeros(items, dtype=np.int64)
    of_item[item] = arm
    return {"arms": tuple(arms), "item_arm": of_item}


def reason_columns(reasons: Sequence[Sequence[str]]) -> dict[str, Any]:
    """The columns of the reasons (n); none where nobody gave any."""
    given = {reason for of_row in reasons for reason in of_row}
    names = [name for name in map(str, Reason) if name in given] + sorted(given - set(map(str, Reason)))
    if not names:
        return {}
    column = {name: at for at, name in enumerate(names)}
    cells = np.zeros((len(reasons), len(names)), dtype=np.bool_)
    for row, of_row in enumerate(reasons):
        cells[row, [column[reason] for reason in of_row]] = True
    return {"reason_names": tuple(names), "reasons": cells}


def _codes(values: Iterable[T]) -> tuple[list[T], Ints]:
    known: dict[T, int] = {}
    codes = [known.setdefault(value, len(known)) for value in values]
    return list(known), np.array(codes, dtype=np.int64)


def _numbers(values: Iterable[float]) -> Floats | None:
    column = np.array(list(values), dtype=np.float64)
    return None if np.isnan(column).all() else column


def _steps(rows: Rows) -> Ints | None:
    steps = [row.step for row in rows if row.step is not None]
    return np.array(steps, dtype=np.int64) if len(steps) == len(rows) else None


def _item_labels(rows: Rows, item: Ints, items: int, labels: Sequence[str]) -> Bools:
    column = {label: at for at, label in enumerate(labels)}
    carries = np.zeros((items, len(labels)), dtype=np.bool_)
    for of_row, code in zip([row.labels for row in rows], item, strict=True):
        carries[code, [column[label] for label in of_row]] = True
    return carries


def _nth(rows: Rows, reader: Ints, item: Ints, position: Floats | None) -> Ints:
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


def _refuse_doubles(rows: Rows, reader: Ints, item: Ints, repeat: Ints) -> None:
    seen: dict[tuple[int, int, int], int] = {}
    for at, key in enumerate(zip(reader.tolist(), item.tolist(), repeat.tolist(), strict=True)):
        if seen.setdefault(key, at) != at and rows[at].repeat is not None:
            words = f"{rows[at].reader} has answered item {rows[at].item} (repeat {key[2]}) before"
            raise InvalidTable(f"row {at + 1}: {words}: number the repeats or remove one.")


def _notes(rows: Rows, items: Sequence[tuple[str, bool]], nth: Ints) -> Iterable[str]:
    repeats = int((nth > 0).sum())
    if repeats:
        yield REPEATS_NOTE.format(repeats)
    if repeats and all(row.repeat is None for row in rows):
        yield NO_REPEAT_COLUMN
    same = len(items) - len({name for name, _ in items})
    if same:
        yield SAME_NUMBERS.format(same)


def _sign_notes(rows: Sequence[Row]) -> Iterable[str]:
    against = sum(row.confidence * (1 if row.says_synthetic else -1) < 0 for row in rows)
    if against:
        yield f"In {against} rows the sign of the confidence is not the side of the verdict; the ROC follows the sign."


def _gap_notes(rows: Sequence[Row]) -> Iterable[str]:
    graded = sum(not isnan(row.confidence) for row in rows)
    if 0 < graded < len(rows):
        yield f"Only {graded} of {len(rows)} readings have a confidence or a step: the ROC curve and AUC are of these."
