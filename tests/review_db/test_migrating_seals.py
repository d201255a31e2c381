"""From a chain of events to one that seals the store, and back (migration 0005), with data, on both databases."""

from collections.abc import Callable

import pytest
from sqlalchemy import NullPool, text

from review_db import audit_trail
from review_db.audit_trail import BEFORE_THE_FIRST
from review_db.blinded import Profile
from review_db.database import downgrade, migrate, open_engine
from review_db.errors import WrongPassphrase
from review_db.model import AuditEvent, AuditKind
from review_db.protocol import StudyProtocol
from review_db.store import Store
from tests.review_db.scenario import Clock, Reader, as_asked, make_plan

PASSPHRASE = "grey heron over the weir"
ERASES = StudyProtocol(consent="Erased if you leave.", consent_version="1", erases_on_withdrawal=True)
Rows = list[tuple[object, ...]]


def execute(url: str, statement: str) -> Rows:
    engine = open_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        done = connection.execute(text(statement))
        return [tuple(row) for row in done] if done.returns_rows else []


@pytest.fixture
def token(url: str, clock: Clock) -> str:
    """Of a reader with two answers, a correction and an ECG on the screen; another left, beside them lies a draft."""
    with Store.open(url, clock) as store:
        store.add_first_account("Ada", PASSPHRASE)
        with pytest.raises(WrongPassphrase):
            store.sign_in("Ada", "otter under the bridge")
        study = store.create_study(make_plan(protocol=ERASES))
        readers = [Reader(store, clock, store.add_reader(study, name)) for name in ("Dr Adler", "Dr Bach")]
        store.open_study(study)
        for reader in readers:
            store.consent(reader.token, "1")
            store.introduce(reader.token, Profile("cardiology", 12, 150))
            reader.follow(lambda item: (3, 2.0), most=2)
        last = store.last_answer(readers[0].token)
        assert last is not None
        store.correct(readers[0].token, as_asked(last.item, 6))
        readers[0].look()
        store.withdraw(readers[1].token)
        store.create_study(make_plan(title="A draft"))
        assert store.verify_audit_trail().problem is None
    return readers[0].token


@pytest.fixture
def old_url(url: str, token: str) -> str:
    """The same as the program before seals kept it."""
    downgrade(url, "0004")
    return url


TABLES = ("account", "study", "protocol_version", "arm", "item", "rater", "assignment", "rating", "audit_event")


def content(url: str) -> dict[str, list[set[str]]]:
    """All rows; columns may have changed their order."""
    return {
        table: [set(map(str, row)) for row in execute(url, f"SELECT * FROM {table} ORDER BY id")] for table in TABLES
    }


def test_an_older_store_has_all_data_and_a_chain_that_the_older_program_finds_whole(old_url: str) -> None:
    head = BEFORE_THE_FIRST
    with open_engine(old_url, poolclass=NullPool).connect() as connection:
        event = audit_trail.tables.AuditEvent
        columns = (event.at, event.kind, event.study_id, event.detail, event.actor, event.sha256)
        rows = connection.execute(event.__table__.select().with_only_columns(*columns).order_by(event.id)).all()
    for at, kind, study_id, detail, actor, sha256 in rows:
        head = audit_trail.chained(head, at, kind, study_id, detail, actor)
        assert head == sha256
    assert {row.kind for row in rows} == {
        "account added", "created", "reader added", "opened", "reader consented", "reader withdrew",
        "reader's answers erased",
    }  # fmt: skip
    assert len(execute(old_url, "SELECT * FROM rating")) == 3


def test_a_store_that_is_brought_up_to_date_is_anchored_and_then_watched(
    old_url: str, token: str, clock: Clock
) -> None:
    migrate(old_url)
    with Store.open(old_url, clock) as store:
        assert store.verify_audit_trail().problem is None
        anchors = [event for event in store.audit_trail() if event.kind is AuditKind.ANCHORED]
        assert [(event.study_id, event.detail) for event in anchors] == [
            (None, "accounts as they were found"),
            (1, "the study as it was found, with 3 answers that were given before they were chained"),
            (2, "the study as it was found, with 0 answers that were given before they were chained"),
        ]
        Reader(store, clock, token).finish()
        store.close_study(1)
        assert store.verify_audit_trail().problem is None
        assert len(store.observations(1)) == 6


def never(events: list[AuditEvent]) -> bool:
    return not [event for event in events if event.kind in (AuditKind.ANCHORED, AuditKind.READER_ANCHORED)]


def test_a_new_store_has_nothing_to_anchor(url: str, token: str) -> None:
    migrate(url)
    with Store.open(url) as store:
        assert never(store.audit_trail()) and never(store.reading_trail(1))


CHANGES: dict[str, str] = {
    "rating": "UPDATE rating SET verdict = 5 WHERE id = 1",
    "truth": "UPDATE truth SET labels = '[]' WHERE item_id = 1",
    "rater": "UPDATE rater SET consent_version = '9' WHERE id = 1",
}


@pytest.mark.parametrize("table", CHANGES)
def test_a_change_before_anchoring_is_past_finding_and_one_after_it_is_found(
    old_url: str, table: str, without_triggers: Callable[[str, str], None]
) -> None:
    without_triggers(old_url, CHANGES[table])
    migrate(old_url)
    with Store.open(old_url) as store:
        assert store.verify_audit_trail().problem is None
    without_triggers(old_url, CHANGES[table].replace("5", "4").replace("'[]'", "'[1]'").replace("'9'", "'8'"))
    with Store.open(old_url) as store:
        assert "was changed since event" in str(store.verify_audit_trail().problem)


@pytest.fixture
def without_triggers() -> Callable[[str, str], None]:
    """A change that no trigger stops; the triggers stay."""

    def change(url: str, statement: str) -> None:
        if url.startswith("postgresql"):
            execute(url, f"SET session_replication_role = replica; {statement}")
            return
        triggers = execute(url, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'rating'")
        for name, _ in triggers:
            execute(url, f"DROP TRIGGER {name}")
        execute(url, statement)
        for _, definition in triggers:
            execute(url, str(definition))

    return change


def test_up_and_down_twice_ends_where_it_began(old_url: str) -> None:
    before = content(old_url)
    for _ in range(2):
        migrate(old_url)
        downgrade(old_url, "0004")
    assert content(old_url) == before


def test_an_older_store_whose_protocol_hash_is_in_no_event_is_found(
    old_url: str, without_triggers: Callable[[str, str], None]
) -> None:
    execute(old_url, "DROP TRIGGER " + (
        "protocol_version_refuses_update" if old_url.startswith("sqlite")
        else "protocol_version_refuses_change ON protocol_version"
    ))  # fmt: skip
    execute(old_url, f"UPDATE protocol_version SET sha256 = '{'0' * 64}'")
    migrate(old_url)
    with Store.open(old_url) as store:
        assert "The hash of version 1 of the protocol in study 1 is in no event" in str(
            store.verify_audit_trail().problem
        )


@pytest.mark.parametrize(
    "verb", ["UPDATE audit_event SET detail = ''", "DELETE FROM audit_event", "DELETE FROM rating"]
)
def test_rows_stay_append_only_on_the_way_up_and_down(old_url: str, verb: str) -> None:
    for step in (lambda: migrate(old_url), lambda: downgrade(old_url, "0004")):
        step()
        with pytest.raises(Exception, match="append-only"):
            execute(old_url, verb)
