"""Why a study cannot be composed as asked, in the language of the visitor.

Knows: the sentences of composing (`app.composition`), of a protocol and a plan (`review_db`) and of the generator's
process that the form of a new study can meet. Does not know: when they are said. They are English where they are
raised, so they are recognised by their words.
"""

from __future__ import annotations

from app import generator_words
from app.language.recognised import said
from app.language.words import N_
from app.language.words import gettext as _
from app.study import refusals

OF_ORDERS = (
    N_("Give the study a title."),
    N_("Choose at least two arms: readers tell one from the other."),
    N_("Choose one real arm: the cases of a study come from one source."),
    N_("Pairs stand a real ECG beside a synthetic one: choose one real and one synthetic arm."),
    N_("Completed records are real ones with a part drawn anew: choose a real arm too, from which they come."),
    N_("Choose at least one finding."),
    N_("Each finding is chosen once."),
    N_("Ask for at least as many ECGs per arm as there are findings."),
    N_("Labels are always matched: readers are told them, and they must not tell the arms apart."),
    N_("The simulator does not know age."),
    N_("This checkpoint does not know age."),
    N_("This checkpoint does not know {codes}: choose another one, or other findings."),
    N_("This checkpoint does not know sex."),
    N_("Add {arm}, or do without the same age band."),
    N_("Choose another one, or do without the same age band."),
    N_("Choose another one, or do without the same sex."),
    N_("Your pool is empty: keep ECGs in Explore and add them to the pool."),
    N_("Each hand-picked ECG is a case of its own: the findings and numbers are those of the pool."),
    N_("Hand-picked ECGs all count: ask for no practice."),
    N_("Hand-picked ECGs and completed records set the real records in different ways: choose one of both."),
    N_("A pool has room for {most} ECGs, and {there} are there: remove some first."),
    N_("Unknown label {code}; nearest: {codes}."),
    N_("Unknown label {code}; labels are {codes}, ...."),
)
OF_RECORDS = (
    N_("No own records yet. Add ECG files on the page Records."),
    N_("{path} is damaged ({reason}); collect the records again."),
    N_(
        "{arm}: only {found} usable ECGs of further people aged {ages} with {finding}, {wanted} are needed: choose "
        "fewer ECGs per arm, less practice or another finding."
    ),
    N_(
        "{arm}: only {found} usable ECGs of further people with {finding}, {wanted} are needed: choose fewer ECGs per "
        "arm, less practice or another finding."
    ),
    N_(
        "{number} of the real records has labels that this checkpoint does not know ({codes}): choose fewer ECGs per "
        "arm, other findings or another checkpoint."
    ),
    N_(
        "{number} of the real records have labels that this checkpoint does not know ({codes}): choose fewer ECGs per "
        "arm, other findings or another checkpoint."
    ),
    N_("A record counts only where another person's, which is alike, can be completed."),
    N_("A record counts only where it has just the labels of a hand-picked ECG, and its sex and age if matched."),
    N_("The folder of real ECGs is not there: choose other arms, or set it and restart the app."),
)
OF_PROTOCOLS = (
    N_("Ask for 1 to {most} ECGs per reader, or leave it open for all."),
    N_("Repeats, their distance, practice and catch pairs are numbers from 0 to {most}."),
    N_("Catch pairs belong to the design of pairs: set them to 0."),
    N_("Allow at least two ECGs of the same origin in a row."),
    N_("The equivalence margin of the accuracy (of grades: of the AUC) must lie between 0 and 0.5."),
    N_("The level alpha must lie between 0 and 0.5."),
    N_("The threshold of the leak audit is an AUC: from 0.5, chance, to 1."),
    N_("Give the study a title of 1 to {most} characters."),
    N_("The seed must be between 0 and {most}."),
    N_("Remove what is not text from title, arms or statements."),
    N_("The same ECG is in the plan twice and readers would recognise it: remove one."),
    N_("Pairs need one real and one synthetic arm."),
    N_("There are too few ECGs for so many repeats so far apart: ask for fewer or a shorter distance."),
    N_("There are too few ECGs for so many repeats so far apart: ask for fewer."),
    N_(
        "The ECGs of one reader allow {possible} catch pairs, {wanted} are asked for: each takes two cases with the "
        "same statement."
    ),
    N_("Ask for fewer, or add ECGs per finding."),
)
OF_TEMPLATES = (
    N_("{file} is not TOML: {reason}."),
    N_("{file} has no table [{table}]."),
    N_("{file}: {key} belongs to no template; its tables are {tables}."),
    N_("{file}: {key} must be a table."),
    N_("{place} has no key {key}; it may have {keys}."),
    N_("{file} is larger than {most} kB, which no template is."),
    N_("{file} is not a text in UTF-8, as TOML is."),
    N_("name: give the template a name."),
    N_("arms: there are {known}; name each once."),
    N_("findings: name at least one, such as AFIB + LVH, each once."),
    N_("findings: a list of findings, or a table with the number of ECGs that show each."),
    N_("match: there are {known}."),
    N_("match: labels cannot be left out, or the stated finding would tell the arms apart."),
    N_("ages: two whole years from 0 to {oldest}, the younger first."),
    N_("per_arm: leave it out where findings say how many ECGs show each."),
    N_("per_arm: ask for 1 to {most} ECGs."),
    N_("findings: ask for 1 to {most} ECGs."),
    N_("per_arm: ask for at least as many ECGs as there are findings."),
    N_("scenario: there are {known}."),
    N_("sampler: there are {known}."),
    N_("steps: {sampler} takes 1 to {most}."),
    N_("guidance: between 0 and {most}."),
    N_("seed: between 0 and {most}."),
    N_("A protocol has no {key}; it may have {keys}."),
)
OF_DRAWING = (
    N_("None of the drawn ECGs could be used: choose more steps or another checkpoint."),
    N_("The drawing was cancelled: compose the study again."),
    N_("The measuring was cancelled: compose the study again."),
    N_("The generator was restarted: compose the study again."),
    N_("The worker was restarted: compose the study again."),
    *generator_words.SENTENCES,
    N_("This checkpoint can't leave the sex open; choose female or male."),
    N_("This checkpoint does not know {codes}; it knows {known}."),
    N_("The leak audit stopped unexpectedly: {reason}"),
    N_("An arm has only {fewest} ECGs; the audit needs at least {least} in each."),
)
SENTENCES = (*OF_ORDERS, *OF_RECORDS, *OF_PROTOCOLS, *OF_TEMPLATES, *OF_DRAWING)
_AGES = (N_("{youngest} years or older"), N_("{youngest} to {oldest} years"))


def in_words(refusal: Exception | str) -> str:
    """Its sentences; one that is not among those above stays in English."""
    return refusals.in_words(said(str(refusal), SENTENCES, _value))


def _value(words: str) -> str:
    return said(_(words), _AGES)  # the name of an arm, or ages
