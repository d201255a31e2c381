"""Secrets: passphrases of accounts, links of readers and for setting up an account, the codes of presentations.

Pure functions of text (and of the system's random source); where the results are stored is not known here.

* A passphrase is chosen by a person, so it could be guessed offline from a stolen store: it is kept as an
  Argon2id hash (RFC 9106), salted and slow by design.
* A link's token is 256 random bits. No list of likely tokens exists and 2**256 guesses cannot be made, so
  salt and slowness would add nothing: plain SHA-256 is enough to make a stolen store useless for reading,
  and lets the token be looked up by an index. The lookup leaks no prefix by its timing, because a guesser
  cannot steer the hash.
* Of a store with a million (2**20) valid links one in 2**236 random tokens opens one. A million guesses per second,
  more than any server answers, are 2**45 in a year: the chance that one of them is right is 2**-191. Wrong links are
  slowed down all the same, so that guessing shows in the audit trail; a right one never is (see `wrong_links`).
"""

import hashlib
import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from review_db.errors import WeakPassphrase

SHORTEST_PASSPHRASE = 12
LONGEST_PASSPHRASE = 1000
FREE_GUESSES = 5
FIRST_WAIT = 30.0  # s
LONGEST_WAIT = 900.0  # s; bounded, so that a stranger's guesses cannot lock somebody out for a day


def hash_passphrase(passphrase: str) -> str:
    """Argon2id hash with its parameters and salt; raises WeakPassphrase."""
    if not SHORTEST_PASSPHRASE <= len(passphrase) <= LONGEST_PASSPHRASE:
        raise WeakPassphrase(
            f"Choose a passphrase of {SHORTEST_PASSPHRASE} to {LONGEST_PASSPHRASE} characters: "
            "a few words that do not belong together are easy to remember."
        )
    return PasswordHasher().hash(_normalised(passphrase))


def is_passphrase(passphrase: str, stored_hash: str) -> bool:
    """True if `stored_hash` was made from this passphrase."""
    try:
        return PasswordHasher().verify(stored_hash, _normalised(passphrase[: LONGEST_PASSPHRASE + 1]))
    except VerifyMismatchError:
        return False


@cache
def decoy_hash() -> str:
    """A hash that no passphrase fits, for names without one: so that checking takes as long as for any other."""
    return PasswordHasher().hash(new_token())


def wait_after(failures: int) -> float:
    """Seconds before the next guess: none for the first five failures, then 30 s, doubling up to 15 min."""
    if failures < FREE_GUESSES:
        return 0.0
    doublings = min(failures - FREE_GUESSES, 16)  # keeps the power small, the cap is reached long before
    return min(FIRST_WAIT * 2.0**doublings, LONGEST_WAIT)


def new_token() -> str:
    """The token of a link: 256 random bits as 43 characters that need no escaping in a link."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the store keeps of a token: SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(token.encode("utf-8", errors="surrogatepass")).hexdigest()


def new_presentation_code() -> str:
    """The code of one presentation: 128 random bits, 22 characters, independent of everything."""
    return secrets.token_urlsafe(16)


def _normalised(passphrase: str) -> str:
    """One spelling for what keyboards send differently: an umlaut may come as one character or as two."""
    return unicodedata.normalize("NFKC", passphrase)
