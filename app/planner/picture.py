"""Power against readers and ECGs as steps of one colour, with the line of the power wanted and the plan's own point.

Knows: the Plotly figure and what it says in words. Does not know: how the power was found, Streamlit.
The steps differ in lightness only and their borders carry numbers, so the figure can be read without colour.
"""

from __future__ import annotations

from math import log10
from typing import Any

import plotly.graph_objects as go

from app.language.words import gettext as _
from app.results.figures import INK, Picture
from app.results.forest import TOTAL_COLOUR
from review_db.analysis.power import PowerGrid, Size

LIGHTEST, DARKEST, HEIGHT = "#f4f8fa", "#6ba0b8", 430
ECG_TICKS, READER_TICKS = (5, 10, 20, 40, 60, 100, 200, 400), (3, 5, 10, 15, 20, 25, 30)


def power_picture(grid: PowerGrid, size: Size, wanted: float) -> Picture:
    """The whole grid; `size` is marked, and the line on which studies have the power `wanted`."""
    figure = go.Figure([_steps(grid), _wanted_line(grid, wanted), _mark(size)], _layout(grid, wanted))
    return Picture(figure, in_words(grid, size, wanted))


def in_words(grid: PowerGrid, size: Size, wanted: float) -> str:
    """What the line of the wanted power and the mark say, for those who cannot see them."""
    line = [_reached(grid, readers, wanted) for readers in READER_TICKS if readers in grid.readers]
    return _(
        "Power against readers and ECGs. {wanted} % are reached by {line}. The plan of {readers} readers and {ecgs} "
        "ECGs has {power} %."
    ).format(
        wanted=f"{100 * wanted:.0f}",
        line=", ".join(line),
        readers=size.readers,
        ecgs=size.items,
        power=f"{100 * size.power.value:.0f}",
    )


def _reached(grid: PowerGrid, readers: int, wanted: float) -> str:
    fewest = grid.fewest_items(readers, wanted)
    if fewest is None:
        return _("{readers} readers never").format(readers=readers)
    return _("{readers} readers from {ecgs} ECGs on").format(readers=readers, ecgs=fewest)


def _steps(grid: PowerGrid) -> go.Contour:
    shares = list(range(0, 101, 20))
    return go.Contour(
        x=grid.items,
        y=grid.readers,
        z=100 * grid.power,
        colorscale=[[0, LIGHTEST], [1, DARKEST]],
        contours={"start": 10, "end": 90, "size": 10, "coloring": "fill", "showlines": True},
        line={"color": "#ffffff", "width": 1},
        zmin=0,
        zmax=100,
        colorbar={
            "title": {"text": _("Power")},
            "tickvals": shares,
            "ticktext": [f"{share} %" for share in shares],
            "thickness": 14,
            "outlinewidth": 0,
        },
        hovertemplate=_("{readers} readers × {ecgs} ECGs: {power} %").format(
            readers="%{y}", ecgs="%{x}", power="%{z:.0f}"
        )
        + "<extra></extra>",
    )


def _wanted_line(grid: PowerGrid, wanted: float) -> go.Contour:
    level = 100 * wanted
    return go.Contour(
        x=grid.items,
        y=grid.readers,
        z=100 * grid.power,
        contours={"start": level, "end": level, "size": 1, "coloring": "none"},
        line={"color": INK, "width": 3},
        showscale=False,
        showlegend=False,
        hoverinfo="skip",
    )


def _line_name(grid: PowerGrid, wanted: float) -> list[dict[str, Any]]:
    """The power wanted, written where its line leaves the picture at the top; nothing if it does not."""
    fewest = grid.fewest_items(grid.readers[-1], wanted)
    if fewest is None or fewest == grid.items[0]:
        return []
    place = {"x": log10(fewest), "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False}
    return [{"text": f"<b>{100 * wanted:.0f} %</b>", **place}]


def _mark(size: Size) -> go.Scatter:
    return go.Scatter(
        x=[size.items],
        y=[size.readers],
        mode="markers",
        marker={"symbol": "diamond", "size": 16, "color": TOTAL_COLOUR, "line": {"color": "#ffffff", "width": 2}},
        hovertemplate=_("Your plan: {power} %").format(power=f"{100 * size.power.value:.0f}") + "<extra></extra>",
        showlegend=False,
    )


def _layout(grid: PowerGrid, wanted: float) -> dict[str, Any]:
    return {
        "height": HEIGHT,
        "margin": {"l": 10, "r": 10, "t": 30, "b": 50},
        "xaxis": {
            "title": {"text": _("ECGs, all arms together")},
            "type": "log",
            "tickvals": ECG_TICKS,
            "fixedrange": True,
            "automargin": True,
            "zeroline": False,
        },
        "yaxis": {
            "title": {"text": _("Readers")},
            "tickvals": READER_TICKS,
            "range": [min(grid.readers), max(grid.readers)],
            "fixedrange": True,
            "automargin": True,
            "zeroline": False,
        },
        "annotations": _line_name(grid, wanted),
        "dragmode": False,
    }
