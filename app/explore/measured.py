"""What a drawn ECG measures: rate, intervals, axes, and its median beat in all leads with the marks they come from.

Knows: the table and the picture. Does not know: how anything is measured; the worker does that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from app.display.paper import INKS, TRACE_COLOUR
from app.explore.scene import Scene
from app.explore.waiting import outcome
from app.language.words import N_, decimal
from app.language.words import gettext as _
from app.table import show_table
from engine.ecg import STANDARD_LEADS
from engine.tasks import Answer, Task, pack_ecgs

NOT_CARRIED, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
COLUMNS, CELL_MS, CELL_MV = 4, 800.0, 3.0  # cells of the picture: 20 mm x 30 mm of paper
BELOW_MV = 1.5  # below the last row, for deep S waves
BEFORE_MS, CELL_PX_PER_MM = 300.0, 5.0
MARK_COLOUR, MARK_NAMES = "#1d5f7c", {"p_onset": "P", "qrs_onset": "Q", "qrs_end": "J", "t_end": "T"}
HOW = N_(
    "From the median beat over all leads. On made-up ECGs with known intervals the errors stay below 10 ms; a dash "
    "stands for what the signal does not carry."
)


@dataclass(frozen=True)
class Quantity:
    """A measurement as people read it; `name` is its field of engine.measuring's Measurements."""

    name: str
    title: str
    unit: str
    digits: int = 0
    scale: float = 1.0

    def words(self, value: float | None) -> str:
        """With its unit, or a dash."""
        return NOT_CARRIED if value is None else self.with_unit(value * self.scale)

    def with_unit(self, value: float) -> str:
        """A value in the quantity's unit: "64 /min", "−47°"."""
        number = decimal(round(value, self.digits) + 0.0, self.form).replace("-", MINUS)  # never minus zero
        return f"{number}{self.unit}" if self.unit == "°" else f"{number} {self.unit}"

    @property
    def form(self) -> str:
        """How its value is written."""
        return f".{self.digits}f"


QUANTITIES = (
    Quantity("heart_rate", N_("Heart rate"), "/min"),
    Quantity("rr_cv", N_("RR variation"), "%", 1, 100.0),
    Quantity("pr_ms", N_("PR"), "ms"),
    Quantity("qrs_ms", N_("QRS"), "ms"),
    Quantity("qt_ms", N_("QT"), "ms"),
    Quantity("qtc_bazett_ms", N_("QTc (Bazett)"), "ms"),
    Quantity("qtc_fridericia_ms", N_("QTc (Fridericia)"), "ms"),
    Quantity("p_axis_deg", N_("P axis"), "°"),
    Quantity("qrs_axis_deg", N_("QRS axis"), "°"),
    Quantity("t_axis_deg", N_("T axis"), "°"),
)


def show(scene: Scene) -> None:
    """The measurements of the enlarged ECG and its median beat."""
    task = Task("beat", {"ecgs": pack_ecgs([scene.one.ecg])})
    status = outcome(scene.room.generation, "explore_beat", task, _("Measuring"))
    if status is None or status.answer is None:
        return
    with st.container(horizontal=True, gap="large"):
        with st.container(width=330):
            rows = [(_(q.title), q.words(status.answer.facts["measurements"][q.name])) for q in QUANTITIES]
            show_table((_("Measured"), _("Value")), rows, numbers=[1])
            st.caption(_(HOW))
        with st.container():
            _show_beat(status.answer)


def _show_beat(answer: Answer) -> None:
    if "signal" not in answer.arrays:
        st.info(_("This ECG has fewer than three beats that are alike: there is no median beat to measure."))
        return
    figure = beat_figure(answer.arrays["signal"], answer.arrays["time_ms"], answer.facts["marks"])
    words = _("Median beat of {beats} beats in twelve leads").format(beats=answer.facts["beats"])
    st.markdown(f"**{words}**")
    st.plotly_chart(figure, width="content", theme=None, config={"staticPlot": True}, alt=words)


def beat_figure(signal: NDArray[Any], time_ms: NDArray[Any], marks: Mapping[str, float | None]) -> go.Figure:
    """Twelve cells on millimetre paper, 25 mm/s and 10 mm/mV: signal (12, n) in mV over time (n) in ms."""
    rows = len(STANDARD_LEADS) // COLUMNS
    ends = {words: BEFORE_MS + at for name, words in MARK_NAMES.items() if (at := marks.get(name)) is not None}
    return go.Figure(
        [_cell(lead, signal[lead], time_ms) for lead in range(len(STANDARD_LEADS))],
        {
            "template": "none", "showlegend": False, "hovermode": False,
            "width": COLUMNS * CELL_MS / 40 * CELL_PX_PER_MM,
            "height": (rows * CELL_MV + BELOW_MV) * 10 * CELL_PX_PER_MM,
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "plot_bgcolor": INKS["red"].paper,
            "xaxis": _axis([0, COLUMNS * CELL_MS], 200, 40), "yaxis": _axis([-rows * CELL_MV - BELOW_MV, 0], 0.5, 0.1),
            "shapes": [_mark(column * CELL_MS + end) for column in range(COLUMNS) for end in ends.values()],
            "annotations": [_name(lead) for lead in range(len(STANDARD_LEADS))] + [_end(*end) for end in ends.items()],
        },
    )  # fmt: skip


def _place(lead: int) -> tuple[float, float]:
    """Left edge in ms and baseline in mV of a lead's cell; leads run down the columns, as on paper."""
    column, row = divmod(lead, len(STANDARD_LEADS) // COLUMNS)
    return column * CELL_MS, -(row + 0.6) * CELL_MV


def _cell(lead: int, signal: NDArray[Any], time_ms: NDArray[Any]) -> dict[str, Any]:
    left, baseline = _place(lead)
    shown = (time_ms >= -BEFORE_MS) & (time_ms <= CELL_MS - BEFORE_MS - 50)
    return {
        "type": "scatter", "mode": "lines", "x": left + BEFORE_MS + time_ms[shown],
        "y": np.round(baseline + signal[shown], 3), "line": {"color": TRACE_COLOUR, "width": 1.5},
    }  # fmt: skip


def _axis(limits: list[float], bold: float, fine: float) -> dict[str, Any]:
    ink = INKS["red"]
    return {
        "range": limits, "showticklabels": False, "ticks": "", "zeroline": False, "dtick": bold, "tick0": 0,
        "gridcolor": ink.bold, "minor": {"showgrid": True, "dtick": fine, "tick0": 0, "gridcolor": ink.fine},
    }  # fmt: skip


def _mark(at: float) -> dict[str, Any]:
    line = {"color": MARK_COLOUR, "width": 1, "dash": "dot"}
    return {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": line}


def _name(lead: int) -> dict[str, Any]:
    left, baseline = _place(lead)
    at = {"x": left + 25, "y": baseline + 0.58 * CELL_MV, "xanchor": "left", "yanchor": "top"}
    return {"text": STANDARD_LEADS[lead], "showarrow": False, "font": {"size": 14}, **at}


def _end(words: str, at: float) -> dict[str, Any]:
    """What a mark is, once, at the foot of the first column."""
    place = {"x": at + 8, "y": 0.0, "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    return {"text": words, "showarrow": False, "font": {"size": 11, "color": MARK_COLOUR}, **place}


def values(measurements: list[Mapping[str, Any]], quantity: Quantity) -> list[float]:
    """What was measured of a quantity, where the ECG carried it, in the quantity's unit."""
    return [one[quantity.name] * quantity.scale for one in measurements if one[quantity.name] is not None]
