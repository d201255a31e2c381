"""The machine reader on the results screen: its line below the readers', its ROC curve, its own section.

Knows: how it is set apart from people. Does not know: how it was measured. It is in no number of the readers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import plotly.graph_objects as go
import streamlit as st

from app.language.words import N_
from app.language.words import gettext as _
from app.results.data import Results
from app.results.figures import INK, Picture, rates_hover
from app.results.forest import Line
from app.results.report_names import named
from app.results.report_sentences import in_words
from app.results.written import decimal, score_in_words
from app.table import show_table
from app.wording import numerals
from review_db.model import StudySummary
from review_db.report.found import Found
from review_db.report.machine_reader import machine_reader, machine_words
from review_db.report.machine_results import BESIDE, NEVER_POOLED, curve, rows_of, same_measure

NAME = N_("Machine reader")


def lines(study: StudySummary) -> list[Line]:
    """Its line in a forest plot of readers, in the same measure as theirs; none where it was not measured."""
    estimate = same_measure(study)
    return [Line(_(NAME), estimate, is_machine=True)] if estimate else []


def beside_readers(study: StudySummary) -> list[str]:
    """What the forest plot says of its line; nothing where there is none."""
    return [_("The triangle is the machine reader, on the study's ECGs; it is not in the sum.")] * len(lines(study))


def with_curve(picture: Picture, study: StudySummary) -> Picture:
    """The picture of the readers' ROC curve with the machine reader's curve, dashed, where there is one."""
    machine, points = machine_reader(study.leak_audit), curve(study)
    if machine is None or not points:
        return picture
    name = _(NAME)
    trace = go.Scatter(
        x=[100 * alarms for alarms, _ in points],
        y=[100 * hits for _, hits in points],
        mode="lines",
        line={"color": INK, "dash": "dash", "width": 1.5},
        hovertemplate=f"{name}: {rates_hover()}",
        showlegend=False,
    )
    words = _("Machine reader, dashed: AUC {area}.").format(area=score_in_words(machine.auc))
    return Picture(go.Figure([*picture.figure.data, trace], picture.figure.layout), f"{picture.words} {words}")


def show_machine_reader(results: Results) -> None:
    """What it found, as words and numbers."""
    study = results.study
    machine = machine_reader(study.leak_audit)
    st.subheader(_(NAME), anchor=False)
    st.text(in_words(machine_words(study.leak_audit)))
    if machine is None:
        return
    rows = [
        (named(title), numerals(value), numerals(interval), e.n, named(e.method))
        for title, value, interval, e in rows_of(machine)
    ]
    show_table(("", _("Value"), _("95 % interval"), _("ECGs or pairs"), _("Method")), rows, numbers=[1, 2, 3])
    st.caption(in_words(f"{BESIDE[study.protocol.design]} {NEVER_POOLED}"))


def show_beside_analysis(results: Results, _found: Found) -> None:
    """The same among sections that wait for the analysis."""
    show_machine_reader(results)


def show_curve_numbers(points: Sequence[tuple[float, float]]) -> None:
    """The numbers of its ROC curve; nothing without one."""
    if points:
        show_rates(_("Machine reader: real called synthetic"), points)


def show_rates(first: str, points: Iterable[tuple[float, float]]) -> None:
    """The numbers of a ROC curve as a table, whose first column is called so."""
    rows = [(f"{decimal(100 * alarms, 1)} %", f"{decimal(100 * hits, 1)} %") for alarms, hits in points]
    show_table((first, _("synthetic called synthetic")), rows, numbers=[0, 1])
