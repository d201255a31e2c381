"""ECG paper on sheets of a printer: which sheets there are, where on them the paper lies, what goes to a further page.

Knows: sizes of sheets, margins, how ten seconds are divided among pages. Does not know: what draws it, what is written
above the paper. Nothing is ever scaled: what a sheet has no room for goes to the next one.

Sizes: A4 after ISO 216, Letter after ANSI/ASME Y14.1, both landscape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil
from types import MappingProxyType

from app.display import paper as page
from app.display.paper import SECONDS, STANDARD, PaperFormat, Strip

MARGIN_MM = 4.5  # left white on every side: few printers reach nearer to the edge
HEADER_AT_MM, HEADER_STEP_MM = 9.0, 4.6  # foot of the first line from the upper edge; from line to line
HEADER_LINES = 4  # the line with the scale comes below them
PAPER_AT_MM = HEADER_AT_MM + HEADER_LINES * HEADER_STEP_MM + 1.6
SHORTEST_S = 1.0  # where a column is too wide for a sheet, whole seconds go to a page


@dataclass(frozen=True)
class SheetSize:
    """A sheet as it lies in the printer, landscape; sizes in mm."""

    name: str
    width: float
    height: float


A4 = SheetSize("A4", 297.0, 210.0)
SHEETS: Mapping[str, SheetSize] = MappingProxyType({"A4": A4, "Letter": SheetSize("Letter", 279.4, 215.9)})


@dataclass(frozen=True)
class PrintedPage:
    """One page: it shows the paper's time axis from `start` to `end` in seconds; its number from 1, of `count`.

    Positions are millimetres from the left and upper edge of the ECG paper, unless they are said to be of the sheet.
    """

    paper: PaperFormat
    sheet: SheetSize
    start: float
    end: float
    number: int
    count: int

    @property
    def width_mm(self) -> float:
        """Width of the ECG paper."""
        return self.paper.left_mm + (self.end - self.start) * self.paper.speed + page.RIGHT_MM

    @property
    def block_mm(self) -> float:
        """Width that header and paper share, at least that of the standard page."""
        return max(self.width_mm, STANDARD.width_mm)

    @property
    def left_mm(self) -> float:
        """Left edge of the ECG paper and of the header, on the sheet."""
        return (self.sheet.width - self.block_mm) / 2

    @property
    def scale_words(self) -> str:
        """Speed, sensitivity and filter; on one page of several also which."""
        return self.paper.footer if self.count == 1 else f"{self.paper.footer}\u2002\u2002{self._which}"

    @property
    def _which(self) -> str:
        words = f"Page {self.number} of {self.count}"
        # Where all columns show the same seconds, the time axis does not say which.
        return words if self.paper.are_simultaneous else f"{words}, seconds {self.start:g}–{self.end:g}"

    @property
    def hint(self) -> str:
        """What a printer must be told."""
        return f"True scale if printed at 100 % on {self.sheet.name}"

    @property
    def _shift_mm(self) -> float:
        return self.start * self.paper.speed

    def strips(self) -> list[Strip]:
        """What the page shows of each lead, in the order of paper.strips; `at` counts from the page's beginning."""
        return [cut for strip in page.strips(self.paper) if (cut := self._cut(strip)) is not None]

    def _cut(self, strip: Strip) -> Strip | None:
        begin, end = max(strip.at, self.start), min(strip.at + strip.end - strip.start, self.end)
        if begin >= end:
            return None
        skipped = strip.start - strip.at
        return replace(strip, start=begin + skipped, end=end + skipped, at=begin - self.start)

    def names(self) -> list[tuple[str, float, float]]:
        """As paper.names: a lead that goes on from the page before is named again."""
        places = zip(page.strips(self.paper), page.names(self.paper), strict=True)
        return [
            (name, x + page.time_mm(cut.at, self.paper) - page.time_mm(strip.at, self.paper), y)
            for strip, (name, x, y) in places
            if (cut := self._cut(strip)) is not None
        ]

    def separators(self) -> list[list[tuple[float, float]]]:
        """As paper.separators, but for leads that begin where the page does."""
        first, last = self.paper.left_mm, self.width_mm - page.RIGHT_MM
        moved = [[(x - self._shift_mm, y) for x, y in mark] for mark in page.separators(self.paper)]
        return [mark for mark in moved if first < mark[0][0] < last]


def printed_pages(paper: PaperFormat, sheet: SheetSize) -> tuple[PrintedPage, ...]:
    """The pages that ten seconds take: whole columns of leads on each, or whole seconds where a column is too wide.

    Raises ValueError if not even a second fits the sheet.
    """
    paper = replace(paper, tallest_mm=sheet.height - PAPER_AT_MM - MARGIN_MM)
    each = _seconds_on_a_page(paper, sheet)
    count = ceil(SECONDS / each)
    return tuple(
        PrintedPage(paper, sheet, number * each, min(SECONDS, (number + 1) * each), number + 1, count)
        for number in range(count)
    )


def _seconds_on_a_page(paper: PaperFormat, sheet: SheetSize) -> float:
    room = (sheet.width - 2 * MARGIN_MM - paper.left_mm - page.RIGHT_MM) / paper.speed
    for unit in (SECONDS / paper.layout.columns, SHORTEST_S):
        if room >= unit:
            return min(SECONDS, unit * int(room / unit))
    raise ValueError(f"A second at {paper.speed:g} mm/s does not fit {sheet.name}; choose 50 mm/s or less.")
