"""What the numbers of a report are called, and which of them a study has.

Knows: titles, their meaning, the order. Does not know: how a number is computed or laid out.
"""

from collections.abc import Mapping

from review_db.report.found import Found, is_known

SHARES = ("accuracy", "balanced_accuracy", "fooling_rate", "sensitivity", "specificity")
SCORES = ("d_prime", "d_prime_of_readers", "criterion", "auc", "auc_of_readers")
DRAWN_ONLY = ("balanced_accuracy", "d_prime_of_readers", "auc", "auc_of_readers")  # no naive interval
PLAUSIBILITIES = ("plausibility_of_real", "plausibility_of_synthetic")
AGREEMENTS: Mapping[str, str] = {
    "fleiss_kappa": "Fleiss' kappa",
    "gwet_ac1": "Gwet's AC1",
    "krippendorff_alpha": "Krippendorff's alpha, real against synthetic",
    "krippendorff_alpha_ordinal": "Krippendorff's alpha, six steps in order",
}
WITHIN_READERS: Mapping[str, str] = {
    "cohen_kappa": "Cohen's kappa, real against synthetic",
    "weighted_kappa": "Weighted kappa, six steps",
}
TITLES: Mapping[str, tuple[str, str]] = {
    "accuracy": ("Accuracy", "right verdicts among all"),
    "balanced_accuracy": ("Balanced accuracy", "mean of sensitivity and specificity"),
    "fooling_rate": ("Fooling rate", "synthetic ECGs called real"),
    "sensitivity": ("Sensitivity", "synthetic ECGs called synthetic"),
    "specificity": ("Specificity", "real ECGs called real"),
    "d_prime": ("d-prime, pooled", "how far apart both are seen; 0 = not at all; differing criteria make it smaller"),
    "d_prime_of_readers": ("d-prime of the readers", "of each reader alone, then the mean"),
    "criterion": ("Criterion", "leaning; above 0 = towards real"),
    "auc": ("AUC, pooled", "area under the ROC curve of the signed answer; differing criteria make it smaller"),
    "auc_of_readers": ("AUC of the readers", "of each reader alone, then the mean"),
    "plausibility_of_real": ("Plausible, real ECGs", "the stated finding was seen"),
    "plausibility_of_synthetic": ("Plausible, synthetic ECGs", "the stated finding was seen"),
    "learning": ("Change of accuracy", "from the first to the last position"),
    "drift": ("Change of “synthetic” answers", "from the first to the last position"),
    "pace": ("Change of reading time", "relative, from the first to the last position"),
}
TESTS: Mapping[str, str] = {
    "binomial_test": "Accuracy is 50 % (ratings taken as independent)",
    "accuracy_anova": "Accuracy is 50 % (readers and ECGs random)",
    "tost_anova": "Accuracy is not within the margin (readers and ECGs random)",
    "tost": "Accuracy is not within the margin (exact)",
    "tost_bootstrap": "Accuracy is not within the margin (bootstrap)",
}


def main_names(found: Found) -> list[str]:
    """The main numbers that this study has; without both origins few make sense."""
    shares = SHARES if found.has_both else ("fooling_rate", "specificity")
    return [name for name in (*shares, *PLAUSIBILITIES, *SCORES) if is_known(found.estimate(name))]


def column_methods(found: Found) -> list[tuple[str, list[str]]]:
    """The methods behind each column of the main table."""
    names = main_names(found)
    columns = {
        "Naive": [name for name in names if name not in DRAWN_ONLY],
        "Bootstrap": [name if name in DRAWN_ONLY else f"{name}_bootstrap" for name in names],
        "Mixed model": [f"{name}_mixed_model" for name in names],
    }
    methods_of = {
        column: list(dict.fromkeys(found.estimate(name).method for name in kin if found.group(name)))
        for column, kin in columns.items()
    }
    return [(column, names) for column, names in methods_of.items() if names]
