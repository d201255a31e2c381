"""What the store says to a reader when it refuses something, in the language of the visitor.

Knows: the sentences of review_db that a reader can meet. Does not know: when they are said; review_db knows no
languages and says them in English, so they are recognised by their words.
"""

from __future__ import annotations

from app import store_words
from app.language.recognised import said
from app.language.words import N_
from review_db.errors import ReviewError

SENTENCES = (
    # the link
    N_("This link is not valid (any more): ask the person who invited you for a new one."),
    N_("Too many wrong links were tried here: wait {seconds} s before you try another one."),
    N_("This link has expired: ask the person who invited you for a new one, your answers are kept."),
    N_("This study has not been opened yet: come back when it has."),
    N_("This study is closed and takes no more answers: thank you for reading."),
    N_("Your reading is paused by the person who runs the study: ask them when it goes on."),
    N_("The study is unblinded: its readers and answers are fixed."),
    # before the first ECG
    N_("The text has changed meanwhile: reload the page and read it again."),
    N_("Agree to the text of the study first: reload the page to see it."),
    N_("Say first who you are: reload the page to see what is asked."),
    N_("Give your specialty in 1 to {most} characters."),
    N_("Years of reading ECGs lie between 0 and 80."),
    N_("ECGs per week lie between 0 and 5,000."),
    # an answer
    N_("This ECG already has your answer: go on to the next one."),
    N_("Only your most recent answer can be corrected."),
    N_("The page sent the name of another answer: reload it and answer again."),
    N_("This ECG has not been on your screen yet: reload the page and look at it first."),
    N_("Look at this ECG for at least {minimum} s before you answer."),
    N_("This ECG is not one of yours: reload the page to get the right one."),
    N_("Only practice that you have answered is explained."),
    N_("Choose one of the {steps} steps of the main question."),
    N_("Say how plausible the statement is, on the scale from 1 to 5."),
    N_("This study does not ask for plausibility: leave it out."),
    N_("This study shows one ECG at a time: leave out the plausibility of a second."),
    N_("This study does not ask for reasons: leave them out."),
    N_("Choose reasons from the list."),
    N_("This study does not ask for a comment: leave it out."),
    N_("Shorten the comment to {most} characters."),
    N_("Remove what is not text from the comment."),
    N_("The page must name its answer with 1 to {most} characters: reload it."),
    # calipers
    N_("A caliper is one for time or for amplitude."),
    N_("A caliper lies on one of the twelve leads."),
    N_("A caliper lies on the page: reload it and measure again."),
    N_("Measure on the ECG that you read now, or the one that you answered last."),
    N_("This study does not keep what is measured: leave it out."),
    N_("No more than {most} measurements of one ECG are kept: go on."),
    *store_words.SENTENCES,
)


def in_words(refusal: ReviewError) -> str:
    """Its sentences; one that is not among those above stays in English."""
    return said(str(refusal), SENTENCES)
