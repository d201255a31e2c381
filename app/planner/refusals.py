"""Why a plan cannot be met, in the language of the visitor.

Knows: the sentences of `review_db.analysis.power` that the form of the planner can meet; they are English there and are
recognised by their words. Does not know: when they are said.
"""

from __future__ import annotations

from app.language.recognised import said
from app.language.words import N_
from app.wording import numerals

SENTENCES = (
    N_("{number} ratings would not do: choose a wider margin or a larger difference."),
    N_("An accuracy of one half is chance and cannot be detected: choose another, or equivalence."),
    N_("An accuracy of {accuracy} lies beyond the margin: choose a wider one."),
)


def in_words(refusal: Exception) -> str:
    """Its sentence; one that is not among those above stays in English."""
    return said(str(refusal), SENTENCES, numerals)
