"""The looks at a drawn ECG in a real browser: two compared, same noise, the way between labels, the film.

The checkpoint is tiny and random: what it draws is noise, how it is shown is what is tested.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.ecg import NLE_LEADS
from engine.labels import ptbxl_statements
from tests.app.reading_run import settle

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

SEEN = """wanted => {
    const names = {A: '.ecg-curves', B: '.ecg-behind'};
    const seen = Object.keys(names).filter(
        (one) => getComputedStyle(document.querySelector(names[one])).visibility === 'visible');
    return seen.join() === wanted.join();
}"""
PATIENCE_MS = 60_000  # the worker imports torch before its first ECG
STEPS = 8


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one random checkpoint."""
    import torch

    from engine.checkpoint import Recipe, save_checkpoint
    from engine.network import NetworkConfig, SssdNetwork

    folder = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    small = {"channels": 16, "skip_channels": 16, "step_features": 16, "step_hidden": 32, "step_dim": 32}
    network = SssdNetwork(NetworkConfig(layers=2, label_dim=16, sexes=3, sex_dim=8, **small))
    torch.nn.init.normal_(network.outlet.weight, std=0.1)  # a new network draws the same whatever the labels
    save_checkpoint(folder / "default.safetensors", network, Recipe(ptbxl_statements().codes, NLE_LEADS, (0.1,) * 8))
    return folder


@pytest.fixture(scope="module")
def url(running_app: Callable[..., str], checkpoints: Path) -> str:
    return running_app(ECG_TURING_CHECKPOINTS=checkpoints)


@pytest.fixture(scope="module")
def drawn(url: str, browser: Browser) -> Iterator[Page]:
    """One session for all looks: two ECGs are drawn, and the second one is enlarged."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.goto(f"{url}/?labels=LVH,AFIB&count=2&seed=3&steps={STEPS}")
    page.get_by_role("button", name="Generate").click(timeout=PATIENCE_MS)
    page.get_by_role("button", name="ECG 2:").click(timeout=PATIENCE_MS)
    page.get_by_text("Synthetic ECG 2 of 2").wait_for()
    yield page
    context.close()


def look(page: Page, title: str) -> None:
    """Open a look; a click on one that is open would close it."""
    page.locator(".st-key-explore_look").get_by_role("radio", name=title, exact=True).set_checked(True)


def choose(page: Page, field: str, option: str) -> None:
    page.get_by_label(field, exact=True).fill(option.split(" · ")[0])
    page.get_by_role("option", name=option).click()


def left(page: Page, name: str) -> float:
    box = page.locator(f".st-key-explore_compare_{name}").bounding_box()
    assert box is not None
    return box["x"]


def seen(page: Page) -> list[str]:
    """Which curves are visible: those of A, those of B."""
    names = {"A": ".ecg-curves", "B": ".ecg-behind"}
    shown = "curve => getComputedStyle(curve).visibility === 'visible'"
    return [name for name, curves in names.items() if page.locator(curves).evaluate(shown)]


def test_two_ecgs_stand_beside_each_other_and_x_swaps_them(drawn: Page) -> None:
    look(drawn, "Compare")
    settle(drawn)
    drawn.get_by_label("B: compare with", exact=True).click()
    drawn.keyboard.type("No. 1")
    drawn.keyboard.press("Enter")
    drawn.locator(".ecg-sheet").nth(1).wait_for()
    settle(drawn)
    sheets = [box for one in drawn.locator(".ecg-page").all() if (box := one.bounding_box())]
    assert sheets[0]["y"] == sheets[1]["y"] and {box["width"] for box in sheets} == {1060 * 0.5625}
    assert left(drawn, "A") < left(drawn, "B")
    drawn.locator(".ecg-page").first.click()  # out of the field, where X is a letter
    drawn.keyboard.press("x")
    drawn.wait_for_function("document.querySelectorAll('.ecg-page')[0].getBoundingClientRect().x > 600")
    assert left(drawn, "A") > left(drawn, "B")
    drawn.set_viewport_size({"width": 900, "height": 1000})
    drawn.wait_for_timeout(300)
    assert left(drawn, "A") == left(drawn, "B"), "stacked in a narrow window"
    drawn.set_viewport_size({"width": 1440, "height": 1000})


def test_overlaid_x_flicks_between_them_and_b_lets_them_blink_under_one_caliper(drawn: Page) -> None:
    drawn.get_by_role("radio", name="Overlaid").set_checked(True)
    drawn.locator(".ecg-behind").wait_for(state="attached")
    settle(drawn)
    assert seen(drawn) == ["A", "B"]
    drawn.keyboard.press("t")
    span = drawn.locator(".ecg-time .ecg-label text").text_content()
    for expected in (["B"], ["A"], ["B"]):
        drawn.keyboard.press("x")
        drawn.wait_for_function(SEEN, arg=expected)
        settle(drawn)
    drawn.keyboard.press("b")
    for expected in (["A"], ["B"], ["A"]):
        drawn.wait_for_function(SEEN, arg=expected)
    drawn.emulate_media(reduced_motion="reduce")
    assert seen(drawn) == ["A", "B"], "nothing blinks where less motion is wanted"
    drawn.emulate_media(reduced_motion="no-preference")
    drawn.keyboard.press("o")
    drawn.wait_for_function(SEEN, arg=["A", "B"])
    assert drawn.locator(".ecg-time .ecg-label text").text_content() == span, "the caliper stayed"
    drawn.keyboard.press("Escape")


def test_same_noise_stands_beside_the_reference_with_its_difference(drawn: Page) -> None:
    look(drawn, "Same noise, other labels")
    drawn.get_by_text("drawn from the very noise of the ECG above").wait_for()
    choose(drawn, "Other labels for the same noise", "Thickened left ventricle removed · AFIB")
    picture = drawn.get_by_alt_text("Leads II, V1, V5: LVH + AFIB, then AFIB from the same noise")
    picture.wait_for(timeout=PATIENCE_MS)
    drawn.keyboard.press("Escape")
    assert drawn.get_by_text("the effect of the label on this noise").is_visible()
    assert drawn.get_by_text("root mean square difference").is_visible()
    width, natural = picture.evaluate("image => [image.getBoundingClientRect().width, image.naturalWidth]")
    assert (width, natural) == (1060, 1060), "4 px a millimetre, as the paper above"
    drawn.locator(".st-key-explore_noise_paper").get_by_text("AFIB", exact=True).click()
    drawn.locator(".st-key-explore_noise_paper_chart svg.main-svg").first.wait_for()


def test_the_way_is_a_column_of_strips_and_a_click_enlarges_one(drawn: Page) -> None:
    look(drawn, "Way between labels")
    choose(drawn, "The way to", "Normal sinus rhythm · NORM + SR")
    drawn.get_by_role("button", name=re.compile("^NORM \\+ SR:")).wait_for(timeout=PATIENCE_MS)
    drawn.get_by_text("Drawing the way").wait_for(state="detached")
    strips = drawn.locator(".st-key-explore_way button img:visible")
    assert strips.count() == 7
    assert min(strip["width"] for one in strips.all() if (strip := one.bounding_box())) > 900
    drawn.locator(".st-key-explore_way_paper svg.main-svg").first.wait_for()
    drawn.get_by_role("button", name="33 % of the way").click()
    drawn.get_by_text(re.compile("^33 % of the way from LVH \\+ AFIB to NORM \\+ SR ·")).wait_for()


@pytest.fixture
def film(drawn: Page) -> Iterator[Page]:
    """The film's page, on its first frame."""
    look(drawn, "Film")
    drawn.get_by_label("Step from noise to ECG").wait_for(timeout=PATIENCE_MS)
    drawn.get_by_label("Step from noise to ECG").press("Home")
    yield drawn
    drawn.emulate_media(reduced_motion="no-preference")


def traces(page: Page) -> list[str]:
    curves: Locator = page.locator(".film-page svg > path[stroke='#15151a'][stroke-width='0.3']")
    return curves.evaluate_all("paths => paths.map(path => path.getAttribute('d'))")


def step(page: Page) -> str:
    return page.get_by_label("Step from noise to ECG").get_attribute("aria-valuetext") or ""


def test_the_film_is_moved_by_keys(film: Page) -> None:
    slider = film.get_by_label("Step from noise to ECG")
    assert step(film) == "Noise" and len(traces(film)) == 12
    noise = traces(film)
    slider.press("ArrowRight")
    assert step(film) == f"Step 1 of {STEPS}"
    first = traces(film)
    slider.press("End")
    assert step(film) == f"ECG, after {STEPS} steps"
    assert len({*noise, *first, *traces(film)}) == 36, "every lead moves with every frame"
    slider.press("Home")
    assert traces(film) == noise


def test_the_film_plays_pauses_and_ends_on_the_ecg(film: Page) -> None:
    requests: list[str] = []
    film.on("request", lambda request: requests.append(request.url))
    film.get_by_role("button", name="Play").focus()
    film.keyboard.press("Enter")
    film.get_by_role("button", name="Pause").click()
    paused = step(film)
    film.wait_for_timeout(1500)
    assert step(film) == paused != f"ECG, after {STEPS} steps"
    film.get_by_role("button", name="Play").click()
    film.get_by_text(f"ECG, after {STEPS} steps").wait_for(timeout=20_000)
    film.get_by_role("button", name="Play").wait_for()
    assert requests == [], "the frames came once"


def test_nothing_moves_by_itself_where_less_motion_is_wanted(film: Page) -> None:
    film.emulate_media(reduced_motion="reduce")
    film.get_by_role("button", name="Next step").click()
    film.wait_for_timeout(1500)
    assert step(film) == f"Step 1 of {STEPS}"
    film.get_by_role("button", name="Next step").click()
    assert step(film) == f"Step 2 of {STEPS}"


def test_the_film_of_three_leads_shows_ten_seconds_of_each(film: Page) -> None:
    film.get_by_text("II, V1, V5, ten seconds", exact=True).click()
    film.get_by_role("img", name="From noise to ECG: leads II, V1, V5").wait_for()
    assert len(traces(film)) == 3
    right = film.locator(".film-page svg > path").last.evaluate("path => path.getBBox().x + path.getBBox().width")
    assert right == pytest.approx(10 + 250, abs=0.3)
