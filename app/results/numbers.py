"""The results in words and tables: headline, key numbers, tests, by arm, reader and finding, agreement.

Knows: which numbers stand in which table, and their wording. Does not know: how a number is computed.
What is cheap (naive intervals) is shown at once; what needs the analysis is left out until it is there.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.language.words import N_, decimal, ngettext
from app.language.words import gettext as _
from app.results import report_sentences, written
from app.results.data import Results
from app.results.forest import in_words
from app.results.machine import show_curve_numbers, show_rates
from app.results.report_names import named
from app.results.shared import answer_of_test, show_flags, show_median_times, show_plan, show_scores
from app.table import show_table
from review_db import statistics
from review_db.model import Origin
from review_db.observed import Observation
from review_db.report import machine_results
from review_db.report.conclusion import can_readers_tell
from review_db.report.found import Found, estimate_of, is_known
from review_db.report.titles import AGREEMENTS, TITLES, WITHIN_READERS
from review_db.scales import Verdict
from review_db.statistics import Confusion, Estimate

SCORES = ("d-prime", "criterion")
ONE_ORIGIN = {
    Origin.REAL: N_(
        "All ECGs of this study were real. Accuracy here is only the share that was called real; what tells the arms "
        "apart is how often each was called real."
    ),
    Origin.SYNTHETIC: N_(
        "All ECGs of this study were synthetic. Accuracy here is only the share that was called synthetic; what tells "
        "the arms apart is how often each was called real."
    ),
}
NAIVE_INTERVALS = N_(
    "Naive intervals: 95 %, exact (Clopper-Pearson) for shares, normal with log-linear correction for d-prime and "
    "criterion."
)
TESTS = {
    "binomial_test": N_("Accuracy is 50 %, ratings taken as independent"),
    "accuracy_anova": N_("Accuracy is 50 %, readers and ECGs random"),
    "tost_anova": N_("Accuracy is not within the margin, readers and ECGs random"),
    "tost": N_("Accuracy is not within the margin, exact"),
    "tost_bootstrap": N_("Accuracy is not within the margin, bootstrap"),
}


def show_headline(results: Results) -> None:
    """What came out, in one sentence and two numbers."""
    answers = ngettext("{number} answer", "{number} answers", len(results.observations))
    readers = ngettext("{number} reader gave {answers}.", "{number} readers gave {answers}.", len(results.readers))
    counted = answers.format(number=decimal(len(results.observations), ","))
    st.markdown(readers.format(number=decimal(len(results.readers), ","), answers=counted))
    if not results.has_both:
        st.info(_(ONE_ORIGIN[results.firsts[0].origin]))
        return
    if results.found is not None:
        st.subheader(report_sentences.in_words(can_readers_tell(results.found)), anchor=False)
    rows = [_headline_row(results, name) for name in ("accuracy", "fooling_rate")]
    drawn = _("Readers and ECGs drawn anew") if len(results.readers) > 1 else _("ECGs drawn anew")
    columns = ("", _("Value"), _("If ratings were independent"), drawn, _("Answers"), _("Meaning"))
    show_table(columns, rows, numbers=[1, 2, 3, 4])
    if results.found is not None:
        st.caption(report_sentences.in_words(results.found.words("why_intervals_differ")))


def _headline_row(results: Results, name: str) -> tuple[object, ...]:
    naive = statistics.STATISTICS[name.replace("_", " ")](results.firsts)
    title, meaning = TITLES[name]
    anew = _("being computed …")
    if results.found is not None:
        anew = written.share_interval(results.found.estimate(f"{name}_bootstrap")) or written.NOTHING
    return named(title), written.share(naive), written.share_interval(naive), anew, naive.n, named(meaning)


def show_key_numbers(results: Results) -> None:
    """Every statistic with its naive interval and, beside it, those that know of readers and ECGs.

    Not for a study of one origin: `show_arms` says all that such a study can say.
    """
    if not results.has_both:
        return
    st.subheader(_("Key numbers"), anchor=False)
    rows = []
    for name, statistic in statistics.STATISTICS.items():
        estimate = statistic(results.firsts)
        if is_known(estimate):
            rows.append(_key_row(name, estimate, results.found))
    rows += _rows_of_readers(results.found) if results.found is not None else []
    values = ("", _("Value"), _("95 % interval, naive"), _("Bootstrap"), _("Mixed model"))
    show_table((*values, _("Answers"), _("Meaning")), rows, numbers=[1, 2, 3, 4, 5])
    if results.found is not None:
        _show_tests(results.found)
    st.caption(" ".join([_(NAIVE_INTERVALS), *_caveat(len(results.readers))]))


def _key_row(name: str, naive: Estimate, found: Found | None) -> tuple[object, ...]:
    value, interval = (written.score, written.score_interval) if name in SCORES else _SHARE
    key = name.replace(" ", "_").replace("-", "_")
    title, meaning = TITLES.get(key, (name.capitalize(), ""))  # an entry of STATISTICS without words is shown too
    kin = ["", ""]
    if found is not None:
        kin = [interval(found.estimate(f"{key}{of}")) for of in ("_bootstrap", "_mixed_model")]
    return named(title), value(naive), interval(naive), *kin, naive.n, named(meaning)


def _rows_of_readers(found: Found) -> list[tuple[object, ...]]:
    """What only the analysis has: the area, and means over readers."""
    names = [name for name in ("d_prime_of_readers", "auc", "auc_of_readers") if is_known(found.estimate(name))]
    return [_drawn_row(found.estimate(name), *TITLES[name]) for name in names]


def _drawn_row(e: Estimate, title: str, meaning: str) -> tuple[object, ...]:
    return named(title), written.score(e), "", written.score_interval(e), "", e.n, named(meaning)


_SHARE = (written.share, written.share_interval)


def _caveat(readers: int) -> list[str]:
    several = _("Ratings of one reader, and of one ECG, are not independent: naive intervals are too narrow.")
    return [several] if readers > 1 else []


def _show_tests(found: Found) -> None:
    rows = [
        (_(title), written.p_value(found.group(name)["p_value"]), answer_of_test(found, name))
        for name, title in TESTS.items()
        if found.group(name)
    ]
    show_table((_("Tested"), "p", _("Answer")), rows, numbers=[1])
    show_plan(found)


# ------------------------------------------------------------------------------------------------- by group


def show_arms(results: Results) -> None:
    """How often each arm was called real, and found plausible."""
    st.subheader(_("By arm"), anchor=False)
    rows = []
    for arm in results.study.arms:
        of_arm = [o for o in results.firsts if o.arm == arm.name]
        called_real = statistics.proportion(sum(not o.verdict.says_synthetic for o in of_arm), len(of_arm))
        shares = (in_words(called_real), in_words(_plausible(of_arm)))
        rows.append((arm.name, named(arm.origin.value), len(of_arm), *shares))
    columns = (_("Arm"), _("Truth"), _("Answers"), _("Called real"), _("Finding plausible"))
    show_table(columns, rows, numbers=[2, 3, 4])


def _plausible(observations: Sequence[Observation]) -> Estimate:
    """The same rule for either origin."""
    both = (statistics.plausibility_of_real, statistics.plausibility_of_synthetic)
    return max((statistic(observations) for statistic in both), key=lambda estimate: estimate.n)


def show_readers(results: Results) -> None:
    """Each reader's numbers, with naive intervals: they speak of this reader."""
    st.subheader(_("By reader"), anchor=False)
    rows = [_reader_row(name, of_reader) for name, of_reader in results.readers.items()]
    scores = map(named, ("Accuracy", "Sensitivity", "Specificity", "d-prime", "Criterion"))
    columns = (_("Reader"), _("Answers"), *scores, _("Median time"))
    kept = range(len(columns)) if results.has_both else [0, 1, 7]
    show_table([columns[at] for at in kept], [[row[at] for at in kept] for row in rows], numbers=range(1, len(kept)))
    if results.found is not None:
        show_flags(results.found)


def _reader_row(name: str, observations: Sequence[Observation]) -> tuple[object, ...]:
    seconds = sorted(o.seconds for o in observations)
    return (
        name,
        len(observations),
        in_words(statistics.accuracy(observations)),
        in_words(statistics.sensitivity(observations)),
        in_words(statistics.specificity(observations)),
        written.score(statistics.d_prime(observations)),
        written.score(statistics.criterion(observations)),
        f"{seconds[len(seconds) // 2]:.0f} s",
    )


def show_labels(results: Results) -> None:
    """Verdicts by finding and, with the analysis, p-values that know how many findings there are."""
    st.subheader(_("Verdicts by finding"), anchor=False)
    rows = [_confusion_row(results.label_name(code), table) for code, table in results.by_label]
    rows.append(_confusion_row(_("All ECGs"), statistics.confusion(results.firsts)))
    real = (_("Real, called real"), _("Real, called synthetic"))
    synthetic = (_("Synthetic, called real"), _("Synthetic, called synthetic"))
    show_table((_("Finding"), *real, *synthetic), rows, numbers=[1, 2, 3, 4])
    st.caption(_("An ECG with several findings counts in each of them."))
    if results.found is not None and results.has_both and results.found.group("by_label"):
        _show_label_tests(results, results.found)


def _show_label_tests(results: Results, found: Found) -> None:
    groups = found.group("by_label")
    rows = [
        (
            results.label_name(code),
            groups[code]["accuracy"]["n"],
            written.share_in_words(estimate_of(groups[code]["accuracy"])),
            written.share_interval(estimate_of(groups[code]["accuracy_bootstrap"])),
            written.p_value(groups[code]["p_holm"]),
            written.p_value(groups[code]["p_holm_bootstrap"]),
        )
        for code, _table in results.by_label
    ]
    shares = (_("Accuracy, naive"), _("Bootstrap"))
    columns = (_("Finding"), _("Answers"), *shares, _("p, Holm"), _("Bootstrap p, Holm"))
    show_table(columns, rows, numbers=[1, 2, 3, 4, 5])
    words = _("p: accuracy against 50 %, exact binomial and by bootstrap, corrected for the number of findings (Holm).")
    st.caption(words)


def _confusion_row(name: str, table: Confusion) -> tuple[object, ...]:
    return (
        name,
        table.real_called_real,
        table.real_called_synthetic,
        table.synthetic_called_real,
        table.synthetic_called_synthetic,
    )


def show_agreement(results: Results, found: Found) -> None:
    """Agreement between readers, beyond chance, and within readers where there were repeats."""
    st.subheader(_("Agreement between readers"), anchor=False)
    shown = {title: found.estimate(name) for name, title in AGREEMENTS.items() if found.group(name)}
    if not shown:
        st.write(_("Agreement needs ECGs that were read by two readers or more."))
        return
    rows = [
        (named(title), written.score(e), written.score_interval(e), e.n, named(e.method)) for title, e in shown.items()
    ]
    show_table(("", _("Value"), _("95 % interval"), _("ECGs"), _("Method")), rows, numbers=[1, 2, 3])
    st.caption(_("1 = full agreement, 0 = no more than by chance. Readers who all guess do not agree."))
    again = {"same_again": N_("Same side again, real or synthetic")}
    show_scores(found, _("Agreement within readers"), WITHIN_READERS, again)


# ---------------------------------------------------------------------------------- numbers behind the pictures


def show_picture_numbers(results: Results, found: Found, counts: dict[str, dict[Verdict, int]]) -> None:
    """Every number that a picture shows."""
    with st.expander(_("Numbers behind the pictures")):
        rows = [(arm, *of_arm.values()) for arm, of_arm in counts.items()]
        show_table((_("Answers by arm"), *(named(step.wording) for step in Verdict)), rows, numbers=range(1, 7))
        quarters = [_quarter_row(row) for row in found.rows("by_quarter")]
        show_table((_("Quarter"), _("Right verdicts"), _("Median time")), quarters, numbers=[1, 2])
        times = {**found.group("seconds_by_verdict"), **_named_steps(found)}
        show_median_times({name.replace("_", " "): estimate_of(e) for name, e in times.items()})
        if curve := found.group("roc") if results.has_both else {}:
            points = zip(curve["false_alarm_rate"], curve["hit_rate"], strict=True)
            show_rates(_("ROC: real called synthetic"), points)
            show_curve_numbers(machine_results.curve(results.study))


def _quarter_row(row: dict[str, dict[str, object]]) -> tuple[object, ...]:
    seconds = written.seconds_in_words(estimate_of(row["median_seconds"])) if "median_seconds" in row else ""
    return row["quarter"], written.share_in_words(estimate_of(row["accuracy"])), seconds


def _named_steps(found: Found) -> dict[str, dict[str, object]]:
    return {Verdict(int(step)).wording: e for step, e in found.group("seconds_by_step").items()}
