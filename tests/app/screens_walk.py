"""A walk through all screens in one theme, at every width: what was seen there, and a screenshot of each.

Each screen is opened once and looked at in all widths. Screenshots go to the folder that ECG_TURING_SCREENSHOTS names,
else to test-artefacts/screens; they show the whole page, however long.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe

from review_db.protocol import Design
from review_db.store import Store, migrate
from tests.app.reading_run import settle
from tests.app.study_kit import PASSPHRASE, open_study, plan, read_all

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

FOLDER = Path(os.environ.get("ECG_TURING_SCREENSHOTS", Path(__file__).parents[2] / "test-artefacts" / "screens"))
WIDE, UPRIGHT, FLAT = (1440, 1000), (820, 1180), (1180, 820)  # a desktop, and a tablet held either way
PICTURED = (WIDE, UPRIGHT)
TALLEST = 9000
PATIENCE_MS = 180_000  # the worker imports torch before its first ECG; a busy machine analyses for a minute
NAME = "Ines"
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


@dataclass(frozen=True)
class Site:
    """A running app, and the links of readers to its open studies."""

    url: str
    readers: Mapping[str, str]


@dataclass
class Seen:
    """One screen in one theme: overflow in px and what axe says by width, errors, alternatives of pictures."""

    overflow: dict[int, float] = field(default_factory=dict)
    violations: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    alternatives: list[str] = field(default_factory=list)


Visit = dict[str, Seen]


# -------------------------------------------------------------------------------------------------- what there is


def fill_store(address: str) -> dict[str, str]:
    """Two open studies, one of them read in part, and an unblinded one; the tokens of readers."""
    migrate(address)
    with Store.open(address) as store:
        store.add_first_account(NAME, PASSPHRASE)
        _, single = open_study(store, per_arm=6, asks_reasons=True)
        _, pairs = open_study(store, per_arm=4, design=Design.PAIRS)
        study, grades = open_study(store, per_arm=4, design=Design.GRADED, asks_plausibility=False)
        read_all(store, store.add_reader(study, "Dr Bo"))
        _unblind(store)
        return {"reading": single, "reading-pairs": pairs, "reading-grades": grades}


def _unblind(store: Store) -> None:
    study = store.create_study(plan(per_arm=10, asks_reasons=True))
    tokens = [store.add_reader(study, f"Dr {name}") for name in ("Ada", "Bo", "Cleo")]
    store.open_study(study)
    for token in tokens:
        read_all(store, token)
    store.close_study(study)
    store.observations(study)


# -------------------------------------------------------------------------------------------------------- the walk


def walk(site: Site, browser: Browser, theme: str) -> Visit:
    """All screens in the order of somebody who comes without an account, then signs in, then reads."""
    visit: Visit = {}
    with _window(browser, theme) as page:
        for name, open_it in (*VISITOR.items(), *INVESTIGATOR.items()):
            visit[name] = _look(page, name, theme, lambda page, act=open_it: act(page, site.url))
    for name, token in site.readers.items():
        with _window(browser, theme) as page:
            visit[name] = _look(page, name, theme, lambda page, token=token: _read(page, f"{site.url}/?reader={token}"))
            if name == READER[0]:
                visit[SHEET] = _look(page, SHEET, theme, _open_shortcuts)
    return visit


@contextmanager
def _window(browser: Browser, theme: str) -> Iterator[Page]:
    context = browser.new_context(viewport=_size(WIDE), color_scheme=theme, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    context.close()


def _size(width_height: tuple[int, int]) -> dict[str, int]:
    return dict(zip(("width", "height"), width_height, strict=True))


def _look(page: Page, name: str, theme: str, open_it: Callable[[Page], None]) -> Seen:
    seen = Seen()
    _listen(page, seen)
    page.set_viewport_size(_size(WIDE))
    open_it(page)
    for size in (WIDE, UPRIGHT, FLAT):
        page.set_viewport_size(_size(size))
        _come_to_rest(page)
        seen.overflow[size[0]] = page.evaluate(OVERFLOW)
        if size in PICTURED:
            page.set_viewport_size(_size((size[0], min(TALLEST, max(size[1], page.evaluate(LENGTH))))))
            _come_to_rest(page)
            page.screenshot(path=_file(name, theme, size))
            seen.violations[size[0]] = Axe().run(page, options=OPTIONS).response["violations"]
    seen.alternatives = page.evaluate(ALTERNATIVES)
    return seen


def _listen(page: Page, seen: Seen) -> None:
    """Errors of scripts, and what could not be fetched."""

    def told(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.location["url"].endswith(SEARCHED):
            seen.errors.append(f"{message.text} {message.location['url']}")

    page.on("console", told)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))


def _come_to_rest(page: Page) -> None:
    settle(page)
    page.wait_for_timeout(350)  # charts are drawn anew after their box has changed


def _file(name: str, theme: str, size: tuple[int, int]) -> Path:
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / ".gitignore").write_text("*\n", encoding="utf-8")
    return FOLDER / f"{name}-{theme}-{size[0]}.png"


# ------------------------------------------------------------------------------------------------- how to get there


def _welcome(page: Page, url: str) -> None:
    page.goto(url)
    page.locator(".st-key-welcome-doors a").last.wait_for()
    page.locator(".st-key-welcome-picture img").wait_for()


def _tour(page: Page, url: str) -> None:
    page.keyboard.press("Enter")
    page.locator(".st-key-tour-picture img").first.wait_for()


def _explore(page: Page, url: str) -> None:
    page.goto(f"{url}/explore?labels=AFIB&count=4&seed=3&sampler=dpmpp2m&steps=5")
    page.get_by_role("button", name="Generate").click()
    page.get_by_text("Synthetic ECG 1 of 4").wait_for()


def _door(page: Page, url: str) -> None:
    page.goto(f"{url}/studies")
    page.get_by_label("Passphrase").wait_for()


def _studies(page: Page, url: str) -> None:
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="New study").wait_for()


def _form(page: Page, url: str) -> None:
    page.get_by_role("button", name="New study").click()
    page.get_by_role("button", name="Compose the study").wait_for()


def _by_link(name: str, awaited: str) -> Callable[[Page, str], None]:
    def go(page: Page, url: str) -> None:
        page.get_by_role("link", name=name, exact=True).click()
        page.locator(awaited).first.wait_for()

    return go


def _read(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_text("Start reading").wait_for()
    page.keyboard.press("Enter")
    page.locator(".ecg-curves path").nth(12).wait_for(state="attached")


def _open_shortcuts(page: Page) -> None:
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keyboard shortcuts").wait_for()


VISITOR = {
    "welcome": _welcome,
    "tour": _tour,
    "explore": _explore,
    "read": _by_link("Read", "input[type=text]"),
    "planner": _by_link("Planner", ".js-plotly-plot"),
    "sign-in": _door,
}
INVESTIGATOR = {
    "studies": _studies,
    "form": _form,
    "monitor": _by_link("Monitor", "table.pace"),
    "records": _by_link("Records", "[data-testid=stFileUploader]"),
    "accounts": _by_link("Accounts", "table.plain"),
    "results": _by_link("Results", ".js-plotly-plot >> nth=8"),
}
READER = ("reading", "reading-pairs", "reading-grades")
SHEET = "shortcuts"
ALL = (*VISITOR, *INVESTIGATOR, *READER, SHEET)
