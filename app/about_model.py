"""What a checkpoint is and what it can't do yet: its card, its evaluation, and the runs that trained it.

Knows: the files beside a checkpoint (NAME.md, and NAME.json and NAME.html as `engine evaluate` writes them) and the
facts inside it. Does not know: how a checkpoint is chosen or used.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import streamlit as st

from app.display.words import short_digest
from app.language.words import N_, decimal
from app.language.words import gettext as _
from app.table import show_table
from engine.catalogue import CheckpointSummary

NO_REPORT = N_(
    "There is no report beside this checkpoint, so nobody has measured how good it is. Not for clinical use."
)
GATE_COLUMNS = (N_("Measured on ECGs that training left out"), N_("Value"), N_("Wanted"), N_("Reached"))
RUN_COLUMNS = (N_("Date"), N_("Samples"), N_("Minutes"), N_("On"), N_("Validation loss before"), N_("After"))
FACTS = (N_("data"), N_("preset"), N_("records"), N_("samples"))  # in a checkpoint
REPORTED = N_("reported")  # a figure without bounds
REPORT_PX = 900
ASKED_FOR: Mapping[tuple[bool, bool], str] = MappingProxyType(
    {  # by whether sex and age are known
        (True, True): N_("It can be asked for labels, sex and age band."),
        (True, False): N_("It can be asked for labels and sex; it does not know age."),
        (False, True): N_("It can be asked for labels and age band; it does not know sex."),
        (False, False): N_("It can be asked for labels; it knows neither sex nor age."),
    }
)


def about(checkpoint: CheckpointSummary) -> None:
    """An expander with the model card, else a warning, the figures, and the history of the training."""
    with st.expander(_("About this model, and what it cannot do yet"), icon=":material/info:"):
        name = _("Checkpoint {name}").format(name=checkpoint.name)
        st.caption(" · ".join((name, short_digest(checkpoint.digest), _facts(checkpoint))))
        st.caption(conditions(checkpoint))
        card = checkpoint.path.with_suffix(".md")
        st.markdown(card.read_text(encoding="utf-8", errors="replace") if card.is_file() else _(NO_REPORT))
        if rows := gate_rows(checkpoint):
            show_table([_(title) for title in GATE_COLUMNS], rows, numbers=[1])
        if runs := checkpoint.provenance.get("runs"):
            show_table([_(title) for title in RUN_COLUMNS], run_rows(runs), numbers=[1, 2, 4, 5])
        _offer_report(checkpoint.path.with_suffix(".html"))


def conditions(checkpoint: CheckpointSummary) -> str:
    """Whether it can be asked for a sex and an age band besides labels."""
    return _(ASKED_FOR[checkpoint.knows_sex, checkpoint.knows_age])


def gate_rows(checkpoint: CheckpointSummary) -> list[tuple[str, str, str, str]]:
    """What was measured against what is wanted; none where the figures are missing or of another checkpoint."""
    figures = _figures(checkpoint.path.with_suffix(".json"))
    if figures.get("checkpoint", {}).get("digest") != checkpoint.digest:
        return []
    return [_gate_row(gate, gate["title"]) for gate in figures["gates"]]


def _gate_row(gate: Mapping[str, Any], title: str) -> tuple[str, str, str, str]:
    return _(title), _number(gate["value"]), _wanted(gate["want"]), _reached(gate)


def run_rows(runs: Iterable[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """One row per training run; losses are means over noise levels."""
    return [
        (
            run["date"],
            decimal(run["samples"], ","),
            f"{run['minutes']:.0f}",
            run["hardware"],
            _mean(run.get("validation_before")),
            _mean(run.get("validation")),
        )
        for run in runs
    ]


def _offer_report(report: Path) -> None:
    """The report in a frame. As a data address it has an origin of its own: nothing in it reaches the app."""
    if report.is_file() and st.toggle(_("Show the whole evaluation, with ECGs")):
        page = base64.b64encode(report.read_bytes()).decode()
        address = f"data:text/html;charset=utf-8;base64,{page}"
        st.iframe(address, height=REPORT_PX, alt=_("Evaluation of the checkpoint"))


def _figures(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _number(value: float | None) -> str:
    if value is None:
        return _("not measured")
    return decimal(value, "," if isinstance(value, int) else ".3g")


def _wanted(bounds: str) -> str:
    """Bounds as `engine.evaluation.gates` says them: ">= 1,000,000", "0.85 to 1.15", "reported"."""
    if bounds == REPORTED:
        return _(REPORTED)
    low, between, high = (_in_signs(part) for part in bounds.partition(" to "))
    return _("{low} to {high}").format(low=low, high=high) if between else low


def _in_signs(number: str) -> str:
    return re.sub(r"[\d.,]+", lambda found: decimal(float(found[0].replace(",", "")), ",.7g"), number)


def _reached(gate: Mapping[str, Any]) -> str:
    """Nothing for a figure that is only reported."""
    return "" if gate["want"] == REPORTED else _("yes") if gate["holds"] else _("no")


def _mean(losses: list[float] | None) -> str:
    return decimal(sum(losses) / len(losses), ".4f") if losses else "-"


def _facts(checkpoint: CheckpointSummary) -> str:
    """What is said in a word or a number; lists and tables have their own place."""
    plain = {key: value for key, value in checkpoint.provenance.items() if isinstance(value, str | int | float)}
    return " · ".join(f"{_(key.replace('_', ' '))}: {_plain(value)}" for key, value in plain.items())


def _plain(value: str | float) -> str:
    return decimal(value, ",") if isinstance(value, int) else str(value)
