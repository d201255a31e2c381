"""The pool of an account, on both databases: each ECG once, nobody else's, in order, and gone when it is removed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import NullPool, inspect

from review_db.account import Role
from review_db.database import downgrade, migrate, open_engine
from review_db.errors import PoolRefused
from review_db.model import AuditKind
from review_db.pool import LARGEST_PROVENANCE, MOST_POOLED
from review_db.store import Store

PASSPHRASE = "grey heron over the weir"
FILLED, EMPTIED = AuditKind.POOL_FILLED, AuditKind.POOL_EMPTIED


def ecg(seed: int) -> dict[str, object]:
    return {"generator": "sssd-ecg-nle", "seed": seed, "labels": ["AFIB"], "guidance": 2.5, "sex": None}


@pytest.fixture
def ada(store: Store) -> int:
    return store.add_first_account("Ada", PASSPHRASE).id


def seeds(store: Store, account: int) -> list[object]:
    return [one.provenance["seed"] for one in store.pool(account)]


def test_an_empty_pool_fills_in_order_each_ecg_once_whatever_the_order_of_its_keys(store: Store, ada: int) -> None:
    assert store.pool(ada) == []
    assert store.add_to_pool(ada, [ecg(3), ecg(1)]) == 2
    assert store.add_to_pool(ada, [dict(reversed(ecg(1).items())), ecg(2), ecg(2)]) == 1
    assert seeds(store, ada) == [3, 1, 2]
    assert store.pool(ada)[0].provenance == ecg(3)


def test_a_removed_ecg_is_gone_and_can_come_back(store: Store, ada: int) -> None:
    store.add_to_pool(ada, [ecg(1), ecg(2)])
    first = store.pool(ada)[0]
    for _ in range(2):  # a double click
        store.remove_from_pool(ada, first.id)
    assert seeds(store, ada) == [2]
    store.add_to_pool(ada, [first.provenance])
    assert seeds(store, ada) == [2, 1]


def test_a_pool_is_its_accounts_own(store: Store, ada: int) -> None:
    bob = store.set_up_account(store.invite_account("Bob", Role.INVESTIGATOR), PASSPHRASE).id
    store.add_to_pool(ada, [ecg(1)])
    assert store.add_to_pool(bob, [ecg(1)]) == 1
    store.remove_from_pool(bob, store.pool(ada)[0].id)
    assert seeds(store, ada) == seeds(store, bob) == [1]


def test_a_pool_that_would_be_too_large_takes_none(store: Store, ada: int) -> None:
    store.add_to_pool(ada, [ecg(seed) for seed in range(MOST_POOLED - 1)])
    with pytest.raises(PoolRefused, match="room for 200 ECGs, and 199 are there: remove some first"):
        store.add_to_pool(ada, [ecg(1000), ecg(1001)])
    assert len(store.pool(ada)) == MOST_POOLED - 1 and store.add_to_pool(ada, [ecg(1000)]) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"share": float("nan")}, "is no JSON"), ({"labels": "x" * LARGEST_PROVENANCE}, "is too long")],
)
def test_what_cannot_be_kept_is_refused_in_words(store: Store, ada: int, wrong: dict[str, object], words: str) -> None:
    with pytest.raises(PoolRefused, match=words):
        store.add_to_pool(ada, [ecg(1), wrong])
    assert store.pool(ada) == []


def test_two_tabs_that_add_at_once_add_each_ecg_once(store: Store, ada: int) -> None:
    with ThreadPoolExecutor(4) as tabs:
        added = list(tabs.map(lambda _: store.add_to_pool(ada, [ecg(1), ecg(2)]), range(4)))
    assert sum(added) == 2 and len(store.pool(ada)) == 2


def test_who_filled_and_emptied_a_pool_is_in_the_audit_trail(store: Store, ada: int) -> None:
    hers = store.acting_for(lambda: "Ada")
    hers.add_to_pool(ada, [ecg(1), ecg(2)])
    hers.add_to_pool(ada, [ecg(2)])  # nothing new, no event
    for _ in range(2):
        hers.remove_from_pool(ada, store.pool(ada)[0].id if len(store.pool(ada)) == 2 else 1)
    with pytest.raises(PoolRefused):
        hers.add_to_pool(ada, [ecg(seed) for seed in range(MOST_POOLED + 1)])
    told = [(e.actor, e.kind, e.detail) for e in store.audit_trail() if e.kind in (FILLED, EMPTIED)]
    assert told == [("Ada", FILLED, "2, then 2 in it"), ("Ada", EMPTIED, "then 1 in it")]
    assert store.verify_audit_trail().problem is None


def test_a_pool_outlives_the_program(url: str) -> None:
    with Store.open(url) as store:
        account = store.add_first_account("Ada", PASSPHRASE).id
        store.add_to_pool(account, [ecg(1)])
    with Store.open(url) as again:
        assert seeds(again, account) == [1] and again.verify_audit_trail().problem is None
    with pytest.raises(RuntimeError, match="tells of a pool"):
        downgrade(url, "0006")


def test_going_back_forgets_pools_that_nobody_filled(url: str) -> None:
    with Store.open(url) as store:
        account = store.add_first_account("Ada", PASSPHRASE).id
    downgrade(url, "0006")
    with open_engine(url, poolclass=NullPool).connect() as connection:
        assert "pooled" not in inspect(connection).get_table_names()
    migrate(url)
    with Store.open(url) as anew:
        assert anew.pool(account) == [] and anew.has_accounts()
