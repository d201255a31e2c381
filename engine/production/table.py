"""Rows of an order from a CSV table: labels,count and, where wanted, sex and age.

Knows: the columns and how their cells are written. Does not know: which labels there are.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from engine.age import AGE_BANDS, age_band_of
from engine.labels import Sex
from engine.production.order import OrderError, Row

COLUMNS = ("labels", "count", "sex", "age")
NEEDED = COLUMNS[:2]


def read_table(path: Path) -> tuple[Row, ...]:
    """Rows of a table such as `labels,count,sex,age` / `AFIB+LVH,100,female,70-79`; age is a band or years.

    Labels are separated by + or by spaces; in quotes, by commas too. Raises OrderError naming file and line.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file)
            _require_columns(path, table.fieldnames or ())
            rows = tuple(_row(line, f"{path}, line {table.line_num}") for line in table)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise OrderError(
            f"{path} can't be read as a CSV table: {getattr(error, 'strerror', None) or error}."
        ) from error
    if not rows:
        raise OrderError(f"{path} has no rows below its header; give one for each set of labels.")
    return rows


def _require_columns(path: Path, found: object) -> None:
    names = list(found)  # type: ignore[call-overload]
    if absent := [name for name in NEEDED if name not in names]:
        raise OrderError(f"{path} has no column {absent[0]!r}; its first line must be labels,count[,sex][,age].")
    if unknown := [name for name in names if name not in COLUMNS]:
        raise OrderError(f"{path} has the unknown column {unknown[0]!r}; columns are {', '.join(COLUMNS)}.")


def _row(line: Mapping[str, str | None], where: str) -> Row:
    if None in line or None in line.values():
        raise OrderError(f"{where}: this line has not as many cells as the header; labels with commas need quotes.")
    cells = {name: (cell or "").strip() for name, cell in line.items()}
    labels = tuple(code for code in re.split(r"[\s,;+]+", cells["labels"]) if code)
    if not labels:
        raise OrderError(f"{where}: no labels are named; write them as AFIB+LVH.")
    return Row(
        labels, _count(cells["count"], where), _sex(cells.get("sex", ""), where), _age(cells.get("age", ""), where)
    )


def _count(cell: str, where: str) -> int:
    if not re.fullmatch(r"[0-9]+", cell) or int(cell) < 1:
        raise OrderError(f"{where}: the count must be a whole number of at least 1, not {cell!r}.")
    return int(cell)


def _sex(cell: str, where: str) -> Sex | None:
    if cell and cell.lower() not in list(Sex):
        raise OrderError(f"{where}: the sex must be female, male or empty, not {cell!r}.")
    return Sex(cell.lower()) if cell else None


def _age(cell: str, where: str) -> str | None:
    if not cell or cell in AGE_BANDS:
        return cell or None
    if not re.fullmatch(r"[0-9]{1,3}", cell):
        raise OrderError(f"{where}: the age must be one of {', '.join(AGE_BANDS)}, years, or empty, not {cell!r}.")
    return age_band_of(int(cell))
