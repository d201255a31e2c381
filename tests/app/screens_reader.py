"""The way of a reader: three designs, and all that stands before, between and after ECGs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tests.app.reading_run import settle
from tests.app.screens_site import Site
from tests.app.screens_view import Go, View, briefly, closely, theme_of

if TYPE_CHECKING:
    from playwright.sync_api import Page


def _read(name: str) -> Go:
    def go(page: Page, site: Site) -> None:
        page.goto(f"{site.url}/?reader={site.tokens[name]}")
        page.get_by_text("Start reading").wait_for()
        _see_ecg(page)

    return go


def _see_ecg(page: Page, key: str = "Enter") -> None:
    """Keys are heard once the script has run and the buttons, which are loaded late, are there."""
    settle(page)
    page.keyboard.press(key)
    page.locator(".ecg-curves path").nth(12).wait_for(state="attached")
    page.locator("[class*='st-key-scale-'] button").first.wait_for()
    settle(page)


def _open_shortcuts(page: Page, site: Site) -> None:
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keyboard shortcuts").wait_for()


def _refused(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?reader=nobody")
    page.get_by_text("This link is not valid").wait_for()


def _consent(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?reader={site.tokens[f'cards-{theme_of(page)}']}")
    page.get_by_text("I have read this text").click()


def _profile(page: Page, site: Site) -> None:
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Specialty").wait_for()


def _instructions(page: Page, site: Site) -> None:
    page.get_by_label("Specialty").fill("Cardiology")
    page.get_by_role("option", name="Cardiology", exact=True).click()
    page.get_by_label("Years of reading ECGs").fill("12")
    page.get_by_label("ECGs that you read per week").fill("80")
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("Start practice").wait_for()


def _answer(page: Page) -> None:
    for key, scale in (("1", "verdict"), ("a", "plausibility")):
        page.keyboard.press(key)
        page.locator(f".st-key-scale-{scale} button[kind='primary']").wait_for()
    page.keyboard.press("Enter")


def _practice(page: Page, site: Site) -> None:
    _see_ecg(page)
    page.keyboard.press("i")  # with a caliper on the sheet


def _after_answer(awaited: str) -> Go:
    def go(page: Page, site: Site) -> None:
        _answer(page)
        page.get_by_text(awaited).first.wait_for()

    return go


def _now_it_counts(page: Page, site: Site) -> None:
    settle(page)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Now it counts").wait_for()


def _pause(page: Page, site: Site) -> None:
    _see_ecg(page)
    page.keyboard.press("p")
    page.get_by_role("heading", name="Pause").wait_for()


def _leaving(page: Page, site: Site) -> None:
    page.get_by_role("button", name="Leave the study").click()
    page.get_by_role("heading", name="Leave the study?").wait_for()


def _break(page: Page, site: Site) -> None:
    settle(page)
    page.keyboard.press("Escape")
    page.get_by_role("heading", name="Pause").wait_for()
    _see_ecg(page)
    _after_answer("Time for a break")(page, site)


def _change(page: Page, site: Site) -> None:
    _see_ecg(page)
    _see_ecg(page, "u")
    page.get_by_text("changing your last answer").wait_for()


def _thanks(page: Page, site: Site) -> None:
    page.keyboard.press("Escape")
    page.get_by_text("2 of 2").wait_for()
    page.locator("[class*='st-key-scale-'] button").first.wait_for()
    settle(page)
    _after_answer("You have read all")(page, site)


READER = ("reading", "reading-pairs", "reading-grades")
SHEETS: Sequence[Mapping[str, View]] = (
    {READER[0]: closely(_read(READER[0])), "shortcuts": closely(_open_shortcuts)},
    *({name: closely(_read(name))} for name in READER[1:]),
)
CARDS: Mapping[str, View] = {
    "reading-refused": briefly(_refused),
    "reading-consent": briefly(_consent),
    "reading-profile": briefly(_profile),
    "reading-instructions": briefly(_instructions),
    "reading-practice": briefly(_practice),
    "reading-feedback": briefly(_after_answer("You said:")),
    "reading-counts": briefly(_now_it_counts),
    "reading-pause": briefly(_pause),
    "reading-leaving": briefly(_leaving),
    "reading-break": briefly(_break),
    "reading-change": briefly(_change),
    "reading-thanks": briefly(_thanks),
}
