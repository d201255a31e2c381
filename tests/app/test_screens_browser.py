"""Every screen in a real browser: light and dark, on a desktop and on a tablet. WCAG 2.2 AA as axe-core measures it.

Screenshots of all of them are kept, see `screens_walk`; how closely each is looked at says `screens_view`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.display.alternative import alt_text
from tests.app.screens_reader import READER
from tests.app.screens_site import THEMES, Site, fill_own_records, fill_ptbxl, fill_store
from tests.app.screens_view import PICTURED
from tests.app.screens_walk import FOLDER, Visit, make_folder, picture_name, walk
from tests.app.screens_way import ALL
from tests.app.test_explore_browser import checkpoints  # noqa: F401  a fixture

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOOKED_AT = [(name, theme) for name, view in ALL.items() for theme in THEMES if view.sizes[theme]]


@pytest.fixture(scope="module")
def site(running_app: Callable[..., str], checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:  # noqa: F811
    folder = tmp_path_factory.mktemp("screens")
    tokens = fill_store(address := f"sqlite:///{folder / 'review.db'}")
    fill_own_records(folder / "own")
    fill_ptbxl(folder / "ptbxl")
    return Site(
        running_app(
            ECG_TURING_STORE_URL=address,
            ECG_TURING_CHECKPOINTS=checkpoints,
            ECG_TURING_OWN_RECORDS=folder / "own",
            ECG_TURING_PTBXL=folder / "ptbxl",
        ),
        tokens,
    )


@pytest.fixture(scope="module")
def visits(site: Site, browser: Browser) -> dict[str, Visit]:
    make_folder()
    return {theme: walk(site, browser, theme) for theme in THEMES}


@pytest.mark.parametrize(("view", "theme"), LOOKED_AT)
def test_a_view_meets_wcag_aa(visits: dict[str, Visit], view: str, theme: str) -> None:
    found = [
        f"{width} px: {violation['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for width, violations in visits[theme][view].violations.items()
        for violation in violations
        for node in violation["nodes"]
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("view", "theme"), LOOKED_AT)
def test_nothing_sticks_out_of_a_view_and_nothing_fails_in_it(visits: dict[str, Visit], view: str, theme: str) -> None:
    seen = visits[theme][view]
    assert seen.overflow and all(over <= 0 for over in seen.overflow.values()), seen.overflow
    assert not seen.errors


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("screen", READER)
def test_the_alternative_of_an_ecg_tells_its_format_and_nothing_else(
    visits: dict[str, Visit], screen: str, theme: str
) -> None:
    told = visits[theme][screen].alternatives
    assert set(told) == {alt_text()} and len(told) == (2 if screen == "reading-pairs" else 1)


def test_every_screenshot_was_kept(visits: dict[str, Visit]) -> None:
    wanted = {
        picture_name(name, theme, size)
        for name, theme in LOOKED_AT
        for size in ALL[name].sizes[theme]
        if size in PICTURED
    }
    assert len(wanted) > len(LOOKED_AT) and wanted <= {path.name for path in FOLDER.iterdir()}
