"""The long tables from CSV files: our own exports, or the finished study of somebody else.

The columns tell the design (`recognised`). Columns that are not named here are ignored; rows are counted from 1 after
the header, lines from 1 with it.

  single      reader, item, arm, verdict
  graded      reader, item, arm, grade
  pairs       reader, case (or pair), left, right, choice
  optional    labels, confidence, plausibility, seconds, position, repeat, reasons; origin (single, graded);
              left_plausibility, right_plausibility (pairs)

  arm         real or synthetic, or any name beside a column origin that says real or synthetic
  left, right real or synthetic, or any name beside columns left_origin and right_origin; both of the same origin in a
              catch pair
  labels      joined by ";", "," or "|"
  verdict     real or synthetic, or from 1 (certainly real) to 6 (certainly synthetic)
  choice      the side chosen as synthetic: left or right, or from 1 (certainly left) to 6 (certainly right)
  grade       unusable, poor, acceptable or good, or from 1 (unusable) to 4 (good)
  confidence  signed, below 0 towards real (pairs: left); without any value below 0 it is taken as the size of
              confidence and gets the side of the answer. Without any, answers from 1 to 6 take its place
  repeat      0 or false for the first reading of an ECG, then 1, 2 ...
  reasons     joined by ";" or "|"
"""

from collections.abc import Callable, Mapping, Sequence
from math import isnan, nan
from pathlib import Path
from typing import Any

from review_db.analysis import cells as cell
from review_db.analysis.cells import SIDES, Cells
from review_db.analysis.errors import InvalidTable
from review_db.analysis.pair_table import PairTable, pair_table
from review_db.analysis.rows import GradeRow, PairRow, Row
from review_db.analysis.table import Ratings, Readings, grades, ratings
from review_db.protocol import Design
from review_db.scales import Choice, Grade, Verdict

NEEDED: Mapping[Design, tuple[str, ...]] = {
    Design.PAIRS: ("reader", "case", "left", "right", "choice"),
    Design.GRADED: ("reader", "item", "arm", "grade"),
    Design.SINGLE: ("reader", "item", "arm", "verdict"),
}
SPECIAL = {"choice": Design.PAIRS, "grade": Design.GRADED}  # the column that no other design has
OTHER_NAMES = {"case": "pair"}
GRADE_WORDS = {grade.wording: grade for grade in Grade}
CHOICE_WORDS = {"left": False, "right": True}


def recognised(columns: Sequence[str]) -> Design:
    """The design of a table with these columns. Raises InvalidTable, naming what it lacks."""
    told = [design for column, design in SPECIAL.items() if column in columns and "verdict" not in columns]
    design = told[0] if told else Design.SINGLE
    if missing := [name for name in NEEDED[design] if not _has(columns, name)]:
        needed = f"it needs the columns {', '.join(NEEDED[design])}."
        raise InvalidTable(f"The table lacks {', '.join(missing)}: {needed}")
    return design


def _has(columns: Sequence[str], name: str) -> bool:
    return name in columns or OTHER_NAMES.get(name) in columns


def read_csv(path: Path) -> Ratings:
    """The ratings of a file. Raises InvalidTable, in one sentence, for a file or a row that cannot be used."""
    return parse_csv(cell.text_of(path))


def parse_csv(text: str) -> Ratings:
    """The same for the text of a file."""
    _check(text, Design.SINGLE)
    return ratings(_with_confidence(cell.rows_of(text, _row)))


def parse_grades(text: str) -> Readings:
    """The grades of a table. Raises InvalidTable."""
    _check(text, Design.GRADED)
    return grades(cell.rows_of(text, _grade_row))


def parse_pairs(text: str) -> PairTable:
    """The choices of a table. Raises InvalidTable."""
    _check(text, Design.PAIRS)
    return pair_table(_with_confidence_of_sides(cell.rows_of(text, _pair_row)))


def _check(text: str, design: Design) -> None:
    found = recognised(cell.columns_of(text))
    if found is not design:
        raise InvalidTable(f"The table is one of the design {found}, not {design}: {', '.join(NEEDED[design])}.")


def _row(cells: Cells) -> Row:
    step = _step(cells["verdict"], "verdict", SIDES, len(Verdict))
    return Row(
        **_shared(cells),
        item=cell.named(cells, "item"),
        arm=cells["arm"],
        is_synthetic=cell.is_synthetic(cells, "arm"),
        says_synthetic=SIDES[cells["verdict"].lower()] if step is None else Verdict(step).says_synthetic,
        step=step,
        confidence=cell.confidence(cells),
        plausibility=cell.plausibility(cells),
    )


def _grade_row(cells: Cells) -> GradeRow:
    told = cells["grade"].lower()
    grade = GRADE_WORDS.get(told) or cell.step_of(told, len(Grade))
    if grade is None:
        raise ValueError(f"grade {told!r} is none of {', '.join(GRADE_WORDS)} and 1 to {len(Grade)}.")
    return GradeRow(
        **_shared(cells),
        item=cell.named(cells, "item"),
        arm=cells["arm"],
        is_synthetic=cell.is_synthetic(cells, "arm"),
        step=int(grade),
        plausibility=cell.plausibility(cells),
    )


def _pair_row(cells: Cells) -> PairRow:
    step = _step(cells["choice"], "choice", CHOICE_WORDS, len(Choice))
    return PairRow(
        **_shared(cells),
        case=cell.named(cells, "case" if "case" in cells else OTHER_NAMES["case"]),
        left_synthetic=cell.is_synthetic(cells, "left", "left_origin"),
        right_synthetic=cell.is_synthetic(cells, "right", "right_origin"),
        says_right=CHOICE_WORDS[cells["choice"].lower()] if step is None else Choice(step).says_right,
        step=step,
        confidence=cell.confidence(cells),
        left_plausibility=cell.plausibility(cells, "left_plausibility"),
        right_plausibility=cell.plausibility(cells, "right_plausibility"),
    )


def _shared(cells: Cells) -> dict[str, Any]:
    return dict(cell.shared(cells))


def _step(told: str, column: str, words: Mapping[str, bool], last: int) -> int | None:
    """A step of the scale, or None for a plain side."""
    step = cell.step_of(told, last)
    if step is None and told.lower() not in words:
        raise ValueError(f"{column} {told!r} is none of {', '.join(words)} and 1 to {last}.")
    return step


def _with_confidence(rows: list[Row]) -> list[Row]:
    """Without any confidence verdicts from 1 to 6 take its place; without a sign it gets the side of its verdict."""
    if all(isnan(row.confidence) for row in rows):
        return [row._replace(confidence=_of_step(row.step, Verdict)) for row in rows]
    if any(row.confidence < 0 for row in rows):
        return rows
    return [row._replace(confidence=row.confidence if row.says_synthetic else -row.confidence) for row in rows]


def _with_confidence_of_sides(rows: list[PairRow]) -> list[PairRow]:
    """The same for choices, towards the right."""
    if all(isnan(row.confidence) for row in rows):
        return [row._replace(confidence=_of_step(row.step, Choice)) for row in rows]
    if any(row.confidence < 0 for row in rows):
        return rows
    return [row._replace(confidence=row.confidence if row.says_right else -row.confidence) for row in rows]


def _of_step(step: int | None, scale: Callable[[int], Verdict | Choice]) -> float:
    return nan if step is None else float(scale(step).signed_confidence)
