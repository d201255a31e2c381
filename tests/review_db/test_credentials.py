"""The investigator's passphrase and the slowing down of guesses."""

from collections import Counter

import pytest
from sqlalchemy import text

from review_db import credentials
from review_db.credentials import FREE_GUESSES, LONGEST_WAIT, new_token, token_hash, wait_after
from review_db.errors import (
    PassphraseAlreadySet,
    PassphraseNotSet,
    TooManyGuesses,
    WeakPassphrase,
    WrongPassphrase,
)
from review_db.model import AuditKind
from review_db.store import Store
from tests.review_db.scenario import Clock
from tests.review_db.test_exactly_once import THREADS, at_once

RIGHT = "grey heron over the weir"


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same scheme with the smallest cost: these tests are about counting."""
    cheap = credentials.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(credentials, "PasswordHasher", lambda: cheap)


def test_a_passphrase_is_kept_as_an_argon2id_hash(store: Store) -> None:
    assert not store.has_passphrase()
    store.set_passphrase(RIGHT)
    assert store.has_passphrase()
    store.check_passphrase(RIGHT)
    with store._engine.connect() as connection:
        kept = connection.execute(text("SELECT passphrase_hash FROM investigator")).scalar_one()
    assert kept.startswith("$argon2id$v=19$") and RIGHT not in kept


@pytest.mark.parametrize("passphrase", ["", "short", "x" * 11, "x" * 1001])
def test_a_weak_passphrase_is_refused(store: Store, passphrase: str) -> None:
    with pytest.raises(WeakPassphrase, match="12 to 1000 characters"):
        store.set_passphrase(passphrase)
    assert not store.has_passphrase()


def test_nobody_signs_in_before_there_is_a_passphrase(store: Store) -> None:
    with pytest.raises(PassphraseNotSet):
        store.check_passphrase(RIGHT)


@pytest.mark.usefixtures("quick_hashes")
class TestGuesses:
    def test_the_first_passphrase_is_set_once(self, store: Store) -> None:
        store.set_passphrase(RIGHT)
        with pytest.raises(PassphraseAlreadySet):
            store.set_passphrase("another good passphrase")
        store.check_passphrase(RIGHT)

    def test_of_two_first_starts_one_wins(self, store: Store) -> None:
        def attempt(number: int) -> str:
            try:
                store.set_passphrase(f"{RIGHT} {number}")
            except PassphraseAlreadySet:
                return "refused"
            return "set"

        assert Counter(at_once(attempt)) == {"set": 1, "refused": THREADS - 1}

    @pytest.mark.parametrize("wrong", ["", "grey heron", RIGHT + " ", RIGHT.upper(), "\0", "x" * 5000])
    def test_a_wrong_passphrase_is_refused(self, store: Store, wrong: str) -> None:
        store.set_passphrase(RIGHT)
        with pytest.raises(WrongPassphrase):
            store.check_passphrase(wrong)

    def test_an_umlaut_is_the_same_on_every_keyboard(self, store: Store) -> None:
        store.set_passphrase("Rei\u0308her u\u0308ber dem Wehr")
        store.check_passphrase("Re\u00efher \u00fcber dem Wehr")

    def test_guessing_is_slowed_down_and_waiting_helps(self, store: Store, clock: Clock) -> None:
        store.set_passphrase(RIGHT)
        for _ in range(FREE_GUESSES):
            with pytest.raises(WrongPassphrase):
                store.check_passphrase("wrong")
        with pytest.raises(TooManyGuesses, match="wait 30 s") as refusal:
            store.check_passphrase(RIGHT)  # the right one too, or the wait could be guessed through
        assert refusal.value.wait_seconds == 30
        clock.advance(29.9)
        with pytest.raises(TooManyGuesses):
            store.check_passphrase(RIGHT)
        clock.advance(0.2)
        with pytest.raises(WrongPassphrase):
            store.check_passphrase("wrong")
        clock.advance(59)
        with pytest.raises(TooManyGuesses):
            store.check_passphrase(RIGHT)
        clock.advance(2)
        store.check_passphrase(RIGHT)
        for _ in range(FREE_GUESSES):  # forgotten: five are free again
            with pytest.raises(WrongPassphrase):
                store.check_passphrase("wrong")

    def test_guesses_sent_at_once_are_all_counted(self, store: Store) -> None:
        store.set_passphrase(RIGHT)

        def guess(_: int) -> type[Exception]:
            with pytest.raises((WrongPassphrase, TooManyGuesses)) as refusal:
                store.check_passphrase("wrong")
            return refusal.type

        assert Counter(at_once(guess)) == {
            WrongPassphrase: FREE_GUESSES,
            TooManyGuesses: THREADS - FREE_GUESSES,
        }

    def test_the_passphrase_is_changed_by_who_knows_it(self, store: Store) -> None:
        store.set_passphrase(RIGHT)
        with pytest.raises(WrongPassphrase):
            store.change_passphrase("wrong", "otter under the bridge")
        with pytest.raises(WeakPassphrase):
            store.change_passphrase(RIGHT, "otter")
        store.change_passphrase(RIGHT, "otter under the bridge")
        store.check_passphrase("otter under the bridge")
        with pytest.raises(WrongPassphrase):
            store.check_passphrase(RIGHT)
        kinds = [event.kind for event in store.audit_trail()]
        assert kinds == [AuditKind.PASSPHRASE_SET, AuditKind.PASSPHRASE_CHANGED]


def test_waits_grow_and_stay_bounded() -> None:
    waits = [wait_after(failures) for failures in range(2000)]
    assert waits[:FREE_GUESSES] == [0] * FREE_GUESSES
    assert waits[FREE_GUESSES : FREE_GUESSES + 4] == [30, 60, 120, 240]
    assert waits == sorted(waits) and waits[-1] == LONGEST_WAIT


def test_tokens_are_long_random_and_fit_into_a_link() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(len(token) == 43 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)
    assert len({token_hash(token) for token in tokens}) == 1000
