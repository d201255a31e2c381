"""Wrong links are slowed down and noted; a right one always opens, whoever else guesses."""

import shutil
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from review_db.account import Role
from review_db.credentials import FREE_GUESSES, wait_after
from review_db.errors import (
    LinkExpired,
    StudyNotOpen,
    TooManyGuesses,
    TooManyWrongLinks,
    TooManyWrongSetupLinks,
    UnknownLink,
    UnknownSetupLink,
    WrongPassphrase,
)
from review_db.guessing import MEMORY, of_links, of_name
from review_db.model import AuditKind
from review_db.store import Store
from review_db.wrong_links import READER_LINKS, SETUP_LINKS
from tests.review_db.scenario import Clock, Reader, answer_to, make_plan

PASSPHRASE = "grey heron over the weir"
GUESSERS = 12
Visit = Callable[[str], object]


@pytest.fixture(params=[READER_LINKS, SETUP_LINKS])
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def visit(store: Store, kind: str) -> Visit:
    """Open a link of this kind."""
    return store.reading if kind == READER_LINKS else store.account_to_set_up


@pytest.fixture
def right(store: Store, kind: str, open_study: int) -> str:
    """The token of a link that opens."""
    store.add_first_account("Ada", PASSPHRASE)
    return (
        store.add_reader(open_study, "Dr Adler") if kind == READER_LINKS else store.invite_account("Mo", Role.MONITOR)
    )


def refused(visit: Visit, token: str = "guess") -> Exception:
    with pytest.raises((UnknownLink, UnknownSetupLink)) as refusal:
        visit(token)
    return refusal.value


def waits(visit: Visit, number: int) -> list[float | None]:
    return [getattr(refused(visit, f"guess {at}"), "wait_seconds", None) for at in range(number)]


def noted(store: Store) -> list[str]:
    return [event.detail for event in store.audit_trail() if event.kind is AuditKind.GUESS_REFUSED]


def test_five_wrong_links_are_free_and_then_there_is_a_wait_that_doubles(visit: Visit, clock: Clock) -> None:
    assert waits(visit, FREE_GUESSES + 2) == [None] * FREE_GUESSES + [30, 30]
    clock.advance(31)
    assert waits(visit, 2) == [None, 60]
    clock.advance(61)
    assert waits(visit, 2) == [None, 120]


def test_the_visitor_is_told_that_the_link_is_wrong_and_how_long_to_wait(visit: Visit, kind: str) -> None:
    waits(visit, FREE_GUESSES)
    refusal = refused(visit)
    assert isinstance(refusal, TooManyWrongLinks if kind == READER_LINKS else TooManyWrongSetupLinks)
    assert "ask" in str(refusal)
    assert str(refusal).endswith("Too many wrong links were tried here: wait 30 s before you try another one.")


def test_a_right_link_opens_while_others_have_to_wait(visit: Visit, right: str, store: Store, kind: str) -> None:
    assert waits(visit, FREE_GUESSES + 1)[-1] is not None
    visit(right)
    assert refused(visit).wait_seconds == 30  # type: ignore[attr-defined]  # and takes nobody's wait away
    if kind == SETUP_LINKS:
        assert store.set_up_account(right, PASSPHRASE).name == "Mo"


def test_a_reader_reads_on_while_somebody_guesses(store: Store, reader: Reader) -> None:
    item = reader.look()
    assert waits(store.reading, FREE_GUESSES + 1)[-1] is not None
    assert store.record(reader.token, answer_to(item)).is_new


def test_every_verb_that_takes_a_link_counts_wrong_ones(store: Store, reader: Reader) -> None:
    item = reader.look()
    verbs: list[Visit] = [
        store.next_item,
        store.last_answer,
        store.score,
        store.withdraw,
        lambda token: store.mark_shown(token, item.presentation),
        lambda token: store.record(token, answer_to(item)),
    ]
    told = [getattr(refused(verb), "wait_seconds", None) for verb in verbs]
    assert told == [None] * FREE_GUESSES + [30]


def test_links_that_were_issued_are_no_guesses(store: Store, clock: Clock, open_study: int) -> None:
    late = store.add_reader(open_study, "Dr Late", days_valid=1)
    gone = store.add_reader(open_study, "Dr Gone", days_valid=None)
    draft = store.add_reader(store.create_study(make_plan()), "Dr Early", days_valid=None)
    store.add_first_account("Ada", PASSPHRASE)
    stale = store.invite_account("Mo", Role.MONITOR)
    store.revoke_reader(store.progress(open_study)[1].rater_id)
    clock.advance(8 * 86_400)
    told = Counter(
        type(refused(store.reading, token)) for _ in range(FREE_GUESSES + 1) for token in (late, gone, draft)
    )
    told += Counter(type(refused(store.account_to_set_up, stale)) for _ in range(FREE_GUESSES + 1))
    assert told == dict.fromkeys((LinkExpired, UnknownLink, StudyNotOpen, UnknownSetupLink), FREE_GUESSES + 1)
    assert noted(store) == []


def test_each_wait_is_one_event_that_names_nobody(visit: Visit, store: Store, clock: Clock, kind: str) -> None:
    waits(visit, FREE_GUESSES + 3)
    clock.advance(31)
    waits(visit, 3)
    assert noted(store) == [kind, kind]
    assert store.verify_audit_trail().problem is None


def test_during_a_wait_wrong_links_write_nothing(visit: Visit, store: Store) -> None:
    def written() -> list[object]:
        with store._engine.connect() as connection:
            rows = [connection.execute(text(f"SELECT * FROM {table}")).all() for table in ("guessing", "audit_event")]
        return [tuple(row) for table in rows for row in table]

    waits(visit, FREE_GUESSES + 1)
    before = written()
    waits(visit, 20)
    assert written() == before


def test_guesses_sent_at_once_are_all_counted(visit: Visit, store: Store) -> None:
    with ThreadPoolExecutor(GUESSERS) as threads:
        told = list(
            threads.map(lambda at: getattr(refused(visit, f"guess {at}"), "wait_seconds", None), range(GUESSERS))
        )
    assert told.count(None) == FREE_GUESSES and len(noted(store)) == 1


def test_what_is_guessed_at_is_counted_apart(store: Store) -> None:
    store.add_first_account("Ada", PASSPHRASE)
    waits(store.reading, FREE_GUESSES + 1)
    assert waits(store.account_to_set_up, 1) == [None]
    store.sign_in("Ada", PASSPHRASE)
    for name in (READER_LINKS, f"LINKS: {READER_LINKS}", f"links: {READER_LINKS}"):  # nobody's name is the key of links
        with pytest.raises((WrongPassphrase, TooManyGuesses)) as refusal:
            store.sign_in(name, "wrong")
        assert isinstance(refusal.value, WrongPassphrase)


@given(st.text())
def test_no_name_has_the_key_of_links(name: str) -> None:
    assert of_name(name) not in {of_links(READER_LINKS), of_links(SETUP_LINKS)}


def test_wrong_links_are_forgotten_after_a_quiet_day(visit: Visit, clock: Clock) -> None:
    waits(visit, FREE_GUESSES + 1)
    clock.advance(MEMORY.total_seconds() + 1)
    assert waits(visit, FREE_GUESSES + 1) == [None] * FREE_GUESSES + [30]


@dataclass
class Rule:
    """What wrong links are told: free while no wait is under way, and one event for each wait that refused one."""

    until: datetime
    failures: int = 0
    events: int = 0
    is_noted: bool = True

    def told(self, now: datetime) -> float | None:
        if now >= self.until:
            self.failures, self.is_noted = self.failures + 1, False
            self.until = now + timedelta(seconds=wait_after(self.failures))
            return None
        self.events, self.is_noted = self.events + (not self.is_noted), True
        return (self.until - now).total_seconds()


STEPS = st.lists(st.one_of(st.sampled_from(["right", "wrong", "withdrawn"]), st.integers(1, 400)), max_size=40)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_right_links_open_and_wrong_ones_obey_the_rule(
    steps: list[str | int], template_sqlite: Path, tmp_path: Path
) -> None:
    clock = Clock()
    rule = Rule(clock.now)
    with Store.open(f"sqlite:///{shutil.copy(template_sqlite, tmp_path / 'store.db')}", clock) as store:
        study = store.create_study(make_plan())
        store.open_study(study)
        right, withdrawn = (store.add_reader(study, name, days_valid=None) for name in ("A", "B"))
        store.revoke_reader(store.progress(study)[1].rater_id)
        for step in steps:
            if isinstance(step, int):
                clock.advance(step)
            elif step == "right":
                assert store.reading(right).reader == "A"
            elif step == "withdrawn":
                assert type(refused(store.reading, withdrawn)) is UnknownLink
            else:
                assert waits(store.reading, 1) == [rule.told(clock.now)]
        assert noted(store) == [READER_LINKS] * rule.events
