"""ECG paper: where on the page each lead, calibration pulse and word goes, in millimetres.

Knows: arrangements and orders of the leads, paper speed, sensitivity, colours and line weights.
Does not know: what draws it (the browser or a PDF), nor anything about the ECG but its samples.

Geometry never depends on the ECG: no automatic gain and no automatic size, because amplitude differs between
real and synthetic ECGs. A tall complex runs into the neighbouring row, as on paper. Positions are millimetres
from the left and upper edge of the page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from app.display.interpolate import interpolate
from engine.ecg import STANDARD_LEADS, Ecg, EcgError

SECONDS = 10.0
DRAWN_RATE = 500.0  # points per second of the drawn curve: 0.05 mm apart at 25 mm/s
DRAWN_POINTS = int(SECONDS * DRAWN_RATE)

LEFT_MM, RIGHT_MM = 10.0, 5.0  # at least; the calibration pulse stands on the left
PULSE_SECONDS, PULSE_MILLIVOLTS = 0.2, 1.0
PULSE_LEAD_MM, PULSE_FOOT_MM = 3.0, 1.0  # flat lines between the pulse and the ECG, and before it
FINE_MM, BOLD_MM = 1.0, 5.0

TRACE_COLOUR, TEXT_COLOUR = "#15151a", "#2b2b33"
TRACE_MM, MARK_MM, FINE_LINE_MM, BOLD_LINE_MM = 0.3, 0.35, 0.15, 0.25  # marks: calibration, lead changes
NAME_MM, FOOTER_MM = 3.4, 2.9  # font sizes
FOOTER_ABOVE_MM, FOOTER_LEFT_MM = 1.5, 2.0  # from the lower and the left edge of the page


@dataclass(frozen=True)
class Arrangement:
    """Columns of leads beside each other, rhythm strips of the whole length below them.

    row_mm: between two baselines; top_mm, bottom_mm: above the first and below the last one; name_mm: from a baseline
    up to the foot of the lead's name. All at 10 mm/mV or less. 3.5 mV above the first row hold 99.5 % of PTB-XL.
    """

    columns: int
    rhythm_strips: int
    row_mm: float
    top_mm: float = 35.0
    bottom_mm: float = 20.0
    name_mm: float = 9.5

    @property
    def rows(self) -> int:
        """Rows of the page, rhythm strips included."""
        return len(STANDARD_LEADS) // self.columns + self.rhythm_strips


ARRANGEMENTS: Mapping[str, Arrangement] = MappingProxyType(
    {
        "3x4": Arrangement(4, 0, 30.0),
        "3x4+1R": Arrangement(4, 1, 30.0),
        "3x4+3R": Arrangement(4, 3, 23.0, name_mm=8.5),
        "6x2": Arrangement(2, 0, 23.0, name_mm=8.5),
        "6x2+1R": Arrangement(2, 1, 19.0, name_mm=7.0),
        "12x1": Arrangement(1, 0, 11.0, top_mm=30.0, name_mm=3.5),
    }
)
CHEST_LEADS = ("V1", "V2", "V3", "V4", "V5", "V6")
ORDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "standard": ("I", "II", "III", "aVR", "aVL", "aVF", *CHEST_LEADS),
        "Cabrera": ("aVL", "I", "-aVR", "II", "aVF", "III", *CHEST_LEADS),
    }
)
RHYTHM_LEADS = ("II", "V1", "V5")  # of the rhythm strips, as many as there are


@dataclass(frozen=True)
class Ink:
    """Colours of the paper and of its fine and bold lines."""

    paper: str
    fine: str
    bold: str


INKS: Mapping[str, Ink] = MappingProxyType(
    {
        "red": Ink("#fffaf8", "#fbdedb", "#f0aca5"),
        "blue": Ink("#f9fbff", "#dbe6f8", "#a3bfe8"),
        "grey": Ink("#fdfdfc", "#e6e6e4", "#bfbfbc"),
    }
)


@dataclass(frozen=True)
class PaperFormat:
    """Scale of the page: speed in mm/s, sensitivity (gain) in mm/mV, size of a millimetre on the screen; what stands
    where on it.

    px_per_mm should be a multiple of 1/4, so that grid lines keep equal distances on the screen.
    band: pass band of the ECG as it is printed at the foot of the page. arrangement, order, ink: keys of ARRANGEMENTS,
    ORDERS and INKS. rhythm: leads of the rhythm strips, at least as many as the arrangement has.
    are_simultaneous: every column shows the first seconds, instead of going on where the one before ends.
    tallest_mm: of the sheet that the page must fit; rows that would need more stay closer and overlap.
    """

    speed: float = 25.0
    gain: float = 10.0
    px_per_mm: float = 4.0
    band: str = "0–40 Hz"
    arrangement: str = "3x4+1R"
    order: str = "standard"
    ink: str = "red"
    rhythm: tuple[str, ...] = RHYTHM_LEADS
    are_simultaneous: bool = False
    tallest_mm: float = math.inf

    @property
    def layout(self) -> Arrangement:
        """The arrangement itself."""
        return ARRANGEMENTS[self.arrangement]

    @property
    def spread(self) -> float:
        """By how much rows are further apart: above 10 mm/mV they grow as the curves do, as far as there is room."""
        plain = self.layout.top_mm + (self.layout.rows - 1) * self.layout.row_mm + self.layout.bottom_mm
        return max(1.0, min(self.gain / 10.0, self.tallest_mm / plain))

    @property
    def left_mm(self) -> float:
        """Where on the page the ECG begins."""
        return max(LEFT_MM, 2 * PULSE_FOOT_MM + PULSE_SECONDS * self.speed + PULSE_LEAD_MM)

    @property
    def width_mm(self) -> float:
        """Width of the page."""
        return self.left_mm + SECONDS * self.speed + RIGHT_MM

    @property
    def height_mm(self) -> float:
        """Height of the page."""
        return baseline_mm(self.layout.rows - 1, self) + self.layout.bottom_mm * self.spread

    @property
    def footer(self) -> str:
        """What a reader must know to measure."""
        return "\u2002\u2002".join((f"{self.speed:g} mm/s", f"{self.gain:g} mm/mV", self.band))

    @property
    def footer_at(self) -> tuple[float, float]:
        """Left foot (x, y) of the footer."""
        return FOOTER_LEFT_MM, self.height_mm - FOOTER_ABOVE_MM


@dataclass(frozen=True)
class Strip:
    """A lead on the page: its row, the seconds of the ECG that it shows, and where on the page's time axis they begin.

    sign: -1 where it is drawn upside down, as -aVR in Cabrera's order.
    """

    lead: str
    row: int
    start: float
    end: float
    at: float
    sign: int = 1

    @property
    def name(self) -> str:
        """As it stands on the page."""
        return self.lead if self.sign > 0 else f"\N{MINUS SIGN}{self.lead}"

    @property
    def points(self) -> slice:
        """The part of the drawn curve that it shows."""
        return slice(round(self.start * DRAWN_RATE), round(self.end * DRAWN_RATE))


@cache
def strips(paper: PaperFormat) -> tuple[Strip, ...]:
    """All leads of the page, column by column, then the rhythm strips."""
    layout = paper.layout
    width, high = SECONDS / layout.columns, layout.rows - layout.rhythm_strips
    short = []
    for place, name in enumerate(ORDERS[paper.order]):
        column, row = divmod(place, high)
        start = 0.0 if paper.are_simultaneous else column * width
        lead, sign = name.removeprefix("-"), -1 if name.startswith("-") else 1
        short.append(Strip(lead, row, start, start + width, column * width, sign))
    below = paper.rhythm[: layout.rhythm_strips]
    return (*short, *(Strip(lead, high + row, 0.0, SECONDS, 0.0) for row, lead in enumerate(below)))


STANDARD = PaperFormat()


def drawn_signal(ecg: Ecg) -> NDArray[np.float32]:
    """The first ten seconds as they are drawn: float32 (12, DRAWN_POINTS) in mV, leads in standard order.

    Raises EcgError if the ECG is shorter or has missing samples.
    """
    require_drawable(ecg)
    return interpolate(ecg.signal, ecg.rate, DRAWN_RATE)[:, :DRAWN_POINTS]


def require_drawable(ecg: Ecg) -> None:
    """Raises EcgError if the ECG is shorter than the page or has missing samples."""
    if ecg.duration < SECONDS:
        raise EcgError(f"A page shows {SECONDS:g} s; this ECG lasts only {ecg.duration:g} s.")
    if ecg.missing.any():
        raise EcgError("An ECG with missing samples cannot be drawn; choose another part of the recording.")


def curve(signal: NDArray[np.float32], strip: Strip) -> NDArray[np.float32]:
    """What a strip shows of a drawn signal (12, DRAWN_POINTS), in its unit."""
    return strip.sign * signal[STANDARD_LEADS.index(strip.lead), strip.points]


def time_mm(seconds: float, paper: PaperFormat) -> float:
    """Where on the page a moment of its time axis is."""
    return paper.left_mm + seconds * paper.speed


def baseline_mm(row: int, paper: PaperFormat) -> float:
    """Where on the page 0 mV of a row is."""
    return (paper.layout.top_mm + row * paper.layout.row_mm) * paper.spread


def pulse(row: int, paper: PaperFormat) -> list[tuple[float, float]]:
    """Corners (x, y) of the calibration pulse at the start of a row: 1 mV high, 0.2 s wide."""
    foot = baseline_mm(row, paper)
    top = foot - PULSE_MILLIVOLTS * paper.gain
    end = paper.left_mm - PULSE_LEAD_MM
    start = end - PULSE_SECONDS * paper.speed
    return [(start - PULSE_FOOT_MM, foot), (start, foot), (start, top), (end, top), (end, foot), (paper.left_mm, foot)]


def separators(paper: PaperFormat) -> list[list[tuple[float, float]]]:
    """Pairs of short marks, above and below the baseline, where one lead ends and the next begins."""
    marks = []
    for strip in strips(paper):
        if strip.at > 0:
            x, y = time_mm(strip.at, paper), baseline_mm(strip.row, paper)
            marks += [[(x, y - 4), (x, y - 2)], [(x, y + 2), (x, y + 4)]]
    return marks


def names(paper: PaperFormat) -> Sequence[tuple[str, float, float]]:
    """Lead name and the left foot (x, y) of its first letter, for each strip."""
    above = paper.layout.name_mm
    return [
        (strip.name, time_mm(strip.at, paper) + 1, baseline_mm(strip.row, paper) - above) for strip in strips(paper)
    ]
