"""The tour in a real browser by keyboard: every step is one screen, soon there, and nothing is fetched from elsewhere.

The checkpoint is tiny and random: what it draws is noise, how the tour goes is what is tested.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from app.tour.steps import STEPS
from tests.app.test_explore_browser import checkpoints  # noqa: F401  a fixture

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

SMALL_WINDOW = {"width": 1280, "height": 800}
PATIENCE_MS = 120_000  # the worker imports torch before its first ECG
SECONDS = 180.0  # of the tour, for somebody who reads it; a browser that waits for all of it takes less
READY = {
    "An ECG of nobody": ".st-key-tour-picture img",
    "Draw one, now": ".st-key-tour-page img",
    "Change one label": ".st-key-tour-rows img",
    "From noise to ECG": ".st-key-tour-film img",
    "Can you tell?": ".st-key-tour-answer-1",
    "How physicians' studies work": ".st-key-tour-picture img",
    "What has been found": ".st-key-tour-published table",
}
OVERFLOW = "(main => main.scrollHeight - main.clientHeight)(document.querySelector('[data-testid=stMain]'))"


@pytest.fixture
def window(browser: Browser) -> Page:
    page = browser.new_context(viewport=SMALL_WINDOW).new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


@pytest.fixture(scope="module")
def url(running_app: Callable[..., str], checkpoints: Path) -> str:  # noqa: F811
    return running_app(ECG_TURING_CHECKPOINTS=checkpoints)


def play(page: Page) -> None:
    for number in range(1, 9):
        page.get_by_text(f"ECG {number} of 8").wait_for()
        page.keyboard.press("1")
        page.get_by_text("You said:").wait_for()
        page.keyboard.press("Enter")
    page.get_by_text("of 8 right. Guessing gives that or").wait_for()


def wait_for_step(page: Page, title: str) -> None:
    page.get_by_role("heading", name=title).wait_for()
    page.locator(READY[title]).first.wait_for()
    page.wait_for_timeout(300)


def test_the_tour_is_walked_by_keyboard_each_step_on_one_screen(url: str, window: Page) -> None:
    hosts: set[str] = set()
    window.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or ""))
    window.goto(url)
    window.get_by_role("button", name="Take the tour").wait_for()
    window.locator(".st-key-welcome-doors a").last.wait_for()
    assert window.evaluate(OVERFLOW) <= 0
    window.keyboard.press("Enter")
    began, took = time.monotonic(), {}
    for title in STEPS:
        wait_for_step(window, title)
        assert window.evaluate(OVERFLOW) <= 0, title
        if title == "Can you tell?":
            play(window)
        took[title] = round(time.monotonic() - began - sum(took.values()), 1)
        window.keyboard.press("ArrowRight")
    print(took)
    assert sum(took.values()) < SECONDS, took
    assert hosts <= {"127.0.0.1", ""}  # data: has no host


@pytest.mark.parametrize("path", ["/", "/explore"])
def test_a_link_to_a_drawing_opens_explore_with_its_labels(url: str, window: Page, path: str) -> None:
    window.goto(f"{url}{path}?labels=AFIB&count=2&seed=3&sampler=dpmpp2m&steps=5")
    window.get_by_role("button", name="Generate").click()
    window.get_by_text("Synthetic ECG 1 of 2: Atrial fibrillation").wait_for()
    assert "labels=AFIB" in window.url
    window.reload()
    window.get_by_text("Synthetic ECG 1 of 2: Atrial fibrillation").wait_for()
