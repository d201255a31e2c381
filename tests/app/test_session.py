"""A session is a reader's, or that of an account in its present role, and never both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st

from app import session
from app.session import Services
from review_db.account import Role
from review_db.errors import WeakPassphrase, WrongPassphrase
from tests.app.conftest import MONITOR, OpenApp, add_monitor
from tests.app.study_kit import PASSPHRASE, open_study, plan


@pytest.fixture(autouse=True)
def nobody_stays(services: Services) -> Iterator[None]:
    yield
    session.sign_out()


def test_the_first_account_is_made_once_and_then_signs_in(services: Services) -> None:
    with pytest.raises(WeakPassphrase):
        session.make_first_account("Ada", "short")
    assert session.role() is None
    session.make_first_account("Ada", PASSPHRASE)
    assert session.is_investigator() and session.acting_name() == "Ada"
    session.sign_out()
    assert session.role() is None and session.acting_name() == ""
    with pytest.raises(WrongPassphrase):
        session.sign_in("Ada", "not the passphrase at all")
    session.sign_in("ada", PASSPHRASE)
    assert session.is_investigator() and session.acting_name() == "Ada"


def test_with_a_readers_link_nobody_is_anybody_else(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    session.make_first_account("Ada", PASSPHRASE)
    monkeypatch.setattr(st, "query_params", {session.READER: "token"})
    assert session.reader_token() == "token" and session.role() is Role.READER
    assert not session.is_investigator() and session.current_account() is None and session.acting_name() == ""
    monkeypatch.undo()


def test_a_role_that_changes_and_an_account_that_is_switched_off_count_at_once(services: Services) -> None:
    add_monitor(services)
    session.sign_in(MONITOR, PASSPHRASE)
    assert session.role() is Role.MONITOR
    account = session.current_account()
    assert account is not None
    services.store.change_role(account.id, Role.INVESTIGATOR)
    assert session.is_investigator()
    services.store.disable_account(account.id)
    assert session.role() is None and session.current_account() is None


def test_what_a_session_does_is_written_down_in_its_name(services: Services) -> None:
    session.make_first_account("Ada", PASSPHRASE)
    study = services.store.create_study(plan())
    assert [event.actor for event in services.store.audit_trail(study)] == ["Ada"]


def test_a_link_leads_to_the_address_under_which_the_app_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    class Seen:
        url = "https://ecg.example.org:8443/studies?x=1"

    monkeypatch.setattr(st, "context", Seen())
    assert session.reader_link("a-b_c") == "https://ecg.example.org:8443/?reader=a-b_c"


@pytest.mark.parametrize("screen", ["explore", "studies", "records", "results"])
def test_a_readers_session_has_no_other_screen(open_app: OpenApp, services: Services, screen: str) -> None:
    _, token = open_study(services.store)
    app = open_app(token=token)
    with pytest.raises(ValueError, match="screens"):
        app.switch_page(f"screens/{screen}.py").run()
