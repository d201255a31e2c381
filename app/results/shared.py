"""Sections of the results that several designs have: forests, bars of classes, course, agreement, reasons, groups.

Knows: how they look. Does not know: designs; titles and rows are given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app.language.words import N_
from app.language.words import decimal as number
from app.language.words import gettext as _
from app.results import bars, figures, report_sentences, written
from app.results.charts import WIDE, room_below, show_picture
from app.results.data import Results
from app.results.figures import Picture, Point
from app.results.forest import Line, forest_figure, in_words
from app.results.report_names import named
from app.table import show_table
from review_db.report.conclusion import decided
from review_db.report.found import Found, estimate_of, is_known
from review_db.statistics import Estimate

MakePicture = Callable[[Sequence[Point], str], Picture]
GROUPS = (("by_reader", N_("By reader"), N_("Reader")), ("by_label", N_("By finding"), N_("Finding")))
"""Group of the analysis, title of its section, column of its names."""
BOTH_INTERVALS = N_("Lines are exact 95 % intervals, the last one by bootstrap; answers in brackets.")


def with_analysis(section: Callable[[Results, Found], None]) -> Callable[[Results], None]:
    """A section that is shown once the analysis is there."""

    def show(results: Results) -> None:
        if results.found is not None:
            section(results, results.found)

    return show


def show_forest(lines: Sequence[Line], title: str, key: str) -> None:
    """One forest plot; nothing where nothing is known."""
    known = [line for line in lines if is_known(line.estimate)]
    if not known:
        return
    words = "; ".join(f"{line.name} {in_words(line.estimate)}" for line in known)
    show_picture(Picture(forest_figure(known, title), f"{title}: {words}"), key, 580)


def show_stacked(rows: Mapping[str, Sequence[int]], classes: Sequence[str], key: str) -> None:
    """Stacked bars of counts, one bar per row; names are in the language of the visitor."""
    show_picture(bars.stacked_picture(rows, classes), key, 760)


def show_course(found: Found, share: str, title: str, picture: MakePicture) -> None:
    """A share and the time along the reading; `picture` draws the share."""
    points, seconds = figures.quarters(found, share), figures.quarters(found, "median_seconds")
    if not points:
        return
    st.subheader(_("Along the reading"), anchor=False)
    with st.container(horizontal=True, gap="large"):
        show_picture(picture(points, title), "drift", 400)
        if seconds:
            show_picture(figures.seconds_picture(seconds, _("Position in the reading")), "pace", 400)
    st.caption(_("Exact 95 % intervals; answers in brackets."))


def show_times(found: Found, groups: Sequence[str]) -> None:
    """Median times of groups of answers, as points."""
    times = {
        name.replace("_", " ").replace(" side", ""): estimate_of(e)
        for group in groups
        for name, e in found.group(group).items()
    }
    known = {name: e for name, e in times.items() if is_known(e)}
    if known:
        st.subheader(_("Reading time"), anchor=False)
        points = [Point(named(name), e) for name, e in known.items()]
        room = room_below([point.name for point in points], WIDE)
        show_picture(figures.seconds_picture(points, ""), "seconds", room)
        show_median_times(known)


def show_median_times(times: Mapping[str, Estimate]) -> None:
    """Median times of kinds of answers, as the report names them."""
    rows = [(named(name), written.seconds_in_words(e), e.n) for name, e in times.items()]
    show_table((_("Median time of"), _("Seconds"), _("Answers")), rows, numbers=[1, 2])


def show_scores(found: Found, title: str, names: Mapping[str, str], shares: Mapping[str, str]) -> None:
    """Coefficients of agreement and shares of the same answer, as far as they are known; names are the report's."""
    rows = [_score_row(found, name, words) for name, words in names.items() if found.group(name)]
    rows += [_share_row(found, name, words) for name, words in shares.items() if is_known(found.estimate(name))]
    if rows:
        st.subheader(title, anchor=False)
        show_table(("", _("Value"), _("95 % interval"), "n", _("Method")), rows, numbers=[1, 2, 3])


def agreement(
    between: Mapping[str, str], within: Mapping[str, str], again: Mapping[str, str]
) -> Callable[[Results, Found], None]:
    """A section: coefficients of agreement between and within readers, shares of the same answer given again, and what
    was left out; all by name, with the words that stand for them.
    """

    def show(_results: Results, found: Found) -> None:
        show_scores(found, _("Agreement between readers"), between, {})
        show_scores(found, _("Agreement within readers"), within, again)
        show_left_out(found)

    return show


def _score_row(found: Found, name: str, words: str) -> tuple[object, ...]:
    e = found.estimate(name)
    return named(words), written.score(e), written.score_interval(e), e.n, named(e.method)


def _share_row(found: Found, name: str, words: str) -> tuple[object, ...]:
    e = found.estimate(name)
    return named(words), written.share(e), written.share_interval(e), e.n, named(e.method)


def show_reasons(results: Results, title: str) -> None:
    """How often each reason was given, by arm and answer: bars and counts. Nothing where nobody gave any."""
    rows: list[dict[str, Any]] = results.found.rows("reasons") if results.found is not None else []
    if not rows:
        return
    st.subheader(title, anchor=False)
    show_picture(bars.reasons_picture(rows), "reasons", 820)
    names = list(rows[0]["given"])
    counts = [(row["arm"], named(row["answer"]), row["n"], *row["given"].values()) for row in rows]
    with st.expander(_("Counts of the reasons")):
        columns = (_("Arm"), _("Answer"), _("Answers"), *map(named, names))
        show_table(columns, counts, numbers=range(2, len(names) + 3))
    words = _("Share of the answers of each kind for which the reason was given; an answer may have several, or none.")
    st.caption(words)


def show_tests(found: Found, rows: Sequence[tuple[object, ...]]) -> None:
    """Tests with p, interval and answer, and what was registered."""
    show_table((_("Tested"), "p", _("Interval"), _("Answer")), rows, numbers=[1, 2])
    show_plan(found)


def show_plan(found: Found) -> None:
    """What was registered, and which test decides."""
    plan = found.group("plan")
    words = _("Registered in the protocol: margin {margin}, alpha {alpha}.")
    st.caption(words.format(margin=number(plan["margin"]), alpha=number(plan["alpha"])))
    st.caption(report_sentences.in_words(decided(found)))


def answer_of_test(found: Found, name: str) -> str:
    """What a test of the analysis said."""
    test = found.group(name)
    if "equivalent" in test:
        return _("equivalence shown") if test["equivalent"] else _("equivalence not shown")
    return rejected(test.get("p_value"), found)


def rejected(p: float | None, found: Found) -> str:
    """What a p-value says at the registered alpha."""
    if p is None:
        return written.NOTHING
    return _("rejected") if p < found.group("plan")["alpha"] else _("not rejected")


def show_left_out(found: Found) -> None:
    """What the analysis could not compute, and what it warns of."""
    words = _("Left out: {part} ({why}).")
    for name, why in found.group("left_out").items():
        st.caption(words.format(part=named(name.replace("_", " ")), why=report_sentences.in_words(why)))
    show_flags(found)


def show_flags(found: Found) -> None:
    """Readers whose answers look careless."""
    words = _("Worth asking: {reader}: {evidence}.")
    for flag in found.rows("flags"):
        st.text(words.format(reader=flag["reader"], evidence=report_sentences.in_words(flag["words"])))
