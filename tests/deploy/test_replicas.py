"""Two replicas, PostgreSQL and the proxy of deploy/: a reader moves between them and one dies; no answer is lost."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from review_db.integrity import check
from review_db.store import Store, migrate
from tests.app.reading_run import answer_by_keys, outlive_its_server, settle
from tests.app.study_kit import open_study
from tests.app_server import AppServer, serving
from tests.deploy.proxy import find_nginx, proxying
from tests.review_db.postgresql import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
PER_ARM = 6
TOTAL = 2 * PER_ARM
PATIENCE_MS = 120_000  # a server that has just been started is slow on a busy machine


@pytest.fixture(scope="module")
def address(server: Server) -> Iterator[str]:
    with server.database("template0") as url:
        migrate(url)
        yield url


@pytest.fixture
def replicas(address: str, tmp_path: Path) -> Iterator[list[AppServer]]:
    shared = {"ECG_TURING_STORE_URL": address, "STREAMLIT_SERVER_COOKIE_SECRET": "one for all replicas"}
    with ExitStack() as servers:
        folders = [tmp_path / "one", tmp_path / "two"]
        for folder in folders:
            folder.mkdir()
        yield [servers.enter_context(serving(folder, shared)) for folder in folders]


def answer(page: Page, *positions: int) -> None:
    for position in positions:
        answer_by_keys(page, position, TOTAL)


def sit_down(page: Page, link: str) -> None:
    page.set_default_timeout(PATIENCE_MS)
    page.goto(link)
    page.get_by_text("Start reading").or_(page.get_by_text(f"of {TOTAL}")).first.wait_for()
    settle(page)
    if page.get_by_text("Start reading").count():
        page.keyboard.press("Enter")


def answered(store: Store, study: int) -> int:
    return store.progress(study)[0].answered


def test_a_reader_moves_to_another_replica_and_goes_on_when_one_is_killed(
    replicas: list[AppServer], address: str, browser: Browser
) -> None:
    first, second = replicas
    with Store.open(address) as store:
        study, token = open_study(store, per_arm=PER_ARM)
        page = browser.new_context().new_page()
        sit_down(page, f"{first.url}/?reader={token}")
        answer(page, *range(1, 5))
        sit_down(page, f"{second.url}/?reader={token}")  # in mid-study, by the same link
        answer(page, *range(5, 8))
        sit_down(page, f"{first.url}/?reader={token}")
        answer(page, 8)
        first.process.kill()
        first.process.wait()
        assert answered(store, study) == 8
        sit_down(page, f"{second.url}/?reader={token}")
        answer(page, *range(9, TOTAL + 1))
        assert answered(store, study) == TOTAL and store.verify_audit_trail().problem is None
    assert check(address).problems == ()


@pytest.mark.skipif(find_nginx() is None, reason="nginx was not found: install Debian's nginx-light")
def test_behind_the_proxy_a_browser_stays_with_its_replica_until_that_dies(
    replicas: list[AppServer], address: str, browser: Browser, tmp_path: Path
) -> None:
    with Store.open(address) as store, proxying(tmp_path, [one.url for one in replicas]) as front:
        study, token = open_study(store, per_arm=PER_ARM)
        context = browser.new_context(ignore_https_errors=True)
        page = context.new_page()
        sit_down(page, f"{front}/?reader={token}")
        answer(page, *range(1, 4))
        [cookie] = [one for one in context.cookies() if one["name"] == "ecg_turing_browser"]
        assert cookie["secure"] and cookie["httpOnly"] and re.fullmatch("[0-9a-f]{32}", cookie["value"])
        page.reload()
        answer(page, 4)
        serving_it = next(one for one in replicas if connections(one))
        assert [bool(connections(one)) for one in replicas].count(True) == 1
        serving_it.process.kill()
        serving_it.process.wait()
        outlive_its_server(page)
        answer(page, *range(5, TOTAL + 1))
        assert answered(store, study) == TOTAL and store.verify_audit_trail().problem is None
    assert token not in (tmp_path / "access.log").read_text() + (tmp_path / "error.log").read_text()


def connections(replica: AppServer) -> int:
    """Browsers that are connected, as the replica counts them itself."""
    with urllib.request.urlopen(f"{replica.url}/_stcore/metrics", timeout=10) as answer:
        found = re.search(r"^active_sessions.* (\d+)", answer.read().decode(), flags=re.MULTILINE)
    return int(found[1]) if found else 0
