"""What the leak audit of a study found, and the reason that opening it needs. For the investigator only.

Knows: the words and the table. Does not know: how an audit is made, what opening does.
"""

from __future__ import annotations

import streamlit as st

from app.table import show_table
from engine.audit.checking import FEWEST
from review_db.leak_gate import leaks, missing_reason
from review_db.model import StudySummary

COLUMNS = ("Property", "Kind", "AUC alone", "Gives the arm away")


def show_leak_audit(study: StudySummary) -> None:
    """The finding in words, and every property; unfolded where the study leaks."""
    if study.leak_audit is None:
        st.caption(f"Leak audit: not possible with fewer than {FEWEST} real and {FEWEST} synthetic ECGs.")
        _show_reason(study)
        return
    found, leaky = study.leak_audit, leaks(study.leak_audit)
    title = f"Leak audit: AUC {found['auc']:.2f}, chance reaches {found['null_95']:.2f}"
    with st.expander(title, icon=":material/warning:" if leaky else ":material/check:", expanded=leaky):
        st.text(str(found["words"]))
        show_table(COLUMNS, _rows(found["features"]), numbers=[2])  # type: ignore[arg-type]
        _show_reason(study)


def _show_reason(study: StudySummary) -> None:
    if study.leak_reason:
        st.text(f"Opened all the same, because: {study.leak_reason}")


def ask_for_reason(study: StudySummary) -> str:
    """Why a study that leaks, or could not be audited, is opened; empty where no reason is needed or given."""
    if missing_reason(study.leak_audit) is None:
        return ""
    return st.text_area("Why is it opened all the same?", height=68, help="Kept with the study and in its report.")


def _rows(features: dict[str, dict[str, object]]) -> list[tuple[str, ...]]:
    return [
        (name.replace("_", " "), str(one["kind"]), f"{one['auc']:.2f}", "yes" if one["gives_away"] else "no")
        for name, one in features.items()
    ]
