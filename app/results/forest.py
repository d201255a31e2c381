"""A forest plot: one line per group, a point with its interval, and the line of chance.

Knows: how estimates become a Plotly figure. Does not know: what they estimate, Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite

import plotly.graph_objects as go

from app.wording import numerals
from review_db.statistics import Estimate

ROW_PX, MARGIN_PX = 30, 64
CHANCE = 0.5
MARKER_COLOUR, TOTAL_COLOUR, CHANCE_COLOUR = "#1d5f7c", "#b3541e", "#8895a0"
MACHINE_COLOUR = "#1a1f24"


@dataclass(frozen=True)
class Line:
    """One line of the plot; `is_total` sets the sum of all groups apart, `is_machine` what is no group of readers."""

    name: str
    estimate: Estimate
    is_total: bool = False
    is_machine: bool = False

    @property
    def marker(self) -> tuple[str, str, int]:
        """Symbol, colour and size."""
        if self.is_machine:
            return "triangle-up-open", MACHINE_COLOUR, 11
        return ("diamond", TOTAL_COLOUR, 11) if self.is_total else ("square", MARKER_COLOUR, 9)


def forest_figure(lines: Sequence[Line], axis_title: str) -> go.Figure:
    """Proportions in per cent with their intervals, first line on top; groups without ratings are left out."""
    shown = [line for line in lines if line.estimate.n > 0][::-1]
    return go.Figure(data=[_points(shown)], layout=_layout(shown, axis_title))


def _points(lines: Sequence[Line]) -> go.Scatter:
    estimates = [line.estimate for line in lines]
    markers = [line.marker for line in lines]
    symbols, colours, sizes = ([marker[at] for marker in markers] for at in range(3))
    return go.Scatter(
        x=[100 * e.value for e in estimates],
        y=list(range(len(lines))),
        mode="markers",
        marker={"color": colours, "size": sizes, "symbol": symbols, "opacity": 1},  # Plotly's 0.7 is too pale
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [_to_end(e.high - e.value) for e in estimates],
            "arrayminus": [_to_end(e.value - e.low) for e in estimates],
            "color": CHANCE_COLOUR,
            "thickness": 1.5,
            "width": 0,
        },
        hovertemplate="%{text}<extra></extra>",
        text=[in_words(e) for e in estimates],
        showlegend=False,
    )


def _layout(lines: Sequence[Line], axis_title: str) -> dict[str, object]:
    return {
        "height": ROW_PX * len(lines) + MARGIN_PX,
        "margin": {"l": 10, "r": 20, "t": 10, "b": 50},
        "xaxis": {
            "range": [-1, 101],
            "dtick": 25,
            "ticksuffix": " %",
            "title": {"text": axis_title},
            "zeroline": False,
        },
        "yaxis": {
            "tickvals": list(range(len(lines))),
            "ticktext": [f"{escape(line.name, quote=False)} ({line.estimate.n})" for line in lines],
            "range": [-0.7, len(lines) - 0.3],
            "automargin": True,
            "showgrid": False,
            "zeroline": False,
        },
        "shapes": [_chance_line()],
        "dragmode": False,
    }


def _chance_line() -> dict[str, object]:
    return {
        "type": "line",
        "x0": 100 * CHANCE,
        "x1": 100 * CHANCE,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": CHANCE_COLOUR, "dash": "dot", "width": 1.5},
        "layer": "below",
    }


def _to_end(share: float) -> float:
    """In per cent; nothing where there is no interval."""
    return 100 * share if isfinite(share) else 0.0


def in_words(estimate: Estimate) -> str:
    """A proportion with its interval: "62 % (48 to 75 %)"; a dash where there is nothing to go by."""
    if estimate.n == 0:
        return "–"
    if not isfinite(estimate.high - estimate.low):
        return f"{100 * estimate.value:.0f} %"
    return numerals(f"{100 * estimate.value:.0f} % ({100 * estimate.low:.0f} to {100 * estimate.high:.0f} %)")
