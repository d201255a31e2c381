"""The machine reader on the results screen: its line below the readers', its ROC curve, its own section.

Knows: how it is set apart from people. Does not know: how it was measured. It is in no number of the readers.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from app.results.data import Results
from app.results.figures import INK, Picture
from app.results.forest import Line
from app.table import show_table
from review_db.model import StudySummary
from review_db.report.found import Found
from review_db.report.machine_reader import NAME, machine_reader, machine_words
from review_db.report.machine_results import BESIDE, NEVER_POOLED, curve, rows_of, same_measure
from review_db.report.written import score_in_words

BESIDE_READERS = " The triangle is the machine reader, on the study's ECGs; it is not in the sum."
DASHED = ", the dashed one the machine reader"


def lines(study: StudySummary) -> list[Line]:
    """Its line in a forest plot of readers, in the same measure as theirs; none where it was not measured."""
    estimate = same_measure(study)
    return [Line(NAME, estimate, is_machine=True)] if estimate else []


def with_curve(picture: Picture, study: StudySummary) -> Picture:
    """The picture of the readers' ROC curve with the machine reader's curve, dashed, where there is one."""
    machine, points = machine_reader(study.leak_audit), curve(study)
    if machine is None or not points:
        return picture
    trace = go.Scatter(
        x=[100 * alarms for alarms, _ in points],
        y=[100 * hits for _, hits in points],
        mode="lines",
        line={"color": INK, "dash": "dash", "width": 1.5},
        hovertemplate=f"{NAME}: %{{y:.0f}} % of the synthetic, %{{x:.0f}} % of the real<extra></extra>",
        showlegend=False,
    )
    words = f"{picture.words} {NAME}, dashed: AUC {score_in_words(machine.auc)}."
    return Picture(go.Figure([*picture.figure.data, trace], picture.figure.layout), words)


def show_machine_reader(results: Results) -> None:
    """What it found, as words and numbers."""
    study = results.study
    machine = machine_reader(study.leak_audit)
    st.subheader(NAME, anchor=False)
    st.text(machine_words(study.leak_audit))
    if machine is None:
        return
    rows = [(title, value, interval, e.n, e.method) for title, value, interval, e in rows_of(machine)]
    show_table(("", "Value", "95 % interval", "ECGs or pairs", "Method"), rows, numbers=[1, 2, 3])
    st.caption(f"{BESIDE[study.protocol.design]} {NEVER_POOLED}")


def show_beside_analysis(results: Results, _: Found) -> None:
    """The same among sections that wait for the analysis."""
    show_machine_reader(results)


def show_curve_numbers(points: Sequence[tuple[float, float]]) -> None:
    """The numbers of its ROC curve; nothing without one."""
    if points:
        rows = [(f"{100 * alarms:.1f} %", f"{100 * hits:.1f} %") for alarms, hits in points]
        show_table((f"{NAME}: real called synthetic", "synthetic called synthetic"), rows, numbers=[0, 1])
