"""The sheet in a real browser: exact geometry in every format, calipers, the reader's choices, true size."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from app.display import paper as page_of
from app.display.alternative import alt_text
from app.display.paper import PaperFormat
from app.display.sheet import COLUMNS, GAINS, SPEEDS
from engine.ecg import STANDARD_LEADS, Ecg, complete_leads
from engine.harmonise import harmonise

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

SEED, RATE_BPM = 7, 75
EIGHT = ("I", "II", *STANDARD_LEADS[6:])
SCRIPT = f"""
import numpy as np
import streamlit as st
from app.display.sheet import draw_sheet, measured
from engine.ecg import Ecg, complete_leads
from engine.harmonise import harmonise

st.set_page_config(layout="wide")
rate = 500.0
if st.query_params.get("show") == "noise":
    signal = np.random.default_rng({SEED}).normal(0, 0.3, (12, 5000))
elif st.query_params.get("show") == "harmonised":
    eight = np.random.default_rng({SEED}).normal(0, 0.3, (8, 5000))
    signal, rate = harmonise(Ecg(complete_leads(eight, {EIGHT}), 500.0)).signal, 100.0
else:
    time = np.arange(5000) / 500
    beat = np.exp(-0.5 * (((time % (60 / {RATE_BPM})) - 0.3) / 0.01) ** 2)
    signal = np.tile(beat, (12, 1))
if st.query_params.get("show") == "two":
    late = float(st.query_params.get("late", 0))
    draw_sheet(Ecg(signal, 500.0), "ecg", behind=Ecg(0.5 * signal, 500.0), late=late)
elif st.query_params.get("show") == "measured":
    draw_sheet(Ecg(signal, 500.0), "ecg", on_measured=lambda: None)
    st.write("Measured: " + "; ".join(f"{{one.kind}} {{one.value:g}}" for one in measured("ecg")))
else:
    draw_sheet(Ecg(signal, rate), "ecg")
st.text_input("Comment")
st.session_state.pressed = st.session_state.get("pressed", 0)
def press():
    st.session_state.pressed += 1
st.button("Next", shortcut="Enter", on_click=press)
st.write(f"Pressed {{st.session_state.pressed}}")
"""
CHANGE = """format => {
    const detail = {name: 'ecg-sheet-format', value: format};
    window.dispatchEvent(new CustomEvent('ecg-sheet-changed', {detail}));
    const svg = document.querySelector('.ecg-page');
    const words = [...svg.querySelectorAll('.ecg-words text')].map(text =>
        [text.textContent, Number(text.getAttribute('x')), Number(text.getAttribute('y'))]);
    const matrix = svg.getScreenCTM();
    return {
        size: [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height], scale: [matrix.a, matrix.b, matrix.c, matrix.d],
        alt: svg.getAttribute('aria-label'), words,
        pulses: svg.querySelector('.ecg-pulses').getAttribute('d'),
        separators: svg.querySelector('.ecg-separators').getAttribute('d'),
        fine: svg.querySelector('.ecg-fine').getAttribute('d'),
        curves: [...svg.querySelectorAll('.ecg-curves path')].map(path => {
            const [x, y, ...steps] = path.getAttribute('d').match(/-?[\\d.]+(e-?\\d+)?/g).map(Number);
            const points = [[x, y]];
            for (let at = 0; at < steps.length; at += 2) {
                const [before, height] = points.at(-1);
                points.push([before + steps[at], height + steps[at + 1]]);
            }
            return [points.length, points.filter((_, at) => at % 97 === 0).map(point => point.map(one => one / 1000))];
        }),
    };
}"""
PEAKS = """() => {
    const path = [...document.querySelectorAll('.ecg-curves path')].at(-1);
    const [x, y, ...steps] = path.getAttribute('d').match(/-?[\\d.]+(e-?\\d+)?/g).map(Number);
    let place = {x, y};
    const points = [place];
    for (let at = 0; at < steps.length; at += 2) {
        place = {x: place.x + steps[at], y: place.y + steps[at + 1]};
        points.push(place);
    }
    const peaks = points.filter((one, at) =>
        at > 5 && at < points.length - 5 && one.y < points[0].y - 5000
        && one.y < points[at - 1].y && one.y <= points[at + 1].y);
    return peaks.map(({x, y}) => {
        const seen = new DOMPoint(x, y).matrixTransform(path.getScreenCTM());
        return [seen.x, seen.y];
    });
}"""


@pytest.fixture(scope="module")
def url(running_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    script = tmp_path_factory.mktemp("script") / "show.py"
    script.write_text(SCRIPT, encoding="utf-8")
    return running_app(script)


def show(page: Page, url: str, what: str = "beats") -> Page:
    """what: of SCRIPT; more of the address may follow."""
    page.goto(f"{url}/?show={what}")
    wait(page)
    return page


def wait(page: Page) -> None:
    page.locator(".ecg-curves path").nth(12).wait_for(state="attached")
    page.get_by_role("button", name="Next").wait_for()  # its code is loaded on demand
    page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")


def label(page: Page, kind: str = "time") -> str:
    return page.locator(f".ecg-{kind} .ecg-label text").text_content() or ""


def numbers(words: str) -> list[float]:
    return [float(one) for one in re.findall(r"[\d.]+", words)]


def centre(page: Page, selector: str) -> tuple[float, float]:
    box: Any = page.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=3)
    page.mouse.up()


def drag_end(page: Page, kind: str, part: str, to: tuple[float, float]) -> None:
    """An end of a caliper to a place of the screen; the other coordinate does not matter."""
    drag(page, centre(page, f".ecg-{kind} .ecg-{part} .ecg-line"), to)


# ----------------------------------------------------------------------------------------------------- geometry


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+),(-?[\d.]+)", path)]


def wanted_curves(paper: PaperFormat) -> list[tuple[int, list[list[float]]]]:
    signal = np.rint(1000 * np.random.default_rng(SEED).normal(0, 0.3, (12, 5000))) / 1000
    found = []
    for strip in page_of.strips(paper):
        curve = page_of.curve(signal.astype(np.float32), strip).astype(float)
        x = page_of.time_mm(strip.at + np.arange(curve.size) / page_of.DRAWN_RATE, paper)
        y = page_of.baseline_mm(strip.row, paper) - paper.gain * curve
        found.append((curve.size, np.column_stack([x, y])[::97].tolist()))
    return found


def require_geometry(drawn: dict[str, Any], paper: PaperFormat) -> None:
    assert drawn["size"] == pytest.approx([paper.width_mm, paper.height_mm], abs=1e-3)
    assert drawn["scale"] == pytest.approx([4, 0, 0, 4], abs=1e-5) and drawn["alt"] == alt_text(paper)
    pulses = [corner for row in range(paper.layout.rows) for corner in page_of.pulse(row, paper)]
    assert np.allclose(points(drawn["pulses"]), pulses, atol=1e-6)
    marks = [corner for mark in page_of.separators(paper) for corner in mark]
    assert np.allclose(np.reshape(points(drawn["separators"]), (-1, 2)), np.reshape(marks, (-1, 2)), atol=1e-6)
    *names, footer, _ = drawn["words"]
    for (name, x, y), (wanted, *place) in zip(names, page_of.names(paper), strict=True):
        assert name == wanted and (x, y) == pytest.approx(tuple(place))
    assert footer[0] == paper.footer and tuple(footer[1:]) == pytest.approx(paper.footer_at)
    for (count, some), (wanted_count, wanted_some) in zip(drawn["curves"], wanted_curves(paper), strict=True):
        assert count == wanted_count and np.allclose(some, wanted_some, atol=1e-3)  # a thousandth of a mm


@pytest.mark.parametrize("arrangement", page_of.ARRANGEMENTS)
def test_every_format_stands_where_the_paper_says(url: str, page: Page, arrangement: str) -> None:
    show(page, url, "noise")
    for (at, columns), order, speed, gain in product(enumerate(COLUMNS), page_of.ORDERS, SPEEDS, GAINS):
        paper = PaperFormat(speed, gain, arrangement=arrangement, order=order, are_simultaneous=bool(at))
        choice = {"arrangement": arrangement, "columns": columns, "order": order, "speed": speed, "gain": gain}
        require_geometry(page.evaluate(CHANGE, choice), paper)


def test_the_browser_draws_the_same_curve_of_100_hz_samples(url: str, page: Page) -> None:
    show(page, url, "harmonised")
    drawn = page.evaluate(CHANGE, {})["curves"]
    eight = np.random.default_rng(SEED).normal(0, 0.3, (8, 5000))
    ecg, paper = harmonise(Ecg(complete_leads(eight, EIGHT), 500.0)), PaperFormat()
    for (count, some), strip in zip(drawn, page_of.strips(paper), strict=True):
        curve = page_of.curve(page_of.drawn_signal(ecg), strip)
        heights = page_of.baseline_mm(strip.row, paper) - paper.gain * curve
        assert count == curve.size and np.allclose(np.array(some)[:, 1], heights[::97], atol=0.0061)  # 0.6 uV


def test_grid_lines_are_a_millimetre_apart_and_one_is_the_first_baseline(url: str, page: Page) -> None:
    drawn = show(page, url, "noise").evaluate(CHANGE, {})
    across = [float(y) for y in re.findall(r"M0,([\d.]+)H", drawn["fine"])]
    down = [float(x) for x in re.findall(r"M([\d.]+),0V", drawn["fine"])]
    assert set(np.diff(across)) == set(np.diff(down)) == {1.0}
    assert page_of.baseline_mm(0, PaperFormat()) in across and page_of.time_mm(0, PaperFormat()) in down


def test_a_narrow_window_scrolls_the_sheet_and_leaves_its_scale(url: str, page: Page) -> None:
    page.set_viewport_size({"width": 700, "height": 800})
    show(page, url)
    assert page.evaluate("document.querySelector('.ecg-page').getScreenCTM().a") == pytest.approx(4, abs=1e-5)
    box = page.locator(".ecg-scroller")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth && box.clientWidth < innerWidth")


def test_another_ecg_lies_behind_in_its_own_colour(url: str, page: Page) -> None:
    show(page, url, "two")
    heights = [
        page.evaluate(f"document.querySelectorAll('.{name} path')[12].getBBox().height")
        for name in ("ecg-curves", "ecg-behind")
    ]
    assert heights[0] == pytest.approx(2 * heights[1], rel=0.01)
    assert "Behind it another ECG in blue" in str(page.locator(".ecg-page").get_attribute("aria-label"))


@pytest.mark.parametrize("late", [0.4, -0.4])
def test_the_one_behind_is_moved_in_time_and_ends_where_it_has_no_samples(url: str, page: Page, late: float) -> None:
    """In mm: the page begins at 10, a second is 25 mm wide, a column 62.5 mm, a point 0.05 mm."""
    show(page, url, f"two&late={late}")
    boxes = page.evaluate("""() => [...document.querySelectorAll('.ecg-behind path')].map(path => {
        const box = path.getBBox();
        return [box.x / 1000, (box.x + box.width) / 1000];
    })""")
    moved = 25 * late
    assert boxes[12] == pytest.approx([10 + max(0, moved), 260 - 0.05 + min(0, moved)], abs=1e-3)  # the rhythm strip
    assert boxes[0] == pytest.approx([10 + max(0, moved), 72.5 - 0.05], abs=1e-3)
    assert boxes[3] == pytest.approx([72.5, 135 - 0.05], abs=1e-3)  # there are samples before and after
    assert boxes[9] == pytest.approx([197.5, 260 - 0.05 + min(0, moved)], abs=1e-3)
    peaks = page.evaluate(PEAKS.replace("ecg-curves", "ecg-behind").replace("5000\n", "2000\n"))
    fronts = page.evaluate(PEAKS)
    assert min(abs(x - fronts[3][0] - 4 * moved) for x, _ in peaks) < 0.3  # a beat is so many px further


# ----------------------------------------------------------------------------------------------------- calipers


def test_a_caliper_over_two_beats_tells_the_heart_rate(url: str, page: Page) -> None:
    show(page, url)
    first, second, *_ = page.evaluate(PEAKS)
    page.mouse.move(first[0] + 30, first[1] + 20)
    page.keyboard.press("t")
    drag_end(page, "time", "from", first)
    drag_end(page, "time", "to", second)
    ms, bpm = numbers(label(page))
    assert abs(ms - 60000 / RATE_BPM) <= 10 and abs(bpm - RATE_BPM) <= 1


def test_a_march_out_meets_all_beats(url: str, page: Page) -> None:
    show(page, url)
    peaks = page.evaluate(PEAKS)
    page.mouse.move(*peaks[3])
    page.keyboard.press("t")
    drag_end(page, "time", "from", peaks[3])
    drag_end(page, "time", "to", peaks[4])
    page.keyboard.press("m")
    marks = page.evaluate("""() => {
        const path = document.querySelector('.ecg-march');
        const all = path.getAttribute('d').match(/M[\\d.]+/g).map(one => Number(one.slice(1)));
        return all.map(x => new DOMPoint(x, 0).matrixTransform(path.getScreenCTM()).x);
    }""")
    assert all(min(abs(mark - x) for mark in marks) < 8 for x, _ in peaks)
    page.keyboard.press("m")
    assert page.locator(".ecg-march").get_attribute("d") == ""


def test_an_amplitude_caliper_on_the_calibration_pulse_says_one_millivolt(url: str, page: Page) -> None:
    show(page, url)
    corners = points(page.locator(".ecg-pulses").get_attribute("d") or "")
    box: Any = page.locator(".ecg-page").bounding_box()
    foot, top = ((box["x"] + 4 * x + 40, box["y"] + 4 * y) for x, y in (corners[1], corners[2]))
    page.mouse.move(foot[0], foot[1] - 20)
    page.keyboard.press("v")
    drag_end(page, "amplitude", "from", top)
    drag_end(page, "amplitude", "to", foot)
    assert numbers(label(page, "amplitude")) == [pytest.approx(1.0, abs=0.03)]


def test_arrow_keys_move_an_end_by_a_pixel_and_with_shift_by_a_millimetre(url: str, page: Page) -> None:
    show(page, url)
    page.keyboard.press("t")
    (before, _) = numbers(label(page))
    page.keyboard.press("Tab")  # from the left end to the right one
    page.keyboard.press("ArrowRight")
    assert numbers(label(page))[0] == before + 10  # 4 px are 40 ms
    page.keyboard.press("Shift+ArrowRight")
    assert numbers(label(page))[0] == before + 50
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    assert numbers(label(page))[0] == before + 40
    assert page.locator(".ecg-to").get_attribute("aria-valuetext") == label(page)


def test_the_bar_moves_the_whole_caliper_and_its_span_stays(url: str, page: Page) -> None:
    show(page, url)
    page.keyboard.press("t")
    before = label(page)
    x, y = centre(page, ".ecg-time .ecg-whole .ecg-line")
    drag(page, (x, y), (x + 4000, y + 60))
    assert label(page) == before and centre(page, ".ecg-time .ecg-whole .ecg-line")[1] == pytest.approx(y + 60, abs=1)


def test_escape_clears_and_keys_in_a_text_field_are_text(url: str, page: Page) -> None:
    show(page, url)
    for key in "tv":
        page.keyboard.press(key)
    assert page.locator(".ecg-caliper").count() == 2
    page.keyboard.press("Escape")
    assert page.locator(".ecg-caliper").count() == 0
    page.get_by_label("Comment").focus()
    page.keyboard.type("tvmz")
    assert page.locator(".ecg-caliper, .ecg-lens").count() == 0 and page.get_by_label("Comment").input_value() == "tvmz"


def test_enter_goes_on_with_a_caliper_in_use_and_presses_a_tool_that_has_the_focus(url: str, page: Page) -> None:
    show(page, url)
    page.get_by_role("button", name="Time").click()
    page.keyboard.press("Enter")
    page.get_by_text("Pressed 1").wait_for()
    wait(page)
    assert page.locator(".ecg-caliper").count() == 1  # the same ECG keeps its calipers
    page.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Enter")
    page.locator(".ecg-caliper").wait_for(state="detached")
    wait(page)
    assert page.get_by_text("Pressed 1").count() == 1


def test_a_finger_drags_a_caliper(url: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1100, "height": 900}, has_touch=True)
    page = show(context.new_page(), url)
    page.get_by_role("button", name="Time").tap()
    (before, _) = numbers(label(page))
    x, y = centre(page, ".ecg-time .ecg-to .ecg-line")
    session = context.new_cdp_session(page)
    for kind, moved in (("touchStart", 0), ("touchMove", 20), ("touchMove", 40), ("touchEnd", None)):
        touches = [] if moved is None else [{"x": x + moved, "y": y - 20}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    page.wait_for_timeout(200)  # the last movement comes with the next picture
    assert numbers(label(page))[0] == pytest.approx(before + 400, abs=10)
    context.close()


def test_measurements_reach_the_program_when_it_asks_for_them(url: str, page: Page) -> None:
    show(page, url, "measured")
    page.keyboard.press("v")
    page.get_by_text("Measured: amplitude 1").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text(re.compile("Measured: *$")).wait_for()


# ------------------------------------------------------------------------------------------ the reader's choices


def choose(page: Page, name: str, value: str) -> None:
    page.get_by_role("button", name="Format").click()
    page.locator(f".ecg-choices select[name={name}]").select_option(value)
    page.keyboard.press("Escape")


def test_the_choice_of_format_is_there_again_after_a_reload(url: str, page: Page) -> None:
    show(page, url)
    choose(page, "arrangement", "12x1")
    choose(page, "columns", "simultaneous")
    choose(page, "gain", "5")
    alt = page.locator(".ecg-page").get_attribute("aria-label")
    assert "twelve rows" in str(alt) and "5 mm/mV" in str(alt) and page.locator(".ecg-choices").is_hidden()
    page.reload()
    page.get_by_label(str(alt), exact=True).wait_for()
    page.get_by_role("button", name="Format").click()
    assert page.locator(".ecg-choices select[name=columns]").input_value() == "simultaneous"
    page.get_by_role("button", name="As it was at first").click()
    page.get_by_label(alt_text(), exact=True).wait_for()


def test_a_choice_that_is_not_offered_is_passed_over(url: str, page: Page) -> None:
    show(page, url)
    page.evaluate("""localStorage.setItem('ecg-sheet-format', '{"gain": 77, "speed": 50, "colour": "x"}')""")
    page.reload()
    page.get_by_label(alt_text(PaperFormat(speed=50)), exact=True).wait_for()


def answer_scale(page: Page, words: str) -> None:
    """The browser tells of a closed dialog a moment after it was closed."""
    page.get_by_role("button", name=words).click()
    page.locator(".ecg-scale").wait_for(state="detached")


def px_per_mm(page: Page) -> float:
    return float(page.evaluate("document.querySelector('.ecg-page').getScreenCTM().a"))


def test_a_bank_card_gives_true_size_on_this_screen(url: str, page: Page) -> None:
    show(page, url)
    assert page.locator(".ecg-note").text_content() == "nominal scale"
    page.get_by_role("button", name="True size").click()
    card: Any = page.locator(".ecg-card").bounding_box()
    drag(page, centre(page, ".ecg-corner"), (card["x"] + 5.2 * 85.6, card["y"] + 100))
    card = page.locator(".ecg-card").bounding_box()
    assert card["height"] / card["width"] == pytest.approx(53.98 / 85.6, abs=1e-3)
    answer_scale(page, "Both are of one size")
    measured = px_per_mm(page)
    assert measured == pytest.approx(card["width"] / 85.6, abs=0.01) and measured == pytest.approx(5.2, abs=0.1)
    assert page.locator(".ecg-note").text_content() == "true size on this screen"
    page.reload()
    wait(page)
    assert px_per_mm(page) == pytest.approx(measured, abs=1e-3)
    page.get_by_role("button", name="True size").click()
    answer_scale(page, "Forget the size")
    assert px_per_mm(page) == pytest.approx(4, abs=1e-5)


def test_the_dialog_of_the_scale_keeps_its_keys_to_itself(url: str, page: Page) -> None:
    show(page, url)
    page.get_by_role("button", name="True size").click()
    page.locator(".ecg-scale input").focus()
    for key in ("t", "Enter", "ArrowRight"):
        page.keyboard.press(key)
    assert page.locator(".ecg-caliper").count() == 0 and page.get_by_text("Pressed 0").count() == 1
    page.keyboard.press("Escape")
    page.locator(".ecg-scale").wait_for(state="detached")


def test_the_lens_shows_the_lead_under_the_pointer_twice_as_large(url: str, page: Page) -> None:
    show(page, url)
    box: Any = page.locator(".ecg-page").bounding_box()
    page.mouse.move(box["x"] + 4 * (10 + 25 * 6), box["y"] + 4 * 62)  # after 6 s in the second row: V2
    page.keyboard.press("z")
    lens = page.get_by_label("Lead V2, 2 times as large")
    lens.wait_for()
    assert page.evaluate("document.querySelector('.ecg-lens use').getScreenCTM().a") == pytest.approx(8, abs=1e-3)
    assert lens.count() == 1
    page.keyboard.press("ArrowRight")
    page.get_by_label("Lead V3, 2 times as large").wait_for()
    page.keyboard.press("z")
    assert page.locator(".ecg-lens").count() == 0
