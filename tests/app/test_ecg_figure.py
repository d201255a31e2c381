"""The figure has the exact scale of ECG paper and looks the same for every ECG but for its curves."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.display import paper as page
from app.display.alternative import alt_text
from app.display.figure import STATIC, ecg_figure, thumbnail_svg
from app.display.paper import PaperFormat
from engine.ecg import STANDARD_LEADS, Ecg, EcgError


def any_ecg(seed: int, rate: float = 100.0, size: float = 1.0, seconds: float = 10.0) -> Ecg:
    """Smooth random leads, limb leads consistent, about `size` mV."""
    generator = np.random.default_rng(seed)
    samples = round(seconds * rate)
    spectrum = np.zeros((8, samples // 2 + 1), complex)
    highest = int(35 * seconds)
    spectrum[:, 1:highest] = generator.normal(size=(8, highest - 1, 2)) @ [1, 1j]
    leads = np.fft.irfft(spectrum, samples)
    return Ecg.from_leads(size * leads / leads.std(), ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6"), rate)


def in_words(figure: Any) -> Any:
    """The figure's JSON with each array replaced by its type and length in bytes."""

    def shape(value: Any) -> Any:
        if isinstance(value, dict) and "bdata" in value:
            return [value["dtype"], len(value["bdata"])]
        if isinstance(value, dict):
            return {key: shape(entry) for key, entry in value.items()}
        return [shape(entry) for entry in value] if isinstance(value, list) else value

    return shape(json.loads(figure.to_json()))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rate=st.sampled_from([100.0, 125.0, 250.0, 500.0]),
    size=st.sampled_from([0.0, 1e-4, 0.5, 2.0, 500.0]),
    seconds=st.sampled_from([10.0, 12.0]),
)
def test_every_ecg_gives_the_same_figure_but_for_its_curves(
    seed: int, rate: float, size: float, seconds: float
) -> None:
    figure = ecg_figure(any_ecg(seed, rate, size, seconds))
    expected = ecg_figure(Ecg(np.zeros((12, 1000)), 100.0))
    assert json.dumps(in_words(figure)) == json.dumps(in_words(expected))  # key order included


def test_the_figure_holds_nothing_but_curves_and_fixed_words() -> None:
    figure = json.loads(ecg_figure(any_ecg(1)).to_json())
    assert {key for trace in figure["data"] for key in trace} == {
        "type", "mode", "x0", "dx", "y", "line", "hoverinfo",
    }  # fmt: skip
    words = [note["text"] for note in figure["layout"]["annotations"]]
    assert words == [strip.name for strip in page.strips(PaperFormat())] + [PaperFormat().footer]


def test_the_layout_is_three_by_four_and_a_rhythm_strip_of_lead_ii() -> None:
    shown = [(strip.lead, strip.row, strip.start, strip.end) for strip in page.strips(PaperFormat())]
    assert sorted(lead for lead, *_ in shown[:12]) == sorted(STANDARD_LEADS)
    assert shown[0] == ("I", 0, 0.0, 2.5) and shown[4] == ("aVL", 1, 2.5, 5.0)
    assert shown[11] == ("V6", 2, 7.5, 10.0) and shown[12] == ("II", 3, 0.0, 10.0)


def test_each_curve_is_its_lead_at_its_time_in_microvolts() -> None:
    ecg = any_ecg(5, rate=500.0)
    figure = ecg_figure(ecg)
    for trace, strip in zip(figure.data, page.strips(PaperFormat()), strict=True):
        baseline = np.rint((80 - (35 + 30 * strip.row)) * 100)  # 100 uV per mm, 0 in the middle of the rows
        expected = 1000 * ecg.lead(strip.lead)[strip.points]
        assert trace.x0 == 1000 * strip.start and trace.dx == 2
        assert np.abs(trace.y - baseline - expected).max() <= 0.51


def test_half_sensitivity_halves_the_height_on_the_page() -> None:
    ecg = any_ecg(6)
    height = {gain: _span_mm(ecg_figure(ecg, PaperFormat(gain=gain))) for gain in (5.0, 10.0)}
    assert height[10.0] == pytest.approx(2 * height[5.0], rel=1e-3)


def _span_mm(figure: Any) -> float:
    low, high = figure.layout.yaxis.range
    return float(np.ptp(np.asarray(figure.data[12].y, dtype=float)) / (high - low) * figure.layout.height / 4)


@pytest.mark.parametrize("speed", [12.5, 25.0, 50.0])
@pytest.mark.parametrize("gain", [5.0, 10.0, 20.0])
@pytest.mark.parametrize("px_per_mm", [3.0, 4.0, 5.25])
def test_a_millimetre_is_a_millimetre_in_both_directions(speed: float, gain: float, px_per_mm: float) -> None:
    layout = ecg_figure(any_ecg(2), PaperFormat(speed, gain, px_per_mm)).layout
    milliseconds = np.ptp(layout.xaxis.range)
    microvolts = np.ptp(layout.yaxis.range)
    assert layout.width / milliseconds * 1000 / speed == pytest.approx(px_per_mm)
    assert layout.height / microvolts * 1000 / gain == pytest.approx(px_per_mm)
    assert (layout.xaxis.dtick, layout.xaxis.minor.dtick) == pytest.approx((5000 / speed, 1000 / speed))
    assert (layout.yaxis.dtick, layout.yaxis.minor.dtick) == pytest.approx((5000 / gain, 1000 / gain))


def test_the_calibration_pulse_is_one_millivolt_and_a_fifth_of_a_second_in_each_row() -> None:
    corners = re.findall(r"[ML](-?[\d.]+),(-?[\d.]+)", ecg_figure(any_ecg(3)).layout.shapes[0].path)
    points = np.array(corners, dtype=float).reshape(PaperFormat().layout.rows, 6, 2)
    for row in points:
        rise, top, fall = np.diff(row, axis=0)[1:4]
        assert rise.tolist() == [0, 1000] and top.tolist() == [200, 0] and fall.tolist() == [0, -1000]
        assert row[-1][0] == 0  # ends where the ECG begins


def test_nothing_moves_and_nothing_can_be_read_off_by_pointing() -> None:
    figure = ecg_figure(any_ecg(4))
    assert figure.layout.hovermode is False and figure.layout.xaxis.fixedrange and figure.layout.yaxis.fixedrange
    assert {trace.hoverinfo for trace in figure.data} == {"skip"}
    assert STATIC["staticPlot"] and not STATIC["displayModeBar"]


def test_an_amplitude_beyond_sixteen_bits_stays_off_the_page_instead_of_wrapping_round() -> None:
    signal = np.zeros((12, 1000))
    signal[:, 300:400] = 60.0
    top = ecg_figure(Ecg(signal, 100.0)).data[12].y
    assert top.max() == 32767 and top.min() < 0 and np.all(np.asarray(top)[1600:1900] == 32767)


def test_the_alternative_text_depends_on_the_paper_only() -> None:
    assert "25 mm/s, 10 mm/mV" in alt_text() and "5 mm/mV" in alt_text(PaperFormat(gain=5))


@pytest.mark.parametrize("draw", [ecg_figure, thumbnail_svg])
def test_what_cannot_be_drawn_is_refused_in_words(draw: Any) -> None:
    with pytest.raises(EcgError, match="lasts only 2.5 s"):
        draw(any_ecg(1, seconds=2.5))
    gap = any_ecg(1).signal.copy()
    gap[3, 500] = np.nan
    with pytest.raises(EcgError, match="missing samples"):
        draw(Ecg(gap, 100.0))


def test_a_thumbnail_is_a_small_image_of_leads_ii_and_v2() -> None:
    image = ET.fromstring(thumbnail_svg(any_ecg(8)))
    assert (image.get("width"), image.get("height")) == ("160", "80")
    assert len(image.findall(".//{*}g/{*}path")) == 2
    assert len(thumbnail_svg(any_ecg(8))) < 12_000


def test_a_lead_can_be_measured_back_from_the_figure() -> None:
    signal = np.zeros((12, 5000))
    signal[STANDARD_LEADS.index("V2"), 2600:2700] = 0.5  # half a millivolt from 5.2 to 5.4 s
    curve = ecg_figure(Ecg(signal, 500.0)).data[7]
    higher = np.flatnonzero(np.asarray(curve.y) - 1500 == 500)  # V2 is in the second row, 15 mm above the middle
    assert (curve.x0 + curve.dx * higher[[0, -1]]).tolist() == [5200, 5398]


FORMATS = st.builds(
    PaperFormat,
    speed=st.sampled_from([12.5, 25.0, 50.0]),
    gain=st.sampled_from([5.0, 10.0, 20.0]),
    arrangement=st.sampled_from(sorted(page.ARRANGEMENTS)),
    order=st.sampled_from(sorted(page.ORDERS)),
    ink=st.sampled_from(sorted(page.INKS)),
    are_simultaneous=st.booleans(),
)


@given(FORMATS)
def test_every_arrangement_shows_each_lead_once_in_its_place(paper: PaperFormat) -> None:
    shown = page.strips(paper)
    short, rhythm = shown[:12], shown[12:]
    assert sorted(strip.lead for strip in short) == sorted(STANDARD_LEADS)
    assert [strip.lead for strip in rhythm] == list(paper.rhythm[: paper.layout.rhythm_strips])
    rows: dict[int, float] = {}
    for strip in shown:  # every row is filled from its beginning to its end, nothing twice
        assert rows.get(strip.row, 0.0) == pytest.approx(strip.at)
        rows[strip.row] = strip.at + strip.end - strip.start
        assert strip.start == (0.0 if paper.are_simultaneous else strip.at)
    assert set(rows) == set(range(paper.layout.rows)) and set(rows.values()) == {page.SECONDS}


@given(FORMATS)
def test_everything_stands_on_the_page(paper: PaperFormat) -> None:
    corners = [corner for row in range(paper.layout.rows) for corner in page.pulse(row, paper)]
    corners += [corner for mark in page.separators(paper) for corner in mark] + [paper.footer_at]
    corners += [(x, y) for _, x, y in page.names(paper)]
    assert all(0 <= x <= paper.width_mm and 0 <= y <= paper.height_mm for x, y in corners)
    _, foot, rise, top, *_ = page.pulse(0, paper)
    assert foot[1] - rise[1] == pytest.approx(paper.gain) and top[0] - rise[0] == pytest.approx(0.2 * paper.speed)


@settings(max_examples=15)
@given(FORMATS)
def test_curves_stand_where_the_page_says_in_every_format(paper: PaperFormat) -> None:
    ecg = any_ecg(5, rate=500.0)
    figure = ecg_figure(ecg, paper)
    assert len(figure.data) == 12 + paper.layout.rhythm_strips
    for trace, strip in zip(figure.data, page.strips(paper), strict=True):
        high, low = 0.0, paper.height_mm
        on_page = low + (np.asarray(trace.y, dtype=float) - figure.layout.yaxis.range[0]) * (high - low) / (
            figure.layout.yaxis.range[1] - figure.layout.yaxis.range[0]
        )
        expected = page.baseline_mm(strip.row, paper) - strip.sign * paper.gain * ecg.lead(strip.lead)[strip.points]
        assert np.abs(on_page - expected).max() < 0.02
        assert paper.left_mm + trace.x0 * paper.speed / 1000 == pytest.approx(page.time_mm(strip.at, paper))


def test_cabrera_goes_round_the_frontal_plane_with_avr_upside_down() -> None:
    paper = PaperFormat(order="Cabrera", arrangement="6x2")
    limb = [strip for strip in page.strips(paper) if strip.at == 0]
    assert [strip.name for strip in limb] == ["aVL", "I", "\N{MINUS SIGN}aVR", "II", "aVF", "III"]
    assert [strip.sign for strip in limb] == [1, 1, -1, 1, 1, 1]
    ecg = any_ecg(5, rate=500.0)
    drawn = page.drawn_signal(ecg)
    assert np.array_equal(page.curve(drawn, limb[2]), -drawn[STANDARD_LEADS.index("aVR"), : 5 * 500])


def test_a_sheet_that_is_too_low_lets_rows_overlap_instead_of_growing() -> None:
    tall = PaperFormat(gain=20.0)
    assert tall.height_mm == 2 * PaperFormat().height_mm
    assert PaperFormat(gain=20.0, tallest_mm=172.0).height_mm == pytest.approx(172.0)
    assert PaperFormat(tallest_mm=100.0).height_mm == PaperFormat().height_mm  # never closer than at 10 mm/mV
