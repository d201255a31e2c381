"""The pictures of the results beside the forest plot: ROC, answers by arm, verdicts by truth, position, time.

Knows: how numbers of an analysis become quiet Plotly figures that can be read in black and white, each with words for
those who cannot see it. Does not know: how the numbers came about, Streamlit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import plotly.graph_objects as go

from app.language.words import gettext as _
from app.results.forest import CHANCE_COLOUR, MARKER_COLOUR
from app.results.report_names import named
from app.results.written import decimal, score_in_words, share_in_words
from review_db.report.found import Found, estimate_of, is_known
from review_db.scales import Verdict
from review_db.statistics import Confusion, Estimate

BAND_COLOUR, INK = "rgba(120, 133, 143, 0.28)", "#1a1f24"
BAR_STYLES = (  # fill, hatching: told apart without colour
    ("#ffffff", ""),
    (MARKER_COLOUR, ""),
    ("#c9d3d9", "/"),
    ("#7c8a94", "x"),
)
HEIGHT = 320


@dataclass(frozen=True)
class Picture:
    """A figure and what it says in words."""

    figure: go.Figure
    words: str


MakePicture = Callable[[], Picture]


@dataclass(frozen=True)
class Point:
    """One group on the x axis of a plot of points with intervals."""

    name: str
    estimate: Estimate


def roc_picture(found: Found, across: str, upwards: str) -> Picture:
    """The ROC curve of the signed six-step answer with its band; axes, which are called so, in per cent."""
    curve, area = found.group("roc"), score_in_words(found.estimate("auc"))
    traces = [*_band(curve["band"]), _diagonal(), _curve(curve)]
    layout = _layout(across, upwards) | {"width": 400, "height": 380}
    layout["annotations"] = [_note(f"AUC {area}", 0.97, 0.05)]
    for axis in ("xaxis", "yaxis"):
        layout[axis] |= {"range": [-1, 101], "dtick": 25, "ticksuffix": " %"}
    words = _("ROC curve with 95 % band. Area under the curve {area}.").format(area=area)
    return Picture(go.Figure(traces, layout), words)


def answers_picture(counts: Mapping[str, Mapping[Verdict, int]]) -> Picture:
    """Share of each of the six answers, arms side by side. `counts` are answers by arm and step."""
    bars = [_bars(arm, of_arm, at) for at, (arm, of_arm) in enumerate(counts.items())]
    layout = _layout("", _("Share of the arm's answers")) | {"barmode": "group", "bargap": 0.25, "showlegend": True}
    layout["yaxis"] |= {"ticksuffix": " %", "rangemode": "tozero"}
    words = "; ".join(
        f"{arm}: " + ", ".join(f"{named(verdict.wording)} {count}" for verdict, count in of_arm.items())
        for arm, of_arm in counts.items()
    )
    return Picture(go.Figure(bars, layout), _("Answers by arm. {told}.").format(told=words))


def confusion_picture(table: Confusion) -> Picture:
    """Verdicts by truth as four fields, the darker the more of that truth."""
    counts = [
        [table.synthetic_called_real, table.synthetic_called_synthetic],
        [table.real_called_real, table.real_called_synthetic],
    ]
    shares = [[100 * count / max(sum(row), 1) for count in row] for row in counts]
    rows = zip(counts, shares, strict=True)
    written = [[f"{count}<br>{share:.0f} %" for count, share in zip(*row, strict=True)] for row in rows]
    fields = go.Heatmap(
        z=shares,
        x=[_("called real"), _("called synthetic")],
        y=[_("synthetic ECGs"), _("real ECGs")],
        text=written,
        texttemplate="%{text}",
        textfont={"size": 15},
        colorscale=[[0, "#ffffff"], [1, "#9fb3bf"]],
        zmin=0,
        zmax=100,
        showscale=False,
        xgap=2,
        ygap=2,
        hoverinfo="skip",
    )
    layout = _layout("", "") | {"height": 240}
    layout["xaxis"] |= {"side": "top", "showgrid": False, "fixedrange": True}
    layout["yaxis"] |= {"showgrid": False, "automargin": True}
    return Picture(go.Figure(fields, layout), _confusion_words(table))


def _confusion_words(table: Confusion) -> str:
    words = _(
        "Of {real} answers to real ECGs {called_real} said real; of {synthetic} to synthetic ECGs {called_synthetic} "
        "said synthetic."
    )
    return words.format(
        real=table.real,
        called_real=table.real_called_real,
        synthetic=table.synthetic,
        called_synthetic=table.synthetic_called_synthetic,
    )


def quarters(found: Found, name: str) -> list[Point]:
    """`accuracy` or `median_seconds` in the quarters of the positions, as far as they are known."""
    rows = [(row["quarter"], row.get(name)) for row in found.rows("by_quarter")]
    quarter = _("quarter {number}")
    points = [Point(quarter.format(number=at), estimate_of(value)) for at, value in rows if value]
    return [point for point in points if is_known(point.estimate)]


def accuracy_picture(points: Sequence[Point], axis: str) -> Picture:
    """Shares with intervals along the reading, beside chance."""
    picture = share_picture(points, axis)
    picture.figure.add_hline(y=50, line={"color": CHANCE_COLOUR, "dash": "dot", "width": 1.5}, layer="below")
    return picture


def share_picture(points: Sequence[Point], axis: str) -> Picture:
    """Shares with intervals along the reading."""
    figure = go.Figure(_dots(points, 100), _layout(_("Position in the reading"), axis))
    figure.update_yaxes(range=[-1, 101], dtick=25, ticksuffix=" %")
    told = ", ".join(f"{point.name} {share_in_words(point.estimate)}" for point in points)
    return Picture(figure, _("{share} by position: {told}.").format(share=axis, told=told))


def seconds_picture(points: Sequence[Point], axis: str) -> Picture:
    """Median times with intervals."""
    figure = go.Figure(_dots(points, 1), _layout(axis, _("Median time")))
    figure.update_yaxes(rangemode="tozero", ticksuffix=" s")
    told = ", ".join(f"{point.name} {decimal(point.estimate.value, 1)} s" for point in points)
    return Picture(figure, _("Median reading time: {told}.").format(told=told))


def answers_hover(axis: str) -> str:
    """What a bar says when it is pointed at; `axis` is along its length."""
    share = f"%{{{axis}:.0f}}"
    return _("{answers} answers ({share} %)").format(answers="%{customdata}", share=share) + "<extra></extra>"


def _bars(arm: str, counts: Mapping[Verdict, int], at: int) -> go.Bar:
    total = max(sum(counts.values()), 1)
    fill, hatching = BAR_STYLES[at % len(BAR_STYLES)]
    return go.Bar(
        name=escape(arm, quote=False),  # Plotly reads tags in text
        x=[named(verdict.wording).replace(" ", "<br>") for verdict in counts],
        y=[100 * count / total for count in counts.values()],
        customdata=list(counts.values()),
        hovertemplate=answers_hover("y"),
        marker={"color": fill, "line": {"color": INK, "width": 1.2}, "pattern": {"shape": hatching, "fgcolor": INK}},
    )


def _dots(points: Sequence[Point], factor: float) -> go.Scatter:
    estimates = [point.estimate for point in points]
    return go.Scatter(
        x=[f"{point.name}<br>({point.estimate.n})" for point in points],
        y=[factor * e.value for e in estimates],
        mode="markers",
        marker={"color": MARKER_COLOUR, "size": 9, "symbol": "square"},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [factor * (e.high - e.value) for e in estimates],
            "arrayminus": [factor * (e.value - e.low) for e in estimates],
            "color": CHANCE_COLOUR,
            "thickness": 1.5,
            "width": 0,
        },
        hovertemplate="%{y:.1f}<extra></extra>",
        showlegend=False,
    )


def _band(rows: Sequence[Mapping[str, Any]]) -> list[go.Scatter]:
    known = [row for row in rows if None not in (row["low"], row["high"])]
    x = [100 * row["false_alarm_rate"] for row in known]
    style = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    low = go.Scatter(x=x, y=[100 * row["low"] for row in known], **style)
    high = go.Scatter(x=x, y=[100 * row["high"] for row in known], fill="tonexty", fillcolor=BAND_COLOUR, **style)
    return [low, high]


def rates_hover() -> str:
    """What a point of a ROC curve says when it is pointed at."""
    words = _("{hits} % of the synthetic, {alarms} % of the real")
    return words.format(hits="%{y:.0f}", alarms="%{x:.0f}") + "<extra></extra>"


def _curve(curve: Mapping[str, Any]) -> go.Scatter:
    return go.Scatter(
        x=[100 * rate for rate in curve["false_alarm_rate"]],
        y=[100 * rate for rate in curve["hit_rate"]],
        mode="lines+markers",
        line={"color": MARKER_COLOUR, "width": 2},
        marker={"size": 7, "symbol": "square"},
        hovertemplate=rates_hover(),
        showlegend=False,
    )


def _diagonal() -> go.Scatter:
    return go.Scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        line={"color": CHANCE_COLOUR, "dash": "dot", "width": 1.5},
        hoverinfo="skip",
        showlegend=False,
    )


def _note(words: str, x: float, y: float) -> dict[str, Any]:
    return {"text": words, "x": x, "y": y, "xref": "paper", "yref": "paper", "showarrow": False, "xanchor": "right"}


def _layout(across: str, upwards: str) -> dict[str, Any]:
    return {
        "height": HEIGHT,
        "margin": {"l": 10, "r": 20, "t": 20, "b": 50},
        "xaxis": {"title": {"text": across}, "zeroline": False, "automargin": True},
        "yaxis": {"title": {"text": upwards}, "zeroline": False, "automargin": True},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "dragmode": False,
    }
