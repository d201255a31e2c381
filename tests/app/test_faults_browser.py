"""A reader's page while PostgreSQL cannot be reached, or is killed and started again: what is seen, what is kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url

from app.store_away import SLOW
from app.store_words import LOST
from review_db.store import Store, migrate
from tests.app.reading_run import answer_by_keys, settle
from tests.app.study_kit import open_study
from tests.app_server import serving
from tests.review_db.cable import Cable, cable_to
from tests.review_db.conftest import server as server  # a fixture
from tests.review_db.postgresql import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TOTAL = 8
SILENT_SECONDS, CUT_SECONDS = 30, 8
SEEN_MS = 10_000  # to the first sentence; 3 s by the style sheet, and what a busy machine adds
BACK_MS = 60_000


@pytest.fixture
def cable(server: Server) -> Iterator[Cable]:
    with cable_to(server.port) as between:
        yield between


@pytest.fixture
def address(server: Server) -> Iterator[str]:
    with server.database("template0") as made:
        migrate(made)
        yield made


def choose(page: Page, position: int) -> None:
    page.get_by_text(f"{position} of {TOTAL}", exact=True).wait_for()
    page.locator(".ecg-curves path").nth(12).wait_for(state="attached")
    settle(page)
    for key, scale in (("2", "verdict"), ("a", "plausibility")):
        page.keyboard.press(key)
        page.locator(f".st-key-scale-{scale} button[kind='primary']").wait_for()


def wait_for_words(page: Page, words: str) -> None:
    page.get_by_text(words).wait_for(state="visible", timeout=SEEN_MS)


def sit_down(page: Page, url: str) -> None:
    page.set_default_timeout(BACK_MS)
    page.goto(url)
    page.get_by_text("Start reading").wait_for()
    settle(page)
    page.keyboard.press("Enter")


def be_silent(page: Page, cable: Cable) -> None:
    """What is sent gets no reply for 30 s."""
    cable.pull()
    page.keyboard.press("Enter")
    began = time.monotonic()
    wait_for_words(page, SLOW)
    page.wait_for_timeout(1000 * (SILENT_SECONDS - (time.monotonic() - began)))
    assert page.get_by_text(SLOW).is_visible()
    cable.plug_in()


def be_cut(page: Page, cable: Cable) -> None:
    """Connections break, and new ones are refused."""
    cable.cut()
    page.keyboard.press("Enter")
    wait_for_words(page, LOST)
    assert page.get_by_text("is not stored yet").is_visible()
    page.wait_for_timeout(1000 * CUT_SECONDS)
    assert page.get_by_text(LOST).is_visible()
    cable.mend()


def be_killed(page: Page, server: Server) -> None:
    server.kill()
    page.keyboard.press("Enter")
    wait_for_words(page, LOST)
    server.start_again()


def test_a_reader_is_told_that_postgresql_is_away_and_the_answer_is_stored_once_when_it_is_back(
    server: Server, cable: Cable, address: str, page: Page, tmp_path: Path
) -> None:
    far = make_url(address).set(port=cable.port).render_as_string(hide_password=False)
    with Store.open(address) as store, serving(tmp_path, {"ECG_TURING_STORE_URL": far}) as app:
        study, token = open_study(store, per_arm=TOTAL // 2)
        sit_down(page, f"{app.url}/?reader={token}")
        answer_by_keys(page, 1, TOTAL)
        assert page.get_by_text(SLOW).count() == 1 and not page.get_by_text(SLOW).is_visible()
        faults = (partial(be_silent, page, cable), partial(be_cut, page, cable), partial(be_killed, page, server))
        for position, fault in enumerate(faults, start=2):
            choose(page, position)
            fault()
            page.get_by_text(f"{position + 1} of {TOTAL}", exact=True).wait_for()  # the page goes on by itself
            page.get_by_text(SLOW).wait_for(state="hidden")
            assert store.progress(study)[0].answered == position
        answer_by_keys(page, 5, TOTAL)
        assert store.progress(study)[0].answered == 5 and store.verify_audit_trail().problem is None
