"""Accounts: who may be made, who gets in, and that every act names who did it."""

import getpass
import re
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from review_db import credentials
from review_db.__main__ import main
from review_db.account import COMMAND_LINE, OpenIdentity, Role, name_key
from review_db.credentials import FREE_GUESSES, token_hash
from review_db.errors import (
    AccountDisabled,
    AccountsExist,
    DuplicateAccount,
    InvalidAccount,
    LastInvestigator,
    NoAccountForIdentity,
    TooManyGuesses,
    UnknownAccount,
    UnknownSetupLink,
    WeakPassphrase,
    WrongPassphrase,
)
from review_db.guessing import MEMORY
from review_db.model import AuditKind
from review_db.store import Store
from tests.review_db.scenario import Clock, make_plan
from tests.review_db.test_exactly_once import THREADS, at_once

RIGHT, OTHER = "grey heron over the weir", "otter under the bridge"
ADA = OpenIdentity("https://login.example.org", "4711", "Ada@Example.org")


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same scheme with the smallest cost: these tests are about who and how often."""
    cheap = credentials.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(credentials, "PasswordHasher", lambda: cheap)
    credentials.decoy_hash.cache_clear()
    yield
    credentials.decoy_hash.cache_clear()


@pytest.fixture
def ada(store: Store) -> Store:
    """The store as Ada uses it, the first investigator."""
    store.add_first_account("Ada", RIGHT)
    return store.acting_for(lambda: "Ada")


def number(store: Store, name: str) -> int:
    return next(account.id for account in store.accounts() if account.name == name)


def acts(store: Store) -> list[tuple[str, AuditKind, str]]:
    return [(event.actor, event.kind, event.detail) for event in store.audit_trail()]


# --------------------------------------------------------------------------------------------------- making


def test_the_first_account_is_an_investigator_s_and_made_once(store: Store) -> None:
    assert not store.has_accounts()
    first = store.add_first_account(" Ada ", RIGHT)
    assert store.has_accounts() and (first.name, first.role, first.has_passphrase) == ("Ada", Role.INVESTIGATOR, True)
    with pytest.raises(AccountsExist):
        store.add_first_account("Eve", OTHER)
    assert store.sign_in("Ada", RIGHT) == first


def test_of_two_first_starts_one_wins(store: Store) -> None:
    def attempt(number: int) -> str:
        try:
            store.add_first_account(f"Ada {number}", RIGHT)
        except AccountsExist:
            return "refused"
        return "made"

    assert Counter(at_once(attempt)) == {"made": 1, "refused": THREADS - 1}


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "\0", "A\nB", "\ud800", "Command Line", "Reader 12"])
def test_a_name_that_would_mislead_is_refused(store: Store, name: str) -> None:
    with pytest.raises(InvalidAccount):
        store.add_first_account(name, RIGHT)
    assert not store.has_accounts()


@pytest.mark.parametrize("same", ["ada", "ADA", " Ada "])
def test_a_name_belongs_to_one_account_however_it_is_cased(ada: Store, same: str) -> None:
    with pytest.raises(DuplicateAccount):
        ada.invite_account(same, Role.MONITOR)
    with pytest.raises(DuplicateAccount):
        ada.add_openid_account(same, Role.MONITOR, "a@b.org")
    assert ada.sign_in(same, RIGHT).name == "Ada"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_two_casings_of_a_name_have_one_key(name: str) -> None:
    assert name_key(name_key(name)) == name_key(f" {name}\t") == name_key(name)


def test_readers_get_no_account(ada: Store) -> None:
    for make in (
        lambda: ada.invite_account("Rea", Role.READER),
        lambda: ada.add_openid_account("Rea", Role.READER, "rea@example.org"),
        lambda: ada.change_role(number(ada, "Ada"), Role.READER),
    ):
        with pytest.raises(InvalidAccount, match="invite them to a study"):
            make()


# ------------------------------------------------------------------------------------------------ set-up links


def test_a_set_up_link_lets_its_person_choose_a_passphrase_once(ada: Store) -> None:
    token = ada.invite_account("Mo", Role.MONITOR)
    with pytest.raises(WrongPassphrase):
        ada.sign_in("Mo", "")
    assert ada.account_to_set_up(token).name == "Mo"
    with pytest.raises(WeakPassphrase):
        ada.set_up_account(token, "short")
    assert ada.set_up_account(token, OTHER).role is Role.MONITOR
    assert ada.sign_in("mo", OTHER).setup_until is None
    for verb in (ada.account_to_set_up, lambda used: ada.set_up_account(used, RIGHT)):
        with pytest.raises(UnknownSetupLink, match="used, replaced or has expired"):
            verb(token)


def test_a_set_up_link_is_kept_as_a_hash_and_expires(ada: Store, clock: Clock) -> None:
    token = ada.invite_account("Mo", Role.MONITOR)
    with ada._engine.connect() as connection:
        kept = connection.execute(text("SELECT * FROM account")).all()
    assert token not in repr(kept) and token_hash(token) in repr(kept)
    clock.advance(7 * 86400 - 1)
    ada.account_to_set_up(token)
    clock.advance(1)
    with pytest.raises(UnknownSetupLink):
        ada.set_up_account(token, OTHER)


def test_a_renewed_link_replaces_the_old_one_and_the_passphrase_stays_until_another_is_chosen(ada: Store) -> None:
    old = ada.renew_setup_link(number(ada, "Ada"))
    new = ada.renew_setup_link(number(ada, "Ada"))
    ada.sign_in("Ada", RIGHT)
    with pytest.raises(UnknownSetupLink):
        ada.set_up_account(old, OTHER)
    ada.set_up_account(new, OTHER)
    with pytest.raises(WrongPassphrase):
        ada.sign_in("Ada", RIGHT)


@pytest.mark.parametrize("token", ["", "guess", "\ud800", "x" * 5000])
def test_a_set_up_link_that_was_never_made_opens_nothing(ada: Store, token: str) -> None:
    with pytest.raises(UnknownSetupLink):
        ada.account_to_set_up(token)


# ---------------------------------------------------------------------------------------------------- guesses


@pytest.mark.parametrize("wrong", ["", "grey heron", RIGHT + " ", RIGHT.upper(), "\0", "x" * 5000])
def test_a_wrong_passphrase_is_refused(ada: Store, wrong: str) -> None:
    with pytest.raises(WrongPassphrase):
        ada.sign_in("Ada", wrong)


def refusals(store: Store, clock: Clock, name: str) -> list[str]:
    """What somebody hears who guesses at a name for a while."""
    heard = []
    for _ in range(FREE_GUESSES + 4):
        with pytest.raises((WrongPassphrase, TooManyGuesses)) as refusal:
            store.sign_in(name, "wrong")
        heard.append(str(refusal.value))
        clock.advance(10)
    return heard


def test_a_name_that_nobody_has_answers_like_one_that_somebody_has(ada: Store, clock: Clock) -> None:
    ada.invite_account("Mo", Role.MONITOR)  # has no passphrase yet
    ada.add_openid_account("Ola", Role.MONITOR, "ola@example.org")  # and never will
    heard = [refusals(ada, clock, name) for name in ("Ada", "nobody", "Mo", "Ola", "\ud800", "x" * 5000)]
    assert "wait 20 s" in heard[0][FREE_GUESSES] and all(words == heard[0] for words in heard)


def test_every_guess_is_checked_against_a_hash_of_the_same_cost(ada: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []
    monkeypatch.setattr(credentials, "is_passphrase", lambda guess, kept: bool(checked.append(kept)))
    for name in ("Ada", "nobody"):
        with pytest.raises(WrongPassphrase):
            ada.sign_in(name, "wrong")
    assert len(checked) == 2 and checked[1] == credentials.decoy_hash()


def test_guessing_is_slowed_down_and_waiting_helps(ada: Store, clock: Clock) -> None:
    for _ in range(FREE_GUESSES):
        with pytest.raises(WrongPassphrase):
            ada.sign_in("Ada", "wrong")
    with pytest.raises(TooManyGuesses, match="wait 30 s") as refusal:
        ada.sign_in("ADA", RIGHT)  # the right one too, or the wait could be guessed through; however it is cased
    assert refusal.value.wait_seconds == 30
    clock.advance(30.1)
    with pytest.raises(WrongPassphrase):
        ada.change_passphrase("Ada", "wrong", OTHER)  # another way to guess
    clock.advance(59)
    with pytest.raises(TooManyGuesses):
        ada.sign_in("Ada", RIGHT)
    clock.advance(2)
    ada.sign_in("Ada", RIGHT)
    for _ in range(FREE_GUESSES):  # forgotten: five are free again
        with pytest.raises(WrongPassphrase):
            ada.sign_in("Ada", "wrong")


def test_guessing_at_one_name_keeps_nobody_else_out(ada: Store) -> None:
    ada.set_up_account(ada.invite_account("Mo", Role.MONITOR), OTHER)
    for _ in range(FREE_GUESSES):
        with pytest.raises(WrongPassphrase):
            ada.sign_in("Ada", "wrong")
    assert ada.sign_in("Mo", OTHER).name == "Mo"


@pytest.mark.parametrize("name", ["Ada", "nobody"])
def test_guesses_sent_at_once_are_all_counted(ada: Store, name: str) -> None:
    def guess(_: int) -> type[Exception]:
        with pytest.raises((WrongPassphrase, TooManyGuesses)) as refusal:
            ada.sign_in(name, "wrong")
        return refusal.type

    assert Counter(at_once(guess)) == {WrongPassphrase: FREE_GUESSES, TooManyGuesses: THREADS - FREE_GUESSES}


def test_names_that_were_guessed_are_forgotten_after_a_day_and_never_kept_as_typed(ada: Store, clock: Clock) -> None:
    def kept() -> str:
        with ada._engine.connect() as connection:
            return repr(connection.execute(text("SELECT name_sha256 FROM guessing")).all())

    for name in ("stranger", "Ada"):
        with pytest.raises(WrongPassphrase):
            ada.sign_in(name, "wrong")
        clock.advance(MEMORY.total_seconds() + 1)
    assert "stranger" not in kept() and len(re.findall(r"[0-9a-f]{64}", kept())) == 1


# ------------------------------------------------------------------------------------------------ passphrases


def test_a_passphrase_is_changed_by_who_knows_it(ada: Store) -> None:
    with pytest.raises(WrongPassphrase):
        ada.change_passphrase("Ada", "wrong", OTHER)
    with pytest.raises(WeakPassphrase):
        ada.change_passphrase("Ada", RIGHT, "otter")
    ada.change_passphrase("Ada", RIGHT, OTHER)
    ada.sign_in("Ada", OTHER)
    with pytest.raises(WrongPassphrase):
        ada.sign_in("Ada", RIGHT)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def type_in(*answers: str) -> None:
        waiting = iter(answers)
        monkeypatch.setattr("review_db.passphrase_command.getpass", lambda prompt: next(waiting))

    return type_in


def test_the_command_replaces_a_forgotten_passphrase(ada: Store, url: str, typed: Callable[..., None]) -> None:
    with pytest.raises(WrongPassphrase):
        ada.sign_in("Ada", "forgotten")
    typed(OTHER, OTHER)
    assert main(["passphrase", "--url", url, "--name", "ada"]) == 0
    assert ada.sign_in("Ada", OTHER)
    assert (COMMAND_LINE, AuditKind.PASSPHRASE_CHANGED, "Ada") in acts(ada)


def test_the_command_refuses_in_one_line(
    ada: Store, url: str, typed: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    for name, answers, words in (
        ("Ada", (OTHER, RIGHT), "differ and nothing was changed"),
        ("Ada", ("short", "short"), "12 to 1000 characters"),
        ("Eve", (OTHER, OTHER), "no account 'Eve'. There are: Ada"),
    ):
        typed(*answers)
        assert main(["passphrase", "--url", url, "--name", name]) == 2
        said = capsys.readouterr().err
        assert words in said and said.count("\n") == 1
    assert ada.sign_in("Ada", RIGHT)


def test_the_command_asks_without_showing_what_is_typed() -> None:
    from review_db import passphrase_command

    assert passphrase_command.getpass is getpass.getpass


# ------------------------------------------------------------------------------------------------ on, off, roles


def test_a_disabled_account_lets_nobody_in_and_says_so_only_to_who_knows_the_passphrase(ada: Store) -> None:
    token = ada.invite_account("Mo", Role.MONITOR)
    ada.set_up_account(token, OTHER)
    late = ada.renew_setup_link(number(ada, "Mo"))
    ada.disable_account(number(ada, "Mo"))
    with pytest.raises(WrongPassphrase):
        ada.sign_in("Mo", "wrong")
    with pytest.raises(AccountDisabled, match="switched off"):
        ada.sign_in("Mo", OTHER)
    with pytest.raises(UnknownSetupLink):
        ada.set_up_account(late, OTHER)
    with pytest.raises(AccountDisabled):
        ada.set_up_account(ada.renew_setup_link(number(ada, "Mo")), OTHER)
    assert ada.account(number(ada, "Mo")).disabled_at is not None
    ada.enable_account(number(ada, "Mo"))
    assert ada.sign_in("Mo", OTHER).disabled_at is None


def test_the_last_investigator_who_can_sign_in_stays(ada: Store) -> None:
    ada.invite_account("Bo", Role.INVESTIGATOR)  # who has chosen no passphrase yet
    for verb in (ada.disable_account, lambda who: ada.change_role(who, Role.MONITOR)):
        with pytest.raises(LastInvestigator, match="Ada is the only investigator"):
            verb(number(ada, "Ada"))
    ada.add_openid_account("Cy", Role.INVESTIGATOR, "cy@example.org")
    ada.change_role(number(ada, "Ada"), Role.MONITOR)
    assert ada.sign_in("Ada", RIGHT).role is Role.MONITOR
    with pytest.raises(LastInvestigator):
        ada.disable_account(number(ada, "Cy"))


def test_investigators_who_disable_each_other_at_once_leave_one(ada: Store) -> None:
    names = ["Ada", *(f"Bo {number}" for number in range(1, THREADS))]
    for name in names[1:]:
        ada.set_up_account(ada.invite_account(name, Role.INVESTIGATOR), OTHER)

    def disable(place: int) -> str:
        try:
            ada.disable_account(number(ada, names[place]))
        except LastInvestigator:
            return "kept"
        return "disabled"

    assert Counter(at_once(disable)) == {"disabled": THREADS - 1, "kept": 1}


def test_unknown_accounts_are_named(ada: Store) -> None:
    for verb in (ada.account, ada.disable_account, ada.enable_account, ada.renew_setup_link):
        with pytest.raises(UnknownAccount, match="no account 404"):
            verb(404)


# ------------------------------------------------------------------------------------------------------ OpenID


def test_a_verified_address_is_bound_to_issuer_and_subject_at_its_first_use(ada: Store) -> None:
    ada.add_openid_account("Ada there", Role.MONITOR, " ada@example.org ")
    first = ada.sign_in_openid(ADA)
    assert (first.name, first.openid) == ("Ada there", "https://login.example.org 4711")
    moved = OpenIdentity(ADA.issuer, ADA.subject, "ada.lovelace@example.org")
    assert ada.sign_in_openid(moved).id == first.id
    heir = OpenIdentity(ADA.issuer, "4712", "ada@example.org")  # the address was given to somebody else
    with pytest.raises(NoAccountForIdentity, match="no account here"):
        ada.sign_in_openid(heir)


def test_an_address_that_is_not_verified_opens_nothing_but_issuer_and_subject_do(ada: Store) -> None:
    ada.add_openid_account("Ada there", Role.MONITOR, "ada@example.org")
    with pytest.raises(NoAccountForIdentity, match="https://login.example.org 4711"):
        ada.sign_in_openid(OpenIdentity(ADA.issuer, ADA.subject))
    ada.add_openid_account("Ada again", Role.MONITOR, "https://login.example.org  4711")
    assert ada.sign_in_openid(OpenIdentity(ADA.issuer, ADA.subject)).name == "Ada again"
    with pytest.raises(NoAccountForIdentity):
        ada.sign_in_openid(OpenIdentity("https://evil.example.org", "4711"))


@pytest.mark.parametrize(
    "identity", ["", "Ada", "@", "ada@", "a b", "ftp://x y", "https://a b c", "a@b\0", "a@" + "b" * 500]
)
def test_what_is_no_identity_is_refused_in_words(ada: Store, identity: str) -> None:
    with pytest.raises(InvalidAccount, match="e-mail address"):
        ada.add_openid_account("Ola", Role.MONITOR, identity)


def test_an_identity_belongs_to_one_account_and_a_disabled_one_stays_out(ada: Store) -> None:
    ada.add_openid_account("Ola", Role.MONITOR, "Ada@example.org")
    with pytest.raises(DuplicateAccount, match="ada@example.org"):
        ada.add_openid_account("Ola again", Role.MONITOR, "ada@EXAMPLE.org")
    ada.disable_account(number(ada, "Ola"))
    with pytest.raises(AccountDisabled):
        ada.sign_in_openid(ADA)


# ------------------------------------------------------------------------------------------------- who did it


def test_every_act_names_who_did_it(ada: Store, clock: Clock) -> None:
    token = ada.invite_account("Mo", Role.MONITOR)
    ada.set_up_account(token, OTHER)
    mo = ada.sign_in("mo", OTHER)
    ada.renew_setup_link(mo.id)
    ada.change_role(mo.id, Role.INVESTIGATOR)
    ada.acting_for(lambda: "Mo").disable_account(number(ada, "Ada"))
    ada.acting_for(lambda: "Mo").enable_account(number(ada, "Ada"))
    ada.add_openid_account("Ola", Role.MONITOR, "ada@example.org")
    ada.sign_in_openid(ADA)
    study = ada.create_study(make_plan())
    assert acts(ada) == [
        ("Ada", AuditKind.ACCOUNT_ADDED, "Ada, investigator"),
        ("Ada", AuditKind.ACCOUNT_ADDED, "Mo, monitor"),
        ("Mo", AuditKind.PASSPHRASE_SET, "Mo"),
        ("Mo", AuditKind.SIGNED_IN, "by passphrase"),
        ("Ada", AuditKind.SETUP_LINK_MADE, "Mo"),
        ("Ada", AuditKind.ROLE_CHANGED, "Mo, monitor to investigator"),
        ("Mo", AuditKind.ACCOUNT_DISABLED, "Ada"),
        ("Mo", AuditKind.ACCOUNT_ENABLED, "Ada"),
        ("Ada", AuditKind.ACCOUNT_ADDED, "Ola, monitor"),
        ("Ola", AuditKind.OPENID_BOUND, "Ola, Ada@Example.org"),
        ("Ola", AuditKind.SIGNED_IN, f"by OpenID, {ADA.key}"),
        ("Ada", AuditKind.CREATED, ada.audit_trail(study)[0].detail),
    ]
    assert ada.verify_audit_trail().problem is None


def test_whoever_acts_is_asked_anew_at_every_act(store: Store) -> None:
    present = ["Ada"]
    view = store.acting_for(lambda: present[0])
    view.create_study(make_plan())
    present[0] = "Mo"
    view.create_study(make_plan())
    store.create_study(make_plan())
    assert [event.actor for event in store.audit_trail()] == ["Ada", "Mo", ""]
