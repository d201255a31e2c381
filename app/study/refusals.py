"""What the store says to an investigator when it refuses something, in the language of the visitor.

Knows: the sentences of review_db that running a study can meet. Does not know: when they are said; review_db knows no
languages and says them in English, so they are recognised by their words.
"""

from __future__ import annotations

from app import store_words
from app.language.recognised import said
from app.language.words import N_, pgettext
from app.wording import numerals

SENTENCES = (
    # opening, closing, deleting
    N_("Only a draft can be opened and this study is {state}."),
    N_("Only an open study can be closed and this one is {state}."),
    N_("This study is {state}: only a draft can be deleted, readings are kept."),
    N_("There is no study {number}: choose one from the list of studies."),
    # the leak audit
    N_("There is no leak audit, as with few ECGs: write down why the study is opened without one."),
    N_("The leak audit tells the arms apart by more than the heart ({numbers})."),
    N_(
        "The leak audit may tell the arms apart by more than the heart ({numbers}): the study is too small to tell, "
        "chance reaches {chance}."
    ),
    N_("Write down why the study is opened all the same, or compose it anew."),
    # readers
    N_("This study is closed: readers can be added to a draft or an open study only."),
    N_("Let the link work for 1 to {most} days."),
    N_("Give the reader a name or a pseudonym of 1 to {most} characters."),
    N_("This study already has a reader {name}: choose another name."),
    N_("This reader has withdrawn from the study and gets no other link."),
    N_("There is no reader {number}: choose one from the study's list of readers."),
    N_("The study is unblinded: its readers and answers are fixed."),
    # amending
    N_("Only the protocol of an open study is amended and this study is {state}."),
    N_("Nothing was changed: there is nothing to amend."),
    N_("Write down in words why the protocol is amended."),
    N_("Remove what is not text from the reason, the description or the consent text."),
    N_(
        "Another consent text, or another rule for the answers of who withdraws, needs a version that was not used "
        "before, or readers are not asked again."
    ),
    N_("The minimum viewing time must be between 0 and {most} s."),
    N_("The maximum viewing time must be longer than the minimum, and at least 1 s."),
    N_("Suggest a break after 1 ECG or more, or never."),
    N_("Keep the consent text under {most} characters."),
    N_("A consent text needs a version, and a version a text."),
    *store_words.SENTENCES,
)
_NUMBERS = (N_("AUC {auc}, above the threshold of {threshold}"),)


def in_words(refusal: Exception | str) -> str:
    """Its sentences; one that is not among those above stays in English."""
    return said(str(refusal), SENTENCES, _value)


def _value(words: str) -> str:
    states = {
        "draft": pgettext("this study is", "draft"),
        "open": pgettext("this study is", "open"),
        "closed": pgettext("this study is", "closed"),
    }
    return states.get(words) or said(words, _NUMBERS, numerals)
