"""The way of a visitor without an account: welcome, tour, Explore with all its looks, the doors of the others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.app.reading_run import settle
from tests.app.screens_site import Site
from tests.app.screens_view import Go, View, briefly, by_link, closely

if TYPE_CHECKING:
    from playwright.sync_api import Page


def _welcome(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.locator(".st-key-welcome-doors a").last.wait_for()
    page.locator(".st-key-welcome-picture img").wait_for()


def _tour(page: Page, site: Site) -> None:
    page.keyboard.press("Enter")
    page.locator(".st-key-tour-picture img").first.wait_for()


def _step(number: int, awaited: str) -> Go:
    """The next step of the tour."""

    def go(page: Page, site: Site) -> None:
        page.keyboard.press("ArrowRight")
        page.get_by_label(f"Step {number} of 7").wait_for()
        page.locator(awaited).first.wait_for()

    return go


def _told(page: Page, site: Site) -> None:
    """In the game: an answer, and its truth."""
    page.keyboard.press("1")
    page.get_by_role("button", name="Next ECG").wait_for()


def _explore(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/explore?labels=AFIB&count=4&seed=3&sampler=dpmpp2m&steps=5")
    page.get_by_role("button", name="Generate").click()
    page.get_by_text("Synthetic ECG 1 of 4").wait_for()


def _look(title: str, awaited: str) -> Go:
    def go(page: Page, site: Site) -> None:
        _open_look(page, title)
        page.locator(awaited).last.wait_for()

    return go


def _open_look(page: Page, title: str) -> None:
    page.locator(".st-key-explore_look").get_by_role("radio", name=title, exact=True).set_checked(True)
    settle(page)


def _choose(page: Page, field: str, option: str) -> None:
    page.get_by_label(field, exact=True).click()
    page.keyboard.type(option)
    page.get_by_role("option", name=option).first.click()


def _compare(page: Page, site: Site) -> None:
    _open_look(page, "Compare")
    _choose(page, "B: compare with", "Real, PTB-XL record")
    page.locator(".ecg-sheet").nth(1).wait_for()


def _overlaid(page: Page, site: Site) -> None:
    page.get_by_role("radio", name="Overlaid").set_checked(True)
    page.locator(".ecg-behind").wait_for(state="attached")


def _same_noise(page: Page, site: Site) -> None:
    _open_look(page, "Same noise, other labels")
    _choose(page, "Other labels for the same noise", "Normal sinus rhythm")
    page.get_by_alt_text(re.compile("from the same noise")).wait_for()
    page.keyboard.press("Escape")  # the list of further labels


def _way(page: Page, site: Site) -> None:
    _open_look(page, "Way between labels")
    _choose(page, "The way to", "Normal sinus rhythm")
    page.locator(".st-key-explore_way_paper svg.main-svg").first.wait_for()


def _complete(page: Page, site: Site) -> None:
    _open_look(page, "Complete a record")
    page.get_by_test_id("stMain").get_by_role("button", name="Complete", exact=True).click()
    page.get_by_label("Leads shown").wait_for()


def _measurements(page: Page, site: Site) -> None:
    """Of what a simulator drew: the random model draws no beats."""
    page.goto(f"{site.url}/explore?labels=SR&count=1&generator=simulator")
    page.get_by_role("button", name="Generate").click()
    page.locator(".st-key-explore_look").wait_for()
    _open_look(page, "Measurements")
    page.locator(".js-plotly-plot >> nth=1").wait_for()


def _set_up(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?setup={site.tokens['set-up']}")
    page.locator("input[type=password]").nth(1).wait_for()


def _door(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/studies")
    page.get_by_label("Passphrase").wait_for()


VISITOR: Mapping[str, View] = {
    "welcome": closely(_welcome),
    "tour": closely(_tour),
    "tour-2": briefly(_step(2, ".st-key-tour-page img")),
    "tour-3": briefly(_step(3, ".st-key-tour-rows img")),
    "tour-4": briefly(_step(4, ".st-key-tour-film img")),
    "tour-5": briefly(_step(5, ".st-key-tour-picture img")),
    "tour-5-told": briefly(_told),
    "tour-6": briefly(_step(6, ".st-key-tour-words li")),
    "tour-7": briefly(_step(7, "table")),
    "explore": closely(_explore),
    "explore-compare": closely(_compare),
    "explore-overlaid": briefly(_overlaid),
    "explore-shows-it": briefly(_look("Does it show it?", ".js-plotly-plot >> nth=1")),
    "explore-copy": briefly(_look("Is it a copy?", ".js-plotly-plot >> nth=2")),
    "explore-same-noise": briefly(_same_noise),
    "explore-way": briefly(_way),
    "explore-film": briefly(_look("Film", ".film-controls output")),
    "explore-complete": briefly(_complete),
    "explore-measurements": briefly(_measurements),
    "read": closely(by_link("Read", "input[type=text]")),
    "planner": closely(by_link("Planner", ".js-plotly-plot")),
    "set-up": briefly(_set_up),
    "sign-in": closely(_door),
}
