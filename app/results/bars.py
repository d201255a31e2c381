"""Bars of the results: answers stacked by class, and reasons by arm and answer.

Knows: how counts become quiet Plotly figures that can be read in black and white, each with words for those who cannot
see it. Does not know: how the counts came about, Streamlit. Names of rows and classes are given in the language of the
visitor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from app.language.words import gettext as _
from app.results.figures import BAR_STYLES, INK, Picture, answers_hover
from app.results.forest import CHANCE_COLOUR
from app.results.report_names import named

ROW_PX, MARGIN_PX = 44, 70
FILLS = ("#ffffff", "#c9d9e2", "#7fa6b9", "#1d5f7c")  # worst to best; told apart in grey, too
DARK = "#1d5f7c"
HALF = {  # of two classes: no leaning
    "type": "line",
    "x0": 50,
    "x1": 50,
    "yref": "paper",
    "y0": 0,
    "y1": 1,
    "line": {"color": CHANCE_COLOUR, "dash": "dot", "width": 1.5},
}
NARROWEST = 6.0  # per cent from which there is room for words


def stacked_picture(rows: Mapping[str, Sequence[int]], classes: Sequence[str]) -> Picture:
    """One bar of 100 % per row of counts, first row on top, classes from left to right; empty rows are left out."""
    shown = {name: counts for name, counts in rows.items() if sum(counts)}
    bars = [_class_bars(shown, at, name, _fill(at, len(classes))) for at, name in enumerate(classes)]
    layout = _layout(len(shown)) | {"barmode": "stack"}
    layout["xaxis"] |= {"range": [0, 100.5], "ticksuffix": " %"}
    layout["yaxis"] |= {"autorange": "reversed"}
    if len(classes) == 2:
        layout["shapes"] = [HALF]
    told = "; ".join(
        f"{name}: {', '.join(f'{count} {of}' for of, count in zip(classes, counts, strict=True))}"
        for name, counts in shown.items()
    )
    return Picture(go.Figure(bars, layout), f"{told}.")


def _class_bars(rows: Mapping[str, Sequence[int]], at: int, name: str, fill: str) -> go.Bar:
    shares = [100 * counts[at] / sum(counts) for counts in rows.values()]
    return go.Bar(
        name=escape(name, quote=False),
        orientation="h",
        y=[_named(row, sum(counts)) for row, counts in rows.items()],
        x=shares,
        customdata=[counts[at] for counts in rows.values()],
        text=[f"{share:.0f} %" if share >= NARROWEST else "" for share in shares],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"color": "#ffffff" if fill == DARK else INK, "size": 13},
        hovertemplate=answers_hover("x"),
        marker={"color": fill, "line": {"color": INK, "width": 1}},
    )


def _fill(at: int, classes: int) -> str:
    return FILLS[at % len(FILLS)] if classes > 2 else FILLS[at]


def _named(row: str, total: int) -> str:
    return f"{escape(row, quote=False)} ({total})"


def reasons_picture(rows: Sequence[Mapping[str, Any]]) -> Picture:
    """Share of the answers of each arm and kind for which a reason was given; reasons across, bars side by side."""
    names = list(rows[0]["given"])
    several = len({row["arm"] for row in rows}) > 1
    called = [f"{row['arm']}, {named(row['answer'])}" if several else named(row["answer"]) for row in rows]
    bars = [_reason_bars(row, names, at, called[at]) for at, row in enumerate(rows)]
    layout = _layout(5) | {"barmode": "group", "bargap": 0.3, "height": 320}
    layout["yaxis"] |= {"ticksuffix": " %", "rangemode": "tozero", "showgrid": True}
    told = "; ".join(
        f"{name}: " + ", ".join(f"{named(reason)} {count}" for reason, count in row["given"].items())
        for name, row in zip(called, rows, strict=True)
    )
    return Picture(go.Figure(bars, layout), _("Reasons. {told}.").format(told=told))


def _reason_bars(row: Mapping[str, Any], names: Sequence[str], at: int, called: str) -> go.Bar:
    fill, hatching = BAR_STYLES[at % len(BAR_STYLES)]
    return go.Bar(
        name=escape(f"{called} ({row['n']})", quote=False),
        x=[named(name) for name in names],
        y=[100 * row["given"][name] / row["n"] for name in names],
        customdata=[row["given"][name] for name in names],
        hovertemplate=answers_hover("y"),
        marker={"color": fill, "line": {"color": INK, "width": 1.2}, "pattern": {"shape": hatching, "fgcolor": INK}},
    )


def _layout(rows: int) -> dict[str, Any]:
    return {
        "height": ROW_PX * rows + MARGIN_PX,
        "margin": {"l": 10, "r": 20, "t": 34, "b": 30},
        "xaxis": {"zeroline": False, "automargin": True},
        "yaxis": {"zeroline": False, "automargin": True, "showgrid": False},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        "showlegend": True,
        "dragmode": False,
    }
