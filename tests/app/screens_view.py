"""A view of the app: how to get there, and how closely it is looked at.

Two ways of looking. Closely: in both themes, on a desktop and on a tablet held either way. Briefly, which is enough for
what stands on the same page or is built of the same parts as a view that is looked at closely: on a desktop in light
colours, on a tablet in dark ones. So every colour and either layout has been seen, at a third of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from tests.app.screens_site import THEMES, Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

Size = tuple[int, int]
Go = Callable[["Page", Site], None]
WIDE, UPRIGHT, FLAT = (1440, 1000), (820, 1180), (1180, 820)  # a desktop, and a tablet held either way
LARGEST_WINDOW = WIDE
PICTURED = (WIDE, UPRIGHT)
CLOSELY: Mapping[str, Sequence[Size]] = MappingProxyType(dict.fromkeys(THEMES, (WIDE, UPRIGHT, FLAT)))
BRIEFLY: Mapping[str, Sequence[Size]] = MappingProxyType({"light": (WIDE,), "dark": (UPRIGHT,)})


@dataclass(frozen=True)
class View:
    """A screen, or a state of one. go: there from the view before. sizes: of the window, by theme."""

    go: Go
    sizes: Mapping[str, Sequence[Size]]


def closely(go: Go) -> View:
    """In all windows."""
    return View(go, CLOSELY)


def briefly(go: Go) -> View:
    """In one window of each theme."""
    return View(go, BRIEFLY)


def theme_of(page: Page) -> str:
    """In which a page is seen: both walks are on one site, and some things can be done there once."""
    return THEMES[page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")]


def by_link(name: str, awaited: str) -> Go:
    """By the navigation, until something is there."""

    def go(page: Page, site: Site) -> None:
        page.keyboard.press("Escape")  # whatever is open
        page.get_by_role("link", name=name, exact=True).click()
        page.locator(awaited).first.wait_for()

    return go


def dialog(button: str, title: str) -> Go:
    """Press a button that opens a dialog; another one is closed before."""

    def go(page: Page, site: Site) -> None:
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="detached")
        page.get_by_role("button", name=button, exact=True).first.click()
        page.get_by_role("dialog", name=title).wait_for()

    return go
