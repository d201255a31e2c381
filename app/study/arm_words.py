"""An arm of a stored study in the language of the visitor: its name, its origin and what is known of it.

Knows: the sentences that composing writes about an arm (`app.composition`). They are stored and printed in the report,
so they are English; they are recognised by their words. Does not know: how an arm is composed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.language.recognised import said
from app.language.words import N_
from app.language.words import gettext as _
from app.records.reasons import in_words
from app.wording import plain
from review_db.model import Arm, Origin

# Translators: ECGs of an arm
ORIGINS: Mapping[Origin, str] = MappingProxyType({Origin.REAL: N_("real"), Origin.SYNTHETIC: N_("synthetic")})
SENTENCES = (
    N_("All {number} real ECGs come from folds 9 and 10 of PTB-XL, which training leaves out."),
    N_(
        "{trained} of {number} real ECGs come from folds 1 to 8 of PTB-XL, which are used for training, because folds "
        "9 and 10 have no more with these findings."
    ),
    N_("No checkpoint of this program was trained on own records, unless you did so yourself."),
    N_("{number} of them have labels beyond the finding that was asked for."),
    N_("Their people were {ages}."),
    N_("Drawn ECGs were asked for with the same labels; sex and age band were left open."),
    N_("Drawn ECGs were asked for with the same labels and sex; age band was left open."),
    N_("Drawn ECGs were asked for with the same labels and age band; sex was left open."),
    N_("Drawn ECGs were asked for with the same labels, sex and age band."),
    N_("The sex of {number} of {people} people is unknown and was left open."),
    N_("The age band of {number} of {people} people is unknown and was left open."),
    N_("The simulator knows neither sex nor age: its ECGs were asked for with the same labels only."),
    N_(
        "Partly synthetic: real records with {part} hidden and drawn by the diffusion model (RePaint); the rest of "
        "each is as it was recorded."
    ),
    N_(
        "They are of other people than the real ECGs, so that no reader sees a record twice. The labels say what the "
        "whole record shows: its known part is real."
    ),
    N_("In each pair it is the very record that stands beside: only the drawn part differs."),
    N_(
        "Hand-picked: {number} ECGs that an investigator chose one by one among drawn ones, not a random sample. How "
        "often they pass for real says nothing of other ECGs of the generator."
    ),
    N_("Records were chosen to match the hand-picked ECGs in labels, as far as these were drawn with."),
    N_("Records were chosen to match the hand-picked ECGs in labels and sex, as far as these were drawn with."),
    N_("Records were chosen to match the hand-picked ECGs in labels and age band, as far as these were drawn with."),
    N_(
        "Records were chosen to match the hand-picked ECGs in labels and sex and age band, as far as these were drawn "
        "with."
    ),
    N_("Left out: {records}"),
)
_AGES = (
    N_("{youngest} years or older"),
    N_("{youngest} to {oldest} years"),
)


def arm_words(arm: Arm) -> str:
    """Name, origin and description, as Markdown."""
    return f"**{plain(_(arm.name))}**, {_(ORIGINS[arm.origin])}. {plain(description(arm.description))}"


def description(words: str) -> str:
    """What is known of an arm."""
    return said(words, SENTENCES, _value)


def _value(words: str) -> str:
    """The part that is hidden of completed records, ages, or why records were left out."""
    return in_words(said(_(words), _AGES))
