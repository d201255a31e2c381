"""Who may sign in; each verb one transaction. See `review_db.store`.

Argon2 runs between transactions, never in one. Acts that prove who somebody is are logged in that person's name;
all others in the name of whoever the store acts for.
"""

from sqlalchemy.exc import IntegrityError

from review_db import accounts, credentials, guessing
from review_db.account import Account, OpenIdentity, Role, require_account_role, require_identity, require_name
from review_db.errors import (
    AccountDisabled,
    DuplicateAccount,
    NoAccountForIdentity,
    TooManyGuesses,
    WrongPassphrase,
)
from review_db.model import AuditKind
from review_db.verbs.links import LinkVerbs


class AccountVerbs(LinkVerbs):
    """Accounts: made, set up, signed in to, switched off."""

    def has_accounts(self) -> bool:
        """False until the first start is over."""
        with self._read() as session:
            return accounts.exist(session)

    def accounts(self) -> list[Account]:
        """All accounts, in the order in which they were made."""
        with self._read() as session:
            return accounts.listed(session)

    def account(self, account_id: int) -> Account:
        """One account as it is now; raises UnknownAccount."""
        with self._read() as session:
            return accounts.account(session, account_id)

    def add_first_account(self, name: str, passphrase: str) -> Account:
        """The first account, an investigator's. Raises InvalidAccount, WeakPassphrase or AccountsExist."""
        kept = require_name(name)
        passphrase_hash = credentials.hash_passphrase(passphrase)
        with self._write() as session:
            return accounts.add_first(session, kept, passphrase_hash, self._clock())

    def invite_account(self, name: str, role: Role) -> str:
        """An account for a person who chooses their passphrase by a link; returns its token, which works once, for
        seven days, and cannot be had again. Raises InvalidAccount or DuplicateAccount.
        """
        kept, given = require_name(name), require_account_role(role)
        try:
            with self._write() as session:
                return accounts.invite(session, kept, given, self._clock())
        except IntegrityError as error:
            raise DuplicateAccount(f"The account {kept!r} has just been added.") from error

    def add_openid_account(self, name: str, role: Role, identity: str) -> None:
        """An account for a person whom an OpenID provider knows: by a verified e-mail address, or by "issuer
        subject". Raises InvalidAccount or DuplicateAccount.
        """
        kept, given, subject = require_name(name), require_account_role(role), require_identity(identity)
        try:
            with self._write() as session:
                accounts.add_openid(session, kept, given, subject, self._clock())
        except IntegrityError as error:
            raise DuplicateAccount(f"The account {kept!r} has just been added.") from error

    def renew_setup_link(self, account_id: int) -> str:
        """A new set-up link, for who forgot the passphrase or lost the link. Raises UnknownAccount."""
        with self._write() as session:
            return accounts.renew_setup_link(session, account_id, self._clock())

    def account_to_set_up(self, token: str) -> Account:
        """Whose set-up link this is; raises UnknownSetupLink (or its TooManyWrongSetupLinks)."""
        with self._setting_up_by(token), self._read() as session:
            return accounts.to_set_up(session, token, self._clock())

    def set_up_account(self, token: str, passphrase: str) -> Account:
        """Choose the passphrase by a set-up link. Raises WeakPassphrase, UnknownSetupLink or AccountDisabled."""
        passphrase_hash = credentials.hash_passphrase(passphrase)
        with self._setting_up_by(token), self._write() as session:
            return accounts.set_up(session, token, passphrase_hash, self._clock())

    def sign_in(self, name: str, passphrase: str) -> Account:
        """Raises WrongPassphrase (for names that nobody has too), TooManyGuesses or AccountDisabled."""
        self._check_passphrase(name, passphrase)
        try:
            with self._write() as session:
                return accounts.sign_in(session, name, self._clock())
        except AccountDisabled:
            self._log_refusal(AuditKind.SIGN_IN_REFUSED, name)
            raise

    def sign_in_openid(self, identity: OpenIdentity) -> Account:
        """For somebody whom an OpenID provider vouches for. Raises NoAccountForIdentity or AccountDisabled."""
        try:
            with self._write() as session:
                return accounts.sign_in_openid(session, identity, self._clock())
        except (NoAccountForIdentity, AccountDisabled):
            with self._write() as session:
                accounts.log_refused_openid(session, identity, self._clock())
            raise

    def change_passphrase(self, name: str, present: str, new: str) -> None:
        """By one who knows the present one. Raises WeakPassphrase, WrongPassphrase or TooManyGuesses."""
        new_hash = credentials.hash_passphrase(new)
        self._check_passphrase(name, present)
        with self._write() as session:
            accounts.change_passphrase(session, name, new_hash, self._clock())

    def replace_passphrase(self, name: str, new: str) -> None:
        """By one who has the database in their hands. Raises WeakPassphrase or UnknownAccount."""
        new_hash = credentials.hash_passphrase(new)
        with self._write() as session:
            accounts.change_passphrase(session, name, new_hash, self._clock())

    def change_role(self, account_id: int, role: Role) -> None:
        """Raises LastInvestigator, UnknownAccount, or InvalidAccount for the role of readers."""
        given = require_account_role(role)
        with self._write() as session:
            accounts.change_role(session, account_id, given, self._clock())

    def disable_account(self, account_id: int) -> None:
        """Shut a person out, from the next click on. Raises LastInvestigator or UnknownAccount."""
        with self._write() as session:
            accounts.disable(session, account_id, self._clock())

    def enable_account(self, account_id: int) -> None:
        """Let a person in again, with the old passphrase. Raises UnknownAccount."""
        with self._write() as session:
            accounts.enable(session, account_id, self._clock())

    def _check_passphrase(self, name: str, passphrase: str) -> None:
        """Return if it is right. A guess counts before it is checked; an unknown name takes as long as a known one."""
        decoy = credentials.decoy_hash()  # at once, because the first one takes as long as a check
        stored_hash = self._hash_to_guess(name)
        if not credentials.is_passphrase(passphrase, stored_hash or decoy):
            self._log_refusal(AuditKind.PASSPHRASE_WRONG, name)
            raise WrongPassphrase("This name and this passphrase do not belong together: try again.")
        with self._write() as session:
            guessing.forget(session, guessing.of_name(name))

    def _hash_to_guess(self, name: str) -> str | None:
        """What the guess is checked against, once it is counted; raises TooManyGuesses."""
        try:
            with self._write() as session:
                guessing.count_guess(session, guessing.of_name(name), self._clock())
                return accounts.passphrase_hash(session, name)
        except TooManyGuesses:
            with self._write() as session:
                if guessing.is_first_refused(session, guessing.of_name(name), self._clock()):
                    accounts.log_refusal(session, AuditKind.GUESS_REFUSED, name, self._clock())
            raise

    def _log_refusal(self, kind: AuditKind, name: str) -> None:
        with self._write() as session:
            accounts.log_refusal(session, kind, name, self._clock())
