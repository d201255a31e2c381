"""Curves on ECG paper as SVG: rows below each other, leads side by side, 25 mm/s and 10 mm/mV.

Knows: millimetres, colours, paths. Does not know: what the curves are, Streamlit.

Unlike the page of a study (app.display.paper) rows take the room that their curves need: here nobody is blinded, and
differences of some tenths of a millivolt are to be seen side by side. All curves share one scale.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from app.display import paper as page
from app.display.paper import STANDARD

PX_PER_MM = STANDARD.px_per_mm
LEFT_MM, RIGHT_MM = STANDARD.left_mm, page.RIGHT_MM
GAP_MM, SCALE_FONT_MM = 2.5, 2.6
LEAST_MM, MOST_MM = 6.0, 32.0  # room above and below a baseline; what is taller runs into the next row
STEP = 2  # every second point of a drawn curve: 250 a second, 0.1 mm apart
HUNDREDTHS = 100  # paths are written in whole hundredths of a millimetre
INK = page.INKS[STANDARD.ink]
DIFFERENCE_COLOUR = "#0b5fb0"  # blue reads as another curve to every kind of colour vision, on red paper too


@dataclass(frozen=True, eq=False)
class Row:
    """title: above its left end. curves: one for each column, (n,) in mV at paper.DRAWN_RATE."""

    title: str
    curves: tuple[NDArray[np.float32], ...]
    colour: str = page.TRACE_COLOUR


def data_uri(svg: str) -> str:
    """An SVG as the address of a picture."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def picture_html(svg: str, words: str) -> str:
    """An SVG for st.html, which lets pictures pass but no SVG; it shrinks with a narrow window. words: its alt text."""
    return f'<img src="{data_uri(svg)}" alt="{escape(words)}" style="display:block;max-width:100%;height:auto">'


def rows_svg(leads: Sequence[str], rows: Sequence[Row], words: str) -> str:
    """Rows of leads side by side, each row with its calibration pulse. words: for a screen reader."""
    starts = [LEFT_MM + at * page.SECONDS * STANDARD.speed / len(leads) for at in range(len(leads))]
    top = GAP_MM + page.NAME_MM
    drawn = [_words(lead, start + 1, top) for lead, start in zip(leads, starts, strict=True)]
    for row in rows:
        above, below = _room(row)
        baseline = top + GAP_MM + page.NAME_MM + above
        drawn.append(_words(row.title, LEFT_MM + 1, top + GAP_MM + page.NAME_MM, row.colour, 600))
        drawn += [pulse(baseline), _pulse_scale(baseline), _separators(starts[1:], baseline)]
        drawn += [_cell(curve, row.colour, start, baseline) for curve, start in zip(row.curves, starts, strict=True)]
        top = baseline + below
    return paper_svg(LEFT_MM + page.SECONDS * STANDARD.speed + RIGHT_MM, _whole(top), "".join(drawn), words)


def strip_svg(curve: NDArray[np.float32], height_mm: float, baseline_mm: float, words: str) -> str:
    """One curve alone, from edge to edge."""
    width = curve.size / page.DRAWN_RATE * STANDARD.speed
    return paper_svg(width, height_mm, _cell(curve, page.TRACE_COLOUR, 0.0, baseline_mm), words)


def room(curves: Iterable[NDArray[np.float32]]) -> tuple[float, float]:
    """Millimetres above and below the baseline that these curves take, as far as a row may have them."""
    ends = [(float(curve.max()), float(curve.min())) for curve in curves]
    above, below = max(high for high, _ in ends), -min(low for _, low in ends)
    return _within(above * STANDARD.gain), _within(below * STANDARD.gain)


def paper_svg(width: float, height: float, content: str, words: str) -> str:
    """A piece of paper of so many millimetres; it shrinks with a narrow window and never grows."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(words)}" '
        f'viewBox="0 0 {width:g} {height:g}" width="{width * PX_PER_MM:g}" height="{height * PX_PER_MM:g}" '
        f'style="max-width:100%;height:auto;display:block" font-family="Helvetica, Arial, sans-serif" fill="none" '
        f'stroke-linejoin="round"><rect width="100%" height="100%" fill="{INK.paper}"/>'
        f"{_grid(width, height)}{content}</svg>"
    )


def pulse(baseline: float) -> str:
    """1 mV, 0.2 s, in front of a row."""
    end = LEFT_MM - page.PULSE_LEAD_MM
    wide, high = page.PULSE_SECONDS * STANDARD.speed, page.PULSE_MILLIVOLTS * STANDARD.gain
    foot = end - wide - page.PULSE_FOOT_MM
    path = f"M{foot:g},{baseline:g}h{page.PULSE_FOOT_MM:g}v{-high:g}h{wide:g}v{high:g}H{LEFT_MM:g}"
    return f'<path d="{path}" stroke="{page.TRACE_COLOUR}" stroke-width="{page.MARK_MM}"/>'


def lead_name(name: str, x: float, y: float) -> str:
    """Written above its curve; x, y: left foot of the first letter."""
    return _words(name, x, y)


def _room(row: Row) -> tuple[float, float]:
    above, below = room(row.curves)
    return max(above, page.PULSE_MILLIVOLTS * STANDARD.gain), below


def _within(millimetres: float) -> float:
    return min(MOST_MM, max(LEAST_MM, millimetres))


def _whole(height: float) -> float:
    return float(np.ceil(height / page.BOLD_MM) * page.BOLD_MM)


def _words(words: str, x: float, y: float, colour: str = page.TEXT_COLOUR, weight: int = 400) -> str:
    of = f'font-size="{page.NAME_MM}" font-weight="{weight}" fill="{colour}"'
    return f'<text x="{x:g}" y="{y:g}" {of}>{escape(words)}</text>'


def _pulse_scale(baseline: float) -> str:
    y = baseline - page.PULSE_MILLIVOLTS * STANDARD.gain - 1
    return f'<text x="1" y="{y:g}" font-size="{SCALE_FONT_MM}" fill="{page.TEXT_COLOUR}">1 mV</text>'


def _separators(starts: Sequence[float], baseline: float) -> str:
    """Marks where one lead ends and the next begins, as on a page."""
    path = "".join(f"M{x:g},{baseline - 4:g}v2M{x:g},{baseline + 2:g}v2" for x in starts)
    return f'<path d="{path}" stroke="{page.TRACE_COLOUR}" stroke-width="{page.MARK_MM}"/>' if path else ""


def _cell(curve: NDArray[np.float32], colour: str, x: float, baseline: float) -> str:
    """One lead, in hundredths of a millimetre, each point relative to the one before: short numbers."""
    y = np.rint((baseline - curve[::STEP] * STANDARD.gain) * HUNDREDTHS).astype(int)
    dx = round(STEP / page.DRAWN_RATE * STANDARD.speed * HUNDREDTHS)
    steps = "".join(f"l{dx},{dy}" for dy in np.diff(y))
    return (
        f'<path transform="scale({1 / HUNDREDTHS:g})" d="M{x * HUNDREDTHS:.0f},{y[0]}{steps}" stroke="{colour}" '
        f'stroke-width="{page.TRACE_MM * HUNDREDTHS:g}"/>'
    )


def _grid(width: float, height: float) -> str:
    return _lines(width, height, page.FINE_MM, INK.fine, page.FINE_LINE_MM) + _lines(
        width, height, page.BOLD_MM, INK.bold, page.BOLD_LINE_MM
    )


def _lines(width: float, height: float, apart: float, colour: str, thick: float) -> str:
    across = "".join(f"M0,{y:g}h{width:g}" for y in np.arange(0, height + 0.01, apart))
    down = "".join(f"M{x:g},0v{height:g}" for x in np.arange(0, width + 0.01, apart))
    return f'<path d="{across}{down}" stroke="{colour}" stroke-width="{thick}"/>'
