"""Sheets in a real browser: both of a pair alike at every width, large ones in one place, nothing squeezed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from review_db.protocol import Design
from review_db.store import Store, migrate
from tests.app.study_kit import plan

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = {"width": 1060.0, "height": 580.0}
BOXES = """() => [...document.querySelectorAll('.ecg-page')].map(sheet => {
    const box = sheet.getBoundingClientRect();
    return {left: box.x, top: box.y, width: box.width, height: box.height};
})"""
OVERFLOW = (
    "() => { const main = document.querySelector('[data-testid=stMain]'); return main.scrollWidth - innerWidth; }"
)


@pytest.fixture(scope="module")
def links(running_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Design, str]]:
    """An open study of each design, which nobody reads to the end."""
    address = f"sqlite:///{tmp_path_factory.mktemp('sheets') / 'review.db'}"
    migrate(address)
    store, tokens = Store.open(address), {}
    for design in Design:
        study = store.create_study(plan(design=design))
        tokens[design] = store.add_reader(study, "Dr Ada")
        store.open_study(study)
    store.close()
    url = running_app(ECG_TURING_STORE_URL=address)
    yield {design: f"{url}/?reader={token}" for design, token in tokens.items()}


def start(page: Page, link: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    page.goto(link)
    page.get_by_text("Start reading").wait_for()
    page.keyboard.press("Enter")
    page.locator(".ecg-curves path").nth(12).wait_for(state="attached")
    _settle(page)


def _settle(page: Page) -> None:
    page.wait_for_timeout(700)


def boxes(page: Page) -> list[dict[str, float]]:
    found: list[dict[str, float]] = page.evaluate(BOXES)
    return found


@pytest.mark.parametrize("width", [820, 1280, 1440, 1920, 2560])
def test_both_sheets_of_a_pair_are_shrunk_alike_and_fit(links: dict[Design, str], page: Page, width: int) -> None:
    start(page, links[Design.PAIRS], width)
    left, right = boxes(page)
    assert (left["width"], left["height"]) == (right["width"], right["height"])
    assert left["width"] / left["height"] == pytest.approx(PAGE["width"] / PAGE["height"], rel=1e-3)
    assert (8 * left["width"] / PAGE["width"]) % 1 == pytest.approx(0, abs=1e-2)  # steps of half a pixel per mm
    assert (right["left"] > left["left"]) == (width > 1380) and page.evaluate(OVERFLOW) <= 0


def test_one_large_sheet_takes_the_place_of_the_other(links: dict[Design, str], page: Page) -> None:
    start(page, links[Design.PAIRS], 1440)
    both = boxes(page)
    for visible in (0, 1):
        page.keyboard.press("x")
        _settle(page)
        large = boxes(page)
        assert large[0] == large[1] and {name: large[0][name] for name in PAGE} == PAGE
        assert [page.locator(".ecg-page").nth(at).is_visible() for at in (0, 1)] == [visible == 0, visible == 1]
    page.keyboard.press("z")
    _settle(page)
    assert boxes(page) == both


def test_calipers_go_to_the_sheet_that_is_pointed_at_or_to_the_only_one_that_is_seen(
    links: dict[Design, str], page: Page
) -> None:
    start(page, links[Design.PAIRS], 1440)
    page.locator(".ecg-page").nth(1).hover()
    page.keyboard.press("i")
    assert [page.locator(f".st-key-paper-{name} .ecg-caliper").count() for name in "ab"] == [0, 1]
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    _settle(page)
    page.keyboard.press("v")
    assert [page.locator(f".st-key-paper-{name} .ecg-caliper").count() for name in "ab"] == [1, 0]


@pytest.mark.parametrize("width", [820, 1150, 1280, 1440])
@pytest.mark.parametrize("design", [Design.SINGLE, Design.GRADED])
def test_one_sheet_and_its_questions_fit_the_window(
    links: dict[Design, str], page: Page, design: Design, width: int
) -> None:
    start(page, links[design], width)
    (sheet,) = boxes(page)
    assert sheet["width"] / sheet["height"] == pytest.approx(PAGE["width"] / PAGE["height"], rel=1e-3)
    assert sheet["left"] + sheet["width"] <= width and page.evaluate(OVERFLOW) <= 0
