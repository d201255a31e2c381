"""The gallery in a real browser: arrow keys go through it, sheets fit, whoever is switched off sees no more of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from review_db.account import Role
from review_db.protocol import Design
from review_db.store import Store, migrate
from tests.app.reading_run import settle
from tests.app.study_kit import PASSPHRASE
from tests.app.test_results_gallery import compose, read, right, wrong

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GUEST = "Ines"
WIDTH_OF_SHEETS = """() => [...document.querySelectorAll('.st-key-gallery-sheets .js-plotly-plot')].map(chart => {
    const box = chart.getBoundingClientRect();
    return {left: box.x, top: box.y, width: box.width, height: box.height};
})"""
OVERFLOW = "() => document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth"


@pytest.fixture(scope="module")
def gallery(running_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Store]]:
    """The address of the results of an unblinded study of pairs, and its store with two investigators."""
    address = f"sqlite:///{tmp_path_factory.mktemp('gallery') / 'review.db'}"
    migrate(address)
    with Store.open(address) as store:
        store.add_first_account("investigator", PASSPHRASE)
        store.set_up_account(store.invite_account(GUEST, Role.INVESTIGATOR), PASSPHRASE)
        composed = compose(store, Design.PAIRS)
        read(store, composed, (wrong, right))
        store.pair_observations(composed.study)
        yield f"{running_app(ECG_TURING_STORE_URL=address)}/results", store


def enter(page: Page, address: str, name: str, width: int = 1440) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    page.goto(address)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Sign in").click()
    page.locator(".st-key-gallery-sheets .scatterlayer .trace").nth(12).wait_for(state="attached")


def test_the_arrow_keys_go_through_the_pairs(gallery: tuple[str, Store], page: Page) -> None:
    enter(page, gallery[0], "investigator")
    first = shown(page)
    page.get_by_role("heading", name="Misjudged pairs").click()
    page.keyboard.press("ArrowRight")
    page.get_by_text("2 of ").first.wait_for()
    settle(page)
    second = shown(page)
    assert [text.split(": ")[1] for text in second] == ["real", "synthetic"] and second != first
    page.keyboard.press("ArrowLeft")
    page.get_by_text("1 of ").first.wait_for()
    settle(page)
    assert shown(page) == first


def shown(page: Page) -> list[str]:
    return page.locator(".sheet-name").all_inner_texts()


@pytest.mark.parametrize("width", [820, 1280, 1440, 1920])
def test_both_sheets_fit_beside_each_other_or_stand_one_below_the_other(
    gallery: tuple[str, Store], page: Page, width: int
) -> None:
    enter(page, gallery[0], "investigator", width)
    page.wait_for_timeout(700)
    left, right = page.evaluate(WIDTH_OF_SHEETS)
    assert (left["width"], left["height"]) == (right["width"], right["height"])
    assert left["width"] / left["height"] == pytest.approx(1060 / 580, rel=1e-3)
    assert (right["left"] > left["left"]) == (left["top"] == right["top"]) == (width > 1400)
    assert page.evaluate(OVERFLOW) <= 0


def test_who_is_switched_off_sees_no_other_pair(gallery: tuple[str, Store], page: Page) -> None:
    address, store = gallery
    enter(page, address, GUEST)
    guest = next(account for account in store.accounts() if account.name == GUEST)
    store.disable_account(guest.id)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Sign in").wait_for()
    assert not page.locator(".sheet-name").count() and not page.locator(".js-plotly-plot").count()
