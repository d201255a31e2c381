"""Sections of the results that several designs have: forests, bars of classes, course, agreement, reasons, groups.

Knows: how they look. Does not know: designs; titles and rows are given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app.results import bars, figures
from app.results.charts import WIDE, show_picture
from app.results.data import Results
from app.results.figures import Picture, Point
from app.results.forest import Line, forest_figure, in_words
from app.table import show_table
from review_db.report import written
from review_db.report.conclusion import decided
from review_db.report.found import Found, estimate_of, is_known

MakePicture = Callable[[Sequence[Point], str], Picture]
BOTH_INTERVALS = "Lines are exact 95 % intervals, the last one by bootstrap; answers in brackets."


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
    """Stacked bars of counts, one bar per row."""
    show_picture(bars.stacked_picture(rows, classes), key, 760)


def show_course(found: Found, share: str, title: str, picture: MakePicture) -> None:
    """A share and the time along the reading; `picture` draws the share."""
    points, seconds = figures.quarters(found, share), figures.quarters(found, "median_seconds")
    if not points:
        return
    st.subheader("Along the reading", anchor=False)
    with st.container(horizontal=True, gap="large"):
        show_picture(picture(points, title), "drift", 400)
        if seconds:
            show_picture(figures.seconds_picture(seconds, "Position in the reading"), "pace", 400)
    st.caption("Exact 95 % intervals; answers in brackets.")


def show_times(found: Found, groups: Sequence[str]) -> None:
    """Median times of groups of answers, as points."""
    points = [
        Point(name.replace("_", " ").replace(" side", ""), estimate_of(e))
        for group in groups
        for name, e in found.group(group).items()
    ]
    known = [point for point in points if is_known(point.estimate)]
    if known:
        st.subheader("Reading time", anchor=False)
        show_picture(figures.seconds_picture(known, ""), "seconds", WIDE)
        rows = [(p.name, written.seconds_in_words(p.estimate), p.estimate.n) for p in known]
        show_table(("Median time of", "Seconds", "Answers"), rows, numbers=[1, 2])


def show_scores(found: Found, title: str, names: Mapping[str, str], shares: Mapping[str, str]) -> None:
    """Coefficients of agreement and shares of the same answer, as far as they are known."""
    rows = [_score_row(found, name, words) for name, words in names.items() if found.group(name)]
    rows += [_share_row(found, name, words) for name, words in shares.items() if is_known(found.estimate(name))]
    if rows:
        st.subheader(title, anchor=False)
        show_table(("", "Value", "95 % interval", "n", "Method"), rows, numbers=[1, 2, 3])


def agreement(
    between: Mapping[str, str], within: Mapping[str, str], again: Mapping[str, str]
) -> Callable[[Results, Found], None]:
    """A section: coefficients of agreement between and within readers, shares of the same answer given again, and what
    was left out; all by name, with the words that stand for them.
    """

    def show(_: Results, found: Found) -> None:
        show_scores(found, "Agreement between readers", between, {})
        show_scores(found, "Agreement within readers", within, again)
        show_left_out(found)

    return show


def _score_row(found: Found, name: str, words: str) -> tuple[object, ...]:
    e = found.estimate(name)
    return words, written.score(e), written.score_interval(e), e.n, e.method


def _share_row(found: Found, name: str, words: str) -> tuple[object, ...]:
    e = found.estimate(name)
    return words, written.share(e), written.share_interval(e), e.n, e.method


def show_reasons(results: Results, title: str) -> None:
    """How often each reason was given, by arm and answer: bars and counts. Nothing where nobody gave any."""
    rows: list[dict[str, Any]] = results.found.rows("reasons") if results.found is not None else []
    if not rows:
        return
    st.subheader(title, anchor=False)
    show_picture(bars.reasons_picture(rows), "reasons", 820)
    names = list(rows[0]["given"])
    counts = [(row["arm"], row["answer"], row["n"], *row["given"].values()) for row in rows]
    with st.expander("Counts of the reasons"):
        show_table(("Arm", "Answer", "Answers", *names), counts, numbers=range(2, len(names) + 3))
    st.caption("Share of the answers of each kind for which the reason was given; an answer may have several, or none.")


def show_tests(found: Found, rows: Sequence[tuple[object, ...]]) -> None:
    """Tests with p, interval and answer, and what was registered."""
    show_table(("Tested", "p", "Interval", "Answer"), rows, numbers=[1, 2])
    st.caption(f"Registered in the protocol: {found.registered}.")
    st.caption(decided(found))


def answer_of_test(found: Found, name: str) -> str:
    """What a test of the analysis said."""
    test = found.group(name)
    if "equivalent" in test:
        return "equivalence shown" if test["equivalent"] else "equivalence not shown"
    return rejected(test.get("p_value"), found)


def rejected(p: float | None, found: Found) -> str:
    """What a p-value says at the registered alpha."""
    if p is None:
        return written.NOTHING
    return "rejected" if p < found.group("plan")["alpha"] else "not rejected"


def show_left_out(found: Found) -> None:
    """What the analysis could not compute, and what it warns of."""
    for name, why in found.group("left_out").items():
        st.caption(f"Left out: {name.replace('_', ' ')} ({why}).")
    for flag in found.rows("flags"):
        st.text(f"Worth asking: {flag['reader']}: {flag['words']}.")
