"""The way of an investigator: studies, monitor, records, accounts, results, the pool of hand-picked ECGs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.app.reading_run import settle
from tests.app.screens_site import DRAFT, GRADES, NAME, Site
from tests.app.screens_view import Go, View, briefly, by_link, closely, dialog, theme_of
from tests.app.study_kit import PASSPHRASE

if TYPE_CHECKING:
    from playwright.sync_api import Page


def _studies(page: Page, site: Site) -> None:
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="New study").wait_for()


def _form(page: Page, site: Site) -> None:
    page.get_by_role("button", name="New study").click()
    page.get_by_role("button", name="Compose the study").wait_for()


def _manage(study: int) -> Go:
    """The page of one study, with everything on it unfolded."""

    def go(page: Page, site: Site) -> None:
        page.keyboard.press("Escape")
        page.get_by_role("button", name="All studies").click()
        page.locator(f".st-key-study-{study}").get_by_role("button", name="Manage").click()
        page.get_by_role("button", name="Make a link").wait_for()
        settle(page)
        for folded in page.get_by_test_id("stExpander").all():
            folded.locator("summary").click()

    return go


def _invite(page: Page, site: Site) -> None:
    page.get_by_label("Invite a reader").fill(f"Dr {theme_of(page)}")
    page.get_by_role("button", name="Make a link").click()
    page.get_by_text("Copy it now").wait_for()


def _records(page: Page, site: Site) -> None:
    by_link("Records", "[data-testid=stFileUploader]")(page, site)
    page.get_by_text("Look at records, or remove some").click()
    page.get_by_role("button", name="Look", exact=True).first.wait_for()


def _record(page: Page, site: Site) -> None:
    dialog("Look", "An own record")(page, site)
    page.get_by_role("dialog").locator("svg.main-svg").first.wait_for()


def _accounts(page: Page, site: Site) -> None:
    by_link("Accounts", "table.plain")(page, site)
    settle(page)
    for folded in page.get_by_test_id("stExpander").all():
        folded.locator("summary").click()


def _results(page: Page, site: Site) -> None:
    by_link("Results", ".js-plotly-plot >> nth=8")(page, site)
    page.get_by_text("Audit trail of this study").click()


def _pool(page: Page, site: Site) -> None:
    """Explore of an investigator, who puts a favourite into the pool."""
    by_link("Explore", "button:has-text('Generate')")(page, site)
    page.get_by_role("button", name="Generate").click()
    page.get_by_role("button", name="Favourite", exact=True).click()
    page.locator(".st-key-explore_favourites summary").click()
    settle(page)  # what is above has its height, so that the popover stays where it opens
    opener = page.get_by_role("button", name="Add to a study's pool")
    opener.evaluate("button => button.scrollIntoView({block: 'center'})")
    opener.click()
    page.get_by_text("in your pool").first.wait_for()
    if (add := page.get_by_role("button", name="Add to the pool")).count():  # of two themes the first one adds it
        add.click()
    page.get_by_text("1 ECG in your pool").wait_for()


def _form_with_pool(page: Page, site: Site) -> None:
    by_link("Studies", "button:has-text('All studies'), button:has-text('New study')")(page, site)
    settle(page)
    if (back := page.get_by_role("button", name="All studies")).count():
        back.click()
    _form(page, site)
    page.get_by_text("Hand-picked ECGs").first.click()


INVESTIGATOR: Mapping[str, View] = {
    "studies": closely(_studies),
    "form": closely(_form),
    "study": closely(_manage(GRADES)),
    "study-link": briefly(_invite),
    "study-amend": briefly(dialog("Amend the protocol", "Amend the protocol")),
    "study-close": briefly(dialog("Close the study", "Close the study?")),
    "study-draft": briefly(_manage(DRAFT)),
    "study-delete": briefly(dialog("Delete the draft", "Delete the draft?")),
    "monitor": closely(by_link("Monitor", "table.pace")),
    "monitor-remind": briefly(dialog("Remind", "Remind the reader")),
    "monitor-withdraw": briefly(dialog("Withdraw", "Withdraw the reader?")),
    "records": closely(_records),
    "records-look": briefly(_record),
    "accounts": closely(_accounts),
    "results": closely(_results),
    "explore-pool": briefly(_pool),
    "form-pool": briefly(_form_with_pool),
}
