"""From one passphrase to accounts and back, with data in the store, on both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import NullPool, text

from review_db import audit_trail
from review_db.account import Role
from review_db.credentials import hash_passphrase, is_passphrase
from review_db.database import downgrade, migrate, open_engine
from review_db.errors import WrongPassphrase
from review_db.store import Store

RIGHT, OTHER = "grey heron over the weir", "otter under the bridge"
SET_AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


def execute(url: str, statement: str, **values: object) -> list[tuple[object, ...]]:
    engine = open_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        done = connection.execute(text(statement), values)
        return [tuple(row) for row in done] if done.returns_rows else []


@pytest.fixture
def old_url(url: str) -> str:
    """A store from before there were accounts, with a passphrase, a guess that failed, and a chained event."""
    downgrade(url, "0003")
    execute(
        url,
        "INSERT INTO investigator (id, passphrase_hash, failures, locked_until) VALUES (1, :hash, 7, '2027-01-01')",
        hash=hash_passphrase(RIGHT),
    )
    chained = audit_trail.chained(audit_trail.BEFORE_THE_FIRST, SET_AT, "passphrase set", None, "")
    execute(
        url,
        "INSERT INTO audit_event (at, kind, detail, sha256) VALUES (:at, 'passphrase set', '', :sha256)",
        at="2026-03-01 08:00:00.000000+00:00",
        sha256=chained,
    )
    return url


def test_the_passphrase_that_was_there_opens_an_account_called_investigator(old_url: str) -> None:
    migrate(old_url)
    with Store.open(old_url) as store:
        (account,) = store.accounts()
        assert (account.name, account.role, account.created_at) == ("investigator", Role.INVESTIGATOR, SET_AT)
        assert store.sign_in("Investigator", RIGHT) == account
        with pytest.raises(WrongPassphrase):
            store.sign_in("investigator", OTHER)
        store.invite_account("Mo", Role.MONITOR)  # the next number is free
        assert store.verify_audit_trail().problem is None
        assert store.audit_trail()[0].actor == "" and store.verify_audit_trail().events == 5  # one of them anchors


def test_a_store_without_a_passphrase_gets_no_account(url: str) -> None:
    downgrade(url, "0003")
    migrate(url)
    with Store.open(url) as store:
        assert not store.has_accounts() and store.add_first_account("Ada", RIGHT)


def test_going_back_keeps_the_first_investigator_who_can_sign_in_and_a_chain_that_holds(old_url: str) -> None:
    migrate(old_url)
    with Store.open(old_url) as store:
        view = store.acting_for(lambda: "investigator")
        view.set_up_account(view.invite_account("Mo", Role.MONITOR), OTHER)
        view.set_up_account(view.invite_account("Bo", Role.INVESTIGATOR), OTHER)
        view.disable_account(store.accounts()[0].id)
    downgrade(old_url, "0003")
    ((number, kept, failures),) = execute(old_url, "SELECT id, passphrase_hash, failures FROM investigator")
    assert (number, failures) == (1, 0) and is_passphrase(OTHER, str(kept))
    head = audit_trail.BEFORE_THE_FIRST
    for kind, detail, sha256 in execute(old_url, "SELECT kind, detail, sha256 FROM audit_event ORDER BY id"):
        ((at,),) = execute(old_url, "SELECT at FROM audit_event WHERE sha256 = :sha256", sha256=sha256)
        when = datetime.fromisoformat(str(at))
        head = audit_trail.chained(head, when.replace(tzinfo=when.tzinfo or UTC), str(kind), None, str(detail))
        assert head == sha256
    assert execute(old_url, "SELECT kind FROM audit_event WHERE detail = 'investigator (by investigator)'")
    migrate(old_url)
    with Store.open(old_url) as store:
        assert [account.name for account in store.accounts()] == ["investigator"]
        assert store.sign_in("investigator", OTHER) and store.verify_audit_trail().problem is None


@pytest.mark.parametrize("verb", ["UPDATE audit_event SET detail = ''", "DELETE FROM audit_event"])
def test_events_stay_append_only_on_the_way_up_and_down(old_url: str, verb: str) -> None:
    for step in (lambda: migrate(old_url), lambda: downgrade(old_url, "0003")):
        step()
        with pytest.raises(Exception, match="append-only"):
            execute(old_url, verb)
