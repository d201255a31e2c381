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


def ask_for_reason(study: StudySummary) -> None:
    """Why is a study opened that leaks, or could not be audited? Nothing where no reason is needed."""
    if missing_reason(study.leak_audit) is not None:
        words = "Kept with the study and in its report."
        st.text_area("Why is it opened all the same?", key=_key(study.id), height=68, help=words)


def reason_given(study: int) -> str:
    """What is in that field now. A click that follows the typing at once brings both, so it asks here when it acts."""
    return str(st.session_state.get(_key(study), ""))


def _key(study: int) -> str:
    return f"leak-reason/{study}"


def _rows(features: dict[str, dict[str, object]]) -> list[tuple[str, ...]]:
    return [
        (name.replace("_", " "), str(one["kind"]), f"{one['auc']:.2f}", "yes" if one["gives_away"] else "no")
        for name, one in features.items()
    ]
