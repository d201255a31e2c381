"""Migrations, settings and rules of both databases."""

import ast
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import CheckConstraint, Connection, Engine, NullPool, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from review_db import tables
from review_db.database import downgrade, for_writing, migrate, open_engine, require_current
from review_db.errors import StoreOutOfDate, StoreUnavailable
from review_db.protocol import StudyProtocol
from review_db.store import Store
from tests.review_db.scenario import PR_INTERVAL, Clock, Reader, answer_to, make_plan

ROOT = Path(__file__).parents[2]


@pytest.fixture
def engine(url: str) -> Engine:
    return open_engine(url, poolclass=NullPool)


# ------------------------------------------------------------------------------------------- migrations


def test_migrating_an_empty_database_makes_the_tables_of_the_models(empty_url: str) -> None:
    migrate(empty_url)
    engine = open_engine(empty_url, poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, tables.Base.metadata) == []
    require_current(engine)


def test_check_constraints_of_the_models_are_in_the_database(engine: Engine) -> None:
    """Alembic's comparison leaves them out."""
    with engine.connect() as connection:
        for table in tables.Base.metadata.sorted_tables:
            found = {rule["name"] for rule in inspect(connection).get_check_constraints(table.name)}
            named = {rule.name for rule in table.constraints if isinstance(rule, CheckConstraint)}
            assert found == named


def test_every_constraint_has_a_name() -> None:
    for table in tables.Base.metadata.sorted_tables:
        assert all(rule.name for rule in [*table.constraints, *table.indexes])


def test_foreign_keys_restrict() -> None:
    keys = [key for table in tables.Base.metadata.sorted_tables for key in table.foreign_keys]
    assert keys and {key.ondelete for key in keys} == {"RESTRICT"}


def test_going_back_to_the_base_leaves_nothing_and_forward_again_works(empty_url: str) -> None:
    migrate(empty_url)
    downgrade(empty_url, "base")
    with open_engine(empty_url, poolclass=NullPool).connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    migrate(empty_url)
    Store.open(empty_url).close()


def test_migrating_again_changes_nothing(url: str, store: Store, open_study: int) -> None:
    before = store.studies()
    migrate(url)
    assert store.studies() == before


def test_several_processes_may_migrate_at_once(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(migrate, [empty_url] * 4))
    Store.open(empty_url).close()


def test_migrations_work_from_any_folder(tmp_path: Path) -> None:
    program = f"from review_db.store import migrate; migrate('sqlite:///{tmp_path}/100%.db')"
    subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        check=True,
    )
    assert (tmp_path / "100%.db").exists()


def test_a_store_of_another_version_is_refused_with_the_remedy(empty_url: str) -> None:
    with pytest.raises(StoreOutOfDate, match="python -m review_db migrate --url"):
        Store.open(empty_url)
    migrate(empty_url)
    with open_engine(empty_url, poolclass=NullPool).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreOutOfDate, match="9999"):
        Store.open(empty_url)
    with pytest.raises(StoreOutOfDate, match="another version"):
        migrate(empty_url)


def test_a_migration_that_fails_is_taken_back_whole(empty_url: str) -> None:
    with open_engine(empty_url, poolclass=NullPool).begin() as connection:
        connection.execute(text("CREATE TABLE rating (id INTEGER)"))  # in the way of the seventh table
    with pytest.raises(StoreUnavailable, match="rating"):
        migrate(empty_url)
    with open_engine(empty_url, poolclass=NullPool).connect() as connection:
        assert inspect(connection).get_table_names() == ["rating"]


def test_the_package_needs_no_alembic_ini() -> None:
    assert not list(ROOT.glob("**/review_db/**/alembic.ini"))


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "mysql://somebody:secret@host/name", "sqlite://", "sqlite:///:memory:", "foo://secret"],
)
def test_an_address_that_is_no_store_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreUnavailable, match="sqlite:///path/to/file.db") as refusal:
        migrate(url)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("url", ["sqlite:////no/such/folder/store.db", "postgresql://somebody:secret@127.0.0.1:1/name"])
def test_a_database_that_does_not_answer_is_an_error_in_words(url: str) -> None:
    for verb in (migrate, Store.open):
        with pytest.raises(StoreUnavailable) as refusal:
            verb(url)
        assert "secret" not in str(refusal.value)


# --------------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("prepare", [lambda engine: engine, for_writing], ids=["reading", "writing"])
def test_every_sqlite_connection_is_set_up_to_keep_what_it_stores(
    engine: Engine, prepare: Callable[[Engine], Engine], database: str
) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    with prepare(engine).connect() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in wanted}
    assert found == wanted


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_writer_takes_the_lock_when_it_begins_and_readers_go_on(engine: Engine, database: str) -> None:
    with for_writing(engine).begin() as writer, engine.connect() as reader:
        writer.execute(text("SELECT 1"))
        assert reader.execute(text("SELECT count(*) FROM study")).scalar_one() == 0
        with open_engine(str(engine.url), poolclass=NullPool).connect() as other:
            other.execute(text("PRAGMA busy_timeout = 0"))
            with pytest.raises(DBAPIError, match="locked"):
                other.execute(
                    text("INSERT INTO audit_event (at, kind, detail, sha256) VALUES ('2026-01-01', 'x', '', '')")
                )


# ------------------------------------------------------------------------------------------------- time

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=ZONES)


@given(time=TIMES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_a_time_comes_back_as_the_same_moment_in_utc(engine: Engine, time: datetime) -> None:
    with engine.connect() as connection:
        connection.execute(tables.AuditEvent.__table__.insert().values(at=time, kind="x", detail="", sha256=""))
        back = connection.execute(tables.AuditEvent.__table__.select()).one().at
        connection.rollback()
    assert back == time and back.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(StatementError, match="without a zone"):
        connection.execute(
            tables.AuditEvent.__table__.insert().values(at=datetime(2026, 1, 1), kind="x", detail="", sha256="")
        )


# ------------------------------------------------------------------------------- what the database refuses


def refused(connection: Connection, statement: str, words: str) -> None:
    with pytest.raises(DBAPIError, match=words), connection.begin_nested():
        connection.execute(text(statement))


@pytest.mark.parametrize("table", ["rating", "audit_event", "protocol_version", "caliper"])
def test_rows_are_appended_and_never_changed(store: Store, clock: Clock, table: str) -> None:
    study = store.create_study(make_plan(protocol=StudyProtocol(keeps_calipers=True)))
    store.open_study(study)
    reader = Reader(store, clock, store.add_reader(study, "Dr Adler"))
    store.measure(reader.token, reader.look().presentation, [PR_INTERVAL])
    reader.answer()
    with store._engine.connect() as connection:
        before = connection.execute(text(f"SELECT * FROM {table}")).all()
        refused(connection, f"UPDATE {table} SET id = id + 1000", f"{table} is append-only")
        refused(connection, f"DELETE FROM {table}", f"{table} is append-only")
        assert before and connection.execute(text(f"SELECT * FROM {table}")).all() == before


@pytest.mark.parametrize("database", ["postgresql"])
def test_append_only_tables_are_not_emptied_either(store: Store, database: str) -> None:
    with store._engine.connect() as connection:
        for table in ("rating", "protocol_version", "caliper"):
            refused(connection, f"TRUNCATE {table}", f"{table} is append-only")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE study SET state = 'ajar'",
        "UPDATE study SET state = 'closed'",  # without a time of closing
        "UPDATE study SET opened_at = NULL",
        "UPDATE item SET case_number = 0",
        "UPDATE assignment SET repeat = -1",
        "INSERT INTO protocol_version (study_id, version, description, protocol, sha256, reason, at) "
        "SELECT id, 0, '', '{}', '', '', '2026-01-01' FROM study",
        "INSERT INTO protocol_version (study_id, version, description, protocol, sha256, reason, at) "
        "SELECT id, 1, '', '{}', '', '', '2026-01-01' FROM study",
        "UPDATE arm SET origin = 'martian'",
        "UPDATE arm SET name = 'one for all'",
        "UPDATE item SET number = 1",
        "UPDATE item SET payload = substr(payload, 1, 0)",
        "UPDATE truth SET arm_id = 404",
        "UPDATE rater SET name = 'one for all'",
        "UPDATE rater SET token_sha256 = 'one for all'",
        "UPDATE assignment SET position = 0",
        "UPDATE assignment SET position = 1",
        "UPDATE assignment SET presentation = 'one for all'",
        "UPDATE assignment SET item_id = 1",
        "UPDATE assignment SET viewed_seconds = -1",
        "UPDATE assignment SET shown_at = NULL, viewing_since = '2026-01-01'",
        "DELETE FROM study",
        "DELETE FROM arm",
        "DELETE FROM item",
        "DELETE FROM rater",
        "DELETE FROM assignment",
        "INSERT INTO account (name, name_key, role, created_at) VALUES ('Eve', 'eve', 'reader', '2026-01-01')",
        "INSERT INTO account (name, name_key, role, created_at, setup_sha256) "
        "VALUES ('Eve', 'eve', 'monitor', '2026-01-01', '')",
        "INSERT INTO guessing (name_sha256, failures, last_at) VALUES ('', -1, '2026-01-01')",
    ],
)
def test_broken_rules_are_refused(store: Store, invite: Callable[[str], Reader], statement: str) -> None:
    for name in ("Dr Adler", "Dr Bach"):
        invite(name).answer()
    with store._engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("verdict", 0),
        ("verdict", 7),
        ("plausibility", 0),
        ("plausibility", 6),
        ("sequence", 0),
        ("sequence", 1),  # the second first answer
        ("seconds", -1),
        ("submission_id", "'taken'"),
        ("assignment_id", 404),
    ],
)
def test_ratings_that_break_a_rule_are_refused(store: Store, reader: Reader, column: str, value: object) -> None:
    store.record(reader.token, answer_to(reader.look(), submission_id="taken"))
    values = {
        "assignment_id": "(SELECT assignment_id FROM rating)",
        "sequence": 2,
        "submission_id": "'free'",
        "verdict": 1,
        "plausibility": "NULL",
        "comment": "''",
        "seconds": 1,
        "submitted_at": "'2026-01-01'",
    }
    insert = "INSERT INTO rating ({}) VALUES ({})"
    with store._engine.connect() as connection:
        with pytest.raises(IntegrityError), connection.begin_nested():
            broken = values | {column: value}
            connection.execute(text(insert.format(", ".join(broken), ", ".join(map(str, broken.values())))))
        connection.execute(text(insert.format(", ".join(values), ", ".join(map(str, values.values())))))


def test_readers_of_the_code_find_every_setting_in_one_place() -> None:
    """No other module opens a database."""
    callers = [
        path.name
        for path in (ROOT / "review_db").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "create_engine"
    ]
    assert set(callers) == {"database.py"}
