"""What people see while the database is away, full, read-only or damaged.

Each time: a sentence, nothing acknowledged is lost, and the page goes on when the fault is over.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from streamlit.testing.v1 import AppTest

from app import session
from app.language import visitor
from app.main import SCREENS
from app.session import Services
from app.store_away import GOES_ON
from app.store_words import LOST
from review_db import database
from review_db.errors import StoreLost
from review_db.model import StudyState
from review_db.store import Store
from tests.app.conftest import MAIN, OpenApp
from tests.app.faults_kit import composing, warnings
from tests.app.study_kit import open_study, plan
from tests.app.test_read import answer, answered, click, html, sheets

SECRET = "connection to server at 10.0.0.5 failed"
STORED_LATER = "What you did last is not stored yet"


@contextmanager
def away(store: Store) -> Iterator[None]:
    """No connection to the database can be had."""

    def refuse(*_: object) -> None:
        raise StoreLost(database.LOST.format(reason=SECRET))

    engines = (store._engine, store._writing_engine)
    for engine in engines:
        event.listen(engine, "engine_connect", refuse)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "engine_connect", refuse)


@contextmanager
def refusing(store: Store, fault: str, remedy: str) -> Iterator[None]:
    """Every connection of the store has this setting of SQLite's, which makes it refuse, and then the other one."""

    def setting(words: str) -> Callable[..., None]:
        return lambda connection, *_: connection.execute(f"PRAGMA {words}").close()

    refuse, serve = setting(fault), setting(remedy)
    event.listen(store._engine, "checkout", refuse)
    try:
        yield
    finally:
        event.remove(store._engine, "checkout", refuse)
        event.listen(store._engine, "checkout", serve)


FULL = ("max_page_count = 1", "max_page_count = 1073741823")  # SQLite takes the present size for less
READONLY = ("query_only = ON", "query_only = OFF")


@pytest.fixture
def started(open_app: OpenApp, services: Services) -> tuple[AppTest, int]:
    """A reader before the first ECG of a study that asks for a comment, and the study."""
    study, token = open_study(services.store, per_arm=20, asks_comment=True)
    return click(open_app(token=token), "Start reading"), study


def choose(app: AppTest) -> AppTest:
    """Steps of both scales; in a browser this runs their fragment alone, which asks nothing of the store."""
    return click(click(app, "Probably real"), "Rather plausible")


def clocks_running(store: Store) -> int:
    with store._engine.connect() as connection:
        running = connection.exec_driver_sql("SELECT count(*) FROM assignment WHERE viewing_since IS NOT NULL")
        return int(running.scalar_one())


def comments(store: Store) -> list[str]:
    with store._engine.connect() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT comment FROM rating ORDER BY id")]


# ----------------------------------------------------------------------------------------------------- readers


def test_an_answer_given_while_the_database_is_away_is_kept_with_its_comment_and_stored_once(
    started: tuple[AppTest, int], services: Services
) -> None:
    app, study = started
    choose(app).text_area[0].set_value("delta wave?")
    with away(services.store):
        click(app, "Next ECG")
        for _ in range(2):
            assert LOST in warnings(app) and STORED_LATER in warnings(app) and GOES_ON in warnings(app)
            assert "10.0.0.5" not in warnings(app) and not app.exception and not sheets(app)
            click(app, "Try again")
    assert answered(services.store, study) == 0
    click(app, "Try again")
    assert "2 of 40" in html(app) and not app.warning
    assert comments(services.store) == ["delta wave?"] and services.store.verify_audit_trail().problem is None


def test_a_change_and_a_pause_wait_for_the_database_too(started: tuple[AppTest, int], services: Services) -> None:
    app, _ = started
    click(answer(app), "Change my last answer")
    click(app, "Certainly synthetic")
    with away(services.store):
        assert STORED_LATER in warnings(click(app, "Save the change"))
    click(app, "Try again")
    assert "2 of 40" in html(app) and len(comments(services.store)) == 2
    with away(services.store):
        click(app, "Pause")
    click(app, "Try again")
    assert app.title[0].value == "Pause" and not app.warning and clocks_running(services.store) == 0


def test_a_full_disk_is_said_and_the_reading_goes_on_when_there_is_room(
    started: tuple[AppTest, int], services: Services
) -> None:
    app, study = started
    given = 0
    with refusing(services.store, *FULL):
        while not app.warning:
            assert answered(services.store, study) == given
            given += 1
            answer(app)
        assert "nothing was stored, try again: database or disk is full" in warnings(app) and GOES_ON in warnings(app)
        assert not app.exception and services.store.verify_audit_trail().problem is None
    click(app, "Try again")
    assert not app.warning and f"{given + 1} of 40" in html(app)
    assert answered(services.store, study) == given and services.store.verify_audit_trail().problem is None


def test_a_read_only_disk_is_said_and_the_reading_goes_on_when_it_can_be_written(
    started: tuple[AppTest, int], services: Services
) -> None:
    app, study = started
    choose(app)
    with refusing(services.store, *READONLY):
        click(app, "Next ECG")
        assert "attempt to write a readonly database" in warnings(app) and STORED_LATER in warnings(app)
        assert not app.exception and answered(services.store, study) == 0
    click(app, "Try again")
    assert "2 of 40" in html(app) and answered(services.store, study) == 1


def test_a_damaged_database_is_said_with_what_to_do_and_never_shown_as_an_error_of_the_program(
    started: tuple[AppTest, int], services: Services
) -> None:
    app, _ = started
    with services.store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        file, page = (connection.exec_driver_sql(f"PRAGMA {of}").all()[0] for of in ("database_list", "page_size"))
    services.store.close()
    with open(file[2], "rb+") as damaged:
        pages = damaged.seek(0, os.SEEK_END) // page[0]
        damaged.seek(2 * page[0])
        damaged.write(os.urandom((pages - 2) * page[0]))
    app.run()
    assert "The database is damaged and nothing was stored" in warnings(app) and not app.exception
    assert "python -m review_db check" in warnings(app) and "last backup" in warnings(app)


def test_a_refusal_of_what_had_to_wait_is_said_and_ends_it(started: tuple[AppTest, int], services: Services) -> None:
    app, study = started
    choose(app)
    with away(services.store):
        click(app, "Next ECG")
    services.store.close_study(study)
    click(app, "Try again")
    assert "closed and takes no more answers" in app.info[0].value and not app.warning


def test_the_sentences_of_an_absent_database_are_german_too(services: Services) -> None:
    _, token = open_study(services.store)
    app = AppTest.from_file(str(MAIN), default_timeout=30)
    app.query_params |= {session.READER: token, visitor.PARAMETER: "de"}
    with away(services.store):
        app.run()
    assert "zurzeit nicht erreichbar" in warnings(app) and app.button[0].label == "Erneut versuchen"


# ------------------------------------------------------------------------------------------------ investigators


def test_every_screen_says_in_words_that_the_database_is_away_and_comes_back(
    open_app: OpenApp, services: Services
) -> None:
    app = open_app("studies")
    for screen in SCREENS:
        app.switch_page(f"screens/{screen}.py").run()
        with away(services.store):
            app.run()
            assert not app.exception and (screen == "read" or LOST in warnings(app))
        app.run()
        assert not app.exception and LOST not in warnings(app)


def test_a_monitor_that_looks_again_by_itself_says_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise StoreLost(database.LOST.format(reason=SECRET))

    def look_again() -> None:
        from app.screens import monitor

        monitor._watch(None)  # type: ignore[arg-type]

    monkeypatch.setattr(session, "role", refuse)
    app = AppTest.from_function(look_again).run()
    assert "The database cannot be reached" in app.error[0].value and not app.exception


def test_a_start_without_a_database_says_so_to_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    def start() -> Services:
        raise StoreLost(database.LOST.format(reason=SECRET))

    monkeypatch.setattr(session, "services", start)
    app = AppTest.from_file(str(MAIN), default_timeout=30).run()
    assert LOST in warnings(app) and "10.0.0.5" not in warnings(app) and not app.exception


def test_a_composed_study_waits_for_the_database_instead_of_being_lost(
    open_app: OpenApp, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, create = composing(open_app), Store.create_study

    def refuse(*_: object) -> int:
        raise StoreLost(database.LOST.format(reason=SECRET))

    monkeypatch.setattr(Store, "create_study", refuse)
    click(app, "Compose the study")
    assert LOST in warnings(app.run()) and services.store.studies() == []
    monkeypatch.setattr(Store, "create_study", create)
    app.run()
    assert [study.state for study in services.store.studies()] == [StudyState.DRAFT]


def test_of_two_investigators_who_close_a_study_the_second_is_told(open_app: OpenApp, services: Services) -> None:
    services.store.open_study(services.store.create_study(plan()))
    one, other = (click(click(open_app("studies"), "Manage"), "Close the study") for _ in range(2))
    click(one, "Close it for good")
    click(other, "Close it for good")
    assert not one.error and not other.exception
    assert "Only an open study can be closed and this one is closed." in other.error[0].value
