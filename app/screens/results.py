"""Results: what the answers of a closed study say. For the investigator.

Knows: which tables and pictures, their order, the act of unblinding.
Does not know: how a number is computed (`review_db.statistics`).

Truth and answers come together only after a click that is confirmed; the store writes it down, once, and
refuses as long as the study is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

import streamlit as st

from app import session
from app.forest import Line, forest_figure, in_words
from app.guard import admit_investigator, sign_out_button
from app.table import show_table
from app.wording import day
from engine.labels import LabelSet
from review_db import statistics
from review_db.model import AuditKind, Observation, Origin, StudyState, StudySummary
from review_db.statistics import Confusion, Estimate
from review_db.store import Store

CHART = {"displayModeBar": False, "scrollZoom": False}


def show() -> None:
    """The whole screen."""
    if not admit_investigator():
        return
    services = session.services()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title("Results", anchor=False)
        sign_out_button()
    study = _choose_study(services.store.studies())
    if study is None:
        return
    if not _was_unblinded(services.store, study):
        _ask_to_unblind(services.store, study)
        return
    observations = services.store.observations(study.id)
    if not observations:
        st.info("The study was closed without a single answer, so there is nothing to report.")
        return
    _show_report(study, observations, services.label_set)
    _offer_export(services.store, study)


def _choose_study(studies: Sequence[StudySummary]) -> StudySummary | None:
    closed = [study for study in studies if study.state is StudyState.CLOSED]
    if closed:
        return st.selectbox("Study", closed, format_func=_study_words, width=560)
    open_ones = [study for study in studies if study.state is StudyState.OPEN]
    if open_ones:
        st.write("No study is closed yet. Results can be seen once a study is closed, so that nobody reads unblinded.")
    else:
        st.write("There are no results yet. Compose a study, let it be read and close it; then its results are here.")
    return None


def _study_words(study: StudySummary) -> str:
    return f"{study.title} (no. {study.id}, closed {day(study.closed_at)})"


def _was_unblinded(store: Store, study: StudySummary) -> bool:
    return any(event.kind is AuditKind.UNBLINDED for event in store.audit_trail(study.id))


def _ask_to_unblind(store: Store, study: StudySummary) -> None:
    answers = study.items * study.readers
    st.write(
        f"This study is closed with {study.ratings} of {answers} answers from {study.readers} "
        f"reader{'' if study.readers == 1 else 's'}. It is still blinded."
    )
    if st.button("Unblind the study", type="primary"):
        _confirm_unblinding(store, study)


@st.dialog("Unblind the study?")
def _confirm_unblinding(store: Store, study: StudySummary) -> None:
    st.write("From now on it is known which ECG was real. The moment is written to the study's audit trail.")
    if st.button("Unblind it and show the results", type="primary", on_click=store.observations, args=(study.id,)):
        st.rerun()


# ------------------------------------------------------------------------------------------------ the report


def _show_report(study: StudySummary, observations: Sequence[Observation], label_set: LabelSet) -> None:
    readers = statistics.by_reader(observations)
    has_both = {o.origin for o in observations} == set(Origin)
    _show_headline(study, observations, len(readers), has_both)
    if has_both:
        _show_key_numbers(observations)
    _show_arms(study, observations)
    _show_forests(observations, readers, label_set, has_both)
    _show_readers(readers, has_both)
    _show_confusion(observations, label_set)
    _show_caveat(len(readers))


def _show_headline(study: StudySummary, observations: Sequence[Observation], readers: int, has_both: bool) -> None:
    right = statistics.accuracy(observations)
    words = "reader" if readers == 1 else "readers"
    if has_both:
        st.markdown(
            f"{readers} {words} gave {len(observations)} answers. **{in_words(right)} of them were right**; guessing "
            f"gives 50 %. {_reading_of(right)}"
        )
        return
    st.markdown(f"{readers} {words} gave {len(observations)} answers.")
    st.info(
        "All ECGs of this study were synthetic. Accuracy here is only the share that was called synthetic; what "
        "tells the arms apart is how often each was called real."
    )


def _reading_of(right: Estimate) -> str:
    if right.low > 0.5:
        return "The interval lies above 50 %: the readers could tell."
    if right.high < 0.5:
        return "The interval lies below 50 %: the readers were misled."
    return "The interval contains 50 %: no difference was shown, which is not the same as showing that there is none."


def _show_key_numbers(observations: Sequence[Observation]) -> None:
    explanations = {  # a name of STATISTICS without an entry here is shown all the same
        "accuracy": "right verdicts among all",
        "fooling rate": "synthetic ECGs called real",
        "sensitivity": "synthetic ECGs called synthetic",
        "specificity": "real ECGs called real",
        "d-prime": "how far apart the two are seen; 0 = not at all",
        "criterion": "leaning; above 0 = towards “real”",
        "plausibility of real": "real ECGs found to show the stated finding",
        "plausibility of synthetic": "synthetic ECGs found to show the stated finding",
    }
    rows = []
    for name, statistic in statistics.STATISTICS.items():
        estimate = statistic(observations)
        if estimate.n:
            is_share = name not in ("d-prime", "criterion")
            value, interval = _share(estimate) if is_share else _score(estimate)
            rows.append((_title(name), value, interval, estimate.n, explanations.get(name, "")))
    st.subheader("Key numbers", anchor=False)
    show_table(("", "Value", "95 % interval", "Answers", "Meaning"), rows, numbers=[1, 2, 3])


def _title(name: str) -> str:
    return name if name.startswith("d-") else name.capitalize()


def _share(estimate: Estimate) -> tuple[str, str]:
    return f"{100 * estimate.value:.1f} %", f"{100 * estimate.low:.1f} to {100 * estimate.high:.1f} %"


def _score(estimate: Estimate) -> tuple[str, str]:
    if not isfinite(estimate.value):
        return "–", ""
    return _two_decimals(estimate.value), f"{_two_decimals(estimate.low)} to {_two_decimals(estimate.high)}"


def _two_decimals(number: float) -> str:
    return f"{round(number, 2) + 0.0:.2f}".replace("-", "−")  # adding zero makes 0.00 of −0.00


def _show_arms(study: StudySummary, observations: Sequence[Observation]) -> None:
    rows = []
    for arm in study.arms:
        of_arm = [o for o in observations if o.arm == arm.name]
        called_real = statistics.proportion(sum(not o.verdict.says_synthetic for o in of_arm), len(of_arm))
        plausible = _plausible(of_arm)
        rows.append((arm.name, arm.origin.value, len(of_arm), in_words(called_real), in_words(plausible)))
    st.subheader("By arm", anchor=False)
    show_table(("Arm", "Truth", "Answers", "Called real", "Finding plausible"), rows, numbers=[2, 3, 4])


def _plausible(observations: Sequence[Observation]) -> Estimate:
    """The same rule for either origin."""
    both = (statistics.plausibility_of_real, statistics.plausibility_of_synthetic)
    return max((statistic(observations) for statistic in both), key=lambda estimate: estimate.n)


def _show_forests(
    observations: Sequence[Observation],
    readers: Mapping[str, Sequence[Observation]],
    label_set: LabelSet,
    has_both: bool,
) -> None:
    title = "Right verdicts" if has_both else "Called synthetic"
    total = Line("All", statistics.accuracy(observations), is_total=True)
    by_reader = [Line(name, statistics.accuracy(of_reader)) for name, of_reader in readers.items()]
    by_label = [
        Line(_short_name(code, label_set), statistics.accuracy([o for o in observations if code in o.labels]))
        for code, _ in _by_label(observations)
    ]
    st.subheader("Accuracy by reader and by finding", anchor=False)
    with st.container(horizontal=True, gap="large"):
        for key, lines in (("readers", by_reader), ("labels", by_label)):
            with st.container(width=600):
                st.plotly_chart(forest_figure([*lines, total], title), key=f"forest-{key}", config=CHART)
    st.caption("Squares are shares, lines exact 95 % intervals, the dotted line is guessing; answers in brackets.")


def _label_name(code: str, label_set: LabelSet) -> str:
    return f"{label_set[code].plain_name} [{code}]" if code in label_set else code


def _short_name(code: str, label_set: LabelSet) -> str:
    """The name without what explains it in brackets."""
    return f"{label_set[code].plain_name.partition(' (')[0]} [{code}]" if code in label_set else code


def _show_readers(readers: Mapping[str, Sequence[Observation]], has_both: bool) -> None:
    st.subheader("By reader", anchor=False)
    rows = [_reader_row(name, of_reader) for name, of_reader in readers.items()]
    columns = ("Reader", "Answers", "Accuracy", "Sensitivity", "Specificity", "d-prime", "Criterion", "Median time")
    kept = [0, 1, 2, 3, 4, 5, 6, 7] if has_both else [0, 1, 3, 7]
    show_table([columns[at] for at in kept], [[row[at] for at in kept] for row in rows], numbers=range(1, len(kept)))


def _reader_row(name: str, observations: Sequence[Observation]) -> tuple[object, ...]:
    seconds = sorted(o.seconds for o in observations)
    return (
        name,
        len(observations),
        in_words(statistics.accuracy(observations)),
        in_words(statistics.sensitivity(observations)),
        in_words(statistics.specificity(observations)),
        _score(statistics.d_prime(observations))[0],
        _score(statistics.criterion(observations))[0],
        f"{seconds[len(seconds) // 2]:.0f} s",
    )


def _show_confusion(observations: Sequence[Observation], label_set: LabelSet) -> None:
    st.subheader("Verdicts by finding", anchor=False)
    tables = {_label_name(code, label_set): table for code, table in _by_label(observations)}
    rows = [_confusion_row(name, table) for name, table in tables.items()]
    rows.append(_confusion_row("All ECGs", statistics.confusion(observations)))
    show_table(
        (
            "Finding",
            "Real, called real",
            "Real, called synthetic",
            "Synthetic, called real",
            "Synthetic, called synthetic",
        ),
        rows,
        numbers=[1, 2, 3, 4],
    )
    st.caption("An ECG with several findings counts in each of them.")


def _by_label(observations: Sequence[Observation]) -> list[tuple[str, Confusion]]:
    """The most frequent findings first."""
    tables = statistics.confusion_by_label(observations)
    return sorted(tables.items(), key=lambda item: -(item[1].real + item[1].synthetic))


def _confusion_row(name: str, table: Confusion) -> tuple[object, ...]:
    return (
        name,
        table.real_called_real,
        table.real_called_synthetic,
        table.synthetic_called_real,
        table.synthetic_called_synthetic,
    )


def _show_caveat(readers: int) -> None:
    several = " Ratings of one reader, and of one ECG, are not independent: these intervals are too narrow."
    st.caption(
        "Intervals: 95 %, exact (Clopper-Pearson) for shares, normal with log-linear correction for d-prime and "
        f"criterion.{several if readers > 1 else ''}"
    )


def _offer_export(store: Store, study: StudySummary) -> None:
    st.download_button(
        "Download all answers (CSV)",
        lambda: store.export_csv(study.id),
        file_name=f"study-{study.id}-answers.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    st.caption("One line per reader and ECG, with the truth. Every download is written to the audit trail.")


if __name__ == "__main__":
    show()
