"""What a checkpoint is and what it can't do yet: its card, its evaluation, and the runs that trained it.

Knows: the files beside a checkpoint (NAME.md, and NAME.json and NAME.html as `engine evaluate` writes them) and the
facts inside it. Does not know: how a checkpoint is chosen or used.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import streamlit as st

from app.display.words import short_digest
from app.table import show_table
from engine.catalogue import CheckpointSummary

NO_REPORT = "There is no report beside this checkpoint, so nobody has measured how good it is. Not for clinical use."
GATE_COLUMNS = ("Measured on ECGs that training left out", "Value", "Wanted", "Reached")
RUN_COLUMNS = ("Date", "Samples", "Minutes", "On", "Validation loss before", "After")
REPORT_PX = 900
ASKED_FOR: Mapping[tuple[bool, bool], str] = MappingProxyType(
    {  # by whether sex and age are known
        (True, True): "labels, sex and age band",
        (True, False): "labels and sex; it does not know age",
        (False, True): "labels and age band; it does not know sex",
        (False, False): "labels; it knows neither sex nor age",
    }
)


def about(checkpoint: CheckpointSummary) -> None:
    """An expander with the model card, else a warning, the figures, and the history of the training."""
    with st.expander("About this model, and what it cannot do yet", icon=":material/info:"):
        st.caption(f"Checkpoint {checkpoint.name} · {short_digest(checkpoint.digest)} · {_facts(checkpoint)}")
        st.caption(conditions(checkpoint))
        card = checkpoint.path.with_suffix(".md")
        st.markdown(card.read_text(encoding="utf-8", errors="replace") if card.is_file() else NO_REPORT)
        if rows := gate_rows(checkpoint):
            show_table(GATE_COLUMNS, rows, numbers=[1])
        if runs := checkpoint.provenance.get("runs"):
            show_table(RUN_COLUMNS, run_rows(runs), numbers=[1, 2, 4, 5])
        _offer_report(checkpoint.path.with_suffix(".html"))


def conditions(checkpoint: CheckpointSummary) -> str:
    """Whether it can be asked for a sex and an age band besides labels."""
    return f"It can be asked for {ASKED_FOR[checkpoint.knows_sex, checkpoint.knows_age]}."


def gate_rows(checkpoint: CheckpointSummary) -> list[tuple[str, str, str, str]]:
    """What was measured against what is wanted; none where the figures are missing or of another checkpoint."""
    figures = _figures(checkpoint.path.with_suffix(".json"))
    if figures.get("checkpoint", {}).get("digest") != checkpoint.digest:
        return []
    return [(gate["title"], _number(gate["value"]), gate["want"], _reached(gate)) for gate in figures["gates"]]


def run_rows(runs: Iterable[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """One row per training run; losses are means over noise levels."""
    return [
        (
            run["date"],
            f"{run['samples']:,}",
            f"{run['minutes']:.0f}",
            run["hardware"],
            _mean(run.get("validation_before")),
            _mean(run.get("validation")),
        )
        for run in runs
    ]


def _offer_report(report: Path) -> None:
    """The report in a frame. As a data address it has an origin of its own: nothing in it reaches the app."""
    if report.is_file() and st.toggle("Show the whole evaluation, with ECGs"):
        page = base64.b64encode(report.read_bytes()).decode()
        st.iframe(f"data:text/html;charset=utf-8;base64,{page}", height=REPORT_PX, alt="Evaluation of the checkpoint")


def _figures(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _number(value: float | None) -> str:
    if value is None:
        return "not measured"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"


def _reached(gate: Mapping[str, Any]) -> str:
    """Nothing for a figure that is only reported."""
    return "" if gate["want"] == "reported" else "yes" if gate["holds"] else "no"


def _mean(losses: list[float] | None) -> str:
    return f"{sum(losses) / len(losses):.4f}" if losses else "-"


def _facts(checkpoint: CheckpointSummary) -> str:
    """What is said in a word or a number; lists and tables have their own place."""
    plain = {key: value for key, value in checkpoint.provenance.items() if isinstance(value, str | int | float)}
    return " · ".join(f"{key.replace('_', ' ')}: {_plain(value)}" for key, value in plain.items())


def _plain(value: str | float) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
