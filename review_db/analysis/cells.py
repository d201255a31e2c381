"""The text of a table as cells by column, and what one cell may say; every mistake is told with its row.

Knows CSV with commas, semicolons or tabs, and the columns that tables of all designs share. Does not know designs
(`table_csv`).
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isfinite, nan
from pathlib import Path
from typing import TypeVar

from review_db.analysis.errors import InvalidTable
from review_db.model import Origin

SIDES = {Origin.REAL.value: False, Origin.SYNTHETIC.value: True}
SEPARATORS = ",;\t"
REPEAT_WORDS = {"": None, "false": 0, "no": 0, "true": 1, "yes": 1}

Cells = Mapping[str, str]
R = TypeVar("R")


def text_of(path: Path) -> str:
    """The text of a file. Raises InvalidTable for one that cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidTable(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InvalidTable(f"{path} is not UTF-8 text: save it as CSV in UTF-8.") from None


def columns_of(text: str) -> list[str]:
    """The names in the header, in small letters."""
    try:
        return [name.strip().lower() for name in next(_lines(text), [])]
    except csv.Error as error:
        raise InvalidTable(f"line 1: {error}.") from None


def rows_of(text: str, parsed: Callable[[Cells], R]) -> list[R]:
    """All rows, or InvalidTable with the first bad one and the number of the others."""
    lines, good, bad = _lines(text), list[R](), list[str]()
    try:
        columns = [name.strip().lower() for name in next(lines, [])]
        for number, cells in enumerate((line for line in lines if any(line)), start=1):
            try:
                good.append(parsed(_by_column(cells, columns)))
            except ValueError as error:
                bad.append(f"row {number} (line {lines.line_num}): {error}")
    except csv.Error as error:
        raise InvalidTable(f"line {lines.line_num}: {error}.") from None
    if bad:
        more = f" ({len(bad) - 1} more bad rows follow.)" if len(bad) > 1 else ""
        raise InvalidTable(bad[0] + more)
    return good


def _lines(text: str) -> "csv._reader":  # type: ignore[name-defined]
    header, _, _ = text.partition("\n")
    return csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=header.count))


def _by_column(cells: Sequence[str], columns: Sequence[str]) -> Cells:
    if len(cells) != len(columns):
        raise ValueError(f"it has {len(cells)} cells, the header has {len(columns)}.")
    return {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}


# ------------------------------------------------------------------------------------------------- one cell


def named(cells: Cells, column: str) -> str:
    """A name, which must not be empty."""
    if not cells[column]:
        raise ValueError(f"{column} is empty.")
    return cells[column]


def listed(text: str, separators: str) -> tuple[str, ...]:
    """Entries of a cell that holds several."""
    return tuple(entry.strip() for entry in re.split(f"[{separators}]", text) if entry.strip())


def labels(cells: Cells) -> tuple[str, ...]:
    """The labels, joined by ";", "," or "|"."""
    return listed(cells.get("labels", ""), ";,|")


def reasons(cells: Cells) -> tuple[str, ...]:
    """The reasons, joined by ";" or "|"."""
    return listed(cells.get("reasons", ""), ";|")


def is_synthetic(cells: Cells, column: str, origin_column: str = "origin") -> bool:
    """The truth, told by this column or by the one beside it."""
    told = cells.get(origin_column) or cells[column]
    if told.lower() not in SIDES:
        raise ValueError(
            f"{column} {told!r} is neither real nor synthetic: name it so, or add a column {origin_column}."
        )
    return SIDES[told.lower()]


def step_of(text: str, last: int) -> int | None:
    """A step from 1 to `last`, such as "3" or "3.0"; None for anything else."""
    found = re.fullmatch(r"(\d)(\.0+)?", text)
    return int(found[1]) if found and 1 <= int(found[1]) <= last else None


def confidence(cells: Cells) -> float:
    """Any number."""
    return number(cells, "confidence", "", lambda number: True)


def plausibility(cells: Cells, column: str = "plausibility") -> float:
    """A step from 1 to 5."""
    return number(cells, column, "from 1 to 5", lambda number: 1 <= number <= 5)


def not_negative(cells: Cells, column: str) -> float:
    """A time or a place."""
    return number(cells, column, "of 0 or more", lambda number: number >= 0)


def number(cells: Cells, column: str, range_words: str, allows: Callable[[float], bool]) -> float:
    """A number that is allowed; NaN where the cell is empty or the column is not there."""
    text = cells.get(column, "")
    if not text:
        return nan
    try:
        value = float(text)
    except ValueError:
        value = nan
    if not isfinite(value) or not allows(value):
        raise ValueError(f"{column} {text!r} is not a number{' ' * bool(range_words)}{range_words}.")
    return value


def repeat(cells: Cells) -> int | None:
    """0 for the first reading; None where nothing is said."""
    text = cells.get("repeat", "")
    if text.lower() in REPEAT_WORDS:
        return REPEAT_WORDS[text.lower()]
    if re.fullmatch(r"\d{1,6}(\.0+)?", text):
        return int(float(text))
    raise ValueError(f"repeat {text!r} is not a number of 0 or more.")


def shared(cells: Cells) -> Iterator[tuple[str, object]]:
    """What rows of every design hold, by field."""
    yield "reader", named(cells, "reader")
    yield "labels", labels(cells)
    yield "seconds", not_negative(cells, "seconds")
    yield "position", not_negative(cells, "position")
    yield "repeat", repeat(cells)
    yield "reasons", reasons(cells)
