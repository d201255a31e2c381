"""What the analysis and the report conclude and explain, in the language of the visitor.

Knows: the sentences of `review_db` that the results screen shows; review_db knows no languages and says them in
English, so they are recognised by their words. Does not know: when they are said.
"""

from __future__ import annotations

from app.language.recognised import said
from app.language.words import N_
from app.results.report_names import named
from app.wording import numerals

CONCLUSIONS = (
    N_("Real and synthetic ECGs were not both rated, so this study cannot show whether readers tell them apart."),
    N_("Readers did not discriminate, because they hardly varied their answers: nothing is shown."),
    N_("Readers could tell: the interval of accuracy lies above the 50 % of guessing."),
    N_("Readers could tell: even the wider interval lies above the 50 % of guessing."),
    N_("Readers were misled: the interval of accuracy lies below the 50 % of guessing."),
    N_("Readers were misled: even the wider interval lies below the 50 % of guessing."),
    N_("Readers could not tell: their accuracy is that of guessing, to within {margin} points to either side."),
    N_(
        "It is not settled whether readers can tell: the interval of accuracy contains the 50 % of guessing, but it is "
        "too wide to show that accuracy lies within {margin} points of it."
    ),
    N_(
        "It is not settled whether readers can tell: the wider interval contains the 50 % of guessing, but it is too "
        "wide to show that accuracy lies within {margin} points of it."
    ),
    N_("Synthetic ECGs were graded like real ones: the AUC is 0.5, to within {margin} to either side."),
    N_("Synthetic ECGs were graded worse than real ones: the interval of the AUC lies below 0.5."),
    N_("Synthetic ECGs were graded better than real ones: the interval of the AUC lies above 0.5."),
    N_(
        "It is not settled whether synthetic ECGs are graded like real ones: the interval of the AUC contains 0.5, but "
        "it is too wide to show that the AUC lies within {margin} of it."
    ),
)
DECIDED = (
    N_(
        "What is concluded is decided by an analysis of variance in which readers and ECGs are random (Satterthwaite's "
        "degrees of freedom), as every reader read every ECG."
    ),
    N_(
        "What is concluded is decided by the wider one of the exact interval and that by bootstrap, and by both tests "
        "of equivalence."
    ),
    N_("What is concluded is decided by the bootstrap of readers and ECGs."),
)
WHY_INTERVALS_DIFFER = (
    N_(
        "Exact and Wilson intervals take all {n} ratings as independent. They are not: a reader who spots one ECG "
        "spots others, and an obvious ECG is obvious to everybody. The bootstrap draws readers and ECGs anew, the "
        "mixed model gives both a distribution; so their intervals speak of other readers and other ECGs."
    ),
    N_("Here all draws are the same, which says nothing of other readers and ECGs: report the exact interval."),
    N_("Here the bootstrap interval of accuracy is {times} times as wide as Wilson's (design effect {effect})."),
    N_("With fewer than five readers both are rough: so few readers cannot show how much readers differ."),
)
POWER = (
    N_(
        "Not computed at the result that was found: that power only says again what the p-value said (Hoenig & Heisey, "
        "Am Stat 2001;55:19–24). It is that of the answer above, for a study with these readers, ECGs and answers, in "
        "which readers and ECGs differ as much as was found; ranges say how well that is known (95 %). What lies as "
        "far below 50 % is found as often."
    ),
    N_("Grades are neither right nor wrong: in place of accuracy stands the AUC, and 50 % is no difference."),
    N_("“If independent”: how often found to differ, if ratings were independent (exact binomial test)."),
)
MACHINE_READER = (
    N_("It is one classifier, trained on these ECGs with cross-validation, and is in no number of the readers."),
    N_("Beside a reader's accuracy stands its own, and beside the readers' ROC curve its curve."),
    N_("Its AUC is the share of right choices between a random real and a random synthetic ECG."),
    N_("Readers graded quality and were not asked which ECG is real; the classifier was."),
    N_(
        "A small learned classifier told real from synthetic ECGs with AUC {auc}, physiology included; by chance it "
        "reaches {chance}."
    ),
    N_("It read {read} ECGs and left {unread} unread."),
    N_("It does not gate the study: this is what the study asks of people."),
    N_("Not measured: too few ECGs."),
    N_("Not measured, as the audit is an older one."),
    N_("Not measured: An arm has only {fewest} ECGs; the audit needs at least {least} in each."),
    N_("Not measured: There are fewer than {folds} cases: a classifier that never sees a match needs more."),
)
MISJUDGED = (
    N_(
        "Nobody was asked which ECG is real, so no grade is wrong. Graded against the origin means: a real ECG as "
        "unusable or poor, a synthetic one as acceptable or good."
    ),
)
FLAGS = (
    N_("{hasty} of {n} readings took less than {limit} s"),
    N_("{alike} of {n} answers are the same"),
    N_("{alike} of {n} answers are on the same side"),
    N_("{run} answers in a row are the same"),
    N_("{run} answers in a row repeat a pattern of {period}"),
    N_("verdicts move towards real with position (rank correlation {rho})"),
    N_("verdicts move towards synthetic with position (rank correlation {rho})"),
    N_("verdicts move towards left with position (rank correlation {rho})"),
    N_("verdicts move towards right with position (rank correlation {rho})"),
    N_("verdicts move towards unusable with position (rank correlation {rho})"),
    N_("verdicts move towards good with position (rank correlation {rho})"),
)
LEFT_OUT = (
    N_("needs the column {column}, or verdicts from 1 to 6"),
    N_("needs the column {column}, or choices from 1 to 6"),
    N_("needs the columns left_plausibility and right_plausibility"),
    N_("needs the column {column}"),
    N_("needs verdicts from 1 to 6"),
    N_("needs ratings by two readers or more"),
    N_("needs at most {most} readers or items"),
    N_("needs repeats: an ECG shown to the same reader again (column repeat)"),
    N_("needs labels: the column is empty or not there"),
    N_("needs answers on real and on synthetic ECGs"),
    N_("needs answers that differ: from none that do nobody learns how much readers and ECGs differ"),
    N_("needs answers that differ between readers or between ECGs of one origin"),
    N_("needs {fewest} readers or more who read every ECG once, and two ECGs of an origin"),
    N_("needs catch pairs: two ECGs of one origin side by side"),
    N_("not in this analysis"),
)
FAILURES = (N_("The analysis stopped unexpectedly: {reason}"),)
SENTENCES = (
    *CONCLUSIONS,
    *DECIDED,
    *WHY_INTERVALS_DIFFER,
    *POWER,
    *MACHINE_READER,
    *MISJUDGED,
    *FLAGS,
    *LEFT_OUT,
    *FAILURES,
)


def in_words(sentences: str) -> str:
    """Sentences of the report in the language of the visitor; one that is not among those above stays in English."""
    return said(sentences, SENTENCES, _value)


def _value(words: str) -> str:
    """What stands in a sentence: a number, or the name of something."""
    return numerals(words) if words[0].isdigit() or words[0] in "+-−" else named(words)
