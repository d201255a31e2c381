"""Pages of one's choice in a real browser: chosen in the popover, downloaded, measured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PATIENCE_MS = 180_000  # the simulator is loaded before its first ECG


def test_two_pages_of_letter_are_chosen_and_downloaded(
    running_app: Callable[..., str], tmp_path: Path, page: Page
) -> None:
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{running_app(ECG_TURING_CHECKPOINTS=tmp_path)}/?labels=SR&count=1&generator=simulator")
    page.get_by_role("button", name="Generate").click()
    page.locator(".st-key-explore_ecg svg.main-svg").first.wait_for()
    page.get_by_role("button", name="Page", exact=True).click()
    page.get_by_text("One page of A4 for an ECG").wait_for()
    page.get_by_role("radio", name="Letter").or_(page.get_by_role("button", name="Letter")).first.click()
    page.get_by_text("One page of Letter for an ECG").wait_for()
    page.get_by_text("50 mm/s", exact=True).click()
    page.get_by_text("2 pages of Letter for an ECG").wait_for()
    with page.expect_download() as expected:
        page.locator(".st-key-explore_page_download button").click()
    pages = PdfReader(expected.value.path()).pages
    assert [tuple(one.mediabox[2:]) for one in pages] == [(792, 612)] * 2
