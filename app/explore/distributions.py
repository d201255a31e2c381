"""Does it show what it should? What a batch measures beside real ECGs with the same labels, as distributions.

Knows: the quantities and their picture. Does not know: how anything is measured; the worker does that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from app.display.theme import in_theme
from app.explore.measured import QUANTITIES, Quantity, values
from app.explore.scene import Scene
from app.explore.waiting import outcome
from app.language.words import N_
from app.language.words import gettext as _
from app.table import show_table
from engine.tasks import Task

MOST_REAL = 200
SHOWN = ("heart_rate", "rr_cv", "pr_ms", "qrs_ms", "qtc_fridericia_ms", "qrs_axis_deg")
DRAWN_COLOUR, REAL_COLOUR = "#b3541e", "#1d5f7c"
ROW_PX = 128
BOXES = N_("Boxes hold the middle half, the line is the median. Few drawn ECGs make a rough box: draw more to judge.")
Measured = list[Mapping[str, Any]]


def show(scene: Scene) -> None:
    """Drawn and real ECGs side by side, quantity by quantity."""
    service, codes = scene.room.generation, scene.one.provenance.labels
    drawn_task = Task("measured", {"ecgs": scene.packed})
    asked = {"ptbxl": str(scene.room.settings.ptbxl), "codes": list(codes), "most": MOST_REAL}
    drawn = outcome(service, "explore_measured", drawn_task, _("Measuring the drawn ECGs"))
    real = outcome(service, "explore_real_measured", Task("real measured", asked), _("Measuring real ECGs"))
    if drawn is None or real is None or drawn.answer is None or real.answer is None:
        return
    facts = real.answer.facts
    if not facts["measurements"]:
        words = _("No real ECG here carries {labels}. Choose fewer labels, or give the app more of PTB-XL.")
        st.info(words.format(labels=" + ".join(codes)))
        return
    _show_both(drawn.answer.facts["measurements"], facts["measurements"])
    st.caption(_about(len(scene.drawn), len(facts["measurements"]), facts["carrying"], " + ".join(codes)))


def _show_both(drawn: Measured, real: Measured) -> None:
    shown = [quantity for quantity in QUANTITIES if quantity.name in SHOWN]
    rows = comparison_rows(shown, drawn, real)
    line = _("{quantity}: drawn {drawn}, real {real}")
    alt = "; ".join(line.format(quantity=title, drawn=ours, real=theirs) for title, ours, theirs in rows)
    with st.container(horizontal=True, gap="large"):
        with st.container():
            figure = in_theme(distributions_figure(shown, drawn, real))
            st.plotly_chart(figure, width="stretch", config={"displayModeBar": False}, alt=alt)
        with st.container(width=430):
            show_table((_("Median (number)"), _("Drawn"), _("Real")), rows, numbers=[1, 2])


def comparison_rows(quantities: Sequence[Quantity], drawn: Measured, real: Measured) -> list[tuple[str, str, str]]:
    """Title, and median with number, of both."""
    return [(_(q.title), _median(values(drawn, q), q), _median(values(real, q), q)) for q in quantities]


def _median(found: list[float], quantity: Quantity) -> str:
    if not found:
        return _("not carried (0)")
    return f"{quantity.with_unit(median(found))} ({len(found)})"


def distributions_figure(quantities: Sequence[Quantity], drawn: Measured, real: Measured) -> go.Figure:
    """A row per quantity: boxes of drawn and real ECGs, every drawn one as a point."""
    titles = [", ".join((_(quantity.title), quantity.unit)) for quantity in quantities]
    figure = make_subplots(rows=len(quantities), cols=1, vertical_spacing=0.55 / len(quantities), subplot_titles=titles)
    for row, quantity in enumerate(quantities, 1):
        figure.add_trace(_box(_("Real"), values(real, quantity), REAL_COLOUR, False), row, 1)
        figure.add_trace(_box(_("Drawn"), values(drawn, quantity), DRAWN_COLOUR, True), row, 1)
    figure.update_annotations(x=0, xanchor="left", font={"size": 13})
    figure.update_layout(
        height=ROW_PX * len(quantities), showlegend=False, margin={"l": 80, "r": 10, "t": 24, "b": 24}, boxgap=0.35
    )
    return figure


def _box(name: str, found: list[float], colour: str, every: bool) -> go.Box:
    return go.Box(
        x=found, name=f"{name} ({len(found)})", marker={"color": colour, "size": 4}, line={"width": 1.5},
        boxpoints="all" if every else "outliers", jitter=0.5, pointpos=0, orientation="h",
        hovertemplate="%{x:.0f}<extra></extra>",
    )  # fmt: skip


def _about(drawn: int, measured: int, carrying: int, codes: str) -> str:
    words = _("{drawn} drawn ECGs beside {measured} of {carrying} real ones that carry {labels}, other labels allowed.")
    if measured == carrying:
        words = _("{drawn} drawn ECGs beside all {carrying} real ones that carry {labels}, other labels allowed.")
    return " ".join((words.format(drawn=drawn, measured=measured, carrying=carrying, labels=codes), _(BOXES)))
