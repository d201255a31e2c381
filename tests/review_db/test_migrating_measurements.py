"""From a store without measurements to one with them, and back (migration 0006), with data, on both databases."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import NullPool, inspect, text

from review_db.database import downgrade, migrate, open_engine
from review_db.plan import StudyPlan
from review_db.protocol import StudyProtocol
from review_db.store import Store
from tests.review_db.scenario import PR_INTERVAL, Clock, Reader, make_plan, with_measurements

OTHERS = ("study", "protocol_version", "item", "truth", "rater", "assignment", "rating", "audit_event", "audit_head")


@pytest.fixture
def token(url: str, clock: Clock) -> str:
    """Of a reader with two answers, in a study that neither keeps nor shows measurements."""
    with Store.open(url, clock) as store:
        study = store.create_study(make_plan())
        store.open_study(study)
        reader = Reader(store, clock, store.add_reader(study, "Dr Adler"))
        reader.follow(lambda item: (3, 2.0), most=2)
    return reader.token


def content(url: str) -> dict[str, list[set[str]]]:
    """All rows; columns may have changed their order, and a column without a value may be there or not."""
    with open_engine(url, poolclass=NullPool).connect() as connection:
        return {
            table: [set(map(str, row)) - {"None"} for row in connection.execute(text(f"SELECT * FROM {table}"))]
            for table in OTHERS
        }


def test_an_older_store_loses_nothing_on_the_way_and_keeps_its_seals(url: str, token: str, clock: Clock) -> None:
    before = content(url)
    for _ in range(2):
        downgrade(url, "0005")
        assert content(url) == before
        migrate(url)
    assert content(url) == before
    with Store.open(url, clock) as store:
        assert store.verify_audit_trail().problem is None
        Reader(store, clock, token).finish()
        assert store.verify_audit_trail().problem is None


def test_going_back_leaves_no_table_and_no_column(url: str) -> None:
    downgrade(url, "0005")
    with open_engine(url, poolclass=NullPool).connect() as connection:
        assert "caliper" not in inspect(connection).get_table_names()
        assert "measured" not in [column["name"] for column in inspect(connection).get_columns("item")]


def test_after_the_way_up_and_down_and_up_rows_are_append_only_again(url: str, clock: Clock) -> None:
    downgrade(url, "0005")
    migrate(url)
    with Store.open(url, clock) as store:
        study = store.create_study(make_plan(protocol=StudyProtocol(keeps_calipers=True)))
        store.open_study(study)
        reader = Reader(store, clock, store.add_reader(study, "Dr Adler"))
        store.measure(reader.token, reader.look().presentation, [PR_INTERVAL])
    for verb in ("UPDATE caliper SET value = 1", "DELETE FROM caliper"):
        with open_engine(url, poolclass=NullPool).begin() as connection:
            with pytest.raises(Exception, match="caliper is append-only"), connection.begin_nested():
                connection.execute(text(verb))


PLANS: dict[str, Callable[[], StudyPlan]] = {
    "kept": lambda: replace(make_plan(), protocol=StudyProtocol(keeps_calipers=True)),
    "shown": lambda: with_measurements(make_plan()),
}


@pytest.mark.parametrize("plan", PLANS)
def test_going_back_refuses_what_the_older_tables_cannot_hold_and_changes_nothing(
    url: str, clock: Clock, plan: str
) -> None:
    with Store.open(url, clock) as store:
        store.create_study(PLANS[plan]())
    with pytest.raises(RuntimeError, match="keeps or shows measurements"):
        downgrade(url, "0005")
    with Store.open(url, clock) as store:
        assert len(store.studies()) == 1 and store.verify_audit_trail().problem is None
