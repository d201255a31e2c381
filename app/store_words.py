"""What the database says to anybody when it cannot serve, as it is recognised and translated on every screen.

Knows: the sentences of `review_db.database`. Does not know: which screens show them.
"""

from __future__ import annotations

from app.language.words import N_

SENTENCES = (
    N_("Too many people use the store at once: nothing was stored, try again."),
    N_("The database refused and nothing was stored, try again: {reason}"),
    N_(
        "The database is damaged and nothing was stored ({reason}): stop the app, keep the file, look at it with "
        "python -m review_db check, and put the last backup in its place."
    ),
)
