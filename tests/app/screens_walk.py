"""A walk through all screens in one theme: what was seen there, and a screenshot of each.

Each view is opened once and looked at in the windows that `screens_view` names. Screenshots go to the folder that
ECG_TURING_SCREENSHOTS names, else to test-artefacts/screens; they show the whole page, however long.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe

from tests.app.reading_run import settle
from tests.app.screens_site import Site
from tests.app.screens_view import LARGEST_WINDOW, PICTURED, Size, View
from tests.app.screens_way import TRIPS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

FOLDER = Path(os.environ.get("ECG_TURING_SCREENSHOTS", Path(__file__).parents[2] / "test-artefacts" / "screens"))
TALLEST = 9000
PATIENCE_MS = 180_000  # the worker imports torch before its first ECG; a busy machine analyses for a minute
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OPTIONS = {
    "runOnly": RULES,
    "resultTypes": ["violations"],
    "rules": {"target-size": {"enabled": True}},
    "elementRef": False,
}
OVERFLOW = """() => {
    const main = document.querySelector('[data-testid=stMain]');
    return Math.max(main.scrollWidth - main.clientWidth, document.documentElement.scrollWidth - innerWidth);
}"""
LENGTH = """() => {
    const main = document.querySelector('[data-testid=stMain]');
    return Math.ceil(main.scrollHeight + innerHeight - main.clientHeight);
}"""

ALTERNATIVES = """() => [...document.querySelectorAll('[role=figure], [role=img], img, svg title, svg desc')].map(
    (one) => one.getAttribute('aria-label') ?? one.getAttribute('alt') ?? one.textContent)"""
SEARCHED = ("/_stcore/health", "/_stcore/host-config")  # Streamlit looks for its server from the page's address upwards


@dataclass
class Seen:
    """One view in one theme: overflow in px and what axe says by width, errors, alternatives of pictures."""

    overflow: dict[int, float] = field(default_factory=dict)
    violations: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    alternatives: list[str] = field(default_factory=list)


Visit = dict[str, Seen]


def walk(site: Site, browser: Browser, theme: str) -> Visit:
    """All trips, each in a window of its own."""
    visit: Visit = {}
    for trip in TRIPS:
        with _window(browser, theme) as page:
            for name, view in trip.items():
                if view.sizes[theme]:
                    visit[name] = _look(page, name, theme, view, site)
    return visit


@contextmanager
def _window(browser: Browser, theme: str) -> Iterator[Page]:
    context = browser.new_context(viewport=_size(LARGEST_WINDOW), color_scheme=theme, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    context.close()


def _size(width_height: Size) -> dict[str, int]:
    return dict(zip(("width", "height"), width_height, strict=True))


def _look(page: Page, name: str, theme: str, view: View, site: Site) -> Seen:
    seen = Seen()
    told, failed = _listen(page, seen)
    page.set_viewport_size(_size(LARGEST_WINDOW))
    view.go(page, site)
    for size in view.sizes[theme]:
        page.set_viewport_size(_size(size))
        _come_to_rest(page)
        seen.overflow[size[0]] = page.evaluate(OVERFLOW)
        if size in PICTURED:
            page.set_viewport_size(_size((size[0], min(TALLEST, max(size[1], page.evaluate(LENGTH))))))
            _come_to_rest(page)
            page.screenshot(path=FOLDER / picture_name(name, theme, size))
            seen.violations[size[0]] = Axe().run(page, options=OPTIONS).response["violations"]
    seen.alternatives = page.evaluate(ALTERNATIVES)
    page.remove_listener("console", told)
    page.remove_listener("pageerror", failed)
    return seen


def _listen(page: Page, seen: Seen) -> tuple[Any, Any]:
    """Errors of scripts, and what could not be fetched."""

    def told(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.location["url"].endswith(SEARCHED):
            seen.errors.append(f"{message.text} {message.location['url']}")

    def failed(error: object) -> None:
        seen.errors.append(str(error))

    page.on("console", told)
    page.on("pageerror", failed)
    return told, failed


def _come_to_rest(page: Page) -> None:
    settle(page)
    page.wait_for_timeout(350)  # charts are drawn anew after their box has changed


def picture_name(name: str, theme: str, size: Size) -> str:
    """Of the file that shows a view."""
    return f"{name}-{theme}-{size[0]}.png"


def make_folder() -> None:
    """For the screenshots; git leaves it alone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / ".gitignore").write_text("*\n", encoding="utf-8")
