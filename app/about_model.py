"""What a checkpoint is and what it can't do yet: its report, where it comes from, and the runs that trained it.

Knows: the facts a checkpoint carries. Does not know: how a checkpoint is chosen or used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from app.ecg_words import short_digest
from engine.catalogue import CheckpointSummary

NO_REPORT = "There is no report beside this checkpoint, so nobody has measured how good it is. Not for clinical use."
COLUMNS = "| date | samples | minutes | on | validation loss before | after |\n|---|---|---|---|---|---|\n"


def about(checkpoint: CheckpointSummary) -> None:
    """An expander with the model card, else a warning, and the history of the training."""
    report = checkpoint.path.with_suffix(".md")
    with st.expander("About this model, and what it cannot do yet", icon=":material/info:"):
        st.caption(f"Checkpoint {checkpoint.name} · {short_digest(checkpoint.digest)} · {_facts(checkpoint)}")
        st.markdown(report.read_text(encoding="utf-8", errors="replace") if report.is_file() else NO_REPORT)
        if runs := checkpoint.provenance.get("runs"):
            st.markdown(f"#### Training runs\n\n{runs_table(runs)}")


def runs_table(runs: Iterable[Mapping[str, Any]]) -> str:
    """One row per run in Markdown; losses are means over noise levels."""
    return COLUMNS + "\n".join(_row(run) for run in runs)


def _row(run: Mapping[str, Any]) -> str:
    before, after = (_mean(run.get(name)) for name in ("validation_before", "validation"))
    cells = (run["date"], f"{run['samples']:,}", f"{run['minutes']:.0f}", run["hardware"], before, after)
    return f"| {' | '.join(map(str, cells))} |"


def _mean(losses: list[float] | None) -> str:
    return f"{sum(losses) / len(losses):.4f}" if losses else "-"


def _facts(checkpoint: CheckpointSummary) -> str:
    """What is said in a word or a number; lists and tables have their own place."""
    plain = {key: value for key, value in checkpoint.provenance.items() if isinstance(value, str | int | float)}
    return " · ".join(f"{key.replace('_', ' ')}: {_plain(value)}" for key, value in plain.items())


def _plain(value: str | float) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
