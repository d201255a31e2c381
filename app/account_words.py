"""Roles, and what the store says when it refuses a step with an account, in the language of the visitor.

Knows: the words of roles, and the sentences of review_db that signing in and managing accounts can meet. Does not know:
when they are said; review_db knows no languages and says them in English, so they are recognised by their words.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app import store_words
from app.language.recognised import said
from app.language.words import N_
from review_db.account import Role

ROLES: Mapping[Role, str] = MappingProxyType(
    # Translators: the role of an account, in a table
    {Role.INVESTIGATOR: N_("investigator"), Role.MONITOR: N_("monitor"), Role.READER: N_("reader")}
)
MAKE: Mapping[Role, str] = MappingProxyType(
    # Translators: a button that changes the role of an account
    {Role.INVESTIGATOR: N_("Make investigator"), Role.MONITOR: N_("Make monitor")}
)
AS_ROLE: Mapping[Role, str] = MappingProxyType(
    {
        Role.INVESTIGATOR: N_("You will sign in as investigator under this name. This page's address works only once."),
        Role.MONITOR: N_("You will sign in as monitor under this name. This page's address works only once."),
    }
)
NOT_FOR: Mapping[Role, str] = MappingProxyType(
    {
        Role.INVESTIGATOR: N_("This page is not for investigators."),
        Role.MONITOR: N_("This page is not for monitors."),
        Role.READER: N_("This page is not for readers."),
    }
)
SENTENCES = (
    # names, roles and identities
    N_("Give the account a name of 1 to {most} characters."),
    N_("Remove what is not text from the name."),
    N_("{name} is what the audit trail calls commands: choose another name."),
    N_("The audit trail calls readers by such names: choose another one."),
    N_("Readers need no account: invite them to a study, which gives them a link."),
    N_(
        "Give the e-mail address that the OpenID provider knows and has verified, or its issuer (an address that "
        "begins with https://), a space, and the person's subject there."
    ),
    N_("There is an account for {identity} already."),
    N_("There is an account {name} already: choose another name."),
    N_("The account {name} has just been added."),
    N_("There is no account {number}: choose one from the list of accounts."),
    N_("{name} is the only investigator who can sign in: add another one first."),
    # passphrases and links
    N_(
        "Choose a passphrase of {fewest} to {most} characters: a few words that do not belong together are easy to "
        "remember."
    ),
    N_("The first account has been made already: sign in."),
    N_("This set-up link was used, replaced or has expired: ask an investigator for a new one."),
    N_("Too many wrong links were tried here: wait {seconds} s before you try another one."),
    # signing in
    N_("This name and this passphrase do not belong together: try again."),
    N_("Too many wrong passphrases: wait {seconds} s and try again."),
    N_("This account is gone: ask an investigator."),
    N_("This account is switched off: ask an investigator to switch it on."),
    N_(
        "You are {identity} to the OpenID provider, and no account here is for that: ask an investigator to add one "
        "for {added}."
    ),
    *store_words.SENTENCES,
)


def in_words(refusal: Exception | str) -> str:
    """Its sentences; one that is not among those above stays in English."""
    return said(str(refusal), SENTENCES)
