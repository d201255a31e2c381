"""Whatever is changed by hand is found and named; what was done through the store is not taken for a change."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import JSON, Boolean, Column, Float, Integer, LargeBinary, NullPool, SmallInteger, Table, text
from sqlalchemy.exc import NoResultFound

from review_db import seals, tables
from review_db.__main__ import main
from review_db.account import Role
from review_db.blinded import Profile
from review_db.database import migrate, open_engine
from review_db.errors import ReviewError
from review_db.model import AuditKind
from review_db.protocol import StudyProtocol
from review_db.store import Store
from tests.review_db.scenario import PR_INTERVAL, R_WAVE, Clock, Reader, as_asked, make_plan, ratings, with_measurements

CONSENT = StudyProtocol(
    consent="Your answers are erased if you leave.",
    consent_version="1",
    erases_on_withdrawal=True,
    asks_reasons=True,
    asks_profile=True,
    practice=2,
    keeps_calipers=True,
)
PASSPHRASE = "grey heron over the weir"


def live(store: Store, clock: Clock) -> None:
    """All that can happen: an open study with a correction, measurements and a pause, a reader who left, a closed
    study, a deleted draft, accounts.
    """
    store.add_first_account("Ada", PASSPHRASE)
    store.invite_account("Mo", Role.MONITOR)
    store.disable_account(store.accounts()[1].id)
    store.renew_setup_link(store.accounts()[1].id)
    items = [replace(item, is_practice=at in (0, 4)) for at, item in enumerate(make_plan(4).items)]
    study = store.create_study(with_measurements(make_plan(protocol=CONSENT, items=items)))
    readers = [Reader(store, clock, store.add_reader(study, name)) for name in ("Dr Adler", "Dr Bach", "Dr Cohn")]
    store.open_study(study)
    for reader in readers[:2]:
        start(reader)
        measure(reader)
        reader.follow(lambda item: (3, 2.25), most=5)
    correct(readers[0], 5)
    interrupt(readers[0])
    amended = replace(CONSENT, break_every=20, shows_measurements=True)
    store.amend_protocol(study, amended, "Twelve leads.", "Readers were tired.")
    places = [place.rater_id for place in store.progress(study)]
    store.withdraw_reader(places[1])
    store.pause_reader(places[2])
    store.note_reminder(places[2])
    store.delete_draft(store.create_study(make_plan(title="A draft")))
    rules = StudyProtocol(keeps_calipers=True)
    closed = store.create_study(make_plan(title="Closed", leak_audit=None, protocol=rules))
    reader = Reader(store, clock, store.add_reader(closed, "Dr Adler"))
    store.open_study(closed, "A rehearsal.")
    measure(reader)
    reader.finish()
    store.close_study(closed)
    store.observations(closed)


def start(reader: Reader) -> None:
    reader.store.consent(reader.token, "1")
    reader.store.introduce(reader.token, Profile("cardiology", 12, 150))


def correct(reader: Reader, step: int) -> None:
    last = reader.store.last_answer(reader.token)
    assert last is not None
    reader.store.correct(reader.token, as_asked(last.item, step))


def measure(reader: Reader) -> None:
    reader.store.measure(reader.token, reader.look(1.0).presentation, [PR_INTERVAL, R_WAVE])


def interrupt(reader: Reader) -> None:
    item = reader.look(7.5)
    reader.store.pause(reader.token, item.presentation)
    reader.look(1.5)


def tamper(url: str, *statements: str) -> None:
    """What somebody does who owns the database: no trigger and no foreign key stops them."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            done = [connection.execute(statement).rowcount for statement in statements]
    else:
        with open_engine(url, poolclass=NullPool).begin() as connection:
            connection.execute(text("SET session_replication_role = replica"))
            done = [connection.execute(text(statement)).rowcount for statement in statements]
    assert all(done), "nothing was changed"


def problem(url: str) -> str:
    with Store.open(url) as store:
        return store.verify_audit_trail().problem or ""


# ----------------------------------------------------------------------------------------------- stores that have lived


@pytest.fixture(scope="module")
def lived_sqlite(template_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Path(shutil.copy(template_sqlite, tmp_path_factory.mktemp("lived") / "store.db"))
    with Store.open(f"sqlite:///{path}", clock := Clock()) as store:
        live(store, clock)
    return path


@pytest.fixture(scope="module")
def lived_postgresql(request: pytest.FixtureRequest) -> Iterator[str]:
    template = request.getfixturevalue("template_postgresql")
    with request.getfixturevalue("server").database(template) as url:
        with Store.open(url, clock := Clock()) as store:
            live(store, clock)
        yield url.rpartition("/")[2]


@pytest.fixture
def lived(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> Iterator[str]:
    """A copy of a store in which everything has happened."""
    template = request.getfixturevalue(f"lived_{database}")
    if database == "sqlite":
        yield f"sqlite:///{shutil.copy(template, tmp_path / 'lived.db')}"
    else:
        with request.getfixturevalue("server").database(template) as url:
            yield url


def test_a_store_in_which_everything_has_happened_is_as_its_trail_says(
    lived: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store.open(lived) as store:
        told = {event.kind for event in store.audit_trail()} | {event.kind for event in store.reading_trail(1)}
    some = {AuditKind.CORRECTED, AuditKind.READER_ERASED, AuditKind.ECG_HIDDEN, AuditKind.MEASURED}
    assert len(told) >= 20 and some <= told
    assert main(["audit-trail", "verify", "--url", lived]) == 0
    assert "unbroken" in capsys.readouterr().out


# ------------------------------------------------------------------------------------------------- changes by hand

OF = "of reader 1 in study 1"
CHANGES = {
    "UPDATE rating SET verdict = 7 - verdict WHERE id = 1": f"The answer 1 to practice presentation 1 {OF} was changed",
    "UPDATE rating SET verdict = 7 - verdict": "And 7 more",
    "UPDATE rating SET seconds = 100 WHERE id = 3": f"The answer 1 to presentation 1 {OF} was changed",
    "DELETE FROM rating WHERE id = 3": f"The answer 1 to presentation 1 {OF} was removed",
    "DELETE FROM rating WHERE sequence = 2": "The answer 2 to presentation 3",
    "UPDATE caliper SET value = 200 WHERE id = 1": f"The measurement 1 on practice presentation 1 {OF} was changed",
    "DELETE FROM caliper WHERE id = 2": f"The measurement 2 on practice presentation 1 {OF} was removed",
    "INSERT INTO caliper (assignment_id, sequence, is_beside, kind, lead, seconds, millivolts, value, placed_at) "
    "SELECT id, 1, false, 'time', 'I', 1, 1, 1, '2026-03-01' FROM assignment "
    "WHERE rater_id = 3 AND position = 1 AND NOT is_practice":
    "The measurement 1 on presentation 1 of reader 3 in study 1 is in the store, but no event put it there",
    "UPDATE item SET measured = NULL WHERE id = 1": "The ECG 1 in study 1 was changed",
    """UPDATE item SET measured = '{"qrs_ms": 90}' WHERE id = 1""": "The ECG 1 in study 1 was changed",
    "INSERT INTO rating (assignment_id, sequence, submission_id, verdict, comment, seconds, submitted_at) "
    "SELECT id, 1, 'x', 1, '', 1, '2026-03-01' FROM assignment WHERE rater_id = 3 AND position = 2 AND NOT is_practice":
    "The answer 1 to presentation 2 of reader 3 in study 1 is in the store, but no event put it there",
    "INSERT INTO rating (assignment_id, sequence, submission_id, verdict, comment, seconds, submitted_at) "
    "SELECT id, 1, 'x', 1, '', 1, '2026-03-01' FROM assignment WHERE rater_id = 2 AND position = 2 AND NOT is_practice":
    "The answer 1 to presentation 2 of reader 2 in study 1 is in the store",
    "UPDATE truth SET arm_id = (SELECT min(id) FROM arm) WHERE item_id = 8": "The truth of ECG 8 in study 1",
    "DELETE FROM truth WHERE item_id = 8": "The truth of ECG 8 in study 1 was removed",
    "UPDATE item SET payload = (SELECT payload FROM item WHERE id = 2) WHERE id = 1": "The ECG 1 in study 1 was",
    "DELETE FROM item WHERE id = 3": "The ECG 3 in study 1 was removed",
    """UPDATE study SET protocol = '{"margin": 0.3}' WHERE id = 1""":
    "The protocol in study 1 was changed since event 42 (protocol amended",
    """UPDATE protocol_version SET protocol = '{"margin": 0.3}' WHERE version = 2""":
    "The version 2 of the protocol in study 1 was changed",
    "UPDATE study SET protocol_sha256 = '0' WHERE id = 1": "The protocol's hash in study 1 was changed",
    "DELETE FROM protocol_version WHERE version = 2": "The version 2 of the protocol in study 1 was removed",
    "UPDATE study SET state = 'open', closed_at = NULL WHERE id = 3": "The closing in study 3 was changed",
    "UPDATE rater SET consented_at = '2026-01-01' WHERE id = 1": f"The consent {OF} was changed",
    """UPDATE rater SET profile = '{"specialty": "surgery"}' WHERE id = 1""": f"The profile {OF} was changed",
    "UPDATE rater SET paused_at = NULL WHERE id = 3": "The pause of reader 3 in study 1 was changed",
    "UPDATE rater SET erased_at = '2026-03-01' WHERE id = 1": f"The erasure {OF} was changed",
    "UPDATE assignment SET viewed_seconds = 100 WHERE rater_id = 1 AND viewing_since IS NULL": "And 2 more",
    "UPDATE assignment SET shown_at = '2026-03-01' WHERE rater_id = 3 AND position = 1 AND NOT is_practice":
    "The viewing time of presentation 1 of reader 3 in study 1 is in the store",
    "UPDATE assignment SET presentation = 'other' WHERE id = 2": f"The order {OF} was changed",
    "DELETE FROM assignment WHERE rater_id = 3": "The order of reader 3 in study 1 was changed",
    "DELETE FROM rater WHERE id = 3": "The consent of reader 3 in study 1 was removed",
    "DELETE FROM study WHERE id = 3": "The ECG 1 in study 3 was removed",
    "UPDATE account SET role = 'investigator' WHERE id = 2": "The role of account 2 was changed",
    "DELETE FROM account WHERE id = 2": "The OpenID of account 2 was removed",
    "INSERT INTO account (name, name_key, role, created_at) VALUES ('Eve', 'eve', 'monitor', '2026-03-01')":
    "account 3 is in the store, but no event put it there",
    "DELETE FROM audit_event WHERE id = (SELECT max(id) FROM audit_event)": "its head says",
    "DELETE FROM audit_event WHERE id = 2": "Event 2 (account disabled",
    "UPDATE audit_event SET detail = 'x' WHERE id = 2": "Event 2 (account added",
    "UPDATE audit_event SET seals = NULL WHERE id = 2": "Event 2 (account added",
    "INSERT INTO audit_event (at, kind, detail, sha256) VALUES ('2026-03-01', 'closed', '', '')": "does not follow",
    "UPDATE audit_head SET events = events + 1": "its head says",
    "DELETE FROM audit_head": "The head of the audit trail is missing",
}  # fmt: skip


@pytest.mark.parametrize("statement", CHANGES)
def test_a_change_by_hand_is_found_and_named(lived: str, statement: str) -> None:
    tamper(lived, statement)
    with pytest.raises(SystemExit) as end:
        main(["audit-trail", "verify", "--url", lived])
    assert CHANGES[statement] in str(end.value)


def test_two_readers_whose_answers_are_exchanged_are_found(lived: str) -> None:
    tamper(
        lived,
        "UPDATE rating SET assignment_id = -assignment_id WHERE id IN (3, 4)",
        "UPDATE rating SET assignment_id = CASE id WHEN 3 THEN (SELECT -assignment_id FROM rating WHERE id = 4) "
        "ELSE (SELECT -assignment_id FROM rating WHERE id = 3) END WHERE id IN (3)",
    )
    assert "The answer 1 to presentation 1 of reader 1 in study 1" in problem(lived)


# --------------------------------------------------------------------------------- every column of every sealed table

UNSEALED = {
    "study": {"id"},
    "protocol_version": {"id"},
    "rater": {"id"},
    "assignment": {"id"},
    "rating": {"id"},
    "caliper": {"id"},
    "account": {"id"},
    "arm": set[str](),
    "item": {"id"},
    "truth": set[str](),
}
SWAPPED = {  # where a rule of the table leaves no other value
    "state": "CASE state WHEN 'open' THEN 'closed' ELSE 'open' END, "
    "closed_at = CASE state WHEN 'open' THEN opened_at END",
    "origin": "CASE origin WHEN 'real' THEN 'synthetic' ELSE 'real' END",
    "kind": "CASE kind WHEN 'time' THEN 'amplitude' ELSE 'time' END",
    "lead": "'V6'",
    "role": "CASE role WHEN 'monitor' THEN 'investigator' ELSE 'monitor' END",
    "verdict": "7 - verdict",
    "plausibility": "CASE plausibility WHEN 1 THEN 2 ELSE 1 END",
    "plausibility_beside": "CASE plausibility_beside WHEN 1 THEN 2 ELSE 1 END",
    "opened_at": "'1999-01-01'",
    "closed_at": "'1999-01-01', state = 'closed'",
    "setup_sha256": "'x', setup_expires_at = '1999-01-01'",
    "setup_expires_at": "'1999-01-01', setup_sha256 = 'x'",
    "viewing_since": "'1999-01-01', shown_at = '1999-01-01'",
    "provenance": """'{"record": "other"}'""",
}
COLUMNS = [
    (table, column)
    for table in tables.Base.metadata.sorted_tables
    if table.name in UNSEALED
    for column in table.columns
    if column.name not in UNSEALED[table.name]
]


def another_value(column: Column[object]) -> str:
    """Of the same type, as SQL."""
    if str(column) == "assignment.is_practice":
        return "NOT is_practice, position = 1000"  # another place is taken
    if column.name in SWAPPED:
        return SWAPPED[column.name]
    kinds: dict[type, str] = {
        JSON: """'["other"]'""",
        Boolean: f"NOT {column.name}",
        LargeBinary: "substr(payload, 2)",
        Float: f"{column.name} + 1",
        SmallInteger: f"{column.name} + 1",
        Integer: f"coalesce({column.name}, 0) + 1000",
    }
    found = next((sql for kind, sql in kinds.items() if isinstance(column.type, kind)), None)
    return found or ("'1999-01-01'" if column.name.endswith("_at") or column.name == "at" else "'other'")


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[f"{t.name}.{c.name}" for t, c in COLUMNS])
def test_no_column_of_a_sealed_table_can_be_changed_unseen(
    lived: str, table: Table, column: Column[object], database: str
) -> None:
    key = table.primary_key.columns[0].name
    change = f"UPDATE {table.name} SET {column.name} = {another_value(column)}"
    tamper(lived, f"{change} WHERE {key} = (SELECT min({key}) FROM {table.name})")
    assert problem(lived)


# ------------------------------------------------------------------------------------------------ acts after a change

LATER_ACTS: dict[str, Callable[[Store, Reader], object]] = {
    "UPDATE rating SET verdict = 7 - verdict WHERE sequence = 2": lambda store, reader: correct(reader, 1),
    "UPDATE rating SET verdict = 7 - verdict WHERE id = 1": lambda store, reader: reader.follow(lambda item: (3, 2.0)),
    """UPDATE rater SET profile = '{"specialty": "x"}' WHERE id = 1""": lambda store, _: store.pause_reader(1),
    "UPDATE rater SET revoked_at = '2026-03-01' WHERE id = 3": lambda store, _: store.resume_reader(3),
    "UPDATE truth SET labels = '[]' WHERE item_id = 2": lambda store, _: store.close_study(1),
    """UPDATE study SET seed = 7 WHERE id = 1""": lambda store, _: store.close_study(1),
    "UPDATE account SET role = 'investigator' WHERE id = 2": lambda store, _: store.enable_account(2),
}  # fmt: skip


@pytest.mark.parametrize("statement", LATER_ACTS)
def test_a_change_stays_found_whatever_is_done_after_it(lived: str, statement: str) -> None:
    clock = Clock()
    clock.advance(3600)
    with Store.open(lived, clock) as store:
        reader = Reader(store, clock, store.reissue_link(1))
        store.resume_reader(3)
        store.pause_reader(3)
        assert not store.verify_audit_trail().problem
        tamper(lived, statement)
        LATER_ACTS[statement](store, reader)
        assert "was changed" in str(store.verify_audit_trail().problem)


ACTS: dict[str, Callable[[Store, Reader], object]] = {
    "look": lambda store, reader: reader.look(),
    "answer": lambda store, reader: reader.follow(lambda item: (4, 1.3), most=1),
    "interrupt": lambda store, reader: interrupt(reader),
    "measure": lambda store, reader: measure(reader),
    "correct": lambda store, reader: correct(reader, 6),
    "pause": lambda store, reader: store.pause_reader(1),
    "resume": lambda store, reader: store.resume_reader(1),
    "introduce": lambda store, reader: store.introduce(reader.token, Profile("nephrology", 3, 20)),
    "remind": lambda store, reader: store.note_reminder(1),
    "revoke": lambda store, reader: store.revoke_reader(3),
    "leave": lambda store, reader: store.withdraw(reader.token),
    "invite": lambda store, reader: store.add_reader(1, "Dr Dahl"),
    "close": lambda store, reader: store.close_study(1),
    "wrong": lambda store, reader: store.sign_in("Ada", "guess"),
}


@given(st.lists(st.sampled_from(sorted(ACTS)), max_size=8), st.sampled_from(COLUMNS))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_acts_the_store_is_as_the_trail_says_until_something_is_changed(
    lived_sqlite: Path, tmp_path: Path, acts: list[str], changed: tuple[Table, Column[object]]
) -> None:
    path = tmp_path / "any.db"
    for left in tmp_path.glob("any.db*"):
        left.unlink()
    url, clock = f"sqlite:///{shutil.copy(lived_sqlite, path)}", Clock()
    clock.advance(3600)
    with Store.open(url, clock) as store:
        reader = Reader(store, clock, store.reissue_link(1))
        for act in acts:
            try:
                ACTS[act](store, reader)
            except (ReviewError, AssertionError):
                continue  # refused: closed, paused, withdrawn, nothing left to read or to correct
        assert store.verify_audit_trail().problem is None
    table, column = changed
    key = table.primary_key.columns[0].name
    newest = f"(SELECT max({key}) FROM {table.name})"
    tamper(url, f"UPDATE {table.name} SET {column.name} = {another_value(column)} WHERE {key} = {newest}")
    assert problem(url)


# ---------------------------------------------------------------------------------------------- what a seal gives away


def test_every_column_of_a_sealed_table_belongs_to_a_part() -> None:
    def parts(named: seals.Parts) -> set[str]:
        columns = [column for part in named.values() for column in part]
        assert len(columns) == len(set(columns))
        return set(columns)

    sealed = {
        "study": parts(seals.STUDY) | {"id", "seal_key"},
        "rater": parts(seals.READER) | {"id", "study_id", "seal_key"},
        "account": parts(seals.ACCOUNT) | {"id"},
        "protocol_version": {*seals.VERSION, "id", "study_id"},
        "arm": {*seals.ARM, "study_id"},
        "item": {*seals.ITEM, "study_id", "payload", "measured"},
        "truth": {*seals.TRUTH},
        "assignment": {*seals.PLACE, *seals.CLOCK, "id", "rater_id"},
        "rating": {*seals.ANSWER, "id", "assignment_id"},
        "caliper": {*seals.CALIPER, "id", "assignment_id"},
    }
    assert set(sealed) == set(UNSEALED)
    for name, columns in sealed.items():
        assert columns == set(tables.Base.metadata.tables[name].columns.keys()), name


def test_the_same_answer_by_two_readers_has_two_seals_and_none_says_what_it_is(store: Store, clock: Clock) -> None:
    study = store.create_study(make_plan())
    readers = [Reader(store, clock, store.add_reader(study, name)) for name in ("Dr Adler", "Dr Bach")]
    store.open_study(study)
    for reader in readers:
        reader.follow(lambda item: (3, 2.0), most=2)
    answers = [event for event in store.reading_trail(study) if event.kind is AuditKind.ANSWERED]
    assert {event.actor for event in answers} == {"reader 1", "reader 2"}
    assert {event.detail for event in answers} == {"presentation 1", "presentation 2"}
    found = [seal for event in answers for seal in (event.seals or {}).values()]
    assert len(found) == len(set(found)) == 8


def test_an_erasure_takes_the_key_with_it(store: Store, clock: Clock) -> None:
    study = store.create_study(make_plan(protocol=StudyProtocol(erases_on_withdrawal=True)))
    reader = Reader(store, clock, store.add_reader(study, "Dr Adler"))
    store.open_study(study)
    reader.answer()

    def key() -> str:
        with store._engine.connect() as connection:
            return str(connection.execute(text("SELECT seal_key FROM rater")).scalar_one())

    before = key()
    store.withdraw(reader.token)
    assert len(key()) == 32 and key() != before and ratings(store) == []
    assert store.verify_audit_trail().problem is None
    sealed = store.audit_trail(study)[-1].seals or {}
    assert sealed["answer 1 to presentation 1 of reader 1"] is None


def test_acts_are_shown_without_what_readers_do_at_every_ecg(store: Store, reader: Reader, open_study: int) -> None:
    before = store.audit_trail(open_study)
    reader.finish()
    assert store.audit_trail(open_study) == before and len(store.reading_trail(open_study)) == 12


def test_what_cannot_be_sealed_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes cannot be sealed"):
        seals.of_reader(tables.Rater(number=0, profile=b"raw", seal_key="k"), "profile")


# -------------------------------------------------------------------------------------------------- verifying at work


def test_the_trail_is_found_whole_while_readers_write_to_it(store: Store, clock: Clock, url: str) -> None:
    study = store.create_study(make_plan(per_arm=20))
    reader = Reader(store, clock, store.add_reader(study, "Dr Adler"))
    store.open_study(study)
    writing = Thread(target=reader.finish)
    writing.start()
    with Store.open(url) as another:
        reports = [another.verify_audit_trail() for _ in range(8)]
    writing.join()
    assert [report.problem for report in reports] == [None] * 8
    assert store.verify_audit_trail().events == 83


def test_an_event_without_a_head_is_never_written(lived: str) -> None:
    tamper(lived, "DELETE FROM audit_head")
    with Store.open(lived) as store, pytest.raises(NoResultFound):
        store.create_study(make_plan())


def test_migrating_again_anchors_nothing_anew(lived: str) -> None:
    tamper(lived, "UPDATE rating SET verdict = 7 - verdict WHERE id = 1")
    migrate(lived)
    assert "was changed" in problem(lived)
