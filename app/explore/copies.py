"""Is it a copy? The nearest training records of a drawn ECG, the nearest one laid upon it, and what is usual.

Knows: the words and pictures. Does not know: the distance; the worker finds the records (see `engine.nearest`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from app.display.theme import in_theme
from app.explore.scene import Scene
from app.explore.waiting import outcome
from app.language.words import N_, decimal
from app.language.words import gettext as _
from app.table import show_table
from engine.ecg import STANDARD_LEADS
from engine.nearest.checking import CopyReport, Finding
from engine.nearest.index import Neighbour
from engine.tasks import Task

LEADS = ("II", "V2", "V5")
RATE = 100
MINUS = "\N{MINUS SIGN}"
OWN_COLOUR, OTHER_COLOUR = "#15151a", "#c2410c"
LEAST_STEP_MV = 2.5  # between two leads of the picture; taller ones stand further apart
HOW = N_(
    "Distance: one minus the correlation over eight leads at the best of all shifts up to 2 s, so 0 is a copy, moved "
    "or amplified or not. Compared with the records of PTB-XL here in folds 1 to 8, which the model may have been "
    "trained on; what is usual comes from real ECGs of fold 9. {training} training records, {reference} real ECGs "
    "compared."
)


def show(scene: Scene) -> None:
    """The enlarged ECG's nearest records, and the batch in one sentence."""
    settings = scene.room.settings
    asked = {
        "ecgs": scene.packed,
        "ptbxl": str(settings.ptbxl),
        "cache": str(settings.cache),
    }
    words = _("Comparing with every training record; the first time an index of them is built")
    status = outcome(scene.room.generation, "explore_copies", Task("copies", asked), words)
    if status is None or status.answer is None:
        return
    report, arrays = CopyReport.fromdict(dict(status.answer.facts["report"])), status.answer.arrays
    finding = report.findings[scene.chosen]
    st.markdown(f"**{verdict(finding, report)}**")
    st.write(batch_words(report))
    with st.container(horizontal=True, gap="large"):
        with st.container():
            _show_overlay(scene, arrays["overlay"][scene.chosen], finding)
        with st.container(width=420):
            _show_usual(arrays["reference"], finding)
            rows = [(str(near.ecg_id), decimal(near.distance, ".3f"), _moved(near)) for near in finding.neighbours]
            show_table((_("PTB-XL record"), _("Distance"), _("Moved by")), rows, numbers=[1, 2])
    counts = {"training": report.training_records, "reference": report.reference_records}
    st.caption(_(HOW).format(**{name: decimal(count, ",") for name, count in counts.items()}))


def _moved(near: Neighbour) -> str:
    return f"{near.shift * 1000 // RATE:+d} ms".replace("-", MINUS)


def verdict(finding: Finding, report: CopyReport) -> str:
    """In one sentence whether this ECG is suspiciously near to a training record."""
    distance = finding.neighbours[0].distance
    words = _("No copy: {percent} % of real ECGs are nearer to a training record than this one (distance {distance}).")
    if distance < report.summary.limit:
        words = _(
            "Suspiciously near: {percent} % of real ECGs are nearer to a training record than this one (distance "
            "{distance}). Look at the overlay."
        )
    return words.format(percent=f"{100 * finding.rank:.0f}", distance=decimal(distance, ".3f"))


def batch_words(report: CopyReport) -> str:
    """All ECGs of the drawing together."""
    summary = report.summary
    words = _(
        "{suspected} of {total} drawn ECGs are nearer to a training record than 1 % of real ECGs are; of as many real "
        "ECGs {expected} would be. Median distance {median}, of real ECGs {usual}."
    )
    expected, medians = decimal(0.01 * summary.n, ".1f"), (summary.median, summary.median_real)
    median, usual = (decimal(one, ".2f") for one in medians)
    return words.format(suspected=summary.suspected, total=summary.n, expected=expected, median=median, usual=usual)


def _show_overlay(scene: Scene, nearest: NDArray[Any], finding: Finding) -> None:
    words = _("The drawn ECG, and PTB-XL record {number} laid upon it, leads {leads}")
    words = words.format(number=finding.neighbours[0].ecg_id, leads=", ".join(LEADS))
    figure = in_theme(overlay_figure(scene.one.ecg.signal, nearest))
    st.plotly_chart(figure, width="stretch", config={"displayModeBar": False}, alt=words)


def overlay_figure(own: NDArray[Any], nearest: NDArray[Any]) -> go.Figure:
    """Some leads of both, (12, n) in mV at 100 Hz; the nearest may have gaps where its record ends."""
    figure = go.Figure(layout={"height": 90 + 90 * len(LEADS), "margin": {"l": 50, "r": 10, "t": 30, "b": 40}})
    step = _step_mv(own, nearest)
    for place, lead in enumerate(LEADS):
        row = STANDARD_LEADS.index(lead)
        for name, signal, colour in ((_("Nearest record"), nearest, OTHER_COLOUR), (_("Drawn"), own, OWN_COLOUR)):
            trace = signal[row, : nearest.shape[-1]]
            figure.add_scatter(
                x=np.arange(trace.size) / RATE, y=np.round(trace - np.nanmean(trace) - place * step, 3),
                mode="lines", name=name, legendgroup=name, showlegend=place == 0, hoverinfo="skip",
                line={"color": colour, "width": 1.3},
            )  # fmt: skip
    baselines = [-place * step for place in range(len(LEADS))]
    figure.update_yaxes(tickvals=baselines, ticktext=list(LEADS), showgrid=False, zeroline=False)
    figure.update_xaxes(title=_("Seconds")).update_layout(legend={"orientation": "h", "y": 1.12})
    return figure


def _step_mv(*signals: NDArray[Any]) -> float:
    """Enough for the tallest complex of the leads that are shown."""
    rows = [STANDARD_LEADS.index(lead) for lead in LEADS]
    tallest = max(float(np.nanmax(signal[rows]) - np.nanmin(signal[rows])) for signal in signals)
    return max(LEAST_STEP_MV, 0.7 * tallest)


def _show_usual(reference: NDArray[Any], finding: Finding) -> None:
    words = _("Distances of real ECGs to their nearest training record, and this ECG's")
    figure = go.Figure(
        go.Histogram(x=reference, nbinsx=40, marker={"color": "#8895a0"}, hoverinfo="skip"),
        {"height": 200, "margin": {"l": 40, "r": 10, "t": 30, "b": 40}, "showlegend": False, "bargap": 0.05},
    )
    line = {"color": OTHER_COLOUR, "width": 2}
    figure.add_vline(finding.neighbours[0].distance, line=line, annotation_text=_("this ECG"))
    figure.update_xaxes(title=_("Distance to the nearest record")).update_yaxes(title=_("Real ECGs"))
    st.plotly_chart(in_theme(figure), width="stretch", config={"displayModeBar": False}, alt=words)
