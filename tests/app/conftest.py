"""What the tests of the screens share: the whole app in the testing harness, on services without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput

from app import session
from app.session import Services
from review_db.account import Role
from tests.app.explore_kit import Generation, new_generation, screen_opener
from tests.app.reading_run import ReadingRun, cached, run_study
from tests.app.study_kit import PASSPHRASE, MadeUpPtbXl, record, services_with

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MAIN = Path(__file__).resolve().parents[2] / "app" / "main.py"
OpenApp = Callable[..., AppTest]
INVESTIGATOR, MONITOR = "investigator", "Mo"


@pytest.fixture
def made_up_records() -> MadeUpPtbXl:
    return MadeUpPtbXl(
        tuple(record(number, "NORM SR") for number in range(1, 9))
        + tuple(record(20 + number, codes) for number in range(1, 5) for codes in ("AFIB",))
        + (record(31, "LVH"), record(32, "IMI"), record(33, "CLBBB"), record(34, "LVH", fold=2))
    )


@pytest.fixture
def services(
    request: pytest.FixtureRequest, tmp_path: Path, made_up_records: MadeUpPtbXl, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Services]:
    """Services with made-up records and drawings; `indirect` parameters replace arguments of services_with."""
    made = services_with(tmp_path, **({"ptbxl": made_up_records} | getattr(request, "param", {})))
    monkeypatch.setattr(session, "services", lambda: made)
    st.cache_resource.clear()
    yield made
    made.store.close()


@pytest.fixture
def open_app(services: Services) -> OpenApp:
    """Opens the app: open_app("studies"), open_app(token=...), open_app("results", signed_in=False).

    Where there is no account yet, the form of the first start is filled in; a monitor's account is made if need be.
    """

    def run(
        screen: str | None = None, token: str | None = None, signed_in: bool = True, role: Role = Role.INVESTIGATOR
    ) -> AppTest:
        if role is Role.MONITOR:
            add_monitor(services)
        app = AppTest.from_file(str(MAIN), default_timeout=30)
        if token is not None:
            app.query_params[session.READER] = token
        app.run()
        if screen is not None:
            app.switch_page(f"screens/{screen}.py").run()
        if signed_in and any(field.label == "Passphrase" for field in app.text_input):
            sign_in(app, services, role)
        assert not app.exception
        return app

    return run


@pytest.fixture
def generation() -> Generation:
    """A generation service for Explore whose jobs a test finishes when it likes."""
    return new_generation()


@pytest.fixture
def open_screen(generation: Generation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens Explore alone: open_screen(ptbxl=True, labels="AFIB", count="4")."""
    return screen_opener(generation, tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def run_memory() -> dict[str, ReadingRun]:
    """Keeps the one reading run, which takes a minute, for the modules that look at it."""
    return {}


@pytest.fixture(scope="module")
def reading_run(
    run_memory: dict[str, ReadingRun],
    running_app: Callable[..., str],
    browser: Browser,
    ptbxl_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> ReadingRun:
    """A study of real ECGs of PTB-XL and synthetic ones, read in a browser."""

    def make() -> ReadingRun:
        store = tmp_path_factory.mktemp("reading") / "review.db"
        url = running_app(ECG_TURING_PTBXL=ptbxl_folder, ECG_TURING_STORE_URL=f"sqlite:///{store}")
        return run_study(url, store, browser)

    return cached(run_memory, make)


def sign_in(app: AppTest, services: Services, role: Role = Role.INVESTIGATOR) -> None:
    """Fill in the form that is shown: of the first start, or for signing in."""
    if services.store.has_accounts():
        field(app, "Name").set_value(MONITOR if role is Role.MONITOR else INVESTIGATOR)
    else:
        field(app, "The same again").set_value(PASSPHRASE)
    field(app, "Passphrase").set_value(PASSPHRASE)
    app.button[0].click().run()


def add_investigator(services: Services) -> None:
    """The first account, under the name that the form suggests."""
    if not services.store.has_accounts():
        services.store.add_first_account(INVESTIGATOR, PASSPHRASE)


def add_monitor(services: Services) -> None:
    """An account that may see progress only."""
    add_investigator(services)
    if MONITOR not in [account.name for account in services.store.accounts()]:
        services.store.set_up_account(services.store.invite_account(MONITOR, Role.MONITOR), PASSPHRASE)


def field(app: AppTest, label: str) -> TextInput:
    """The field of text with this label."""
    return next(found for found in app.text_input if found.label == label)
