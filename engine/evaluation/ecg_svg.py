"""An ECG as a picture in a page: SVG, four columns of 2.4 s and a rhythm strip, 25 mm/s, 10 mm/mV.

Knows: paper.  Does not know: who drew the ECG, HTML around it.  One unit is 0.1 mm; coordinates are whole numbers and
relative, which keeps a 12-lead ECG below 20 kB.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.ecg import Ecg

COLUMNS = (("I", "II", "III"), ("aVR", "aVL", "aVF"), ("V1", "V2", "V3"), ("V4", "V5", "V6"))
STRIP = "II"
COLUMN_SECONDS = 2.4
PER_SECOND, PER_MILLIVOLT = 250, 100
ROW = 260  # 26 mm between two rows
WIDTH, HEIGHT = round(4 * COLUMN_SECONDS * PER_SECOND), 4 * ROW

GRID = (
    '<defs><pattern id="mm" width="10" height="10" patternUnits="userSpaceOnUse">'
    '<path d="M10 0H0V10" fill="none" stroke="#f6dada" stroke-width="1"/></pattern>'
    '<pattern id="cm" width="50" height="50" patternUnits="userSpaceOnUse">'
    '<rect width="50" height="50" fill="url(#mm)"/>'
    '<path d="M50 0H0V50" fill="none" stroke="#eebcbc" stroke-width="2"/></pattern></defs>'
)


def grid_definitions() -> str:
    """The paper, once per page."""
    return f'<svg width="0" height="0" style="position:absolute">{GRID}</svg>'


def ecg_svg(ecg: Ecg, title: str) -> str:
    """One ECG of 9.6 s or more; needs grid_definitions() somewhere on the page."""
    from html import escape

    strips = [
        _strip(ecg, lead, column * COLUMN_SECONDS, COLUMN_SECONDS, row)
        for column, leads in enumerate(COLUMNS)
        for row, lead in enumerate(leads)
    ]
    strips.append(_strip(ecg, STRIP, 0, 4 * COLUMN_SECONDS, 3))
    return (
        f'<svg class="ecg" role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#cm)"/>{"".join(strips)}</svg>'
    )


def _strip(ecg: Ecg, lead: str, start: float, seconds: float, row: int) -> str:
    first, last = round(start * ecg.rate), round((start + seconds) * ecg.rate)
    left, middle = round(start * PER_SECOND), round((row + 0.55) * ROW)
    trace = _path(ecg.lead(lead)[first:last], ecg.rate, left, middle)
    return f'<path d="{trace}"/><text x="{left + 12}" y="{middle - 80}">{lead}</text>'


def _path(signal: NDArray[np.float32], rate: float, left: int, middle: int) -> str:
    x = np.rint(left + np.arange(len(signal)) * PER_SECOND / rate).astype(int)
    y = np.rint(middle - signal * PER_MILLIVOLT).astype(int)
    steps = "".join(f"{dx} {dy}," for dx, dy in zip(np.diff(x), np.diff(y), strict=True))
    return f"M{x[0]} {y[0]}l{steps.rstrip(',')}"
