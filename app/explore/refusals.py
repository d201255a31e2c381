"""What the rooms below say when Explore asks for what cannot be, in the language of the visitor.

Knows: the sentences of engine and review_db that a visitor commonly meets here. Does not know: when they are said.
Those rooms know no languages and say them in English, so they are recognised (`app.language.recognised`).
"""

from __future__ import annotations

from app.language.recognised import said
from app.language.words import N_

SENTENCES = (
    # words to labels
    N_("At most {most} characters are read at a time; this text has {letters}."),
    # a gap in a record
    N_("Choose at least one lead to hide."),
    N_("A gap must last {least} s at least, not from {start} to {end} s."),
    N_("This ECG has {beats} beats between two others; there is no beat {number}."),
    N_("All leads are hidden: that is drawing an ECG, not completing one. Leave one out."),
    # a pool
    N_("A pool has room for {most} ECGs, and {there} are there: remove some first."),
)


def in_words(refusal: str) -> str:
    """Its sentences; one that is not among those above stays in English."""
    return said(refusal, SENTENCES)
