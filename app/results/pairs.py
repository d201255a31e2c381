"""The sections of the results of pairs: right choices, sides, catch pairs, ROC, reasons, course, then all numbers.

Knows: their order and words. Does not know: how a number is computed, how a picture is drawn. Everything comes from the
analysis; until it is there the screen has the headline only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from app.results import figures, machine, power, shared
from app.results.charts import show_picture
from app.results.data import Results
from app.results.forest import Line
from app.table import show_table
from review_db.report import results_pairs as report
from review_db.report import written
from review_db.report.conclusion import can_readers_tell
from review_db.report.found import Found, estimate_of, is_known

TESTS = {
    "binomial_test": "Half of the choices are right, choices taken as independent",
    "accuracy_anova": "Half of the choices are right, readers and pairs random",
    "tost_anova": "Right choices are not within the margin, readers and pairs random",
    "tost": "Right choices are not within the margin, exact",
    "tost_bootstrap": "Right choices are not within the margin, bootstrap",
}


def show_headline(results: Results) -> None:
    """What came out, in one sentence."""
    readers = written.counted(len(results.readers), "reader")
    st.markdown(f"{readers} made {written.counted(len(results.observations), 'choice')} between two ECGs.")
    if results.found is not None:
        st.subheader(can_readers_tell(results.found), anchor=False)
        st.caption(results.found.words("why_intervals_differ"))


def _forests(results: Results, found: Found) -> None:
    st.subheader("Right choices by reader and by finding", anchor=False)
    all_of_them = found.estimate("accuracy")
    totals = [Line("All", all_of_them, True), Line("All, bootstrap", found.estimate("accuracy_bootstrap"), True)]
    beside = machine.lines(results.study)
    groups = (("by_reader", str, beside), ("by_label", results.short_name, []))
    with st.container(horizontal=True, gap="large"):
        for group, name, more in groups:
            lines = [Line(name(key), estimate_of(of["accuracy"])) for key, of in found.group(group).items()]
            shared.show_forest([*lines, *totals, *more], "Right choices", f"forest-{group}")
    words = "The dotted line is guessing; catch pairs are not among them."
    st.caption(f"{shared.BOTH_INTERVALS} {words}{machine.BESIDE_READERS if beside else ''}")


def _sides(_: Results, found: Found) -> None:
    st.subheader("Sides, and catch pairs", anchor=False)
    shared.show_stacked(report.side_rows(found), report.SIDE_CLASSES, "sides")
    st.caption(
        "Who cannot tell and has no leaning chooses either side half of the time, in every row. The difference between "
        "the first two rows is d-prime; a leaning moves all rows to one side. In catch pairs both ECGs are of one "
        "origin."
    )
    rows = [_side_row(found, name, words) for name, words in _SIDE_NUMBERS.items() if is_known(found.estimate(name))]
    show_table(("", "Value", "95 % interval", "p", "Answers"), rows, numbers=[1, 2, 3, 4])


_SIDE_NUMBERS: Mapping[str, str] = {
    "position_bias": "Chose the left",
    "position_bias_bootstrap": "Chose the left, bootstrap",
    "catch_left": "Chose the left in catch pairs",
    "catch_certain": "“Certainly” in catch pairs",
    "told_certain": "“Certainly” in all other pairs",
}


def _side_row(found: Found, name: str, words: str) -> tuple[object, ...]:
    e, p = found.estimate(name), found.group(name).get("p_value")
    return words, written.share(e), written.share_interval(e), "" if p is None else written.p_value(p), e.n


def _roc(_: Results, found: Found) -> None:
    if not is_known(found.estimate("auc")):
        return
    st.subheader("How sure the readers were", anchor=False)
    across, upwards = "“Right”, synthetic ECG on the left", "“Right”, synthetic ECG on the right"
    show_picture(figures.roc_picture(found, across, upwards), "roc", 420)
    st.caption("The ROC curve of the signed confidence with its 95 % band by bootstrap; the dotted line is guessing.")


def _reasons(results: Results, _: Found) -> None:
    shared.show_reasons(results, "What gave it away")


def _course(_: Results, found: Found) -> None:
    shared.show_course(found, "accuracy", "Right choices", figures.accuracy_picture)
    shared.show_times(found, ("seconds_by_verdict", "seconds_by_certainty"))


def _key_numbers(_: Results, found: Found) -> None:
    st.subheader("Key numbers", anchor=False)
    rows = [_key_row(found, name) for name in report.TITLES if is_known(found.estimate(name))]
    columns = ("", "Value", "95 % interval, naive", "Bootstrap", "Mixed model", "Answers", "Meaning")
    show_table(columns, rows, numbers=[1, 2, 3, 4, 5])
    tests = [
        (
            words,
            written.p_value(found.group(name)["p_value"]),
            written.share_interval(found.estimate(name)),
            shared.answer_of_test(found, name),
        )
        for name, words in TESTS.items()
        if found.group(name)
    ]
    shared.show_tests(found, tests)


def _key_row(found: Found, name: str) -> tuple[object, ...]:
    title, meaning = report.TITLES[name]
    scores = (written.score, written.score_interval)
    value, interval = scores if name in report.SCORES else (written.share, written.share_interval)
    e = found.estimate(name)
    drawn_only = name in report.DRAWN_ONLY
    naive, drawn = ("", interval(e)) if drawn_only else (interval(e), interval(found.estimate(f"{name}_bootstrap")))
    return title, value(e), naive, drawn, interval(found.estimate(f"{name}_mixed_model")), e.n, meaning


def _groups(results: Results, found: Found) -> None:
    for group, title, name in (("by_reader", "By reader", str), ("by_label", "By finding", results.label_name)):
        rows = [(name(key), *_group_row(found, group, key)) for key in found.group(group)]
        if rows:
            st.subheader(title, anchor=False)
            columns = (title[3:].capitalize(), "Pairs", "Right choices", "d-prime", "Chose the left", "p, Holm")
            show_table(columns, rows, numbers=range(1, 6))
    st.caption("p: right choices against 50 %, exact binomial, corrected for the number of rows (Holm).")


def _group_row(found: Found, group: str, key: str) -> tuple[object, ...]:
    accuracy, left = found.estimate(group, key, "accuracy"), found.estimate(group, key, "position_bias")
    d_prime = written.score_in_words(found.estimate(group, key, "d_prime"))
    p_holm = written.p_value(found.group(group)[key]["p_holm"])
    return accuracy.n, written.share_in_words(accuracy), d_prime, written.share_in_words(left), p_holm


SECTIONS: Sequence[Callable[[Results], None]] = tuple(
    map(
        shared.with_analysis,
        (
            _forests,
            _sides,
            _roc,
            machine.show_beside_analysis,
            _reasons,
            _course,
            power.show_power,
            _key_numbers,
            _groups,
            shared.agreement(report.AGREEMENTS, report.WITHIN, report.AGAIN),
        ),
    )
)
