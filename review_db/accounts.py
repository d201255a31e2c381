"""Accounts in the store: made, set up, signed in to, switched off.

Functions of an open session and the time; `verbs.accounts` gives them their transactions. Every act is an event of
the audit trail, in the name of whoever the transaction acts for, or of who has just proved who they are. Hashes are
made and checked outside of transactions, so they come in as arguments; `guessing` slows down guesses.

Whatever could leave nobody to run studies first takes hold of all investigators, in one order: two who disable each
other at the same moment do it one after the other, and the second is refused.
"""

from datetime import datetime, timedelta
from typing import TypedDict

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from review_db import audit_trail, guessing, seals, tables
from review_db.account import Account, OpenIdentity, Role, name_key
from review_db.credentials import new_token, token_hash
from review_db.errors import (
    AccountDisabled,
    AccountsExist,
    DuplicateAccount,
    LastInvestigator,
    NoAccountForIdentity,
    UnknownAccount,
    UnknownSetupLink,
)
from review_db.model import AuditKind, is_storable

SETUP_TIME = timedelta(days=7)


class _SetupLink(TypedDict):
    setup_sha256: str
    setup_expires_at: datetime


# ------------------------------------------------------------------------------------------------- looking


def exist(session: Session) -> bool:
    """True once a first account was made."""
    return session.scalar(select(tables.Account.id).limit(1)) is not None


def listed(session: Session) -> list[Account]:
    """All accounts, in the order in which they were made."""
    return [_noun(row) for row in session.scalars(select(tables.Account).order_by(tables.Account.id))]


def account(session: Session, account_id: int) -> Account:
    """One account; raises UnknownAccount."""
    return _noun(_known(session.get(tables.Account, account_id), account_id))


def passphrase_hash(session: Session, name: str) -> str | None:
    """What a passphrase of this name is checked against; None for nobody, and for who signs in by OpenID only."""
    row = _by_name(session, name)
    return row.passphrase_hash if row else None


def to_set_up(session: Session, token: str, now: datetime) -> Account:
    """The account that a set-up link is for; raises UnknownSetupLink."""
    return _noun(_by_setup_link(session, token, now))


def has_setup_link(session: Session, token: str) -> bool:
    """True if an account waits for this link, expired or not: who opens it does not guess."""
    return _one(session, tables.Account.setup_sha256 == token_hash(token)) is not None


def _noun(row: tables.Account) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        passphrase_mark=None if row.passphrase_hash is None else token_hash(row.passphrase_hash),
        openid=row.oidc_subject,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        setup_until=row.setup_expires_at,
    )


# -------------------------------------------------------------------------------------------------- making


def add_first(session: Session, name: str, passphrase_hash: str, now: datetime) -> Account:
    """The first account, an investigator's; of two that come at the same time one is refused."""
    audit_trail.wait_for_turn(session)
    if exist(session):
        raise AccountsExist("The first account has been made already: sign in.")
    audit_trail.act_for(session, name)
    return _noun(_add(session, name, Role.INVESTIGATOR, now, passphrase_hash=passphrase_hash))


def invite(session: Session, name: str, role: Role, now: datetime) -> str:
    """An account that waits for its person; returns the token of the link by which they choose their passphrase."""
    token, link = _setup_link(now)
    _add(session, name, role, now, **link)
    return token


def add_openid(session: Session, name: str, role: Role, identity: str, now: datetime) -> None:
    """An account for somebody who proves who they are elsewhere."""
    same = select(tables.Account.id).where(tables.Account.oidc_subject == identity)
    if session.scalar(same) is not None:
        raise DuplicateAccount(f"There is an account for {identity} already.")
    _add(session, name, role, now, oidc_subject=identity)


def _add(session: Session, name: str, role: Role, now: datetime, **columns: str | datetime) -> tables.Account:
    if _by_name(session, name) is not None:
        raise DuplicateAccount(f"There is an account {name!r} already: choose another name.")
    row = tables.Account(name=name, name_key=name_key(name), role=role.value, created_at=now, **columns)
    session.add(row)
    session.flush()
    _log(session, AuditKind.ACCOUNT_ADDED, row, now, f"{name}, {role.value}", *seals.ACCOUNT)
    return row


def renew_setup_link(session: Session, account_id: int, now: datetime) -> str:
    """A new set-up link. The present passphrase works until another was chosen; an older link does not."""
    row = _locked(session, account_id)
    token, link = _setup_link(now)
    row.setup_sha256, row.setup_expires_at = link["setup_sha256"], link["setup_expires_at"]
    _log(session, AuditKind.SETUP_LINK_MADE, row, now, row.name, "set-up link")
    return token


def _setup_link(now: datetime) -> tuple[str, _SetupLink]:
    """A new token, and what is kept of it."""
    token = new_token()
    return token, {"setup_sha256": token_hash(token), "setup_expires_at": now + SETUP_TIME}


# ------------------------------------------------------------------------------------------------ passphrases


def set_up(session: Session, token: str, passphrase_hash: str, now: datetime) -> Account:
    """Somebody chose their passphrase; the link has done its work. Raises UnknownSetupLink or AccountDisabled."""
    row = _by_setup_link(session, token, now)
    _require_enabled(row)
    row.setup_sha256 = row.setup_expires_at = None
    audit_trail.act_for(session, row.name)
    _replace(session, row, passphrase_hash, AuditKind.PASSPHRASE_SET, now)
    return _noun(row)


def change_passphrase(session: Session, name: str, passphrase_hash: str, now: datetime) -> None:
    """Another passphrase, for somebody who has proved that they may choose it. Raises UnknownAccount."""
    row = _by_name(session, name)
    if row is None:
        names = ", ".join(account.name for account in listed(session)) or "none yet"
        raise UnknownAccount(f"There is no account {name!r}. There are: {names}.")
    _replace(session, row, passphrase_hash, AuditKind.PASSPHRASE_CHANGED, now)


def _replace(session: Session, row: tables.Account, new_hash: str, kind: AuditKind, now: datetime) -> None:
    row.passphrase_hash = new_hash
    guessing.forget(session, guessing.of_name(row.name))
    _log(session, kind, row, now, row.name, "passphrase", "set-up link")


# ------------------------------------------------------------------------------------------------ signing in


def sign_in(session: Session, name: str, now: datetime) -> Account:
    """For somebody whose passphrase was right. Raises AccountDisabled, UnknownAccount if it is gone meanwhile."""
    guessing.forget(session, guessing.of_name(name))
    row = _by_name(session, name)
    if row is None:
        raise UnknownAccount("This account is gone: ask an investigator.")
    return _signed_in(session, row, "by passphrase", now)


def sign_in_openid(session: Session, identity: OpenIdentity, now: datetime) -> Account:
    """For somebody whom a provider vouches for. A verified address is bound to issuer and subject at its first use,
    because an address can be given to somebody else later. Raises NoAccountForIdentity or AccountDisabled.
    """
    subject = tables.Account.oidc_subject
    row = _one(session, subject == identity.key)
    if row is None and identity.email is not None:
        row = _one(session, subject == identity.email.casefold())
        if row is not None:
            row.oidc_subject = identity.key
            audit_trail.act_for(session, row.name)
            _log(session, AuditKind.OPENID_BOUND, row, now, f"{row.name}, {identity.email}", "OpenID")
    if row is None:
        raise NoAccountForIdentity(
            f"You are {identity.email or identity.key} to the OpenID provider, and no account here is for that: ask "
            f"an investigator to add one for {identity.email or identity.key}."
        )
    return _signed_in(session, row, f"by OpenID, {identity.key}", now)


def _signed_in(session: Session, row: tables.Account, how: str, now: datetime) -> Account:
    _require_enabled(row)
    audit_trail.act_for(session, row.name)
    audit_trail.log(session, AuditKind.SIGNED_IN, now, detail=how)
    return _noun(row)


def _require_enabled(row: tables.Account) -> None:
    if row.disabled_at is not None:
        raise AccountDisabled("This account is switched off: ask an investigator to switch it on.")


# ------------------------------------------------------------------------------------------ roles, on and off


def change_role(session: Session, account_id: int, role: Role, now: datetime) -> None:
    """Investigator or monitor, from the next click on. Raises LastInvestigator."""
    row = _locked(session, account_id)
    if row.role == role:
        return
    if role is not Role.INVESTIGATOR:
        _require_another_investigator(session, row)
    detail = f"{row.name}, {row.role} to {role.value}"
    row.role = role.value
    _log(session, AuditKind.ROLE_CHANGED, row, now, detail, "role")


def disable(session: Session, account_id: int, now: datetime) -> None:
    """Nobody can sign in to it, and who has is out with the next click. Raises LastInvestigator."""
    row = _locked(session, account_id)
    if row.disabled_at is None:
        _require_another_investigator(session, row)
        row.disabled_at = now
        row.setup_sha256 = row.setup_expires_at = None
        _log(session, AuditKind.ACCOUNT_DISABLED, row, now, row.name, "switch", "set-up link")


def enable(session: Session, account_id: int, now: datetime) -> None:
    """The opposite; the passphrase is the old one."""
    row = _locked(session, account_id)
    if row.disabled_at is not None:
        row.disabled_at = None
        _log(session, AuditKind.ACCOUNT_ENABLED, row, now, row.name, "switch")


def _require_another_investigator(session: Session, row: tables.Account) -> None:
    """Somebody else who can sign in today; an account that waits for its person is nobody yet."""
    table = tables.Account
    others = select(func.count()).where(
        table.role == Role.INVESTIGATOR,
        table.id != row.id,
        table.disabled_at.is_(None),
        or_(table.passphrase_hash.is_not(None), table.oidc_subject.is_not(None)),
    )
    if row.role == Role.INVESTIGATOR and not session.scalar(others):
        raise LastInvestigator(f"{row.name} is the only investigator who can sign in: add another one first.")


def log_refusal(session: Session, kind: AuditKind, name: str, now: datetime) -> None:
    """Somebody was not let in. A name that nobody has is not written down: it may be a passphrase, typed there."""
    row = _by_name(session, name)
    audit_trail.log(session, kind, now, detail=row.name if row else "a name that nobody has")


def log_refused_openid(session: Session, identity: OpenIdentity, now: datetime) -> None:
    """The same for somebody whom a provider vouches for."""
    row = _one(session, tables.Account.oidc_subject == identity.key)
    words = row.name if row else "an OpenID identity that no account is for"
    audit_trail.log(session, AuditKind.SIGN_IN_REFUSED, now, detail=words)


# --------------------------------------------------------------------------------------------------- queries


def _log(session: Session, kind: AuditKind, row: tables.Account, now: datetime, detail: str, *parts: str) -> None:
    """An event that wrote these parts of the account."""
    audit_trail.log(session, kind, now, detail=detail, seals=seals.of_account(row, *parts))


def _locked(session: Session, account_id: int) -> tables.Account:
    """The account, with all investigators held so that their number cannot change meanwhile."""
    held = select(tables.Account).where(or_(tables.Account.role == Role.INVESTIGATOR, tables.Account.id == account_id))
    session.scalars(held.order_by(tables.Account.id).with_for_update()).all()
    return _known(session.get(tables.Account, account_id), account_id)


def _by_setup_link(session: Session, token: str, now: datetime) -> tables.Account:
    row = _one(session, tables.Account.setup_sha256 == token_hash(token))
    if row is None or row.setup_expires_at is None or row.setup_expires_at <= now:
        raise UnknownSetupLink("This set-up link was used, replaced or has expired: ask an investigator for a new one.")
    return row


def _by_name(session: Session, name: str) -> tables.Account | None:
    return _one(session, tables.Account.name_key == name_key(name)) if is_storable(name) else None


def _one(session: Session, condition: ColumnElement[bool]) -> tables.Account | None:
    """The account that meets a condition which at most one does, held until the transaction ends."""
    return session.scalar(select(tables.Account).where(condition).with_for_update())


def _known(row: tables.Account | None, account_id: int) -> tables.Account:
    if row is None:
        raise UnknownAccount(f"There is no account {account_id}: choose one from the list of accounts.")
    return row
