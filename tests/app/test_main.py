"""Every screen opens without an error; a start that fails says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.main import SCREENS
from app.session import Services
from app.settings import SettingsError
from tests.app.conftest import INVESTIGATOR, MAIN, OpenApp, add_investigator, field

OPEN_TO_VISITORS = {"welcome", "tour", "explore", "read", "planner"}
NOTE = "Not a medical device"


def html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def test_every_screen_is_a_file_and_every_file_is_a_screen() -> None:
    assert {path.stem for path in (MAIN.parent / "screens").glob("*.py")} - {"__init__"} == set(SCREENS)


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize("screen", list(SCREENS))
def test_every_screen_opens_and_says_that_it_is_no_medical_device(
    open_app: OpenApp, screen: str, signed_in: bool
) -> None:
    app = open_app(screen, signed_in=signed_in)
    assert not app.exception and NOTE in html(app)


@pytest.mark.parametrize("services", [{"ptbxl": None, "trained": False}], indirect=True)
@pytest.mark.parametrize("screen", list(SCREENS))
def test_every_screen_opens_without_records_and_without_a_checkpoint(open_app: OpenApp, screen: str) -> None:
    assert not open_app(screen).exception


@pytest.mark.parametrize("screen", sorted(set(SCREENS) - OPEN_TO_VISITORS))
def test_the_screens_of_accounts_show_nothing_before_the_passphrase(
    open_app: OpenApp, services: Services, screen: str
) -> None:
    add_investigator(services)
    app = open_app(screen, signed_in=False)
    assert [title.value for title in app.title] == ["Sign in"]
    assert [button.label for button in app.button] == ["Sign in"]


def test_the_door_names_nobody_who_has_an_account(open_app: OpenApp, services: Services) -> None:
    add_investigator(services)
    assert field(open_app("accounts", signed_in=False), "Name").value == ""


@pytest.mark.parametrize("name", [INVESTIGATOR, "nobody"])
def test_a_wrong_passphrase_is_refused_in_the_same_words_for_any_name(
    open_app: OpenApp, services: Services, name: str
) -> None:
    add_investigator(services)
    app = open_app("accounts", signed_in=False)
    field(app, "Name").set_value(name)
    field(app, "Passphrase").set_value("five words make none")
    app.button[0].click().run()
    assert [error.value for error in app.error] == ["This name and this passphrase do not belong together: try again."]


def test_two_different_passphrases_are_not_taken(open_app: OpenApp, services: Services) -> None:
    app = open_app("accounts", signed_in=False)
    field(app, "Passphrase").set_value("four words make one")
    field(app, "The same again").set_value("four words make two")
    app.button[0].click().run()
    assert "differ" in app.error[0].value and not services.store.has_accounts()


def test_signing_out_locks_the_door(open_app: OpenApp, services: Services) -> None:
    app = open_app("accounts")
    next(button for button in app.button if button.label == f"Sign out {INVESTIGATOR}").click().run()
    assert [title.value for title in app.title] == ["Sign in"]


def test_a_setting_that_cannot_be_used_is_named_on_the_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken() -> Services:
        raise SettingsError("ECG_TURING_PTBXL: there is no folder nowhere.")

    monkeypatch.setattr(session, "services", broken)
    app = AppTest.from_file(str(MAIN), default_timeout=30).run()
    assert "ECG_TURING_PTBXL: there is no folder nowhere." in app.error[0].value
