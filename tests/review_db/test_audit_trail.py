"""The audit trail: any change of what was written shows, on both databases."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from review_db.__main__ import main
from review_db.audit_trail import BEFORE_THE_FIRST, chained, check_chain
from review_db.database import downgrade, migrate
from review_db.model import AuditEvent, AuditKind
from review_db.seals import Seals
from review_db.store import Store
from tests.review_db.scenario import Reader, make_plan

START = datetime(2026, 3, 1, tzinfo=UTC)
DETAILS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
SEALS = st.none() | st.dictionaries(DETAILS, st.none() | DETAILS, max_size=2)
Act = tuple[AuditKind, int | None, str, str, Seals | None]  # the fourth is who did it, empty for nobody
ACTS = st.lists(
    st.tuples(st.sampled_from(AuditKind), st.none() | st.integers(1, 9), DETAILS, DETAILS, SEALS),
    min_size=1,
    max_size=8,
)


def trail(acts: list[Act]) -> list[AuditEvent]:
    events, head = [], BEFORE_THE_FIRST
    for number, (kind, study, detail, actor, seals) in enumerate(acts):
        at = START + timedelta(seconds=number)
        head = chained(head, at, kind, study, detail, actor, seals)
        events.append(AuditEvent(at, kind, study, detail, head, actor, seals))
    return events


def chained_before_there_were_actors(before: str, at: datetime, kind: str, study_id: int | None, detail: str) -> str:
    """The chain's first definition, written down once more."""
    content = json.dumps([before, at.isoformat(), str(kind), study_id, detail])
    return hashlib.sha256(content.encode()).hexdigest()


def without_triggers(store: Store, statement: str) -> None:
    """What somebody does who owns the database."""
    with store._engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER audit_event_refuses_update"))
            connection.execute(text("DROP TRIGGER audit_event_refuses_delete"))
        else:
            connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER audit_event_refuses_change"))
        assert connection.execute(text(statement)).rowcount == 1


@given(ACTS)
def test_an_untouched_trail_holds(acts: list[Act]) -> None:
    events = trail(acts)
    report = check_chain(events)
    assert report.problem is None and (report.events, report.head) == (len(events), events[-1].sha256)
    assert all(check_chain(events, event.sha256).problem is None for event in events)


@given(ACTS)
def test_events_without_actor_and_seals_are_chained_as_before_there_were_actors(acts: list[Act]) -> None:
    head = BEFORE_THE_FIRST
    for event in trail([(kind, study, detail, "", None) for kind, study, detail, *_ in acts]):
        head = chained_before_there_were_actors(head, event.at, event.kind, event.study_id, event.detail)
        assert event.sha256 == head


@given(ACTS, st.data())
def test_any_change_breaks_it(acts: list[Act], data: st.DataObject) -> None:
    events = trail(acts)
    at = data.draw(st.integers(0, len(events) - 1))
    changed = data.draw(
        st.sampled_from([
            replace(events[at], detail=events[at].detail + "."),
            replace(events[at], at=events[at].at + timedelta(microseconds=1)),
            replace(events[at], study_id=(events[at].study_id or 0) + 1),
            replace(events[at], actor=events[at].actor + "."),
            replace(events[at], actor="" if events[at].actor else "Eve"),
            replace(events[at], seals=None if events[at].seals is not None else {}),
            replace(events[at], seals={**(events[at].seals or {}), "truth of ECG 1": "another"}),
            replace(events[at], kind=next(kind for kind in AuditKind if kind is not events[at].kind)),
        ])
    )  # fmt: skip
    assert f"Event {at + 1} " in str(check_chain([*events[:at], changed, *events[at + 1 :]]).problem)


@given(ACTS, st.data())
def test_removing_an_event_breaks_it_or_loses_a_head_that_was_noted(acts, data) -> None:  # type: ignore[no-untyped-def]
    events = trail(acts)
    at = data.draw(st.integers(0, len(events) - 1))
    assert check_chain([*events[:at], *events[at + 1 :]], noted_head=events[-1].sha256).problem


def test_everything_that_is_done_is_chained(store: Store, reader: Reader, open_study: int) -> None:
    reader.finish()
    store.close_study(open_study)
    store.export_csv(open_study)
    report = store.verify_audit_trail()
    acts, read = store.audit_trail(open_study), store.reading_trail(open_study)
    assert report.problem is None and report.events == len(acts) + len(read) and len(acts) >= 5
    assert [event.kind for event in read] == [AuditKind.ECG_SHOWN, AuditKind.ANSWERED] * 6
    assert store.verify_audit_trail(noted_head=store.audit_trail()[2].sha256).problem is None


@pytest.mark.parametrize("statement", [
    "UPDATE audit_event SET detail = 'nothing' WHERE id = 2",
    "DELETE FROM audit_event WHERE id = 1",
    "UPDATE audit_event SET at = '2020-01-01 00:00:00+00:00' WHERE id = 1",
    "UPDATE audit_event SET actor = 'Eve' WHERE id = 1",
])  # fmt: skip
def test_what_the_owner_of_the_database_changes_is_found(store: Store, open_study: int, statement: str) -> None:
    without_triggers(store, statement)
    assert "changed, removed or added" in str(store.verify_audit_trail().problem)


def test_cutting_off_the_end_is_found_by_the_head(store: Store, open_study: int) -> None:
    without_triggers(store, "DELETE FROM audit_event WHERE id = (SELECT max(id) FROM audit_event)")
    assert "its head says 2" in str(store.verify_audit_trail().problem)


def test_a_trail_that_was_written_anew_with_its_head_is_found_by_a_noted_head(store: Store, open_study: int) -> None:
    head = store.verify_audit_trail().head
    without_triggers(store, "DELETE FROM audit_event WHERE id = (SELECT max(id) FROM audit_event)")
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE audit_head SET events = 1, sha256 = (SELECT sha256 FROM audit_event)"))
    assert "its head" not in str(store.verify_audit_trail().problem)
    assert head in str(store.verify_audit_trail(noted_head=head).problem)


def add_studies(url: str) -> None:
    with Store.open(url) as store:
        for _ in range(5):
            store.create_study(make_plan())


def test_processes_that_write_at_once_keep_one_chain(url: str) -> None:
    processes = [get_context("spawn").Process(target=add_studies, args=(url,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    with Store.open(url) as store:
        report = store.verify_audit_trail()
        assert report.problem is None and report.events == 15


def test_migrating_chains_events_that_were_there_before(store: Store, url: str, open_study: int) -> None:
    before = [(event.at, event.kind, event.detail) for event in store.audit_trail()]
    store.close()
    downgrade(url, "0001")
    migrate(url)
    with Store.open(url) as again:
        kept = [(event.at, event.kind, event.detail) for event in again.audit_trail()]
        assert kept[:-1] == before and kept[-1][1] is AuditKind.ANCHORED
        assert again.verify_audit_trail().problem is None
        assert again.study(open_study).title == "Reading at dawn"


def test_opening_locks_the_protocol_by_its_hash(store: Store) -> None:
    plan = make_plan()
    same, other = store.create_study(plan), store.create_study(replace(plan, seed=6))
    again = store.create_study(plan)
    assert store.study(same).protocol_sha256 is None
    for study in (same, other, again):
        store.open_study(study)
    digests = [store.study(study).protocol_sha256 for study in (same, other, again)]
    assert digests[0] == digests[2] != digests[1]
    assert str(digests[0]) in store.audit_trail(same)[-1].detail


def test_the_command_says_whether_the_trail_holds(
    store: Store, url: str, open_study: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit-trail", "verify", "--url", url]) == 0
    said = capsys.readouterr().out
    assert "unbroken" in said and store.verify_audit_trail().head in said
    without_triggers(store, "DELETE FROM audit_event WHERE id = 1")
    with pytest.raises(SystemExit, match="does not follow"):
        main(["audit-trail", "verify", "--url", url])
