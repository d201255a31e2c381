"""Who opens wrong links is told so and then to wait, in their language; who has a right one notices nothing."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.language import visitor
from app.session import Services
from review_db.account import Role
from review_db.credentials import FREE_GUESSES
from tests.app.conftest import MAIN, OpenApp
from tests.app.study_kit import PASSPHRASE, open_study

ENGLISH = "Too many wrong links were tried here: wait "
GERMAN = "Hier wurden zu viele falsche Links versucht: Warten Sie "


def said(link: str, token: str, language: str = "en") -> str:
    """What a visitor reads who opens the app by a link of this kind."""
    app = AppTest.from_file(str(MAIN), default_timeout=30)
    app.query_params[link], app.query_params[visitor.PARAMETER] = token, language
    app.run()
    assert not app.exception
    return " ".join(box.value for box in [*app.info, *app.error])


@pytest.mark.parametrize("link", [session.READER, session.SETUP])
def test_the_sixth_wrong_link_is_told_to_wait(services: Services, link: str) -> None:
    services.store.add_first_account("Ada", PASSPHRASE)
    for at in range(FREE_GUESSES):
        words = said(link, f"guess {at}")
        assert "ask" in words and ENGLISH not in words
    assert ENGLISH in said(link, "guess")
    german = said(link, "guess", "de")
    assert GERMAN in german and "link" in german.lower() and "wait" not in german


def test_right_links_open_meanwhile(services: Services, open_app: OpenApp) -> None:
    services.store.add_first_account("Ada", PASSPHRASE)
    _, token = open_study(services.store)
    setup = services.store.invite_account("Mo", Role.MONITOR)
    for link in (session.READER, session.SETUP):
        for _ in range(FREE_GUESSES + 1):
            words = said(link, "guess")
        assert ENGLISH in words
    assert "Start reading" in [button.label for button in open_app(token=token).button]
    assert said(session.SETUP, setup) == ""
