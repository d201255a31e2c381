"""What the analysis and the report call their numbers, for the catalogue: titles, meanings, classes, methods.

Knows: the names of `review_db` that the results screen shows; review_db knows no languages, so `named`
looks them up by their English words. Does not know: which of them a study has.
"""

from __future__ import annotations

from app.language.words import N_, pgettext
from app.language.words import gettext as _

TITLES = (
    N_("Accuracy"),
    N_("Balanced accuracy"),
    N_("Fooling rate"),
    N_("Specificity"),
    N_("d-prime, pooled"),
    N_("d-prime"),
    N_("d-prime of the readers"),
    N_("Criterion"),
    N_("Side criterion"),
    N_("AUC, pooled"),
    N_("AUC of the readers"),
    N_("Plausible, real ECGs"),
    N_("Plausible, synthetic ECGs"),
    N_("Right choices"),
    N_("Chose the left"),
    N_("Acceptable, real ECGs"),
    N_("Acceptable, synthetic ECGs"),
    N_("Difference"),
    N_("AUC"),
    N_("Right verdicts on single ECGs"),
    N_("Right choices in the pairs of a case"),
)
MEANINGS = (
    N_("right verdicts among all"),
    N_("mean of sensitivity and specificity"),
    N_("synthetic ECGs called real"),
    N_("synthetic ECGs called synthetic"),
    N_("real ECGs called real"),
    N_("how far apart both are seen; 0 = not at all; differing criteria make it smaller"),
    N_("of each reader alone, then the mean"),
    N_("leaning; above 0 = towards real"),
    N_("area under the ROC curve of the signed answer; differing criteria make it smaller"),
    N_("the stated finding was seen"),
    N_("the synthetic ECG was chosen"),
    N_("of two alternatives, free of the leaning to a side; 0 = cannot tell"),
    N_("leaning; below 0 = towards the left"),
    N_("50 % = no leaning"),
    N_("signed confidence, signal = synthetic ECG on the right"),
    N_("graded acceptable or good"),
    N_("acceptable, synthetic less real; 0 = none"),
    N_("a synthetic ECG is graded better than a real one, ties half; 0.5 = no difference"),
)
AGREEMENTS = (
    N_("Fleiss' kappa"),
    N_("Gwet's AC1"),
    N_("Krippendorff's alpha, real against synthetic"),
    N_("Krippendorff's alpha, six steps in order"),
    N_("Cohen's kappa, real against synthetic"),
    N_("Weighted kappa, six steps"),
    N_("Fleiss' kappa, which ECG was chosen"),
    N_("Gwet's AC1, which ECG was chosen"),
    N_("Krippendorff's alpha, which ECG was chosen"),
    N_("Cohen's kappa, which ECG was chosen"),
    N_("Same ECG chosen again"),
    N_("Same side chosen again, although the sides were swapped"),
    N_("Krippendorff's alpha, grades in order"),
    N_("Krippendorff's alpha, grades without order"),
    N_("Fleiss' kappa, grades without order"),
    N_("Gwet's AC1, grades without order"),
    N_("Weighted kappa, four grades"),
)
METHODS = (
    N_("item bootstrap, percentiles; readers as they are"),
    N_("reader x item bootstrap, percentiles"),
    N_("item bootstrap (one reader), percentiles"),
    N_("asymptotic (Fleiss, Cohen, Everitt)"),
    N_("exact (Clopper-Pearson)"),
    N_("95 % bootstrap over ECGs"),
    N_("95 % bootstrap over cases"),
)
CLASSES = (
    # Translators: origins of an ECG, answers about it, and reasons for an answer, as words in a table
    N_("real"),
    N_("synthetic"),
    N_("right"),
    N_("wrong"),
    N_("called real"),
    N_("called synthetic"),
    N_("said real"),
    N_("said synthetic"),
    N_("right choice"),
    N_("wrong choice"),
    N_("acceptable or good"),
    N_("poor or unusable"),
    N_("chose left"),
    N_("chose right"),
    N_("chose the left"),
    N_("chose the right"),
    N_("synthetic ECG left"),
    N_("synthetic ECG right"),
    N_("catch pairs"),
    N_("certainly"),
    N_("probably"),
    N_("possibly"),
    N_("certainly real"),
    N_("probably real"),
    N_("possibly real"),
    N_("possibly synthetic"),
    N_("probably synthetic"),
    N_("certainly synthetic"),
    N_("unusable"),
    N_("poor"),
    N_("acceptable"),
    N_("good"),
    N_("implausible"),
    N_("rather implausible"),
    N_("undecided"),
    N_("rather plausible"),
    N_("plausible"),
    N_("P wave"),
    N_("QRS"),
    N_("ST-T"),
    N_("rhythm"),
    N_("baseline"),
    N_("noise"),
    N_("amplitude"),
    N_("other"),
)
POWER = (
    N_("Power reached"),
    N_("True accuracy"),
    N_("True share of right choices"),
    N_("True AUC"),
    N_("Found to differ"),
    N_("Range"),
    N_("Found equivalent"),
    N_("If independent"),
)
PARTS = (
    # Translators: a part of the analysis that was left out
    N_("accuracy anova"),
    N_("mixed model"),
    N_("auc"),
    N_("by label"),
    N_("agreement between readers"),
    N_("krippendorff alpha ordinal"),
    N_("agreement within readers"),
    N_("same side again"),
    N_("power reached"),
    N_("position"),
    N_("seconds"),
    N_("plausibility"),
    N_("reasons"),
)
NAMES = frozenset((*TITLES, *MEANINGS, *AGREEMENTS, *METHODS, *CLASSES, *POWER, *PARTS))
"""All but the sensitivity, which has a context: on an ECG's scale it is another thing."""


def named(name: str) -> str:
    """A name of the report in the language of the visitor; one that is not known here stays in English."""
    return pgettext("statistics", "Sensitivity") if name == "Sensitivity" else _(name)
