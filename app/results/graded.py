"""The sections of the results of graded ECGs: grades by arm, the comparison, reasons, course, then all numbers.

Knows: their order and words. Does not know: how a number is computed, how a picture is drawn. Everything comes from the
analysis; until it is there the screen has the headline only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from app.language.words import N_, decimal, ngettext
from app.language.words import gettext as _
from app.results import figures, machine, power, report_sentences, shared, written
from app.results.data import Results
from app.results.forest import Line
from app.results.report_names import named
from app.table import show_table
from review_db.report import results_graded as report
from review_db.report.conclusion import can_readers_tell
from review_db.report.found import Found, estimate_of, is_known
from review_db.scales import Grade

BETTER = N_(
    "How often a synthetic ECG is graded better than a real one, ties half (AUC): 50 % is no difference, below it "
    "synthetic ECGs are graded worse. Readers: Hanley-McNeil intervals; findings: by bootstrap."
)
TOTALS = (N_("All"), N_("All, by bootstrap"))  # as the report names them


def show_headline(results: Results) -> None:
    """What came out, in one sentence."""
    grades = ngettext("{number} grade", "{number} grades", len(results.observations))
    readers = ngettext("{number} reader gave {answers}.", "{number} readers gave {answers}.", len(results.readers))
    counted = grades.format(number=decimal(len(results.observations), ","))
    st.markdown(readers.format(number=decimal(len(results.readers), ","), answers=counted))
    if results.found is not None:
        st.subheader(report_sentences.in_words(can_readers_tell(results.found)), anchor=False)


def _grades(_results: Results, found: Found) -> None:
    st.subheader(_("Grades by arm"), anchor=False)
    rows = {f"{arm} ({named(of['origin'])})": of["grades"] for arm, of in found.group("by_arm").items()}
    shared.show_stacked(rows, list(map(named, report.GRADES)), "grades")
    st.caption(_("Arms whose ECGs are graded alike have the same bars; answers in brackets."))


def _forests(results: Results, found: Found) -> None:
    if not found.has_both:
        return
    st.subheader(_("Graded better, by reader and by finding"), anchor=False)
    with st.container(horizontal=True, gap="large"):
        for group, name in (("by_reader", str), ("by_label", results.short_name)):
            names = {key: name(key) for key in found.group(group)}
            areas = report.area_lines(found, group, names)
            lines = [Line(_(of) if is_total else of, area, is_total) for of, area, is_total in areas]
            shared.show_forest(lines, _("Synthetic graded better than real"), f"forest-{group}")
    st.caption(_(BETTER))


def _reasons(results: Results, _found: Found) -> None:
    shared.show_reasons(results, _("What made ECGs look poor"))


def _course(_results: Results, found: Found) -> None:
    shared.show_course(found, "acceptable", _("Acceptable or good"), figures.share_picture)
    shared.show_times(found, ("seconds_by_origin",))
    _time_by_grade(found)


def _time_by_grade(found: Found) -> None:
    steps = found.group("seconds_by_step").items()
    times = {named(Grade(int(step)).wording): estimate_of(e) for step, e in steps}
    if times:
        rows = [(name, written.seconds_in_words(e), e.n) for name, e in times.items()]
        show_table((_("Median time of the grade"), _("Seconds"), _("Answers")), rows, numbers=[1, 2])


def _key_numbers(_results: Results, found: Found) -> None:
    st.subheader(_("Key numbers"), anchor=False)
    rows = [_key_row(found, name) for name in report.TITLES if is_known(found.estimate(name))]
    values = ("", _("Value"), _("95 % interval, naive"), _("Bootstrap"))
    show_table((*values, _("Answers"), _("Meaning")), rows, numbers=[1, 2, 3, 4])
    if found.has_both:
        shared.show_tests(found, _tests(found))


def _key_row(found: Found, name: str) -> tuple[object, ...]:
    title, meaning = report.TITLES[name]
    scores = (written.score, written.score_interval)
    value, interval = scores if name in report.SCORES else (written.share, written.share_interval)
    e = found.estimate(name)
    naive = found.estimate(report.NAIVE.get(name, name))
    drawn = e if name in report.DRAWN_ONLY else found.estimate(f"{name}_bootstrap")
    return named(title), value(e), interval(naive), interval(drawn), e.n, named(meaning)


def _tests(found: Found) -> list[tuple[object, ...]]:
    drawn = found.answers.get("p_value_bootstrap")
    return [
        (
            _("Grades are alike (Mann-Whitney, grades as independent)"),
            written.p_value(found.group("mann_whitney").get("p_value")),
            written.score_interval(found.estimate("mann_whitney")),
            shared.answer_of_test(found, "mann_whitney"),
        ),
        (
            _("Grades are alike (bootstrap)"),
            written.p_value(drawn),
            written.score_interval(found.estimate("auc_at_alpha")),
            shared.rejected(drawn, found),
        ),
        (
            _("AUC is not within the margin (bootstrap)"),
            written.p_value(found.group("tost_bootstrap").get("p_value")),
            written.score_interval(found.estimate("tost_bootstrap")),
            shared.answer_of_test(found, "tost_bootstrap"),
        ),
    ]


def _arms(_results: Results, found: Found) -> None:
    st.subheader(_("By arm"), anchor=False)
    rows = [_arm_row(found, arm, of) for arm, of in found.group("by_arm").items()]
    shares = (_("Acceptable or good"), _("Bootstrap"), _("Finding plausible"))
    columns = (_("Arm"), _("Truth"), _("Answers"), *map(named, report.GRADES), *shares)
    show_table(columns, rows, numbers=range(2, len(columns)))


def _arm_row(found: Found, arm: str, of: Mapping[str, object]) -> tuple[object, ...]:
    acceptable, drawn, plausible = (
        found.estimate("by_arm", arm, name) for name in ("acceptable", "acceptable_bootstrap", "plausible")
    )
    counts = of["grades"] if isinstance(of["grades"], list) else []
    shares = (written.share_in_words(acceptable), written.share_interval(drawn), written.share_in_words(plausible))
    return arm, named(str(of["origin"])), of["n"], *counts, *shares


def _groups(results: Results, found: Found) -> None:
    shares = (_("Acceptable, real"), _("Acceptable, synthetic"))
    for group, title, column in shared.GROUPS:
        name = results.label_name if group == "by_label" else str
        rows = [(name(key), *_group_row(found, group, key)) for key in found.group(group)]
        if rows:
            st.subheader(_(title), anchor=False)
            show_table((_(column), _("Answers"), *shares, "AUC", "p"), rows, numbers=range(1, 6))
    words = _(
        "p: AUC against 0.5; readers by Mann-Whitney, findings by bootstrap and corrected for their number (Holm)."
    )
    st.caption(words)


def _group_row(found: Found, group: str, key: str) -> tuple[object, ...]:
    of = found.group(group)[key]
    shares = [
        written.share_in_words(found.estimate(group, key, f"acceptable_{origin}")) for origin in ("real", "synthetic")
    ]
    area = found.estimate(group, key, "auc")
    p = of.get("p_holm_bootstrap", of["auc"].get("p_value"))
    return area.n, *shares, written.score_in_words(area), written.p_value(p)


SECTIONS: Sequence[Callable[[Results], None]] = tuple(
    map(
        shared.with_analysis,
        (
            _grades,
            _forests,
            machine.show_beside_analysis,
            _reasons,
            _course,
            power.show_power,
            _key_numbers,
            _arms,
            _groups,
            shared.agreement(report.AGREEMENTS, report.WITHIN, {"same_again": N_("Same grade again")}),
        ),
    )
)
