"""The sections of the results of pairs: right choices, sides, catch pairs, ROC, reasons, course, then all numbers.

Knows: their order and words. Does not know: how a number is computed, how a picture is drawn. Everything comes from the
analysis; until it is there the screen has the headline only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from app.language.words import N_, decimal, ngettext
from app.language.words import gettext as _
from app.results import figures, machine, power, report_sentences, shared, written
from app.results.charts import show_picture
from app.results.data import Results
from app.results.forest import Line
from app.results.report_names import named
from app.table import show_table
from review_db.report import results_pairs as report
from review_db.report.conclusion import can_readers_tell
from review_db.report.found import Found, estimate_of, is_known

TESTS = {
    "binomial_test": N_("Half of the choices are right, choices taken as independent"),
    "accuracy_anova": N_("Half of the choices are right, readers and pairs random"),
    "tost_anova": N_("Right choices are not within the margin, readers and pairs random"),
    "tost": N_("Right choices are not within the margin, exact"),
    "tost_bootstrap": N_("Right choices are not within the margin, bootstrap"),
}
SIDES_MEAN = N_(
    "Who cannot tell and has no leaning chooses either side half of the time, in every row. The difference between the "
    "first two rows is d-prime; a leaning moves all rows to one side. In catch pairs both ECGs are of one origin."
)


def show_headline(results: Results) -> None:
    """What came out, in one sentence."""
    choices = ngettext(
        "{number} choice between two ECGs", "{number} choices between two ECGs", len(results.observations)
    )
    readers = ngettext("{number} reader made {choices}.", "{number} readers made {choices}.", len(results.readers))
    counted = choices.format(number=decimal(len(results.observations), ","))
    st.markdown(readers.format(number=decimal(len(results.readers), ","), choices=counted))
    if results.found is not None:
        st.subheader(report_sentences.in_words(can_readers_tell(results.found)), anchor=False)
        st.caption(report_sentences.in_words(results.found.words("why_intervals_differ")))


def _forests(results: Results, found: Found) -> None:
    st.subheader(_("Right choices by reader and by finding"), anchor=False)
    all_of_them, drawn = found.estimate("accuracy"), found.estimate("accuracy_bootstrap")
    totals = [Line(_("All"), all_of_them, True), Line(_("All, bootstrap"), drawn, True)]
    beside = machine.lines(results.study)
    groups = (("by_reader", str, beside), ("by_label", results.short_name, []))
    with st.container(horizontal=True, gap="large"):
        for group, name, more in groups:
            lines = [Line(name(key), estimate_of(of["accuracy"])) for key, of in found.group(group).items()]
            shared.show_forest([*lines, *totals, *more], _("Right choices"), f"forest-{group}")
    words = _("The dotted line is guessing; catch pairs are not among them.")
    st.caption(" ".join([_(shared.BOTH_INTERVALS), words, *machine.beside_readers(results.study)]))


def _sides(_results: Results, found: Found) -> None:
    st.subheader(_("Sides, and catch pairs"), anchor=False)
    rows = {named(name): counts for name, counts in report.side_rows(found).items()}
    shared.show_stacked(rows, list(map(named, report.SIDE_CLASSES)), "sides")
    st.caption(_(SIDES_MEAN))
    _show_side_numbers(found)


def _show_side_numbers(found: Found) -> None:
    rows = [_side_row(found, name, words) for name, words in _SIDE_NUMBERS.items() if is_known(found.estimate(name))]
    show_table(("", _("Value"), _("95 % interval"), "p", _("Answers")), rows, numbers=[1, 2, 3, 4])


_SIDE_NUMBERS: Mapping[str, str] = {
    "position_bias": N_("Chose the left"),
    "position_bias_bootstrap": N_("Chose the left, bootstrap"),
    "catch_left": N_("Chose the left in catch pairs"),
    "catch_certain": N_("“Certainly” in catch pairs"),
    "told_certain": N_("“Certainly” in all other pairs"),
}


def _side_row(found: Found, name: str, words: str) -> tuple[object, ...]:
    e, p = found.estimate(name), found.group(name).get("p_value")
    return _(words), written.share(e), written.share_interval(e), "" if p is None else written.p_value(p), e.n


def _roc(_results: Results, found: Found) -> None:
    if not is_known(found.estimate("auc")):
        return
    st.subheader(_("How sure the readers were"), anchor=False)
    across, upwards = _("“Right”, synthetic ECG on the left"), _("“Right”, synthetic ECG on the right")
    show_picture(figures.roc_picture(found, across, upwards), "roc", 420)
    words = _("The ROC curve of the signed confidence with its 95 % band by bootstrap; the dotted line is guessing.")
    st.caption(words)


def _reasons(results: Results, _found: Found) -> None:
    shared.show_reasons(results, _("What gave it away"))


def _course(_results: Results, found: Found) -> None:
    shared.show_course(found, "accuracy", _("Right choices"), figures.accuracy_picture)
    shared.show_times(found, ("seconds_by_verdict", "seconds_by_certainty"))


def _key_numbers(_results: Results, found: Found) -> None:
    st.subheader(_("Key numbers"), anchor=False)
    rows = [_key_row(found, name) for name in report.TITLES if is_known(found.estimate(name))]
    values = ("", _("Value"), _("95 % interval, naive"), _("Bootstrap"), _("Mixed model"))
    show_table((*values, _("Answers"), _("Meaning")), rows, numbers=[1, 2, 3, 4, 5])
    tests = [
        (
            _(words),
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
    mixed = interval(found.estimate(f"{name}_mixed_model"))
    return named(title), value(e), naive, drawn, mixed, e.n, named(meaning)


def _groups(results: Results, found: Found) -> None:
    numbers = (_("Pairs"), _("Right choices"), _("d-prime"), _("Chose the left"), _("p, Holm"))
    for group, title, column in shared.GROUPS:
        name = results.label_name if group == "by_label" else str
        rows = [(name(key), *_group_row(found, group, key)) for key in found.group(group)]
        if rows:
            st.subheader(_(title), anchor=False)
            show_table((_(column), *numbers), rows, numbers=range(1, 6))
    st.caption(_("p: right choices against 50 %, exact binomial, corrected for the number of rows (Holm)."))


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
