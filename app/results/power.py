"""The power that the study reached, against the truth: a figure, the sentences of the report, and all numbers.

Knows: the Plotly figure and its place on the screen. Does not know: how a power is computed; words and rows are
those of the report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from app.language.words import N_
from app.language.words import gettext as _
from app.results import power_words, report_sentences
from app.results.charts import WIDE, show_picture
from app.results.data import Results
from app.results.figures import BAND_COLOUR, HEIGHT, Picture
from app.results.forest import CHANCE_COLOUR, MARKER_COLOUR, TOTAL_COLOUR
from app.results.report_names import named
from app.table import show_table
from app.wording import numerals
from review_db.analysis.decision_power import WANTED
from review_db.protocol import Design
from review_db.report import power_reached as report
from review_db.report.found import Found

LINES: Mapping[str, tuple[str, str, str]] = {  # name, colour, dash
    "detection": (N_("found to differ from 50 %"), MARKER_COLOUR, "solid"),
    "equivalence": (N_("found equivalent to 50 %"), TOTAL_COLOUR, "dash"),
}


def show_power(_results: Results, found: Found) -> None:
    """What the study could have shown, whatever it did show; why not where that is unknown."""
    st.subheader(named(report.TITLE), anchor=False)
    if not report.reached(found):
        why = found.group("left_out").get("power_reached", "not in this analysis")
        st.caption(_("Not computed: {why}.").format(why=report_sentences.in_words(why)))
        return
    st.markdown(power_words.in_words(found))
    show_picture(power_picture(found), "power", WIDE)
    why = f"{report.NO_ACCURACY} {report.WHY}" if found.design is Design.GRADED else report.WHY
    st.caption(report_sentences.in_words(why))
    with st.expander(_("Numbers of the power")):
        titles = [named(title) for title in report.titles(found)]
        show_table(titles, _rows(found), numbers=range(len(titles)))
        st.caption(report_sentences.in_words(report.caption(found)))


def _rows(found: Found) -> list[list[str]]:
    return [[numerals(cell) for cell in row] for row in report.rows(found)]


def power_picture(found: Found) -> Picture:
    """Power to find a difference and to find equivalence against the truth, each with its range."""
    points, of = report.curve(found), power_words.OF[found.design]
    traces = [trace for name in LINES for trace in (*_range(points, name), _line(points, name))]
    figure = go.Figure(traces, _layout(_(of.axis)))
    figure.add_hline(y=100 * WANTED, line={"color": CHANCE_COLOUR, "dash": "dot", "width": 1.5}, layer="below")
    one = _("{truth}: {differ} differ, {equivalent} equivalent")
    told = (one.format(truth=row[0], differ=row[1], equivalent=row[3]) for row in _rows(found))
    return Picture(figure, _(of.told).format(told="; ".join(told)))


def _line(points: Sequence[Mapping[str, Any]], name: str) -> go.Scatter:
    words, colour, dash = LINES[name]
    return go.Scatter(
        name=_(words),
        x=[100 * at["truth"] for at in points],
        y=[100 * at[name]["value"] for at in points],
        mode="lines",
        line={"color": colour, "width": 2.5, "dash": dash},
        hovertemplate="%{x:.0f} %: %{y:.0f} %<extra></extra>",
    )


def _range(points: Sequence[Mapping[str, Any]], name: str) -> list[go.Scatter]:
    x = [100 * at["truth"] for at in points]
    style = {"x": x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    low, high = ([100 * at[name][end] for at in points] for end in ("low", "high"))
    return [go.Scatter(y=low, **style), go.Scatter(y=high, fill="tonexty", fillcolor=BAND_COLOUR, **style)]


def _layout(across: str) -> dict[str, Any]:
    axis = {"ticksuffix": " %", "zeroline": False, "automargin": True}
    return {
        "height": HEIGHT,
        "margin": {"l": 10, "r": 20, "t": 20, "b": 50},
        "xaxis": {**axis, "title": {"text": across}, "range": [50, 95], "dtick": 10, "tick0": 50},
        "yaxis": {**axis, "title": {"text": _("Share of such studies")}, "range": [-1, 101], "dtick": 20},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        "dragmode": False,
    }
