"""The long table from a CSV file: our own export, or the finished study of somebody else.

Needed columns: reader, item, arm, labels, verdict. Optional: origin, confidence, plausibility, seconds,
position, repeat; others are ignored. Rows are counted from 1 after the header, lines from 1 with it.

  arm         real or synthetic, or any name beside a column origin that says real or synthetic
  labels      joined by ";", "," or "|"
  verdict     real or synthetic, or from 1 (certainly real) to 6 (certainly synthetic)
  confidence  signed, below 0 towards real; without any value below 0 it is taken as the size of confidence
              and gets the side of the verdict. Without any, verdicts from 1 to 6 take its place
  repeat      0 or false for the first reading of an ECG, then 1, 2 ...
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from math import isfinite, isnan, nan
from pathlib import Path

from review_db.analysis.errors import InvalidTable
from review_db.analysis.table import Ratings, Row, ratings
from review_db.model import Origin, Verdict

NEEDED = ("reader", "item", "arm", "labels", "verdict")
SIDES = {Origin.REAL.value: False, Origin.SYNTHETIC.value: True}
SEPARATORS = ",;\t"
REPEAT_WORDS = {"": None, "false": 0, "no": 0, "true": 1, "yes": 1}

Cells = Mapping[str, str]


def read_csv(path: Path) -> Ratings:
    """The ratings of a file. Raises InvalidTable, in one sentence, for a file or a row that cannot be used."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidTable(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InvalidTable(f"{path} is not UTF-8 text: save it as CSV in UTF-8.") from None
    return parse_csv(text)


def parse_csv(text: str) -> Ratings:
    """The same for the text of a file."""
    header, _, _ = text.partition("\n")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=header.count))
    try:
        columns = [name.strip().lower() for name in next(lines, [])]
        return ratings(_with_confidence(_all_good(lines, _checked(columns))))
    except csv.Error as error:
        raise InvalidTable(f"line {lines.line_num}: {error}.") from None


def _checked(columns: list[str]) -> list[str]:
    if missing := [name for name in NEEDED if name not in columns]:
        raise InvalidTable(f"The table lacks {', '.join(missing)}: it needs the columns {', '.join(NEEDED)}.")
    return columns


def _all_good(lines: Iterator[list[str]], columns: list[str]) -> list[Row]:
    """All rows, or InvalidTable with the first bad one and the number of the others."""
    good, bad = [], []
    for number, cells in enumerate((line for line in lines if any(line)), start=1):
        try:
            good.append(_parsed(cells, columns))
        except ValueError as error:
            bad.append(f"row {number} (line {lines.line_num}): {error}")  # type: ignore[attr-defined]
    if bad:
        more = f" ({len(bad) - 1} more bad rows follow.)" if len(bad) > 1 else ""
        raise InvalidTable(bad[0] + more)
    return good


def _parsed(cells: list[str], columns: list[str]) -> Row:
    if len(cells) != len(columns):
        raise ValueError(f"it has {len(cells)} cells, the header has {len(columns)}.")
    return _row({name: cell.strip() for name, cell in zip(columns, cells, strict=True)})


def _row(cells: Cells) -> Row:
    step = _step(cells["verdict"])
    return Row(
        reader=_named(cells, "reader"),
        item=_named(cells, "item"),
        arm=cells["arm"],
        is_synthetic=_truth(cells),
        labels=tuple(label.strip() for label in re.split(r"[;,|]", cells["labels"]) if label.strip()),
        says_synthetic=SIDES[cells["verdict"].lower()] if step is None else Verdict(step).says_synthetic,
        step=step,
        confidence=_number(cells, "confidence", "", lambda number: True),
        plausibility=_number(cells, "plausibility", "from 1 to 5", lambda number: 1 <= number <= 5),
        seconds=_number(cells, "seconds", "of 0 or more", lambda number: number >= 0),
        position=_number(cells, "position", "of 0 or more", lambda number: number >= 0),
        repeat=_repeat(cells.get("repeat", "")),
    )


def _named(cells: Cells, column: str) -> str:
    if not cells[column]:
        raise ValueError(f"{column} is empty.")
    return cells[column]


def _truth(cells: Cells) -> bool:
    told = cells.get("origin") or cells["arm"]
    if told.lower() not in SIDES:
        raise ValueError(f"arm {told!r} is neither real nor synthetic: name it so, or add a column origin.")
    return SIDES[told.lower()]


def _step(verdict: str) -> int | None:
    """A step of the scale, or None for a plain side."""
    if verdict.lower() in SIDES:
        return None
    if re.fullmatch(r"[1-6](\.0+)?", verdict):
        return int(verdict[0])
    raise ValueError(f"verdict {verdict!r} is none of real, synthetic and 1 to 6.")


def _number(cells: Cells, column: str, range_words: str, allows: Callable[[float], bool]) -> float:
    text = cells.get(column, "")
    if not text:
        return nan
    try:
        number = float(text)
    except ValueError:
        number = nan
    if not isfinite(number) or not allows(number):
        raise ValueError(f"{column} {text!r} is not a number{' ' * bool(range_words)}{range_words}.")
    return number


def _repeat(text: str) -> int | None:
    if text.lower() in REPEAT_WORDS:
        return REPEAT_WORDS[text.lower()]
    if re.fullmatch(r"\d{1,6}(\.0+)?", text):
        return int(float(text))
    raise ValueError(f"repeat {text!r} is not a number of 0 or more.")


def _with_confidence(rows: list[Row]) -> list[Row]:
    """Without any confidence verdicts from 1 to 6 take its place; without a sign it gets the side of its verdict."""
    if all(isnan(row.confidence) for row in rows):
        return [row._replace(confidence=_of_step(row.step)) for row in rows]
    if any(row.confidence < 0 for row in rows):
        return rows
    return [row._replace(confidence=row.confidence if row.says_synthetic else -row.confidence) for row in rows]


def _of_step(step: int | None) -> float:
    return nan if step is None else float(Verdict(step).signed_confidence)
