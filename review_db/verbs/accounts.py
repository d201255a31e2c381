"""The investigator's key; each verb one transaction. See `review_db.store`."""

from sqlalchemy.exc import IntegrityError

from review_db import credentials, investigator
from review_db.errors import PassphraseAlreadySet, WrongPassphrase
from review_db.transactions import Transactions


class AccountVerbs(Transactions):
    """Who may sign in."""

    def has_passphrase(self) -> bool:
        """False until the first start is over."""
        with self._read() as session:
            return investigator.has_passphrase(session)

    def set_passphrase(self, passphrase: str) -> None:
        """Set the first passphrase. Raises WeakPassphrase or PassphraseAlreadySet."""
        passphrase_hash = credentials.hash_passphrase(passphrase)
        try:
            with self._write() as session:
                investigator.set_first(session, passphrase_hash, self._clock())
        except IntegrityError as error:
            raise PassphraseAlreadySet("The passphrase has just been set: sign in with it.") from error

    def check_passphrase(self, passphrase: str) -> None:
        """Return if it is right; raises WrongPassphrase, PassphraseNotSet, or TooManyGuesses.

        A guess counts before it is checked, and no transaction is open while it is.
        """
        with self._write() as session:
            stored_hash = investigator.begin_guess(session, self._clock())
        if not credentials.is_passphrase(passphrase, stored_hash):
            raise WrongPassphrase("This is not the passphrase: try again.")
        with self._write() as session:
            investigator.guessed_right(session)

    def change_passphrase(self, present: str, new: str) -> None:
        """Replace the passphrase by one who knows it. Raises what `check_passphrase` does, WeakPassphrase."""
        new_hash = credentials.hash_passphrase(new)
        self.check_passphrase(present)
        with self._write() as session:
            investigator.replace(session, new_hash, self._clock())
