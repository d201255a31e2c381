"""The monitor in a real browser: it brings itself up to date, and stays where it was scrolled to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.screens.monitor import REFRESH_SECONDS
from review_db.store import Store, migrate
from tests.app.study_kit import PASSPHRASE, open_study, read_all

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SCROLLED = "() => document.querySelector('[data-testid=stMain]').scrollTop"


def test_an_answer_appears_by_itself_and_the_page_stays_where_it_is(
    running_app: Callable[..., str], page: Page, tmp_path: Path
) -> None:
    address = f"sqlite:///{tmp_path / 'review.db'}"
    migrate(address)
    with Store.open(address) as store:
        store.add_first_account("Ines", PASSPHRASE)
        _, token = open_study(store, per_arm=3)
        page.set_viewport_size({"width": 1280, "height": 420})
        page.goto(f"{running_app(ECG_TURING_STORE_URL=address)}/monitor")
        page.get_by_label("Name").fill("Ines")
        page.get_by_label("Passphrase").fill(PASSPHRASE)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("0 of 6 answers").wait_for()
        page.get_by_role("button", name="Remind").click()
        page.get_by_text("Dear Dr Ada").wait_for()
        page.keyboard.press("Escape")
        page.get_by_text("Dear Dr Ada").wait_for(state="hidden")
        page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTo(0, 150)")
        before = page.evaluate(SCROLLED)
        read_all(store, token)
        page.get_by_text("6 of 6 answers").wait_for(timeout=1000 * (REFRESH_SECONDS + 30))
        assert page.evaluate(SCROLLED) == before > 0
