"""An ECG as an A4 page (PDF) at true scale: 25 mm/s and 10 mm/mV when printed at 100 %.

Knows: how the page of app.paper becomes a vector PDF with a header.
Does not know: what the header says, and where the ECG comes from. The file carries no date and no producer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from app.display import paper as page
from app.display.paper import STANDARD, PaperFormat
from engine.ecg import Ecg

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

A4_MM = (297.0, 210.0)  # landscape
MM_PER_INCH = 25.4
POINTS_PER_MM = 72 / MM_PER_INCH
PAGE_TOP_MM = 38.0  # from the upper edge of the sheet to the ECG paper; the header stands above
HEADER_AT_MM = 15.0  # foot of the first header line
HEADER_MM, HEADER_STEP_MM = 3.2, 5.2  # size and distance of the header lines; the first one is larger
HEADER_LINES = 4
PRINT_HINT = "True scale if printed at 100 % on A4"
NO_METADATA = {"Creator": None, "Producer": None, "CreationDate": None}


def print_page(ecg: Ecg, header: Sequence[str], paper: PaperFormat = STANDARD) -> bytes:
    """The first ten seconds of an ECG as a one-page PDF, A4 landscape.

    header: up to four lines, the first one is the title. paper: speed and sensitivity (px_per_mm plays no
    part). Raises EcgError if the ECG is too short or has missing samples, ValueError if the speed or the
    header do not fit the sheet.
    """
    from matplotlib.figure import Figure  # a quarter of a second that only printing needs

    _check_fit(header, paper)
    paper = replace(paper, tallest_mm=A4_MM[1] - PAGE_TOP_MM)
    sheet = Figure(figsize=(A4_MM[0] / MM_PER_INCH, A4_MM[1] / MM_PER_INCH), facecolor="white")
    _write_header(sheet, header)
    axes = _paper_axes(sheet, paper)
    _draw_grid(axes, paper)
    _draw_curves(axes, ecg, paper)
    _draw_marks(axes, paper)
    pdf = BytesIO()
    sheet.savefig(pdf, format="pdf", metadata=NO_METADATA)
    return pdf.getvalue()


def _check_fit(header: Sequence[str], paper: PaperFormat) -> None:
    if paper.width_mm > A4_MM[0]:
        raise ValueError(f"Ten seconds at {paper.speed:g} mm/s do not fit an A4 page; use 25 mm/s or less.")
    if len(header) > HEADER_LINES:
        raise ValueError(f"The header of a page has room for {HEADER_LINES} lines, not {len(header)}.")


def _paper_left(paper: PaperFormat) -> float:
    return (A4_MM[0] - paper.width_mm) / 2


def _paper_axes(sheet: Figure, paper: PaperFormat) -> Axes:
    """Axes whose units are millimetres of the page, y downwards."""
    width, height = A4_MM
    bottom = height - PAGE_TOP_MM - paper.height_mm
    box = (_paper_left(paper) / width, bottom / height, paper.width_mm / width, paper.height_mm / height)
    axes = sheet.add_axes(box)
    axes.set_axis_off()
    axes.set_xlim(0, paper.width_mm)
    axes.set_ylim(paper.height_mm, 0)
    return axes


def _write_header(sheet: Figure, header: Sequence[str]) -> None:
    left = _paper_left(STANDARD)
    for row, words in enumerate(header):
        _write(sheet, words, left, HEADER_AT_MM + row * HEADER_STEP_MM, HEADER_MM + (0.9 if row == 0 else 0))


def _write(sheet: Figure, words: str, x: float, y: float, size_mm: float) -> None:
    # Dollar signs are letters here, not mathematics.
    sheet.text(
        x / A4_MM[0],
        1 - y / A4_MM[1],
        words.replace("$", r"\$"),
        fontsize=size_mm * POINTS_PER_MM,
        color=page.TEXT_COLOUR,
    )


def _draw_grid(axes: Axes, paper: PaperFormat) -> None:
    from matplotlib.collections import LineCollection

    for step, width, colour in (
        (page.FINE_MM, page.FINE_LINE_MM * 0.7, page.INKS[paper.ink].fine),
        (page.BOLD_MM, page.BOLD_LINE_MM * 0.8, page.INKS[paper.ink].bold),
    ):
        across = [[(0, y), (paper.width_mm, y)] for y in np.arange(0, paper.height_mm + 0.1, step)]
        down = [[(x, 0), (x, paper.height_mm)] for x in np.arange(0, paper.width_mm + 0.1, step)]
        axes.add_collection(
            LineCollection(across + down, colors=colour, linewidths=width * POINTS_PER_MM), autolim=False
        )


def _draw_curves(axes: Axes, ecg: Ecg, paper: PaperFormat) -> None:
    millimetres = paper.gain * page.drawn_signal(ecg)
    for strip in page.strips(paper):
        curve = page.curve(millimetres, strip)
        axes.plot(
            page.time_mm(strip.at, paper) + np.arange(curve.size) * (paper.speed / page.DRAWN_RATE),
            page.baseline_mm(strip.row, paper) - curve,
            color=page.TRACE_COLOUR,
            linewidth=page.TRACE_MM * POINTS_PER_MM,
            solid_joinstyle="round",
        )


def _draw_marks(axes: Axes, paper: PaperFormat) -> None:
    for line in [page.pulse(row, paper) for row in range(paper.layout.rows)] + page.separators(paper):
        axes.plot(
            *zip(*line, strict=True),
            color=page.TRACE_COLOUR,
            linewidth=page.TRACE_MM * POINTS_PER_MM,
            solid_capstyle="butt",
            solid_joinstyle="miter",
        )
    for name, x, y in page.names(paper):
        axes.text(x, y, name, fontsize=page.NAME_MM * POINTS_PER_MM, color=page.TEXT_COLOUR)
    small = {"fontsize": page.FOOTER_MM * POINTS_PER_MM, "color": page.TEXT_COLOUR}
    axes.text(*paper.footer_at, paper.footer, **small)
    axes.text(paper.width_mm - paper.footer_at[0], paper.footer_at[1], PRINT_HINT, ha="right", **small)
