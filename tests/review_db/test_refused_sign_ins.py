"""Who was not let in is in the audit trail, too, and never what somebody typed where a name belongs."""

import pytest

from review_db.account import OpenIdentity, Role
from review_db.credentials import FREE_GUESSES
from review_db.errors import AccountDisabled, NoAccountForIdentity, TooManyGuesses, WrongPassphrase
from review_db.model import AuditKind
from review_db.store import Store
from tests.review_db.scenario import Clock

RIGHT, OTHER = "grey heron over the weir", "otter under the bridge"
OLA = OpenIdentity("https://login.example.org", "4711", "ola@example.org")


@pytest.fixture
def ada(store: Store) -> Store:
    store.add_first_account("Ada", RIGHT)
    return store


def refusals(store: Store) -> list[tuple[AuditKind, str]]:
    """All events after the first, which made the account."""
    return [(event.kind, event.detail) for event in store.audit_trail()[1:]]


@pytest.mark.parametrize("name", ["Ada", " ADA "])
def test_a_wrong_passphrase_is_an_event_that_names_the_account(ada: Store, name: str) -> None:
    with pytest.raises(WrongPassphrase):
        ada.sign_in(name, OTHER)
    with pytest.raises(WrongPassphrase):
        ada.change_passphrase(name, OTHER, OTHER)
    assert refusals(ada) == [(AuditKind.PASSPHRASE_WRONG, "Ada")] * 2
    assert ada.verify_audit_trail().problem is None


@pytest.mark.parametrize("typed", ["Eve", RIGHT, "\0", "\ud800", "x" * 5000])
def test_a_name_that_nobody_has_is_not_written_down(ada: Store, typed: str) -> None:
    with pytest.raises(WrongPassphrase):
        ada.sign_in(typed, OTHER)
    assert refusals(ada) == [(AuditKind.PASSPHRASE_WRONG, "a name that nobody has")]


@pytest.mark.parametrize(("name", "told"), [("Ada", "Ada"), ("Eve", "a name that nobody has")])
def test_of_the_guesses_that_a_wait_refuses_the_first_is_an_event(
    ada: Store, clock: Clock, name: str, told: str
) -> None:
    def guess() -> None:
        with pytest.raises((WrongPassphrase, TooManyGuesses)):
            ada.sign_in(name, OTHER)

    for _ in range(FREE_GUESSES + 3):
        guess()
    clock.advance(31)
    for _ in range(3):
        guess()
    wrong, refused = (AuditKind.PASSPHRASE_WRONG, told), (AuditKind.GUESS_REFUSED, told)
    assert refusals(ada) == [wrong] * FREE_GUESSES + [refused, wrong, refused]


def test_who_is_switched_off_is_refused_in_the_trail(ada: Store) -> None:
    ada.set_up_account(ada.invite_account("Mo", Role.MONITOR), OTHER)
    ada.add_openid_account("Ola", Role.MONITOR, "https://login.example.org 4711")
    for account in ada.accounts()[1:]:
        ada.disable_account(account.id)
    before = len(refusals(ada))
    with pytest.raises(AccountDisabled):
        ada.sign_in("Mo", OTHER)
    with pytest.raises(AccountDisabled):
        ada.sign_in_openid(OLA)
    with pytest.raises(NoAccountForIdentity):
        ada.sign_in_openid(OpenIdentity("https://login.example.org", "4712", "eve@example.org"))
    assert refusals(ada)[before:] == [
        (AuditKind.SIGN_IN_REFUSED, "Mo"),
        (AuditKind.SIGN_IN_REFUSED, "Ola"),
        (AuditKind.SIGN_IN_REFUSED, "an OpenID identity that no account is for"),
    ]
    assert ada.verify_audit_trail().problem is None
