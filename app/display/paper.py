"""ECG paper: where on the page each lead, calibration pulse and word goes, in millimetres.

Knows: the 3x4 layout with a rhythm strip, paper speed, sensitivity, colours and line weights.
Does not know: what draws it (the browser or a PDF), nor anything about the ECG but its samples.

Geometry never depends on the ECG: no automatic gain and no automatic size, because amplitude differs between
real and synthetic ECGs. A tall complex runs into the neighbouring row, as on paper. Positions are millimetres
from the left and upper edge of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.display.interpolate import interpolate
from engine.ecg import Ecg, EcgError

COLUMNS = (("I", "II", "III"), ("aVR", "aVL", "aVF"), ("V1", "V2", "V3"), ("V4", "V5", "V6"))
RHYTHM_LEAD = "II"
SECONDS = 10.0
DRAWN_RATE = 500.0  # points per second of the drawn curve: 0.05 mm apart at 25 mm/s
DRAWN_POINTS = int(SECONDS * DRAWN_RATE)

LEFT_MM, RIGHT_MM = 10.0, 5.0  # the calibration pulse stands on the left
TOP_MM, ROW_MM, BOTTOM_MM = 35.0, 30.0, 20.0  # 3.5 mV above the first row hold 99.5 % of PTB-XL
ROWS = 4
PULSE_SECONDS, PULSE_MILLIVOLTS = 0.2, 1.0
PULSE_LEAD_MM = 3.0  # flat line between the pulse and the ECG
FINE_MM, BOLD_MM = 1.0, 5.0

PAPER_COLOUR = "#fffaf8"
FINE_COLOUR, BOLD_COLOUR = "#fbdedb", "#f0aca5"
TRACE_COLOUR, TEXT_COLOUR = "#15151a", "#2b2b33"
TRACE_MM, MARK_MM, FINE_LINE_MM, BOLD_LINE_MM = 0.3, 0.35, 0.15, 0.25  # marks: calibration, lead changes
NAME_MM, FOOTER_MM = 3.4, 2.9  # font sizes
NAME_ABOVE_MM = 9.5  # from the baseline of a row to the foot of the lead's name
FOOTER_AT = (2.0, TOP_MM + (ROWS - 1) * ROW_MM + BOTTOM_MM - 1.5)


@dataclass(frozen=True)
class PaperFormat:
    """Scale of the page: speed in mm/s, sensitivity (gain) in mm/mV, size of a millimetre on the screen.

    px_per_mm should be a multiple of 1/4, so that grid lines keep equal distances on the screen.
    band: pass band of the ECG as it is printed at the foot of the page.
    """

    speed: float = 25.0
    gain: float = 10.0
    px_per_mm: float = 4.0
    band: str = "0–40 Hz"

    @property
    def width_mm(self) -> float:
        """Width of the page."""
        return LEFT_MM + SECONDS * self.speed + RIGHT_MM

    @property
    def height_mm(self) -> float:
        """Height of the page."""
        return TOP_MM + (ROWS - 1) * ROW_MM + BOTTOM_MM

    @property
    def footer(self) -> str:
        """What a reader must know to measure."""
        return "\u2002\u2002".join((f"{self.speed:g} mm/s", f"{self.gain:g} mm/mV", self.band))


@dataclass(frozen=True)
class Strip:
    """A lead on the page: its row, and the seconds of the ECG that it shows."""

    lead: str
    row: int
    start: float
    end: float

    @property
    def points(self) -> slice:
        """The part of the drawn curve that it shows."""
        return slice(round(self.start * DRAWN_RATE), round(self.end * DRAWN_RATE))


def _strips() -> tuple[Strip, ...]:
    width = SECONDS / len(COLUMNS)
    short = [
        Strip(lead, row, column * width, (column + 1) * width)
        for column, leads in enumerate(COLUMNS)
        for row, lead in enumerate(leads)
    ]
    return (*short, Strip(RHYTHM_LEAD, ROWS - 1, 0.0, SECONDS))


STRIPS = _strips()
STANDARD = PaperFormat()


def drawn_signal(ecg: Ecg) -> NDArray[np.float32]:
    """The first ten seconds as they are drawn: float32 (12, DRAWN_POINTS) in mV, leads in standard order.

    Raises EcgError if the ECG is shorter or has missing samples.
    """
    if ecg.duration < SECONDS:
        raise EcgError(f"A page shows {SECONDS:g} s; this ECG lasts only {ecg.duration:g} s.")
    if ecg.missing.any():
        raise EcgError("An ECG with missing samples cannot be drawn; choose another part of the recording.")
    return interpolate(ecg.signal, ecg.rate, DRAWN_RATE)[:, :DRAWN_POINTS]


def time_mm(seconds: float, paper: PaperFormat) -> float:
    """Where on the page a moment of the ECG is."""
    return LEFT_MM + seconds * paper.speed


def baseline_mm(row: int) -> float:
    """Where on the page 0 mV of a row is."""
    return TOP_MM + row * ROW_MM


def pulse(row: int, paper: PaperFormat) -> list[tuple[float, float]]:
    """Corners (x, y) of the calibration pulse at the start of a row: 1 mV high, 0.2 s wide."""
    foot, top = baseline_mm(row), baseline_mm(row) - PULSE_MILLIVOLTS * paper.gain
    end = LEFT_MM - PULSE_LEAD_MM
    start = end - PULSE_SECONDS * paper.speed
    return [(start - 1, foot), (start, foot), (start, top), (end, top), (end, foot), (LEFT_MM, foot)]


def separators(paper: PaperFormat) -> list[list[tuple[float, float]]]:
    """Pairs of short marks, above and below the baseline, where one lead ends and the next begins."""
    marks = []
    for strip in STRIPS:
        if strip.start > 0:
            x, y = time_mm(strip.start, paper), baseline_mm(strip.row)
            marks += [[(x, y - 4), (x, y - 2)], [(x, y + 2), (x, y + 4)]]
    return marks


def names(paper: PaperFormat) -> Sequence[tuple[str, float, float]]:
    """Lead name and the left foot (x, y) of its first letter, for each strip."""
    return [(strip.lead, time_mm(strip.start, paper) + 1, baseline_mm(strip.row) - NAME_ABOVE_MM) for strip in STRIPS]
