"""A reader's link ends when the investigator said so, and the pages say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from app.session import Services
from tests.app.conftest import OpenApp
from tests.app.study_kit import open_study


def click(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def shown(app: AppTest) -> str:
    texts = [element.proto.body for element in app.get("html")]
    return " ".join(texts + [said.value for said in [*app.error, *app.info, *app.warning, *app.markdown]])


def expire(services: Services) -> None:
    with services.store._engine.begin() as connection:
        connection.execute(text("UPDATE rater SET expires_at = '2026-01-02 03:04:05'"))


def test_the_investigator_chooses_how_long_a_link_works(open_app: OpenApp, services: Services) -> None:
    study, _ = open_study(services.store)
    app = click(open_app("studies"), "Manage")
    app.text_input(key="invite-name").set_value("Dr Bach")
    app.number_input(key="invite-days").set_value(7)
    click(app, "Make a link")
    ends = [reader.expires_at for reader in services.store.progress(study)]
    days = [round((end - datetime.now(UTC)) / timedelta(days=1)) for end in ends if end]
    assert days == [90, 7] and "works until" in shown(app)


def test_an_expired_link_is_named_in_the_list_and_refused_to_the_reader_in_words(
    open_app: OpenApp, services: Services
) -> None:
    _, token = open_study(services.store)
    expire(services)
    assert "expired 2 Jan 2026" in shown(click(open_app("studies"), "Manage"))
    reader = open_app(token=token)
    assert "This link has expired: ask the person who invited you" in shown(reader)
    app = click(click(open_app("studies"), "Manage"), "New link")
    assert services.store.reading(app.code[0].value.rpartition("reader=")[2]).reader == "Dr Ada"
