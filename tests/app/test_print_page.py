"""The PDF is a sheet on which a millimetre is a millimetre, and which tells nothing but its header."""

from __future__ import annotations

import io
import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PageObject, PdfReader

from app.display import paper as ecg_paper
from app.display.paper import ARRANGEMENTS, ORDERS, PaperFormat
from app.display.print_layout import A4, MARGIN_MM, SHEETS, PrintedPage, SheetSize, printed_pages
from app.display.print_page import page_picture, print_page
from engine.ecg import Ecg, EcgError

MM_PER_POINT = 25.4 / 72
EXACT = 0.001  # mm
HEADER = ("AFIB + LVH, female", "Code K7QX-2")
LETTER = SHEETS["Letter"]
COMBINATIONS = list(itertools.product(SHEETS.values(), ARRANGEMENTS, ORDERS, (12.5, 25.0, 50.0), (5.0, 10.0, 20.0)))


def flat_ecg(millivolts: float = 0.0) -> Ecg:
    return Ecg(np.full((12, 1000), millivolts), 100.0)


def waving_ecg(amplitude: float) -> Ecg:
    """Twelve leads that differ, smooth enough to be interpolated and low enough to stay on the sheet."""
    seconds, cycles = np.arange(5000) / 500, np.arange(1, 13)[:, None]
    return Ecg(amplitude * np.sin(2 * np.pi * cycles * seconds / 3), 500.0)


def pages_of(pdf: bytes) -> list[PageObject]:
    return list(PdfReader(io.BytesIO(pdf)).pages)


def drawing_of(page: PageObject) -> str:
    """The page's drawing operators."""
    contents = page.get_contents()
    assert contents is not None
    return contents.get_data().decode("latin-1")


def paths_of(page: PageObject) -> list[np.ndarray]:
    """Every drawn open path as corners (n, 2) in mm from the lower left edge of the sheet."""
    number = r"-?[\d.]+"
    pattern = rf"((?:{number} {number} [ml]\n)+)\s*S\n"
    return [
        np.array(re.sub(r"[ml\s]+", " ", path).split(), dtype=float).reshape(-1, 2) * MM_PER_POINT
        for path in re.findall(pattern, drawing_of(page))
    ]


def is_pulse(corners: np.ndarray) -> bool:
    sides = np.diff(corners, axis=0)
    return len(sides) == 5 and all(min(abs(side)) < 1e-6 for side in sides)


def grid_of(paths: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Where the vertical lines stand (x) and the horizontal ones (y), ascending; in mm of the sheet."""
    lines = [path for path in paths if len(path) == 2 and np.ptp(path, axis=0).max() > 100]
    upright = [line for line in lines if np.ptp(line[:, 0]) == 0]
    level = [line for line in lines if np.ptp(line[:, 1]) == 0]
    assert len(upright) + len(level) == len(lines)
    return np.unique([x[0, 0].round(4) for x in upright]), np.unique([y[0, 1].round(4) for y in level])


def expected_curves(ecg: Ecg, printed: PrintedPage) -> list[np.ndarray]:
    """What paper.py says of the page's seconds, for every lead that has any: (n, 2), mm of the ECG paper."""
    drawn, paper, curves = ecg_paper.drawn_signal(ecg), printed.paper, []
    for strip in ecg_paper.strips(paper):
        millivolts = ecg_paper.curve(drawn, strip)
        seconds = strip.at + np.arange(millivolts.size) / ecg_paper.DRAWN_RATE
        here = (seconds > printed.start - 1e-6) & (seconds < printed.end - 1e-6)
        x = paper.left_mm + (seconds - printed.start) * paper.speed
        y = ecg_paper.baseline_mm(strip.row, paper) - paper.gain * millivolts
        curves += [np.column_stack([x, y])[here]] * bool(here.any())
    return curves


def check_sheet(page: PageObject, sheet: SheetSize) -> None:
    assert np.allclose(page.mediabox, [0, 0, sheet.width / MM_PER_POINT, sheet.height / MM_PER_POINT], atol=1e-4)


def check_page(page: PageObject, printed: PrintedPage, ecg: Ecg) -> None:
    """Sheet, grid, pulses, curves and margins of one page, measured in its paths."""
    paper, sheet, paths = printed.paper, printed.sheet, paths_of(page)
    check_sheet(page, sheet)
    x, y = grid_of(paths)
    assert np.allclose(np.diff(x), 1, atol=EXACT) and np.allclose(np.diff(y), 1, atol=EXACT)
    assert len(x) == 1 + int(printed.width_mm + 0.01) and len(y) == 1 + int(paper.height_mm + 0.01)
    origin = np.array([x[0], y[-1]])
    marks = [(path - origin) * (1, -1) for path in paths if len(path) > 2]  # mm of the ECG paper, downwards
    pulses = [mark for mark in marks if is_pulse(mark)]
    assert len(pulses) == paper.layout.rows
    for row, pulse in enumerate(pulses):
        assert np.allclose(pulse, ecg_paper.pulse(row, paper), atol=EXACT)
        assert pulse[1, 1] - pulse[2, 1] == pytest.approx(paper.gain, abs=EXACT)
        assert pulse[3, 0] - pulse[2, 0] == pytest.approx(0.2 * paper.speed, abs=EXACT)
    curves = [mark for mark in marks if not is_pulse(mark)]
    expected = expected_curves(ecg, printed)
    assert len(curves) == len(expected)
    assert all(np.allclose(one, other, atol=EXACT) for one, other in zip(curves, expected, strict=True))
    corners = np.concatenate(paths)
    assert (corners >= MARGIN_MM - EXACT).all() and (
        corners <= (np.array([sheet.width, sheet.height]) - MARGIN_MM)
    ).all()


def check_pdf(sheet: SheetSize, arrangement: str, order: str, speed: float, gain: float, amplitude: float) -> None:
    paper = PaperFormat(speed, gain, arrangement=arrangement, order=order)
    ecg, layout = waving_ecg(amplitude), printed_pages(paper, sheet)
    pages = pages_of(print_page(ecg, HEADER, paper, sheet))
    assert len(pages) == len(layout) == (2 if speed == 50 else 1)
    for page, printed in zip(pages, layout, strict=True):
        check_page(page, printed, ecg)


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(COMBINATIONS), st.floats(0.01, 0.5))
def test_millimetres_are_exact_whatever_is_chosen(
    combination: tuple[SheetSize, str, str, float, float], amplitude: float
) -> None:
    check_pdf(*combination, amplitude)


@pytest.mark.slow
@pytest.mark.parametrize("combination", COMBINATIONS, ids=lambda one: " ".join(map(str, (one[0].name, *one[1:]))))
def test_millimetres_are_exact_in_every_combination(combination: tuple[SheetSize, str, str, float, float]) -> None:
    check_pdf(*combination, 0.5)


@settings(deadline=None)
@given(st.sampled_from(COMBINATIONS), st.floats(5, 200))
def test_pages_take_turns_without_gap_and_none_cuts_a_column_that_fits(
    combination: tuple[SheetSize, str, str, float, float], speed: float
) -> None:
    sheet, arrangement, order, _, gain = combination
    pages = printed_pages(PaperFormat(speed, gain, arrangement=arrangement, order=order), sheet)
    assert [page.start for page in pages[1:]] == [page.end for page in pages[:-1]]
    assert (pages[0].start, pages[-1].end) == (0, ecg_paper.SECONDS)
    column = ecg_paper.SECONDS / ARRANGEMENTS[arrangement].columns
    for page in pages:
        assert page.width_mm <= sheet.width - 2 * MARGIN_MM + EXACT
        assert page.start % 1 == 0 or page.start % column == 0
    if pages[0].paper.left_mm + column * speed + ecg_paper.RIGHT_MM < sheet.width - 2 * MARGIN_MM - EXACT:
        assert all(page.start % column == 0 for page in pages)


def test_a_lead_that_goes_on_is_named_again_and_one_that_begins_with_the_page_has_no_separator() -> None:
    first, second = printed_pages(PaperFormat(speed=50), A4)
    assert [name for name, _, _ in second.names()] == ["V1", "V2", "V3", "V4", "V5", "V6", "II"]
    assert [x for _, x, _ in second.names()] == [16.0] * 3 + [141.0] * 3 + [16.0]
    assert {mark[0][0] for mark in second.separators()} == {140.0} and len(second.separators()) == 6
    assert [(strip.start, strip.end, strip.at) for strip in second.strips()[-2:]] == [(7.5, 10, 2.5), (5, 10, 0)]
    assert [name for name, _, _ in first.names()] == ["I", "II", "III", "aVR", "aVL", "aVF", "II"]


def test_columns_of_the_same_seconds_stay_so_on_the_second_page() -> None:
    _, second = printed_pages(PaperFormat(speed=50, arrangement="3x4", are_simultaneous=True), A4)
    assert {(strip.start, strip.end) for strip in second.strips()} == {(0.0, 2.5)}
    assert second.scale_words.endswith("Page 2 of 2")


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_a_page_says_its_header_scale_and_sheet_and_the_leads_and_nothing_else(sheet: SheetSize) -> None:
    paper = PaperFormat(speed=50, gain=5)
    pages = pages_of(print_page(flat_ecg(), HEADER, paper, sheet))
    for page, seconds in zip(pages, ("Page 1 of 2, seconds 0–5", "Page 2 of 2, seconds 5–10"), strict=True):
        said = " ".join(page.extract_text().split())
        scale = f"50 mm/s 5 mm/mV 0–40 Hz {seconds} True scale if printed at 100 % on {sheet.name}"
        leads = "I II III aVR aVL aVF II" if page is pages[0] else "V1 V2 V3 V4 V5 V6 II"
        assert said == f"{leads} {HEADER[0]} {HEADER[1]} {scale}"


def test_one_page_is_not_numbered() -> None:
    assert "Page" not in pages_of(print_page(flat_ecg(), HEADER))[0].extract_text()


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_a_long_header_and_a_tall_ecg_leave_the_margins_white(sheet: SheetSize) -> None:
    paper = PaperFormat(gain=20, arrangement="12x1")
    ecg = Ecg(20 * np.sin(np.arange(12000).reshape(12, 1000) / 20), 100.0)
    with Image.open(io.BytesIO(page_picture(ecg, ["Wide Words " * 40] * 4, paper, sheet))) as picture:
        is_drawn = np.asarray(picture.convert("L")) < 250
    edge = int((MARGIN_MM - 0.3) / 25.4 * 200)  # a line at the margin may colour the pixel beside it
    inner = is_drawn[edge:-edge, edge:-edge]
    assert inner.sum() == is_drawn.sum() and inner[: 2 * edge].any()


def test_a_complex_taller_than_the_paper_runs_into_the_header_and_is_not_cut() -> None:
    signal = np.zeros((12, 5000))
    signal[:, 400:420] = 4.0  # 5 mm above the paper
    curves = [path for path in paths_of(pages_of(print_page(Ecg(signal, 500.0), HEADER))[0]) if len(path) > 6]
    assert max(np.ptp(path[:, 1]) for path in curves) == pytest.approx(40, abs=EXACT)


def test_a_picture_has_the_sheets_size_and_names_its_resolution() -> None:
    with Image.open(io.BytesIO(page_picture(flat_ecg(), HEADER, PaperFormat(speed=50), LETTER, number=2))) as picture:
        assert picture.size == (2200, 1700)  # 11 x 8.5 inches
        assert picture.info["dpi"] == pytest.approx((200, 200), abs=0.1)


def test_the_file_carries_no_date_producer_or_chance() -> None:
    first, second = (print_page(flat_ecg(), HEADER, PaperFormat(speed=50)) for _ in range(2))
    assert first == second
    assert not re.search(rb"CreationDate|ModDate|Producer|Creator|Author|/Title", first)


def test_but_for_the_places_of_points_the_file_is_the_same_for_every_ecg() -> None:
    one, other = (drawing_of(pages_of(print_page(ecg, HEADER))[0]) for ecg in (flat_ecg(), waving_ecg(0.4)))
    assert re.sub(r"[-\d.]+", "", one) == re.sub(r"[-\d.]+", "", other)


def test_what_does_not_fit_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="does not fit Letter"):
        print_page(flat_ecg(), HEADER, PaperFormat(speed=300), LETTER)
    with pytest.raises(ValueError, match="room for 4 lines, not 5"):
        print_page(flat_ecg(), ["line"] * 5)
    with pytest.raises(EcgError, match="lasts only"):
        print_page(Ecg(np.zeros((12, 500)), 100.0), HEADER)


def test_a_dollar_sign_in_the_header_is_a_letter_and_a_line_stays_one() -> None:
    page = pages_of(print_page(flat_ecg(), ["5 $ and $x^2$", "two\nlines"]))[0]
    assert "\n5 $ and $x^2$\ntwo lines\n" in page.extract_text()


def test_the_grid_has_the_ink_of_the_paper() -> None:
    blue, red = (
        drawing_of(pages_of(print_page(flat_ecg(), HEADER, replace(PaperFormat(), ink=ink)))[0])
        for ink in ("blue", "red")
    )
    assert blue != red and re.sub(r"[\d.]+ [\d.]+ [\d.]+ RG", "", blue) == re.sub(r"[\d.]+ [\d.]+ [\d.]+ RG", "", red)
