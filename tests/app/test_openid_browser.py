"""Signing in with OpenID Connect, in a real browser against a provider of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from joserfc.jwk import RSAKey

from review_db.account import Role
from review_db.model import AuditKind
from review_db.store import Store
from tests.app.openid_provider import Provider, provider
from tests.app.study_kit import PASSPHRASE

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class Installation:
    url: str
    store: Store
    provider: Provider


@pytest.fixture(scope="module")
def installation(running_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An app with an investigator Ada (passphrase), Ola (OpenID) and a monitor Mo (OpenID)."""
    folder = tmp_path_factory.mktemp("openid")
    store_url, settings = f"sqlite:///{folder / 'review.db'}", folder / "secrets.toml"
    with provider() as elsewhere:
        settings.write_text(elsewhere.secrets_toml())
        url = running_app(ECG_TURING_STORE_URL=store_url, STREAMLIT_SECRETS_FILES=settings)
        with Store.open(store_url) as store:
            store.add_first_account("Ada", PASSPHRASE)
            store.add_openid_account("Ola", Role.INVESTIGATOR, "ola@example.org")
            store.add_openid_account("Mo", Role.MONITOR, f"{elsewhere.issuer} mo-4711")
            yield Installation(url, store, elsewhere)


def sign_in(page: Page, installation: Installation, **person: object) -> None:
    installation.provider.person = person
    page.goto(f"{installation.url}/accounts")
    page.get_by_role("button", name="Sign in with OpenID").click()
    page.wait_for_url(f"{installation.url}/")
    page.get_by_role("link", name="Accounts").click()


def test_a_verified_address_lets_its_person_in_until_they_sign_out(page: Page, installation: Installation) -> None:
    sign_in(page, installation, sub="ola-1", email="Ola@Example.org", email_verified=True)
    page.get_by_role("button", name="Sign out Ola").wait_for()
    page.reload()
    page.get_by_role("button", name="Sign out Ola").click()
    page.wait_for_url(f"{installation.url}/")
    page.get_by_role("link", name="Accounts").click()
    page.get_by_role("button", name="Sign in with OpenID").wait_for()
    (ola,) = [account for account in installation.store.accounts() if account.name == "Ola"]
    assert ola.openid == f"{installation.provider.issuer} ola-1"
    assert ("Ola", AuditKind.SIGNED_IN) in [(event.actor, event.kind) for event in installation.store.audit_trail()]


def test_a_monitor_known_by_issuer_and_subject_gets_a_monitors_pages(page: Page, installation: Installation) -> None:
    sign_in(page, installation, sub="mo-4711")
    page.get_by_role("button", name="Sign out Mo").wait_for()
    links = page.get_by_test_id("stTopNavLink").all_inner_texts()
    assert any("Explore" in link for link in links)
    assert not [link for link in links if "Studies" in link or "Results" in link or "Records" in link]


@pytest.mark.parametrize(
    "person",
    [
        {"sub": "eve-1", "email": "ada@example.org", "email_verified": True},
        {"sub": "eve-2", "email": "ola@example.org", "email_verified": False},
        {"sub": "eve-3", "email": "ola@example.org"},
    ],
)
def test_who_has_no_account_is_told_so_and_may_come_back_as_somebody_else(
    page: Page, installation: Installation, person: dict[str, object]
) -> None:
    sign_in(page, installation, **person)
    page.get_by_text("no account here is for that").wait_for()
    page.get_by_role("button", name="Sign in there as somebody else").click()
    page.wait_for_url(f"{installation.url}/")
    page.get_by_role("link", name="Accounts").click()
    page.get_by_role("button", name="Sign in with OpenID").wait_for()


def test_a_sign_in_of_yesterday_counts_no_more(page: Page, installation: Installation) -> None:
    sign_in(page, installation, sub="mo-4711", iat=1_700_000_000)
    page.get_by_role("button", name="Sign in with OpenID").wait_for()
    assert page.get_by_role("button", name="Sign out Mo").count() == 0


def test_a_forged_token_opens_nothing(page: Page, installation: Installation) -> None:
    installation.provider.signing_key = RSAKey.generate_key(2048)
    try:
        sign_in(page, installation, sub="mo-4711")
        page.get_by_role("button", name="Sign in with OpenID").wait_for()
    finally:
        installation.provider.signing_key = installation.provider.key
    assert page.get_by_role("button", name="Sign out").count() == 0
