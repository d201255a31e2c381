"""Faults of disk, network and database: the reader is told in words, and no acknowledged answer is lost."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import TypeVar

import pytest
from sqlalchemy import event, make_url

from review_db.errors import ReviewError, StoreLost, StoreUnavailable, SubmissionRefused, WrongState
from review_db.model import AuditKind
from review_db.protocol import StudyProtocol
from review_db.store import Store
from tests.app_server import ROOT
from tests.review_db.cable import Cable, cable_to
from tests.review_db.postgresql import Server
from tests.review_db.scenario import Clock, Reader, answer_to, make_plan, ratings

Result = TypeVar("Result")
READERS = 2
OUTAGE_SECONDS = 2  # 30 s of it: tests/app/test_faults_browser.py
TOLD_SECONDS = 2
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
# A process for which every file ends after so many bytes, as on a full disk: it answers until it is refused.
UNTIL_THE_DISK_IS_FULL = """
import resource, sys
from review_db.errors import StoreUnavailable
from review_db.store import Store
from tests.review_db.scenario import answer_to

url, token, room = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Store.open(url) as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    try:
        while (item := store.next_item(token)) is not None:
            store.mark_shown(token, item.presentation)
            store.record(token, answer_to(item))
            print("acknowledged", flush=True)
    except StoreUnavailable as error:
        print(error, flush=True)
"""


def long_study(store: Store, per_arm: int = 200) -> str:
    """A study that nobody finishes here; returns the token of its reader."""
    study = store.create_study(make_plan(per_arm, protocol=StudyProtocol(minimum_view_seconds=0.0)))
    store.open_study(study)
    return store.add_reader(study, "Dr Adler", days_valid=None)


@ON_SQLITE
def test_a_full_disk_is_said_and_keeps_what_was_acknowledged(store: Store, url: str) -> None:
    token = long_study(store)
    file = Path(str(make_url(url).database))
    room = max(path.stat().st_size for path in file.parent.glob(f"{file.name}*")) + 1_000_000
    command = [sys.executable, "-c", UNTIL_THE_DISK_IS_FULL, url, token, str(room)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    acknowledged = told.count("acknowledged")
    assert acknowledged > 5 and "The database refused and nothing was stored" in told[-1]
    assert len(ratings(store)) == acknowledged and store.verify_audit_trail().problem is None
    item = store.next_item(token)
    assert item is not None and item.position == acknowledged + 1


@ON_SQLITE
def test_a_read_only_disk_refuses_answers_in_words_and_reads_on(store: Store, reader: Reader, url: str) -> None:
    reader.answer()
    item = reader.look()
    with Store.open(f"sqlite:///file:{make_url(url).database}?mode=ro&uri=true", reader.clock) as readonly:
        with pytest.raises(StoreUnavailable, match="nothing was stored.*readonly"):
            readonly.record(reader.token, answer_to(item))
        assert readonly.next_item(reader.token) == item
    assert store.record(reader.token, answer_to(item)).is_new


def far_away(url: str, cable: Cable) -> str:
    return make_url(url).set(port=cable.port).render_as_string(hide_password=False)


@ON_POSTGRESQL
def test_a_network_that_is_silent_for_a_while_delays_an_answer_which_is_stored_once(
    store: Store, reader: Reader, url: str, server: Server
) -> None:
    with cable_to(server.port) as cable, ThreadPoolExecutor(1) as browser:
        with Store.open(far_away(url, cable), reader.clock) as remote:
            item = reader.look()
            submission = answer_to(item)
            cable.pull()
            waiting = browser.submit(remote.record, reader.token, submission)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=OUTAGE_SECONDS)
            cable.plug_in()
            assert waiting.result(timeout=10).is_new
            assert not remote.record(reader.token, submission).is_new  # the browser asks again
    assert len(ratings(store)) == 1


@ON_POSTGRESQL
def test_a_network_that_is_cut_is_told_at_once_and_nothing_is_claimed_of_what_is_stored(
    store: Store, reader: Reader, url: str, server: Server
) -> None:
    with cable_to(server.port) as cable, Store.open(far_away(url, cable), reader.clock) as remote:
        reader.answer()
        submission = answer_to(reader.look())
        cable.cut()
        began = time.monotonic()
        for _ in range(3):
            with pytest.raises(StoreLost, match="may not have been stored.*try again"):
                remote.record(reader.token, submission)
        assert time.monotonic() - began < TOLD_SECONDS
        cable.mend()
        assert remote.record(reader.token, submission).is_new
    assert len(ratings(store)) == 2 and store.verify_audit_trail().problem is None


@ON_POSTGRESQL
def test_an_answer_whose_acknowledgement_was_lost_is_stored_once_when_it_is_sent_again(
    store: Store, reader: Reader, url: str, server: Server
) -> None:
    with cable_to(server.port) as cable, Store.open(far_away(url, cable), reader.clock) as remote:
        submission = answer_to(reader.look())
        event.listen(remote._engine, "commit", lambda _: cable.hold_answers(), once=True)
        with ThreadPoolExecutor(1) as browser:
            sent = browser.submit(remote.record, reader.token, submission)
            while not ratings(store):
                time.sleep(0.01)
            cable.cut()
            with pytest.raises(StoreLost):
                sent.result(timeout=10)
        cable.mend()
        assert not remote.record(reader.token, submission).is_new
    assert len(ratings(store)) == 1


@ON_POSTGRESQL
@pytest.mark.parametrize("end", [Server.stop, Server.kill], ids=["stopped", "killed"])
def test_a_database_that_dies_refuses_in_words_and_goes_on(
    store: Store, reader: Reader, server: Server, end: Callable[[Server], None]
) -> None:
    reader.answer()
    submission = answer_to(reader.look())
    end(server)
    try:
        for _ in range(2):
            with pytest.raises(StoreLost, match="try again"):
                store.record(reader.token, submission)
    finally:
        server.start_again()
    assert store.record(reader.token, submission).is_new
    assert len(ratings(store)) == 2 and store.verify_audit_trail().problem is None


@ON_POSTGRESQL
def test_a_database_that_is_killed_while_readers_answer_has_every_acknowledged_answer(
    store: Store, url: str, server: Server
) -> None:
    """Their answers are sent again and again, as the page does, until they are acknowledged."""
    tokens = [long_study(store, per_arm=15) for _ in range(READERS)]
    before, acknowledged = len(ratings(store)), Queue[str]()

    def read(token: str) -> None:
        with Store.open(url) as mine:
            while (item := patiently(lambda: mine.next_item(token))) is not None:
                patiently(lambda shown=item: mine.mark_shown(token, shown.presentation))
                submission = answer_to(item)
                patiently(lambda given=submission: mine.record(token, given))
                acknowledged.put(submission.submission_id)

    with ThreadPoolExecutor(READERS) as people:
        reading = [people.submit(read, token) for token in tokens]
        while acknowledged.qsize() < 10:
            time.sleep(0.01)
        server.kill()
        server.start_again()
        for one in reading:
            one.result(timeout=60)
    assert len(ratings(store)) - before == acknowledged.qsize() == 30 * READERS
    assert store.verify_audit_trail().problem is None


def patiently(act: Callable[[], Result]) -> Result:
    for _ in range(300):
        try:
            return act()
        except StoreLost:
            time.sleep(0.1)
    raise AssertionError("the database did not come back")


def test_of_two_investigators_who_close_at_once_one_closes_and_one_is_told(store: Store, open_study: int) -> None:
    def close(name: str) -> str:
        try:
            store.acting_for(lambda: name).close_study(open_study)
        except WrongState as error:
            return str(error)
        return "closed"

    with ThreadPoolExecutor(2) as people:
        told = sorted(people.map(close, ("Ada", "Bo")))
    assert told.count("closed") == 1 and len(max(told, key=len)) > 20
    assert [event.kind for event in store.audit_trail(open_study)].count(AuditKind.CLOSED) == 1


def test_an_answer_that_comes_while_the_study_is_being_closed_is_stored_or_refused_never_both(
    store: Store, reader: Reader, open_study: int
) -> None:
    item = reader.look()
    with ThreadPoolExecutor(2) as both:
        closing = both.submit(store.close_study, open_study)
        answering = both.submit(store.record, reader.token, answer_to(item))
    closing.result()
    is_stored = answering.exception() is None
    assert is_stored or isinstance(answering.exception(), ReviewError)
    assert len(ratings(store)) == is_stored and store.verify_audit_trail().problem is None


def test_a_browser_that_never_says_that_the_ecg_is_shown_cannot_answer_and_blocks_nobody(
    store: Store, reader: Reader, clock: Clock
) -> None:
    item = store.next_item(reader.token)
    assert item is not None
    clock.advance(3600)
    with pytest.raises(SubmissionRefused):
        store.record(reader.token, answer_to(item))
    assert store.next_item(reader.token) == item
    reader.answer()
    assert len(ratings(store)) == 1
