"""A table of the report as a PDF lays it out: columns as wide as they need, heads on every sheet, fine lines.

Knows: widths, wrapping. Does not know: what the cells say.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

from reportlab.lib.colors import HexColor  # type: ignore[import-untyped]
from reportlab.lib.enums import TA_RIGHT  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.platypus import Paragraph, TableStyle  # type: ignore[import-untyped]
from reportlab.platypus import Table as Grid

from review_db.report.blocks import Cell, Column, Look, Table
from review_db.report.drawing import BLACK
from review_db.report.pdf_type import CELLS, width_of

GAP = 10.0  # points between columns
LONGEST_WORD = 110.0  # points; a longer one is broken
LINES = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), GAP),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ("LINEBELOW", (0, 0), (-1, -1), 0.3, HexColor("#ccd2d6")),
]
HEAD_LINES = [("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(BLACK)), ("VALIGN", (0, 0), (-1, 0), "BOTTOM")]


def pdf_table(table: Table, room: float) -> Any:
    """The table, at most `room` points wide; rows may continue on the next sheet."""
    head = [tuple(Cell(column.title, Look.BOLD) for column in table.columns)] if table.has_head else []
    rows = [*head, *table.rows]
    grid = [[_cell(cell, column) for cell, column in zip(row, table.columns, strict=True)] for row in rows]
    widths = column_widths(rows, room)
    lines = TableStyle([*LINES, *(HEAD_LINES if head else [])])
    return Grid(grid, widths, style=lines, repeatRows=len(head), hAlign="LEFT", splitInRow=1)


def column_widths(rows: Sequence[Sequence[Cell]], room: float) -> list[float]:
    """What each column wants, in points; where that is too much, the widest ones give first."""
    wanted = [max(_longest_line(cell) for cell in column) + GAP for column in zip(*rows, strict=True)]
    least = [min(max(_longest_word(cell) for cell in column), LONGEST_WORD) + GAP for column in zip(*rows, strict=True)]
    low, most = 0.0, max(wanted)
    while most - low > 0.01:
        middle = (low + most) / 2
        low, most = (middle, most) if sum(_at_most(middle, wanted, least)) <= room else (low, middle)
    widths = wanted if sum(wanted) <= room else _at_most(low, wanted, least)
    return [width * min(room / sum(widths), 1.0) for width in widths]


def _at_most(most: float, wanted: Sequence[float], least: Sequence[float]) -> list[float]:
    return [min(want, max(most, need)) for want, need in zip(wanted, least, strict=True)]


def _cell(cell: Cell, column: Column) -> list[Paragraph]:
    """The lines of a cell; a number stands at the right end."""
    words = [Paragraph(escape(line), _style(cell.look, column)) for line in cell.words.split("\n")]
    below = [Paragraph(escape(cell.below), _style(Look.QUIET, column))] if cell.below else []
    return [*words, *below]


def _style(look: Look, column: Column) -> ParagraphStyle:
    style = CELLS[look]
    return RIGHT[look] if column.is_number else style


RIGHT = {look: ParagraphStyle(f"{style.name}, right", style, alignment=TA_RIGHT) for look, style in CELLS.items()}


def _longest_line(cell: Cell) -> float:
    lines = [_width(line, cell.look) for line in cell.words.split("\n")]
    return max(*lines, _width(cell.below, Look.QUIET))


def _longest_word(cell: Cell) -> float:
    """A number with its interval stays on one line; other words may be broken between words."""
    if cell.estimate is not None:
        return _longest_line(cell)
    words = [_width(word, cell.look) for word in cell.words.split()]
    return max([*words, *(_width(word, Look.QUIET) for word in cell.below.split())], default=0.0)


def _width(words: str, look: Look) -> float:
    style = CELLS[look]
    return width_of(words, style.fontName, style.fontSize) + 0.5  # rounding must not wrap what fits
