"""A gap in an ECG as a picture: what is known in black, what was filled in in blue, the original light beneath it.

Knows: paths, colours, millimetres. Does not know: who filled the gap, Streamlit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from app.display import paper as page
from app.display.paper import STANDARD
from app.explore.curves import GAP_MM, LEFT_MM, RIGHT_MM, data_uri, lead_name, paper_svg, pulse, room
from engine.ecg import STANDARD_LEADS, Ecg

FILLED_COLOUR, ORIGINAL_COLOUR = "#0b5fb0", "#97a0ad"
BAND = 'fill="#0b5fb0" fill-opacity="0.09"'
SMALL_LEADS, SMALL_ROW_MM, SMALL_PX_PER_MM = ("II", "V1", "V5"), 34.0, 0.8
SECONDS_MM = page.SECONDS * STANDARD.speed


@dataclass(frozen=True)
class Pen:
    """Where a curve begins, how many of its points are left out, how thick it is (mm)."""

    left: float
    step: int
    thick: float

    def draw(self, curve: NDArray[np.float32], part: slice, baseline: float, colour: str) -> str:
        """A part of a curve (DRAWN_POINTS,) in mV; an empty one is nothing."""
        at = np.arange(curve.size)[part][:: self.step]
        if at.size < 2:
            return ""
        x = self.left + at / page.DRAWN_RATE * STANDARD.speed
        y = baseline - curve[at] * STANDARD.gain
        points = "L".join(f"{a:.2f},{b:.2f}" for a, b in zip(x, y, strict=True))
        return f'<path d="M{points}" stroke="{colour}" stroke-width="{self.thick:g}"/>'

    def band(self, part: slice, top: float, height: float) -> str:
        """The paper behind a gap, shaded."""
        start, width = (value / page.DRAWN_RATE * STANDARD.speed for value in (part.start, part.stop - part.start))
        return f'<rect x="{self.left + start:g}" y="{top:g}" width="{width:g}" height="{height:g}" {BAND}/>'


PEN, SMALL_PEN = Pen(LEFT_MM, 2, page.TRACE_MM), Pen(0.0, 10, 1.1)


def filled_svg(leads: Sequence[str], filled: Ecg, original: Ecg, hidden: NDArray[np.bool_], words: str) -> str:
    """Ten seconds of some leads below each other, 25 mm/s and 10 mm/mV. hidden: (12, n) at the ECGs' rate."""
    after, before = page.drawn_signal(filled), page.drawn_signal(original)
    drawn, top = "", 0.0
    for row in (STANDARD_LEADS.index(lead) for lead in leads):
        above, below = room((after[row], before[row]))
        needed, baseline = above + below + page.NAME_MM + 2 * GAP_MM, top + GAP_MM + page.NAME_MM + above
        height = math.ceil(needed / page.BOLD_MM) * page.BOLD_MM
        gap = drawn_gap(hidden[row], filled.rate)
        drawn += PEN.band(gap, top, height) + pulse(baseline) + PEN.draw(before[row], gap, baseline, ORIGINAL_COLOUR)
        drawn += _in_two_colours(PEN, after[row], gap, baseline)
        drawn += lead_name(STANDARD_LEADS[row], LEFT_MM + 1, top + GAP_MM + page.NAME_MM)
        top += height
    return paper_svg(LEFT_MM + SECONDS_MM + RIGHT_MM, top, drawn, words)


def small_picture(ecg: Ecg, hidden: NDArray[np.bool_], words: str, has_curve: bool) -> str:
    """Three leads without paper as a data URI for a button, the gap shaded; has_curve: it is filled by now."""
    signal, drawn, height = page.drawn_signal(ecg), "", SMALL_ROW_MM * len(SMALL_LEADS)
    for place, lead in enumerate(SMALL_LEADS):
        row, top = STANDARD_LEADS.index(lead), place * SMALL_ROW_MM
        gap, baseline = drawn_gap(hidden[row], ecg.rate), top + 0.6 * SMALL_ROW_MM
        colour = FILLED_COLOUR if has_curve else "none"
        drawn += SMALL_PEN.band(gap, top, SMALL_ROW_MM) + _in_two_colours(SMALL_PEN, signal[row], gap, baseline, colour)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(words)}" '
        f'viewBox="0 0 {SECONDS_MM:g} {height:g}" width="{SECONDS_MM * SMALL_PX_PER_MM:g}" '
        f'height="{height * SMALL_PX_PER_MM:g}" fill="none" stroke-linejoin="round">'
        f'<rect width="100%" height="100%" fill="#fffaf8"/>{drawn}</svg>'
    )
    return data_uri(svg)


def drawn_gap(hidden: NDArray[np.bool_], rate: float) -> slice:
    """The hidden part of a lead (n,) among the points of its drawn curve; empty at the start where there is none."""
    at = np.flatnonzero(hidden)
    if not at.size:
        return slice(0, 0)
    times = page.DRAWN_RATE / rate
    return slice(round(at[0] * times), min(page.DRAWN_POINTS, round((at[-1] + 1) * times)))


def _in_two_colours(
    pen: Pen, curve: NDArray[np.float32], gap: slice, baseline: float, filled: str = FILLED_COLOUR
) -> str:
    """Known on both sides, filled between; the pieces share a point, so that the line does not break."""
    if gap.start == gap.stop:
        return pen.draw(curve, slice(0, curve.size), baseline, page.TRACE_COLOUR)
    before, after = slice(0, gap.start + 1), slice(gap.stop - 1, curve.size)
    sides = pen.draw(curve, before, baseline, page.TRACE_COLOUR) + pen.draw(curve, after, baseline, page.TRACE_COLOUR)
    return sides + pen.draw(curve, gap, baseline, filled)
