"""Every screen in a real browser: light and dark, on a desktop and on a tablet. WCAG 2.2 AA as axe-core measures it.

Screenshots of all of them are kept, see `screens_walk`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.display.figure import alt_text
from tests.app import screens_walk
from tests.app.screens_walk import ALL, READER, Site, Visit, fill_store, walk
from tests.app.test_explore_browser import checkpoints  # noqa: F401  a fixture

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

THEMES = ("light", "dark")


@pytest.fixture(scope="module")
def site(running_app: Callable[..., str], checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:  # noqa: F811
    address = f"sqlite:///{tmp_path_factory.mktemp('screens') / 'review.db'}"
    readers = fill_store(address)
    return Site(running_app(ECG_TURING_STORE_URL=address, ECG_TURING_CHECKPOINTS=checkpoints), readers)


@pytest.fixture(scope="module")
def visits(site: Site, browser: Browser) -> dict[str, Visit]:
    return {theme: walk(site, browser, theme) for theme in THEMES}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("screen", ALL)
def test_a_screen_meets_wcag_aa(visits: dict[str, Visit], screen: str, theme: str) -> None:
    found = [
        f"{width} px: {violation['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for width, violations in visits[theme][screen].violations.items()
        for violation in violations
        for node in violation["nodes"]
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("screen", ALL)
def test_nothing_sticks_out_of_a_screen_and_nothing_fails_in_it(
    visits: dict[str, Visit], screen: str, theme: str
) -> None:
    seen = visits[theme][screen]
    assert all(over <= 0 for over in seen.overflow.values()), seen.overflow
    assert not seen.errors


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("screen", READER)
def test_the_alternative_of_an_ecg_tells_its_format_and_nothing_else(
    visits: dict[str, Visit], screen: str, theme: str
) -> None:
    told = visits[theme][screen].alternatives
    assert set(told) == {alt_text()} and len(told) == (2 if screen == "reading-pairs" else 1)


def test_every_screenshot_was_kept(visits: dict[str, Visit]) -> None:
    sizes = screens_walk.PICTURED
    wanted = {f"{screen}-{theme}-{width}.png" for screen in ALL for theme in THEMES for width, _ in sizes}
    assert wanted <= {path.name for path in screens_walk.FOLDER.iterdir()}
