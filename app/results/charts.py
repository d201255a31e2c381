"""The pictures of the results screen, in their order, each with words for those who cannot see it.

Knows: which pictures stand beside each other, and what is said where there is too little for one.
Does not know: how a figure is made (`figures`, `forest`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite

import streamlit as st

from app.display.theme import in_theme
from app.language.words import N_
from app.language.words import gettext as _
from app.results import figures, machine
from app.results.data import Results
from app.results.figures import Picture, Point
from app.results.forest import Line, forest_figure, in_words
from app.results.report_names import named
from app.results.written import decimal
from review_db import statistics
from review_db.report.found import Found, estimate_of, is_known
from review_db.report.pictures import step_counts
from review_db.scales import Verdict
from review_db.statistics import Estimate

CHART = {"displayModeBar": False, "scrollZoom": False}
WIDE = 560
LETTER_PX, BESIDE_PX = 6.5, 60  # of words below a picture, and of what stands beside it
BOTH_CHANGE = {  # were both real and synthetic ECGs rated?
    True: N_(
        "From the first to the last position accuracy changes by {points} points and reading time by {pace} % "
        "(bootstrap)."
    ),
    False: N_(
        "From the first to the last position the share called synthetic changes by {points} points and reading time by "
        "{pace} % (bootstrap)."
    ),
}
SHARE_CHANGES = {
    True: N_("From the first to the last position accuracy changes by {points} points (bootstrap)."),
    False: N_("From the first to the last position the share called synthetic changes by {points} points (bootstrap)."),
}
PACE_CHANGES = N_("From the first to the last position reading time changes by {pace} % (bootstrap).")
LEGEND = N_(
    "Left: the ROC curve of the six-step answer with its 95 % band by bootstrap; the dotted line is guessing. Right: "
    "the six answers of each arm; arms that cannot be told apart have the same bars."
)
LEGEND_WITH_MACHINE = N_(
    "Left: the ROC curve of the six-step answer with its 95 % band by bootstrap; the dotted line is guessing, the "
    "dashed one the machine reader. Right: the six answers of each arm; arms that cannot be told apart have the same "
    "bars."
)


def show_forests(results: Results) -> None:
    """Accuracy by reader and by finding; below the sum with either interval."""
    title = results.share_title
    readers = [Line(name, statistics.accuracy(of_reader)) for name, of_reader in results.readers.items()]
    labels = [
        Line(results.short_name(code), statistics.accuracy([o for o in results.firsts if code in o.labels]))
        for code, _table in results.by_label
    ]
    totals = [Line(_("All"), statistics.accuracy(results.firsts), is_total=True), *_drawn_anew(results.found)]
    beside = machine.lines(results.study)
    st.subheader(_("Accuracy by reader and by finding"), anchor=False)
    told = {"readers": _("{share} by readers: {told}"), "labels": _("{share} by labels: {told}")}
    with st.container(horizontal=True, gap="large"):
        for key, of_all in (("readers", [*readers, *totals, *beside]), ("labels", [*labels, *totals])):
            lines = "; ".join(f"{line.name} {in_words(line.estimate)}" for line in of_all)
            words = told[key].format(share=title, told=lines)
            show_picture(Picture(forest_figure(of_all, title), words), f"forest-{key}", 580)
    legend = _(
        "Squares are shares, diamonds the sum, lines exact 95 % intervals (the last: by bootstrap), the dotted line is "
        "guessing; answers in brackets."
    )
    st.caption(" ".join([legend, *machine.beside_readers(results.study)]))


def _drawn_anew(found: Found | None) -> list[Line]:
    estimate = found.estimate("accuracy_bootstrap") if found else None
    return [Line(_("All, bootstrap"), estimate, is_total=True)] if estimate and is_known(estimate) else []


def show_answers(results: Results, found: Found) -> None:
    """The ROC curve and the six answers by arm."""
    st.subheader(_("How sure the readers were"), anchor=False)
    across, upwards = _("Real ECGs called synthetic"), _("Synthetic ECGs called synthetic")
    with st.container(horizontal=True, gap="large"):
        if is_known(found.estimate("auc")):
            show_picture(machine.with_curve(figures.roc_picture(found, across, upwards), results.study), "roc", 420)
        room = room_below([named(verdict.wording).replace(" ", "<br>") for verdict in Verdict], WIDE)
        show_picture(figures.answers_picture(counts(results)), "answers", room)
    if is_known(found.estimate("auc")):
        st.caption(_(LEGEND_WITH_MACHINE if machine.lines(results.study) else LEGEND))


def counts(results: Results) -> dict[str, dict[Verdict, int]]:
    """How often each answer was given, by arm."""
    return step_counts(results.firsts, results.arms)


def show_confusion(results: Results) -> None:
    """Verdicts by truth."""
    if results.has_both:
        st.subheader(_("Verdicts by truth"), anchor=False)
        show_picture(figures.confusion_picture(statistics.confusion(results.firsts)), "confusion", 460)


def show_course(results: Results, found: Found) -> None:
    """Right verdicts and time along the reading, and time by answer."""
    st.subheader(_("Along the reading, and by answer"), anchor=False)
    accuracy, seconds = figures.quarters(found, "accuracy"), figures.quarters(found, "median_seconds")
    with st.container(horizontal=True, gap="large"):
        _show_points(accuracy, lambda: figures.accuracy_picture(accuracy, results.share_title), "drift", 340)
        _show_points(seconds, lambda: figures.seconds_picture(seconds, _("Position in the reading")), "pace", 340)
        steps = _time_by_step(found)
        step_names = [step.name for step in steps]
        _show_points(steps, lambda: figures.seconds_picture(steps, _("Answer")), "seconds", room_below(step_names, 420))
    st.caption(" ".join([_("Exact 95 % intervals; answers in brackets."), *_trend(results, found)]))


def _show_points(points: Sequence[Point], make: figures.MakePicture, key: str, width: int) -> None:
    if points:
        show_picture(make(), key, width)


def _time_by_step(found: Found) -> list[Point]:
    steps = found.group("seconds_by_step").items()
    points = [Point(named(Verdict(int(step)).wording).replace(" ", "<br>"), estimate_of(e)) for step, e in steps]
    return [point for point in points if is_known(point.estimate)]


def _trend(results: Results, found: Found) -> Iterator[str]:
    """A sentence on how answers and times change, as far as that is known."""
    share, pace = found.estimate("learning" if results.has_both else "drift"), found.estimate("pace")
    if is_known(share) and is_known(pace):
        yield _(BOTH_CHANGE[results.has_both]).format(points=_points(share), pace=_points(pace))
    elif is_known(share):
        yield _(SHARE_CHANGES[results.has_both]).format(points=_points(share))
    elif is_known(pace):
        yield _(PACE_CHANGES).format(pace=_points(pace))


def _points(e: Estimate) -> str:
    low, value, high = (decimal(100 * number, 0) for number in (e.low, e.value, e.high))
    span = _("{value} ({low} to {high})")
    return span.format(value=value, low=low, high=high) if isfinite(e.high - e.low) else value


def room_below(names: Sequence[str], least: int) -> int:
    """Pixels of a picture below which these names stand side by side, so that long ones are not turned."""
    longest = max((len(line) for name in names for line in name.split("<br>")), default=0)
    return max(least, BESIDE_PX + round(LETTER_PX * longest * len(names)))


def show_picture(picture: Picture, key: str, width: int) -> None:
    """A figure of so many pixels, with its words."""
    with st.container(width=width):
        st.plotly_chart(in_theme(picture.figure), key=key, config=CHART, alt=picture.words)
