"""In a real browser, through Streamlit, a millimetre of ECG paper is exactly four pixels."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from app.display.alternative import alt_text

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SCRIPT = """
import numpy as np
import streamlit as st
from app.display.alternative import alt_text
from app.display.figure import STATIC, ecg_figure, keep_scale_style
from engine.ecg import Ecg

st.set_page_config(layout="wide")
signal = np.zeros((12, 5000))
signal[:, 2500:] = 0.5
figure = ecg_figure(Ecg(signal, 500.0))
if st.query_params.get("scroll"):
    st.html(keep_scale_style("ecg"))
st.plotly_chart(figure, width="content", theme=None, key="ecg", config=dict(STATIC), alt=alt_text())
"""


@pytest.fixture(scope="module")
def url(running_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    script = tmp_path_factory.mktemp("script") / "show.py"
    script.write_text(SCRIPT, encoding="utf-8")
    return running_app(script)


@pytest.fixture
def drawn(url: str, page: Page) -> Page:
    page.goto(url)
    page.wait_for_selector(".shapelayer path")
    page.wait_for_selector(".scatterlayer .trace path.js-line", state="attached")  # a flat line is not "visible"
    return page


def corners(page: Page, selector: str, index: int = 0) -> list[tuple[float, float]]:
    path = page.locator(selector).nth(index).get_attribute("d") or ""
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+),(-?[\d.]+)", path)]


def size(page: Page, selector: str) -> tuple[float, float]:
    box: Any = page.locator(selector).first.bounding_box()
    return box["width"], box["height"]


def grid_steps(page: Page, selector: str) -> set[float]:
    """Distances in px between neighbouring grid lines that run down the page."""
    places = page.eval_on_selector_all(selector, "all => all.map(line => line.getBoundingClientRect().x)")
    places = sorted(set(places))
    return {round(after - before, 2) for before, after in zip(places, places[1:], strict=False)}


def pulse_size(page: Page, row: int = 0) -> tuple[float, float, float]:
    """Height of the rising edge, width and height of the falling edge of a calibration pulse, in px."""
    _, foot, top, end, down, _ = corners(page, ".shapelayer path")[6 * row : 6 * row + 6]
    return foot[1] - top[1], end[0] - top[0], down[1] - end[1]


@pytest.mark.parametrize("row", range(4))
def test_calibration_pulses_are_20_by_40_pixels(drawn: Page, row: int) -> None:
    assert pulse_size(drawn, row) == pytest.approx((40, 20, 40), abs=1e-6)


def test_the_page_is_not_stretched_and_has_no_tool_bar(drawn: Page) -> None:
    assert size(drawn, ".js-plotly-plot svg.main-svg") == (1060, 580)
    assert drawn.locator(".modebar-btn").count() == 0
    assert drawn.get_by_label(alt_text()).count() == 1


def test_a_second_of_curve_is_100_pixels_and_a_millivolt_40(drawn: Page) -> None:
    rhythm = corners(drawn, ".scatterlayer .trace path.js-line", 12)
    assert rhythm[-1][0] - rhythm[0][0] == pytest.approx(999.8, abs=0.02)
    assert rhythm[0][1] - rhythm[-1][1] == pytest.approx(20, abs=0.02)  # half a millivolt


def test_grid_lines_are_one_and_five_millimetres_apart(drawn: Page) -> None:
    assert grid_steps(drawn, ".gridlayer .x .xgrid") == {20}
    assert grid_steps(drawn, ".minor-gridlayer .x .xgrid, .gridlayer .x .xgrid") == {4}


@pytest.mark.parametrize("width", [820, 1180])
def test_a_narrow_window_makes_the_page_smaller_but_never_distorts_it(drawn: Page, width: int) -> None:
    drawn.set_viewport_size({"width": width, "height": 800})
    drawn.wait_for_function("document.querySelector('svg.main-svg').clientWidth < 1060")
    drawn.wait_for_timeout(500)
    up, across, down = pulse_size(drawn)
    assert up == pytest.approx(down, abs=0.02) and up / across == pytest.approx(2, abs=0.005)
    assert across < 20


@pytest.mark.parametrize("width", [820, 1180])
def test_a_narrow_window_can_scroll_at_full_scale_instead(url: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{url}/?scroll=1")
    page.wait_for_selector(".shapelayer path")
    page.wait_for_timeout(500)
    assert size(page, ".js-plotly-plot svg.main-svg") == (1060, 580)
    assert pulse_size(page) == pytest.approx((40, 20, 40), abs=1e-6)
