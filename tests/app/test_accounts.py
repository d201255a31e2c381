"""The screen Accounts: adding people, links that work once, switching off, one's own passphrase."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app import openid, session
from app.access import OPEN_TO, screens_for
from app.main import SCREENS
from app.session import Services
from review_db.account import Role
from review_db.errors import WrongPassphrase
from review_db.model import AuditKind
from tests.app.conftest import INVESTIGATOR, MAIN, MONITOR, OpenApp, add_monitor, field
from tests.app.study_kit import PASSPHRASE

OTHER = "otter under the bridge"
BY_OPENID = "OpenID Connect"


def click(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def tables(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def pages(app: AppTest, role: Role | None) -> set[str]:
    """Screens that this session can be switched to."""
    reached = set()
    for name in SCREENS:
        try:
            app.switch_page(f"screens/{name}.py")
        except ValueError:
            continue
        reached.add(name)
    return reached


def add(app: AppTest, name: str, role: Role) -> str:
    """Add an account by the form; returns the token of its set-up link."""
    app.text_input(key="account-name").set_value(name)
    app.radio(key="account-role").set_value(role)
    click(app, "Add the account")
    return app.code[0].value.rpartition("setup=")[2]


def open_setup(token: str) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=30)
    app.query_params[session.SETUP] = token
    return app.run()


def test_a_person_is_added_chooses_a_passphrase_and_is_in(open_app: OpenApp, services: Services) -> None:
    app = open_app("accounts")
    token = add(app, "Mo", Role.MONITOR)
    assert "nothing yet" in tables(app) and "set-up link until" in tables(app)
    app.run()
    assert not app.code, "the link is shown once"
    person = open_setup(token)
    assert person.title[0].value == "Mo: choose your passphrase"
    field(person, "Passphrase").set_value(OTHER)
    field(person, "The same again").set_value(OTHER)
    click(person, "Set the passphrase")
    assert not person.exception and session.SETUP not in person.query_params
    assert services.store.sign_in("Mo", OTHER).role is Role.MONITOR
    assert "Sign out Mo" in labels(person) and person.title[0].value == "Your account"
    used = open_setup(token)
    assert "used, replaced or has expired" in used.error[0].value and not used.text_input


def test_a_set_up_link_opens_no_screen_but_the_door(services: Services) -> None:
    add_monitor(services)
    app = open_setup(services.store.invite_account("Bo", Role.INVESTIGATOR))
    assert pages(app, None) == {"accounts"} and [title.value for title in app.title] == ["Bo: choose your passphrase"]


def test_two_different_passphrases_are_not_taken_from_a_set_up_link(open_app: OpenApp, services: Services) -> None:
    person = open_setup(add(open_app("accounts"), "Mo", Role.MONITOR))
    field(person, "Passphrase").set_value(OTHER)
    field(person, "The same again").set_value(PASSPHRASE)
    click(person, "Set the passphrase")
    assert "differ" in person.error[0].value
    with pytest.raises(WrongPassphrase):
        services.store.sign_in("Mo", OTHER)


def test_a_name_that_is_taken_is_refused_in_words(open_app: OpenApp) -> None:
    app = open_app("accounts")
    app.text_input(key="account-name").set_value(INVESTIGATOR.upper())
    click(app, "Add the account")
    assert "choose another name" in app.error[0].value and not app.code


def test_the_last_investigator_cannot_be_switched_off(open_app: OpenApp, services: Services) -> None:
    app = open_app("accounts")
    for step in ("Switch off", "Make monitor"):
        click(app, step)
        assert "the only investigator" in app.error[0].value
    assert services.store.accounts()[0].disabled_at is None


def test_who_is_switched_off_is_out_with_the_next_click(open_app: OpenApp, services: Services) -> None:
    monitor = open_app("accounts", role=Role.MONITOR)
    app = open_app("accounts")
    app.selectbox[0].select_index(1).run()
    click(app, "Switch off")
    assert "switched off" in tables(app)
    monitor.run()
    assert [title.value for title in monitor.title] == ["Sign in"]
    click(app, "Switch on")
    assert "switched off" not in tables(app)


def test_a_role_that_changes_changes_the_pages_with_the_next_click(open_app: OpenApp, services: Services) -> None:
    monitor = open_app("accounts", role=Role.MONITOR)
    assert pages(monitor, Role.MONITOR) == set(OPEN_TO[Role.MONITOR]) & set(SCREENS)
    app = open_app("accounts")
    app.selectbox[0].select_index(1).run()
    click(app, "Make investigator")
    monitor.run()
    assert pages(monitor, Role.INVESTIGATOR) == set(SCREENS)


def test_a_monitor_sees_only_their_own_account(open_app: OpenApp, services: Services) -> None:
    app = open_app("accounts", role=Role.MONITOR).switch_page("screens/accounts.py").run()
    assert [title.value for title in app.title] == ["Your account"]
    assert labels(app) == [f"Sign out {MONITOR}", "Change it"] and INVESTIGATOR not in tables(app)


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.MONITOR])
def test_one_changes_one_s_own_passphrase(open_app: OpenApp, services: Services, role: Role) -> None:
    app = open_app("accounts", role=role).switch_page("screens/accounts.py").run()
    name = INVESTIGATOR if role is Role.INVESTIGATOR else MONITOR
    for present, words in (("not the present one", "do not belong together"), (PASSPHRASE, "the new one")):
        field(app, "Present passphrase").set_value(present)
        field(app, "Passphrase").set_value(OTHER)
        field(app, "The same again").set_value(OTHER)
        click(app, "Change it")
        assert words in " ".join(said.value for said in [*app.error, *app.success])
    assert services.store.sign_in(name, OTHER)
    changed = [event.actor for event in services.store.audit_trail() if event.kind is AuditKind.PASSPHRASE_CHANGED]
    assert changed == [name]


def test_changing_the_passphrase_signs_everybody_else_out(open_app: OpenApp, services: Services) -> None:
    here, elsewhere = (open_app("accounts").run() for _ in range(2))
    field(here, "Present passphrase").set_value(PASSPHRASE)
    field(here, "Passphrase").set_value(OTHER)
    field(here, "The same again").set_value(OTHER)
    click(here, "Change it")
    assert here.run().title[0].value == "Accounts"
    assert elsewhere.run().title[0].value != "Accounts" and not elsewhere.exception


def test_a_new_set_up_link_is_shown_once(open_app: OpenApp, services: Services) -> None:
    app = click(open_app("accounts"), "New set-up link")
    token = app.code[0].value.rpartition("setup=")[2]
    assert services.store.account_to_set_up(token).name == INVESTIGATOR
    assert not app.run().code


def test_every_screen_is_open_to_investigators_and_to_nobody_else_by_oversight() -> None:
    assert screens_for(Role.INVESTIGATOR, SCREENS) == list(SCREENS) == screens_for(None, SCREENS)
    assert screens_for(Role.READER, SCREENS) == ["read"]
    assert not {"studies", "results", "records", "read"} & set(screens_for(Role.MONITOR, SCREENS))
    assert screens_for(Role.MONITOR, [*SCREENS, "a screen of tomorrow"]) == screens_for(Role.MONITOR, SCREENS)


def test_with_a_provider_an_account_may_be_one_of_openid(
    open_app: OpenApp, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openid, "providers", lambda: {"default": "OpenID"})
    app = open_app("accounts")
    app.text_input(key="account-name").set_value("Ola")
    app.radio(key="account-way").set_value(BY_OPENID)
    app.text_input(key="account-identity").set_value("Ola@Example.org")
    click(app, "Add the account")
    ola = services.store.accounts()[-1]
    assert (ola.name, ola.role, ola.openid) == ("Ola", Role.MONITOR, "ola@example.org")
    assert not app.code and "OpenID, ola@example.org" in tables(app)
    app.text_input(key="account-name").set_value("Eve")
    app.radio(key="account-way").set_value(BY_OPENID)
    click(app, "Add the account")
    assert "e-mail address" in app.error[0].value
