"""An ECG on sheets of A4 or Letter (PDF or PNG) at true scale: 25 mm/s are 25 mm/s when printed at 100 %.

Knows: how the paper of app.paper becomes a vector PDF of one page or more, or a picture, with a header.
Does not know: what the header says, and where the ECG comes from. The file carries no date and no producer, and but
for the places of the curves' points it is the same for every ECG.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.display import paper as page
from app.display.paper import STANDARD, PaperFormat
from app.display.print_layout import (
    A4,
    HEADER_AT_MM,
    HEADER_LINES,
    HEADER_STEP_MM,
    MARGIN_MM,
    PAPER_AT_MM,
    PrintedPage,
    SheetSize,
    printed_pages,
)
from engine.ecg import Ecg

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.transforms import TransformedBbox

MM_PER_INCH = 25.4
POINTS_PER_MM = 72 / MM_PER_INCH
TITLE_MM, HEADER_MM = 4.1, 3.2  # sizes of letters
GRID, NAMES, CURVES = 1, 2, 3  # what lies above what: no name hides a curve
NO_METADATA = {"Creator": None, "Producer": None, "CreationDate": None}
PICTURE_DPI = 200


def print_page(ecg: Ecg, header: Sequence[str], paper: PaperFormat = STANDARD, sheet: SheetSize = A4) -> bytes:
    """The first ten seconds of an ECG as a PDF, landscape: one page, or more where they do not fit one.

    header: up to four lines, the first one is the title; what is too long for a line ends in an ellipsis. paper: what
    it says about the screen plays no part. Raises EcgError if the ECG is too short or has missing samples, ValueError
    if the header or a second of the ECG do not fit the sheet.
    """
    from matplotlib.backends.backend_pdf import PdfPages  # a quarter of a second that only printing needs

    pdf = BytesIO()
    with PdfPages(pdf, metadata=NO_METADATA) as file:
        for printed in printed_pages(paper, sheet):
            file.savefig(_figure(ecg, header, printed))
    return pdf.getvalue()


def page_picture(
    ecg: Ecg, header: Sequence[str], paper: PaperFormat = STANDARD, sheet: SheetSize = A4, number: int = 1
) -> bytes:
    """One of these pages as a PNG (A4: 2338 x 1653 pixels), which names its 200 dpi: true scale in print too.

    number: of the page, from 1. The other arguments and the errors are those of print_page.
    """
    png = BytesIO()
    printed = printed_pages(paper, sheet)[number - 1]
    _figure(ecg, header, printed).savefig(png, format="png", dpi=PICTURE_DPI, metadata={"Software": None})
    return png.getvalue()


def _figure(ecg: Ecg, header: Sequence[str], printed: PrintedPage) -> Figure:
    from matplotlib.figure import Figure

    sheet = printed.sheet
    figure = Figure(figsize=(sheet.width / MM_PER_INCH, sheet.height / MM_PER_INCH), facecolor="white")
    _write_header(figure, header, printed)
    axes = _paper_axes(figure, printed)
    _draw_grid(axes, printed)
    _draw_curves(axes, ecg, printed)
    _draw_marks(axes, printed)
    return figure


def _paper_axes(figure: Figure, printed: PrintedPage) -> Axes:
    """Axes whose units are millimetres of the ECG paper, y downwards."""
    sheet, width, height = printed.sheet, printed.width_mm, printed.paper.height_mm
    bottom = sheet.height - PAPER_AT_MM - height
    box = (printed.left_mm / sheet.width, bottom / sheet.height, width / sheet.width, height / sheet.height)
    axes = figure.add_axes(box)
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    return axes


def _write_header(figure: Figure, header: Sequence[str], printed: PrintedPage) -> None:
    if len(header) > HEADER_LINES:
        raise ValueError(f"The header of a page has room for {HEADER_LINES} lines, not {len(header)}.")
    plain = _letters(HEADER_MM)
    for line, words in enumerate(header):
        _write(figure, words, line, plain if line else _letters(TITLE_MM), printed)
    _write(figure, printed.scale_words, HEADER_LINES, _letters(HEADER_MM, "bold"), printed)
    _write(figure, printed.hint, HEADER_LINES, plain, printed, align="right")


def _letters(size_mm: float, weight: str = "normal") -> FontProperties:
    from matplotlib.font_manager import FontProperties

    return FontProperties(size=size_mm * POINTS_PER_MM, weight=weight)


def _write(
    figure: Figure, words: str, line: int, letters: FontProperties, printed: PrintedPage, align: str = "left"
) -> None:
    """A line of the header, from the left edge of the ECG paper or up to the right one."""
    x = printed.left_mm + (printed.block_mm if align == "right" else 0)
    figure.text(
        x / printed.sheet.width,
        1 - (HEADER_AT_MM + line * HEADER_STEP_MM) / printed.sheet.height,
        _fitting(words, letters, printed.block_mm),
        fontproperties=letters,
        color=page.TEXT_COLOUR,
        ha=align,
        parse_math=False,  # dollar signs are letters here
    )


def _fitting(words: str, letters: FontProperties, room_mm: float) -> str:
    """On one line; as much of it as there is room for."""
    from matplotlib.textpath import text_to_path

    def is_too_wide(text: str) -> bool:
        return text_to_path.get_text_width_height_descent(text, letters, ismath=False)[0] > room_mm * POINTS_PER_MM

    line = " ".join(words.splitlines())
    if not is_too_wide(line):
        return line
    shortened = [f"{line[:length].rstrip()} …" for length in range(len(line))]
    return shortened[max(0, bisect_left(shortened, True, key=is_too_wide) - 1)]


def _draw_grid(axes: Axes, printed: PrintedPage) -> None:
    from matplotlib.collections import LineCollection

    width, height, ink = printed.width_mm, printed.paper.height_mm, page.INKS[printed.paper.ink]
    for step, line, colour in (
        (page.FINE_MM, page.FINE_LINE_MM * 0.7, ink.fine),
        (page.BOLD_MM, page.BOLD_LINE_MM * 0.8, ink.bold),
    ):
        across = [[(0, y), (width, y)] for y in np.arange(0, height + 0.1, step)]
        down = [[(x, 0), (x, height)] for x in np.arange(0, width + 0.1, step)]
        lines = LineCollection(across + down, colors=colour, linewidths=line * POINTS_PER_MM, zorder=GRID)
        axes.add_collection(lines, autolim=False)


def _draw_curves(axes: Axes, ecg: Ecg, printed: PrintedPage) -> None:
    paper = printed.paper
    millimetres = paper.gain * page.drawn_signal(ecg)
    for strip in printed.strips():
        curve = page.curve(millimetres, strip)
        x = page.time_mm(strip.at, paper) + np.arange(curve.size) * (paper.speed / page.DRAWN_RATE)
        _draw_line(axes, np.column_stack([x, page.baseline_mm(strip.row, paper) - curve]), "round", printed)


def _draw_marks(axes: Axes, printed: PrintedPage) -> None:
    pulses = [page.pulse(row, printed.paper) for row in range(printed.paper.layout.rows)]
    for line in pulses + printed.separators():
        _draw_line(axes, line, "miter", printed)
    bold = _letters(page.NAME_MM, "bold")  # reads even where the first complex of a column crosses it
    for name, x, y in printed.names():
        axes.text(x, y, name, fontproperties=bold, color=page.TEXT_COLOUR, zorder=NAMES)


def _draw_line(
    axes: Axes, corners: NDArray[np.floating] | Sequence[tuple[float, float]], join: str, printed: PrintedPage
) -> None:
    """Through all its points, in mm of the ECG paper: matplotlib would leave some out. Only the margins cut it."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    path = Path(np.asarray(corners, dtype=float))
    path.should_simplify = False
    width = page.TRACE_MM * POINTS_PER_MM
    line = PathPatch(path, fill=False, edgecolor=page.TRACE_COLOUR, linewidth=width, joinstyle=join, zorder=CURVES)
    axes.add_artist(line)
    line.set_clip_box(_inside_margins(axes, printed.sheet))


def _inside_margins(axes: Axes, sheet: SheetSize) -> TransformedBbox:
    from matplotlib.transforms import Bbox, TransformedBbox

    across, down = MARGIN_MM / sheet.width, MARGIN_MM / sheet.height
    return TransformedBbox(Bbox.from_extents(across, down, 1 - across, 1 - down), axes.get_figure().transFigure)
