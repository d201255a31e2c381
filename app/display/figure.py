"""An ECG as a Plotly figure on paper of exact scale, and as a thumbnail.

Knows: how the page of app.paper becomes one Plotly figure in milliseconds and microvolts.
Does not know: Streamlit, and where the ECG comes from. The figure says nothing about it either: traces, keys,
array lengths and types are the same for every ECG, it has no hover, no names and no identifiers.

Show it as st.plotly_chart(figure, width="content", theme=None, config=dict(STATIC), alt=alt_text(paper)):
another width would make the scale wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from app.display import paper as page
from app.display.paper import STANDARD, PaperFormat, Strip
from engine.ecg import STANDARD_LEADS, Ecg

STATIC: Mapping[str, Any] = MappingProxyType(
    {"staticPlot": True, "displayModeBar": False, "responsive": False, "scrollZoom": False}
)
FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"

STANDARD_INK = page.INKS[STANDARD.ink]

THUMBNAIL_BASELINES_MM: Mapping[str, float] = MappingProxyType({"II": 17.5, "V2": 32.5})  # from the top
THUMBNAIL_HEIGHT_MM = 50.0
THUMBNAIL_SECONDS = 4.0
THUMBNAIL_PX_PER_MM = 1.6
THUMBNAIL_STEP = 5  # every fifth point of the drawn curve


def ecg_figure(ecg: Ecg, paper: PaperFormat = STANDARD) -> go.Figure:
    """The first ten seconds of an ECG on paper.

    Axes: x in ms from the start of the ECG, y in uV from the middle of the page; curves are int16 in uV.
    Raises EcgError if the ECG is shorter than the page or has missing samples.
    """
    microvolts = 1000 * page.drawn_signal(ecg)
    curves = [_curve(strip, microvolts, paper) for strip in page.strips(paper)]
    return go.Figure(data=curves, layout=_layout(paper))


def keep_scale_style(key: str, paper: PaperFormat = STANDARD) -> str:
    """HTML for st.html() that lets a narrow window scroll instead of squeezing the chart of this key."""
    return f"<style>.st-key-{key} {{ min-width: {paper.width_mm * paper.px_per_mm:g}px; }}</style>"


def _curve(strip: Strip, microvolts: NDArray[np.float32], paper: PaperFormat) -> dict[str, Any]:
    raised = np.rint(page.curve(microvolts, strip) + _microvolts(page.baseline_mm(strip.row, paper), paper))
    return {
        "type": "scatter",
        "mode": "lines",
        "x0": 1000 * strip.at,
        "dx": 1000 / page.DRAWN_RATE,
        # Beyond +-32 mV an amplitude would wrap round; it stops at the edge instead, far outside the page.
        "y": np.clip(raised, -32768, 32767).astype(np.int16),
        # Plotly's own thinning of points would turn round T waves into polygons.
        "line": {
            "color": page.TRACE_COLOUR,
            "width": page.TRACE_MM * paper.px_per_mm,
            "simplify": False,
        },
        "hoverinfo": "skip",
    }


def _layout(paper: PaperFormat) -> dict[str, Any]:
    right, bottom = paper.width_mm, paper.height_mm
    return {
        "template": "none",  # an empty template; None would bring in Plotly's default one
        "autosize": False,
        "width": paper.width_mm * paper.px_per_mm,
        "height": paper.height_mm * paper.px_per_mm,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
        "plot_bgcolor": page.INKS[paper.ink].paper,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "hovermode": False,
        "dragmode": False,
        "xaxis": _axis([_milliseconds(0, paper), _milliseconds(right, paper)], 1000 / paper.speed, paper),
        "yaxis": _axis([_microvolts(bottom, paper), _microvolts(0, paper)], 1000 / paper.gain, paper)
        # Streamlit squeezes the figure into a window narrower than the page: smaller, but never distorted.
        | {"scaleanchor": "x", "scaleratio": paper.gain / paper.speed, "constraintoward": "top"},
        "shapes": [
            _marks([page.pulse(row, paper) for row in range(paper.layout.rows)], paper),
            _marks(page.separators(paper), paper),
        ],
        "annotations": [_text(*name, page.NAME_MM, paper) for name in page.names(paper)]
        + [_text(paper.footer, *paper.footer_at, page.FOOTER_MM, paper)],
    }


def _axis(limits: Sequence[float], unit_per_mm: float, paper: PaperFormat) -> dict[str, Any]:
    return {
        "range": limits,
        "constrain": "domain",
        "fixedrange": True,
        "showticklabels": False,
        "ticks": "",
        "zeroline": False,
        "showgrid": True,
        "tick0": 0,
        "dtick": page.BOLD_MM * unit_per_mm,
        "gridcolor": page.INKS[paper.ink].bold,
        "gridwidth": page.BOLD_LINE_MM * paper.px_per_mm,
        "minor": {
            "showgrid": True,
            "tick0": 0,
            "dtick": page.FINE_MM * unit_per_mm,
            "gridcolor": page.INKS[paper.ink].fine,
            "gridwidth": page.FINE_LINE_MM * paper.px_per_mm,
        },
    }


def _marks(lines: Sequence[Sequence[tuple[float, float]]], paper: PaperFormat) -> dict[str, Any]:
    path = "".join(
        f"{'L' if corner else 'M'}{_milliseconds(x, paper):g},{_microvolts(y, paper):g}"
        for line in lines
        for corner, (x, y) in enumerate(line)
    )
    return {
        "type": "path",
        "path": path,
        "line": {"color": page.TRACE_COLOUR, "width": page.MARK_MM * paper.px_per_mm},
    }


def _text(words: str, x: float, y: float, size_mm: float, paper: PaperFormat) -> dict[str, Any]:
    return {
        "text": words,
        "x": _milliseconds(x, paper),
        "y": _microvolts(y, paper),
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "borderpad": 0,
        "font": {"family": FONT, "size": size_mm * paper.px_per_mm, "color": page.TEXT_COLOUR},
    }


def _milliseconds(x_mm: float, paper: PaperFormat) -> float:
    return round((x_mm - paper.left_mm) * 1000 / paper.speed, 6)


def _microvolts(y_mm: float, paper: PaperFormat) -> float:
    return round((_centre_mm(paper) - y_mm) * 1000 / paper.gain, 6)


def _centre_mm(paper: PaperFormat) -> float:
    """0 uV of the figure's axis: half-way between the first and the last row."""
    return (page.baseline_mm(0, paper) + page.baseline_mm(paper.layout.rows - 1, paper)) / 2


def thumbnail_svg(ecg: Ecg) -> str:
    """Leads II and V2 of the first seconds as a small SVG image, 160 x 80 px, for strips of ECGs.

    Raises EcgError as ecg_figure does.
    """
    signal = page.drawn_signal(ecg)[:, : round(THUMBNAIL_SECONDS * page.DRAWN_RATE) : THUMBNAIL_STEP]
    curves = "".join(
        f'<path d="{_thumbnail_curve(signal[STANDARD_LEADS.index(lead)], baseline)}"/>'
        for lead, baseline in THUMBNAIL_BASELINES_MM.items()
    )
    width, height = THUMBNAIL_SECONDS * STANDARD.speed, THUMBNAIL_HEIGHT_MM
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="Leads II and V2" '
        f'width="{width * THUMBNAIL_PX_PER_MM:g}" height="{height * THUMBNAIL_PX_PER_MM:g}" '
        f'viewBox="0 0 {width:g} {height:g}"><rect width="100%" height="100%" fill="{STANDARD_INK.paper}"/>'
        f'<path d="{_thumbnail_grid(width, height)}" stroke="{STANDARD_INK.fine}" stroke-width="0.4"/>'
        f'<g fill="none" stroke="{page.TRACE_COLOUR}" stroke-width="0.5" stroke-linejoin="round">{curves}</g>'
        "</svg>"
    )


def _thumbnail_curve(millivolts: NDArray[np.float32], baseline: float) -> str:
    x = np.arange(millivolts.size) * (THUMBNAIL_STEP / page.DRAWN_RATE * STANDARD.speed)
    y = baseline - millivolts * STANDARD.gain
    return "M" + "L".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))


def _thumbnail_grid(width: float, height: float) -> str:
    across = "".join(f"M0,{y:g}h{width:g}" for y in np.arange(0, height + 1, page.BOLD_MM))
    return across + "".join(f"M{x:g},0v{height:g}" for x in np.arange(0, width + 1, page.BOLD_MM))
