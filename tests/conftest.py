"""What several rooms' tests share: large data from outside the repository, a running app, a browser page.

ECG_TURING_PTBXL: the folder of PTB-XL (the variable that the product itself uses).
ECG_TURING_GOLDEN: the folder of reference numbers of the published networks.
Tests that need one of them are skipped with the reason when it is unset.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.app_server import APP, serving
from tests.chromium import find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    RunApp = Callable[..., str]

# A property holds or not; how long a busy machine takes to try an example says nothing about it.
settings.register_profile("properties", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("properties")

VIEWPORT = {"width": 1440, "height": 1000}


def _folder_from(variable: str, marker: str) -> Path:
    if not os.environ.get(variable):
        pytest.skip(f"{variable} is not set")
    folder = Path(os.environ[variable])
    assert (folder / marker).exists(), f"{variable} is set to {folder}, which holds no {marker}"
    return folder


@pytest.fixture(scope="session")
def ptbxl_folder() -> Path:
    """PTB-XL as PhysioNet lays it out, perhaps with only a part of the records."""
    return _folder_from("ECG_TURING_PTBXL", "ptbxl_database.csv")


@pytest.fixture(scope="session")
def golden_folder() -> Path:
    """Outputs and weights of the published implementations."""
    return _folder_from("ECG_TURING_GOLDEN", "small_index.json")


@pytest.fixture(scope="module")
def running_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunApp]:
    """Starts a Streamlit server, returns its URL: running_app(ECG_TURING_PTBXL=folder), or script="some.py".

    Each call has a fresh store, cache and log in a folder of its own; settings of the surroundings stay out.
    The servers end with the test module.
    """
    with ExitStack() as servers:

        def run(script: str | Path = APP, **settings: object) -> str:
            folder = tmp_path_factory.mktemp("app")
            return servers.enter_context(serving(folder, settings, script)).url

        yield run


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; one per module, because Playwright occupies the event loop as long as it runs."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium found; make test installs one")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh browser page without cookies, as large as a desktop window."""
    context = browser.new_context(viewport=VIEWPORT)
    yield context.new_page()
    context.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, or one worker is still at the last of them when the others are done."""
    long = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(autouse=True)
def own_main_module() -> Iterator[None]:
    """Streamlit's testing harness leaves its script as `__main__`, which a spawned process would then run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
