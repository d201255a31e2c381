"""The PDF is an A4 sheet on which a millimetre is a millimetre, and which tells nothing but its header."""

from __future__ import annotations

import re
import zlib

import numpy as np
import pytest

from app.display.paper import PaperFormat
from app.display.print_page import print_page
from engine.ecg import STANDARD_LEADS, Ecg, EcgError

MM_PER_POINT = 25.4 / 72
HEADER = ("AFIB + LVH, female", "Code K7QX-2")


def flat_ecg(millivolts: float = 0.0) -> Ecg:
    return Ecg(np.full((12, 1000), millivolts), 100.0)


def drawing_of(pdf: bytes) -> str:
    """The page's drawing operators."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    unpacked = [zlib.decompress(stream) for stream in streams if stream[:1] == b"x"]
    return max(unpacked, key=len).decode("latin-1")


def paths_of(pdf: bytes) -> list[np.ndarray]:
    """Every drawn path as corners (n, 2) in mm from the lower left edge of the sheet."""
    number = r"-?[\d.]+"
    pattern = rf"{number} {number} m\n(?:{number} {number} l\n)+"
    return [
        np.array(re.findall(rf"({number}) ({number}) [ml]", path), dtype=float) * MM_PER_POINT
        for path in re.findall(pattern, drawing_of(pdf))
    ]


def is_pulse(corners: np.ndarray) -> bool:
    sides = np.diff(corners, axis=0)
    return len(sides) == 5 and all(min(abs(side)) < 1e-6 for side in sides)


def test_the_sheet_is_a4_landscape() -> None:
    box = re.search(rb"/MediaBox \[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", print_page(flat_ecg(), HEADER))
    assert box is not None
    assert [float(side) * MM_PER_POINT for side in box.groups()] == pytest.approx([297, 210], abs=0.01)


@pytest.mark.parametrize(("speed", "gain"), [(25.0, 10.0), (12.5, 20.0), (25.0, 5.0)])
def test_the_calibration_pulse_has_its_true_size_in_every_row(speed: float, gain: float) -> None:
    pulses = [path for path in paths_of(print_page(flat_ecg(), HEADER, PaperFormat(speed, gain))) if is_pulse(path)]
    assert len(pulses) == PaperFormat().layout.rows
    for corners in pulses:
        assert corners[2][1] - corners[1][1] == pytest.approx(gain, abs=0.001)
        assert corners[3][0] - corners[2][0] == pytest.approx(0.2 * speed, abs=0.001)


def test_grid_lines_are_a_millimetre_apart() -> None:
    lines = [path for path in paths_of(print_page(flat_ecg(), HEADER)) if len(path) == 2]
    for axis, count in ((0, 266), (1, 146)):  # 265 x 145 mm of paper
        places = np.unique([line[0][axis].round(3) for line in lines if np.ptp(line[:, 1 - axis]) > 100])
        assert len(places) == count and np.allclose(np.diff(places), 1, atol=0.002)


def test_ten_seconds_of_rhythm_strip_are_250_mm_long_and_a_millivolt_is_10_mm_high() -> None:
    signal = np.zeros((12, 5000))
    signal[STANDARD_LEADS.index("II"), 2500:] = 1.0
    strips = [path for path in paths_of(print_page(Ecg(signal, 500.0), HEADER)) if 240 < np.ptp(path[:, 0]) < 255]
    rhythm = max(strips, key=lambda path: np.ptp(path[:, 1]))
    assert np.ptp(rhythm[:, 0]) == pytest.approx(250, abs=0.06)  # the last sample is at 9.998 s
    assert rhythm[-1][1] - rhythm[0][1] == pytest.approx(10, abs=0.001)


def test_the_file_carries_no_date_producer_or_chance() -> None:
    first, second = (print_page(flat_ecg(), HEADER) for _ in range(2))
    assert first == second
    assert not re.search(rb"CreationDate|ModDate|Producer|Creator|Author|/Title", first)


def test_size_and_structure_depend_on_the_curves_only() -> None:
    one, other = (drawing_of(print_page(flat_ecg(level), HEADER)) for level in (0.0, 0.3))
    assert re.sub(r"[-\d.]+", "", one) == re.sub(r"[-\d.]+", "", other)


def test_what_does_not_fit_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="do not fit an A4 page"):
        print_page(flat_ecg(), HEADER, PaperFormat(speed=50))
    with pytest.raises(ValueError, match="room for 4 lines, not 5"):
        print_page(flat_ecg(), ["line"] * 5)
    with pytest.raises(EcgError, match="lasts only"):
        print_page(Ecg(np.zeros((12, 500)), 100.0), HEADER)


def test_a_dollar_sign_in_the_header_is_a_letter() -> None:
    assert print_page(flat_ecg(), ["5 $ and $x^2$"]).startswith(b"%PDF")
