"""A German browser reads in German unasked, an English one beside it in English; a choice survives a reload."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.display.alternative import alt_text
from app.session import READER
from review_db.store import Store, migrate
from tests.app.reading_run import settle
from tests.app.study_kit import plan

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SPEED = 'select[name="speed"]'


@pytest.fixture(scope="module")
def links(running_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two readers of a study with a text to agree to, and one of a study without."""
    url = f"sqlite:///{tmp_path_factory.mktemp('language') / 'review.db'}"
    migrate(url)
    with Store.open(url) as store:
        consent = {"consent": "Ihre Antworten werden gespeichert.", "consent_version": "1"}
        studies = [store.create_study(plan(**rules)) for rules in (consent, {})]
        named = (("Dr. Ada", studies[0]), ("Dr Bob", studies[0]), ("Dr Cy", studies[1]))
        tokens = [store.add_reader(study, name) for name, study in named]
        for study in studies:
            store.open_study(study)
    address = running_app(ECG_TURING_STORE_URL=url)
    return [f"{address}/?{READER}={token}" for token in tokens]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[[str, str], Page]]:
    """Opens an address in a browser of its own that speaks a language."""
    contexts = []

    def opened(locale: str, address: str) -> Page:
        contexts.append(browser.new_context(viewport={"width": 1440, "height": 900}, locale=locale))
        page = contexts[-1].new_page()
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()


def start(page: Page, agree: str, go_on: str) -> None:
    page.get_by_text(agree).click()
    page.get_by_role("button", name=go_on).click()
    page.get_by_role("button", name=re.compile("beginnen|Start reading")).click()
    page.locator(".ecg-curves path").first.wait_for()
    settle(page)


def test_two_readers_in_two_languages_at_once(
    visit: Callable[[str, str], Page], links: list[str], tmp_path: Path
) -> None:
    german, english = visit("de-DE", links[0]), visit("en-US", links[1])
    german.get_by_text("Bitte lesen Sie dies").wait_for()
    german.screenshot(path=tmp_path / "door.png")
    start(german, "Ich habe diesen Text gelesen", "Weiter")
    start(english, "I have read this text", "Go on")
    german.screenshot(path=tmp_path / "reading.png")
    assert german.evaluate("document.documentElement.lang") == "de"
    assert english.evaluate("document.documentElement.lang") == "en"
    for _ in range(5):  # both scripts run at the same time
        for page in (german, english):
            page.evaluate("setTimeout(() => location.reload(), 50)")
        for page, words in ((german, "Sicher echt"), (english, "Certainly real")):
            page.get_by_role("button", name=re.compile("Vorschub|beginnen|Start reading|Continue")).first.wait_for()
            page.keyboard.press("Enter")
            page.get_by_role("button", name=words).wait_for()
            page.get_by_role("button", name="Auszirkeln" if page is german else "March out").wait_for()
    for page, other in ((german, ["Certainly", "Speed", "stated"]), (english, ["Sicher", "Befund", "Zeit"])):
        said = page.locator("body").inner_text()
        assert not [words for words in other if words in said]


def test_the_sheets_tools_menu_and_alt_text_are_german(visit: Callable[[str, str], Page], links: list[str]) -> None:
    page = visit("de", links[2])
    page.get_by_role("button", name="Mit der Befundung beginnen").click()
    page.get_by_label("12-Kanal-EKG, zehn Sekunden: drei Zeilen mit je vier Ableitungen").wait_for()
    assert page.get_by_label(alt_text(), exact=True).count() == 0
    page.get_by_role("button", name="Format", exact=True).click()
    assert page.locator(f"{SPEED} option").all_inner_texts() == ["12,5 mm/s", "25 mm/s", "50 mm/s"]
    page.keyboard.press("Escape")
    page.locator(".ecg-tools button", has_text="Amplitude").click()
    assert re.fullmatch(r"\d,\d\d mV", page.locator(".ecg-amplitude .ecg-label text").text_content() or "")


def test_a_choice_at_the_foot_changes_the_page_at_once_and_holds_over_a_reload(
    visit: Callable[[str, str], Page], links: list[str]
) -> None:
    page = visit("en-US", links[2])
    page.get_by_role("button", name="Start reading").click()
    page.get_by_role("button", name="March out").wait_for()
    page.get_by_text("Deutsch", exact=True).click()
    page.get_by_role("button", name="Auszirkeln").wait_for()
    page.get_by_role("button", name="Sicher echt").wait_for()
    settle(page)
    assert "lang=de" in page.url and READER in page.url
    page.reload()
    page.get_by_role("button", name="Mit der Befundung beginnen").wait_for()
