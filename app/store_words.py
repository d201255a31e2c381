"""What the database says to anybody when it cannot serve, as it is recognised and translated on every screen.

Knows: the sentences of `review_db.database`. Does not know: which screens show them.
The reason for a lost connection may name computers and accounts: it is for the server's log.
"""

from __future__ import annotations

from app.language.recognised import said
from app.language.words import N_
from app.language.words import gettext as _
from review_db.errors import StoreLost, StoreUnavailable

LOST = N_("The database cannot be reached at the moment.")

SENTENCES = (
    N_("Too many people use the store at once: nothing was stored, try again."),
    N_("The database refused and nothing was stored, try again: {reason}"),
    N_(
        "The database cannot be reached, so this may not have been stored: look again in a moment, and then try again "
        "({reason})."
    ),
    N_(
        "The database is damaged and nothing was stored ({reason}): stop the app, keep the file, look at it with "
        "python -m review_db check, and put the last backup in its place."
    ),
)


def in_words(away: StoreUnavailable) -> str:
    """Why the database cannot serve, fit for everybody."""
    return _(LOST) if isinstance(away, StoreLost) else said(str(away), SENTENCES)
