"""A session is a reader's or the investigator's, and never both."""

from __future__ import annotations

import pytest
import streamlit as st

from app import session
from app.session import Services
from review_db.errors import WeakPassphrase, WrongPassphrase
from tests.app.conftest import OpenApp
from tests.app.study_kit import PASSPHRASE, open_study


def test_the_passphrase_is_set_once_and_then_asked_for(services: Services) -> None:
    with pytest.raises(WeakPassphrase):
        session.choose_passphrase("short")
    assert not session.is_investigator()
    session.choose_passphrase(PASSPHRASE)
    assert session.is_investigator()
    session.sign_out()
    assert not session.is_investigator()
    with pytest.raises(WrongPassphrase):
        session.sign_in("not the passphrase at all")
    session.sign_in(PASSPHRASE)
    assert session.is_investigator()
    session.sign_out()


def test_with_a_readers_link_nobody_is_the_investigator(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    session.choose_passphrase(PASSPHRASE)
    monkeypatch.setattr(st, "query_params", {session.READER: "token"})
    assert session.reader_token() == "token" and not session.is_investigator()
    monkeypatch.undo()
    session.sign_out()


def test_a_link_leads_to_the_address_under_which_the_app_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    class Seen:
        url = "https://ecg.example.org:8443/studies?x=1"

    monkeypatch.setattr(st, "context", Seen())
    assert session.reader_link("a-b_c") == "https://ecg.example.org:8443/?reader=a-b_c"


@pytest.mark.parametrize("screen", ["explore", "studies", "results"])
def test_a_readers_session_has_no_other_screen(open_app: OpenApp, services: Services, screen: str) -> None:
    _, token = open_study(services.store)
    app = open_app(token=token)
    with pytest.raises(ValueError, match="screens"):
        app.switch_page(f"screens/{screen}.py").run()
