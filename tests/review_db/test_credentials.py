"""Secrets as pure functions: how long guessers wait, what tokens are like, what a hash is."""

import pytest

from review_db.credentials import (
    FREE_GUESSES,
    LONGEST_WAIT,
    decoy_hash,
    hash_passphrase,
    is_passphrase,
    new_token,
    token_hash,
    wait_after,
)
from review_db.errors import WeakPassphrase

RIGHT = "grey heron over the weir"


def test_a_passphrase_is_kept_as_a_salted_argon2id_hash() -> None:
    hashes = {hash_passphrase(RIGHT) for _ in range(2)}
    assert len(hashes) == 2 and all(kept.startswith("$argon2id$v=19$") and RIGHT not in kept for kept in hashes)
    assert all(is_passphrase(RIGHT, kept) for kept in hashes)


@pytest.mark.parametrize("passphrase", ["", "short", "x" * 11, "x" * 1001])
def test_a_weak_passphrase_is_refused(passphrase: str) -> None:
    with pytest.raises(WeakPassphrase, match="12 to 1000 characters"):
        hash_passphrase(passphrase)


def test_an_umlaut_is_the_same_on_every_keyboard() -> None:
    kept = hash_passphrase("Rei\u0308her u\u0308ber dem Wehr")
    assert is_passphrase("Re\u00efher \u00fcber dem Wehr", kept)


def test_the_decoy_costs_as_much_to_check_as_a_passphrase_and_fits_none() -> None:
    parameters = [kept.rsplit("$", 2)[0] for kept in (decoy_hash(), hash_passphrase(RIGHT))]
    assert parameters[0] == parameters[1]
    assert not is_passphrase(RIGHT, decoy_hash())


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
