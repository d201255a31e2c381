"""A reader's page outlives its server: killed and started again, it takes the next answer without a reload."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from review_db.store import Store, migrate
from tests.app.reading_run import answer_by_keys, outlive_its_server, settle
from tests.app.study_kit import open_study
from tests.app_server import free_port, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
TOTAL = 4
PATIENCE_MS = 120_000  # a server that has just been started is slow on a busy machine


def test_a_page_goes_on_by_itself_with_a_server_that_was_killed_and_started_again(tmp_path: Path, page: Page) -> None:
    store_url, port = f"sqlite:///{tmp_path / 'review.db'}", free_port()
    migrate(store_url)
    with Store.open(store_url) as store:
        study, token = open_study(store, per_arm=TOTAL // 2)
        page.set_default_timeout(PATIENCE_MS)
        with serving(tmp_path, {"ECG_TURING_STORE_URL": store_url}, port=port) as app:
            page.goto(f"{app.url}/?reader={token}")
            page.get_by_text("Start reading").wait_for()
            settle(page)
            page.keyboard.press("Enter")
            answer_by_keys(page, 1, TOTAL)
            app.process.kill()
            app.process.wait()
            page.get_by_text("Connection error").wait_for()
        with serving(tmp_path, {"ECG_TURING_STORE_URL": store_url}, port=port):
            outlive_its_server(page)
            answer_by_keys(page, 2, TOTAL)
        assert store.progress(study)[0].answered == 2 and store.verify_audit_trail().problem is None
