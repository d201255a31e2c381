"""The report as one HTML page that needs nothing else and prints well; a browser makes the PDF of it.

Knows: what goes into the template beside this file. Does not know: how numbers come about. Everything that people
typed is escaped by the template engine; the page holds no script.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from review_db.model import Verdict
from review_db.report import pictures, written
from review_db.report.conclusion import can_readers_tell
from review_db.report.content import Content
from review_db.report.found import Found, estimate_of, is_known
from review_db.report.limitations import limitations
from review_db.report.methods import asked_of_authors, methods
from review_db.report.misjudged import misjudged
from review_db.report.sources import provenance_rows, software

TEMPLATE = Path(__file__).with_name("report.html")
MOST_MISJUDGED = 40  # ECGs that the page lists; the data package has all
SHARES = ("accuracy", "balanced_accuracy", "fooling_rate", "sensitivity", "specificity")
SCORES = ("d_prime", "criterion", "auc")
DRAWN_ONLY = ("balanced_accuracy", "auc")  # have no naive interval in the analysis
PLAUSIBILITIES = ("plausibility_of_real", "plausibility_of_synthetic")
AGREEMENTS: Mapping[str, str] = {
    "fleiss_kappa": "Fleiss' kappa",
    "gwet_ac1": "Gwet's AC1",
    "krippendorff_alpha": "Krippendorff's alpha, real against synthetic",
    "krippendorff_alpha_ordinal": "Krippendorff's alpha, six steps in order",
}
TITLES: Mapping[str, tuple[str, str]] = {
    "accuracy": ("Accuracy", "right verdicts among all"),
    "balanced_accuracy": ("Balanced accuracy", "mean of sensitivity and specificity"),
    "fooling_rate": ("Fooling rate", "synthetic ECGs called real"),
    "sensitivity": ("Sensitivity", "synthetic ECGs called synthetic"),
    "specificity": ("Specificity", "real ECGs called real"),
    "d_prime": ("d-prime", "how far apart the two are seen; 0 = not at all"),
    "criterion": ("Criterion", "leaning; above 0 = towards real"),
    "auc": ("AUC", "area under the ROC curve of the signed answer"),
    "plausibility_of_real": ("Plausible, real ECGs", "the stated finding was seen"),
    "plausibility_of_synthetic": ("Plausible, synthetic ECGs", "the stated finding was seen"),
    "learning": ("Change of accuracy", "from the first to the last position"),
    "drift": ("Change of “synthetic” answers", "from the first to the last position"),
    "pace": ("Change of reading time", "relative, from the first to the last position"),
}
FILTERS: Mapping[str, Callable[..., str]] = {
    "share": written.share,
    "share_interval": written.share_interval,
    "share_in_words": written.share_in_words,
    "score": written.score,
    "score_interval": written.score_interval,
    "score_in_words": written.score_in_words,
    "seconds": written.seconds,
    "seconds_interval": written.seconds_interval,
    "seconds_in_words": written.seconds_in_words,
    "p_value": written.p_value,
}


def report_page(content: Content, observations_csv: str, now: datetime) -> str:
    """The page. `observations_csv` is what was analysed; its SHA-256 is printed."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(FILTERS)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    items = methods(content)
    wrong = misjudged(content.observations)
    return template.render(
        content=content,
        study=content.study,
        found=content.found,
        now=now,
        conclusion=can_readers_tell(content.found),
        digest=hashlib.sha256(observations_csv.encode()).hexdigest(),
        titles=TITLES,
        drawn_only=DRAWN_ONLY,
        main=main_names(content.found),
        column_methods=column_methods(content.found),
        agreements=AGREEMENTS,
        methods=items,
        yours=asked_of_authors(items),
        limitations=limitations(content),
        misjudged=wrong[:MOST_MISJUDGED],
        misjudged_in_all=len(wrong),
        provenance=provenance_rows(content.observations),
        software=software(),
        is_known=is_known,
        estimate_of=estimate_of,
        **_drawn(content),
    )


def main_names(found: Found) -> list[tuple[str, str]]:
    """(name, filter's stem) of the main numbers that this study has; without both origins few make sense."""
    shares = SHARES if found.has_both else ("fooling_rate", "specificity")
    chosen = [(name, "share") for name in (*shares, *PLAUSIBILITIES)] + [(name, "score") for name in SCORES]
    return [(name, kind) for name, kind in chosen if is_known(found.estimate(name))]


def column_methods(found: Found) -> list[tuple[str, list[str]]]:
    """The methods behind each column of the main table."""
    names = [name for name, _ in main_names(found)]
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


def _drawn(content: Content) -> dict[str, object]:
    """Coordinates of the pictures."""
    found, arms = content.found, [arm.name for arm in content.study.arms]
    total = [("All", found.estimate("accuracy")), ("All, by bootstrap", found.estimate("accuracy_bootstrap"))]
    labels = [(content.label(code), e) for code, e in pictures.by_group(found, "by_label")]
    return {
        "forest_of_readers": pictures.forest(pictures.by_group(found, "by_reader"), total),
        "forest_of_labels": pictures.forest(labels, total),
        "roc": pictures.roc_points(found),
        "bars": pictures.histogram(content.observations, arms),
        "top_share": pictures.top_share(content.observations, arms),
        "arms": arms,
        "steps": [(verdict.wording, pictures.step_left(int(verdict), len(arms))) for verdict in Verdict],
        "layout": pictures,
    }
