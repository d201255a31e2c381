"""The pictures of the results screen, in their order, each with words for those who cannot see it.

Knows: which pictures stand beside each other, and what is said where there is too little for one.
Does not know: how a figure is made (`figures`, `forest`).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import streamlit as st

from app.display.theme import in_theme
from app.results import figures, machine
from app.results.data import Results
from app.results.figures import Picture, Point
from app.results.forest import Line, forest_figure, in_words
from review_db import statistics
from review_db.report.found import Found, estimate_of, is_known
from review_db.report.pictures import step_counts
from review_db.report.written import decimal
from review_db.scales import Verdict
from review_db.statistics import Estimate

CHART = {"displayModeBar": False, "scrollZoom": False}
WIDE = 560


def show_forests(results: Results) -> None:
    """Accuracy by reader and by finding; below the sum with either interval."""
    title = results.share_title
    readers = [Line(name, statistics.accuracy(of_reader)) for name, of_reader in results.readers.items()]
    labels = [
        Line(results.short_name(code), statistics.accuracy([o for o in results.firsts if code in o.labels]))
        for code, _ in results.by_label
    ]
    totals = [Line("All", statistics.accuracy(results.firsts), is_total=True), *_drawn_anew(results.found)]
    beside = machine.lines(results.study)
    st.subheader("Accuracy by reader and by finding", anchor=False)
    with st.container(horizontal=True, gap="large"):
        for key, of_all in (("readers", [*readers, *totals, *beside]), ("labels", [*labels, *totals])):
            words = "; ".join(f"{line.name} {in_words(line.estimate)}" for line in of_all)
            show_picture(Picture(forest_figure(of_all, title), f"{title} by {key}: {words}"), f"forest-{key}", 580)
    st.caption(
        "Squares are shares, diamonds the sum, lines exact 95 % intervals (the last: by bootstrap), the dotted line "
        f"is guessing; answers in brackets.{machine.BESIDE_READERS if beside else ''}"
    )


def _drawn_anew(found: Found | None) -> list[Line]:
    estimate = found.estimate("accuracy_bootstrap") if found else None
    return [Line("All, bootstrap", estimate, is_total=True)] if estimate and is_known(estimate) else []


def show_answers(results: Results, found: Found) -> None:
    """The ROC curve and the six answers by arm."""
    st.subheader("How sure the readers were", anchor=False)
    with st.container(horizontal=True, gap="large"):
        if is_known(found.estimate("auc")):
            show_picture(machine.with_curve(figures.roc_picture(found), results.study), "roc", 420)
        show_picture(figures.answers_picture(counts(results)), "answers", WIDE)
    if is_known(found.estimate("auc")):
        st.caption(
            "Left: the ROC curve of the six-step answer with its 95 % band by bootstrap; the dotted line is guessing"
            f"{machine.DASHED if machine.lines(results.study) else ''}. Right: the six answers of each arm; arms that "
            "cannot be told apart have the same bars."
        )


def counts(results: Results) -> dict[str, dict[Verdict, int]]:
    """How often each answer was given, by arm."""
    return step_counts(results.firsts, results.arms)


def show_confusion(results: Results) -> None:
    """Verdicts by truth."""
    if results.has_both:
        st.subheader("Verdicts by truth", anchor=False)
        show_picture(figures.confusion_picture(statistics.confusion(results.firsts)), "confusion", 460)


def show_course(results: Results, found: Found) -> None:
    """Right verdicts and time along the reading, and time by answer."""
    st.subheader("Along the reading, and by answer", anchor=False)
    accuracy, seconds = figures.quarters(found, "accuracy"), figures.quarters(found, "median_seconds")
    with st.container(horizontal=True, gap="large"):
        _show_points(accuracy, lambda: figures.accuracy_picture(accuracy, results.share_title), "drift", 340)
        _show_points(seconds, lambda: figures.seconds_picture(seconds, "Position in the reading"), "pace", 340)
        steps = _time_by_step(found)
        _show_points(steps, lambda: figures.seconds_picture(steps, "Answer"), "seconds", 420)
    st.caption(f"Exact 95 % intervals; answers in brackets. {_trend(results, found)}")


def _show_points(points: Sequence[Point], make: figures.MakePicture, key: str, width: int) -> None:
    if points:
        show_picture(make(), key, width)


def _time_by_step(found: Found) -> list[Point]:
    steps = found.group("seconds_by_step").items()
    points = [Point(Verdict(int(step)).wording.replace(" ", "<br>"), estimate_of(e)) for step, e in steps]
    return [point for point in points if is_known(point.estimate)]


def _trend(results: Results, found: Found) -> str:
    verdicts, pace = found.estimate("learning" if results.has_both else "drift"), found.estimate("pace")
    what = "accuracy" if results.has_both else "the share called synthetic"
    parts = []
    if is_known(verdicts):
        parts.append(f"{what} changes by {_points(verdicts)} points")
    if is_known(pace):
        parts.append(f"reading time by {_points(pace)} %")
    return f"From the first to the last position {' and '.join(parts)} (bootstrap)." if parts else ""


def _points(e: Estimate) -> str:
    low, value, high = (decimal(100 * number, 0) for number in (e.low, e.value, e.high))
    return f"{value} ({low} to {high})" if isfinite(e.high - e.low) else value


def show_picture(picture: Picture, key: str, width: int) -> None:
    """A figure of so many pixels, with its words."""
    with st.container(width=width):
        st.plotly_chart(in_theme(picture.figure), key=key, config=CHART, alt=picture.words)
