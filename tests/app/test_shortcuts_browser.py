"""The sheet of shortcuts in a real browser: it opens over a half-given answer and takes nothing from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from review_db.store import Store, migrate
from tests.app.reading_run import settle
from tests.app.study_kit import open_study

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

CHOSEN = ".st-key-scale-verdict button[kind='primary']"
FOCUSED = """() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at === document.body ? null : (at.getAttribute('aria-label') ?? at.innerText).replace(/\\s+/g, ' ').trim();
}"""


@pytest.fixture(scope="module")
def url(running_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The link of a reader to an open study."""
    address = f"sqlite:///{tmp_path_factory.mktemp('shortcuts') / 'review.db'}"
    migrate(address)
    with Store.open(address) as store:
        _, token = open_study(store, per_arm=6, asks_reasons=True)
    yield f"{running_app(ECG_TURING_STORE_URL=address)}/?reader={token}"


@pytest.fixture
def reading(url: str, page: Page) -> Page:
    page.goto(url)
    page.get_by_text("Start reading").wait_for()
    settle(page)
    page.keyboard.press("Enter")
    page.locator(".ecg-curves path").nth(12).wait_for(state="attached")
    settle(page)
    return page


def sheet(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Keyboard shortcuts")


def open_sheet(page: Page) -> str:
    page.keyboard.press("?")
    sheet(page).wait_for()
    return sheet(page).inner_text()


def close_sheet(page: Page) -> None:
    page.keyboard.press("Escape")
    sheet(page).wait_for(state="hidden")


def test_it_lists_what_holds_on_the_page(reading: Page) -> None:
    told = open_sheet(reading)
    for words in ("Is this ECG real or synthetic?", "Certainly real", "Caliper for time", "What gave it away?", "Tab"):
        assert words in told
    for words in ("Which ECG is the synthetic one?", "How good is this ECG", "The two ECGs", "The game"):
        assert words not in told


def test_a_half_given_answer_stays_and_no_key_reaches_it(reading: Page) -> None:
    reading.keyboard.press("2")
    reading.locator(CHOSEN, has_text="Probably real").wait_for()
    open_sheet(reading)
    for key in ("5", "g", "w", "p"):
        reading.keyboard.press(key)
    reading.wait_for_timeout(400)
    close_sheet(reading)
    settle(reading)
    assert reading.locator(CHOSEN).all_inner_texts()[0].startswith("Probably real")
    assert reading.locator("[class*='st-key-scale-'] button[kind='primary']").count() == 1
    assert "1 of 12" in reading.locator(".reading-heading").inner_text()
    reading.keyboard.press("3")
    reading.locator(CHOSEN, has_text="Possibly real").wait_for()


def test_a_question_mark_in_a_comment_is_a_question_mark(reading: Page) -> None:
    reading.get_by_label("Comment").click()
    reading.keyboard.type("why? 1")
    reading.wait_for_timeout(300)
    assert not sheet(reading).is_visible()
    assert reading.get_by_label("Comment").input_value() == "why? 1"


def test_calipers_stay_when_the_sheet_is_closed(reading: Page) -> None:
    reading.locator(".ecg-page").hover()
    reading.keyboard.press("i")
    reading.locator(".ecg-caliper").wait_for(state="attached")
    open_sheet(reading)
    close_sheet(reading)
    assert reading.locator(".ecg-caliper").count() == 1
    reading.keyboard.press("Escape")
    reading.locator(".ecg-caliper").wait_for(state="detached")


def test_the_button_opens_it_too_and_gets_the_focus_back(reading: Page) -> None:
    button = reading.get_by_role("button", name="Keyboard")
    button.focus()
    reading.keyboard.press("Enter")
    sheet(reading).wait_for()
    assert reading.evaluate(FOCUSED) == "Close"
    reading.keyboard.press("Enter")
    sheet(reading).wait_for(state="hidden")
    assert reading.evaluate(FOCUSED).startswith("Keyboard")
    assert "1 of 12" in reading.locator(".reading-heading").inner_text()  # Enter was the button's, not the page's


def test_the_focus_goes_through_a_reading_in_the_order_of_its_page(reading: Page) -> None:
    order = []
    for _ in range(40):
        reading.keyboard.press("Tab")
        order.append(reading.evaluate(FOCUSED) or "")
    steps = ("Pause", "Time", "True size", "Certainly real", "Certainly synthetic", "Implausible", "P wave", "Comment")
    places = [next(at for at, name in enumerate(order) if name.startswith(step)) for step in (*steps, "Next ECG")]
    assert places == sorted(places)
    assert next(at for at, name in enumerate(order) if name.startswith("Keyboard")) > places[-1]


def test_other_screens_list_their_own_keys(url: str, page: Page) -> None:
    page.goto(url.partition("?")[0])
    page.get_by_role("button", name="Take the tour").wait_for()
    settle(page)
    assert "Take the tour" in open_sheet(page)
    close_sheet(page)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="An ECG of nobody").wait_for()
    settle(page)
    assert "Back, next step" in open_sheet(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("?")
    sheet(page).wait_for(state="hidden")
    page.get_by_role("heading", name="An ECG of nobody").wait_for()
