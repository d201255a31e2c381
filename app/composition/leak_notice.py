"""What the leak audit of a study and its machine reader found, and the reason that opening it needs.

For the investigator only: both say how much the arms differ.

Knows: the words and the table. Does not know: how an audit is made, what opening does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.composition.leak_words import in_words, kind_words, property_words
from app.language.words import N_, decimal
from app.language.words import gettext as _
from app.results import report_sentences
from app.study import refusals
from app.table import show_table
from engine.audit.checking import FEWEST
from review_db.leak_gate import leaks, missing_reason
from review_db.model import StudySummary
from review_db.report.machine_reader import NAME, machine_words

COLUMNS = (N_("Property"), N_("Kind"), N_("AUC alone"), N_("Alone beyond chance"))


def show_leak_audit(study: StudySummary) -> None:
    """The finding in words, and every property, unfolded where the study leaks; and what the machine reader found."""
    if study.leak_audit is None:
        words = _("Leak audit: not possible with fewer than {fewest} real and {fewest} synthetic ECGs.")
        st.caption(words.format(fewest=FEWEST))
        _show_reason(study)
    else:
        _show_found(study, study.leak_audit)
    st.caption(f"{_(NAME)}. {report_sentences.in_words(machine_words(study.leak_audit))}")


def _show_found(study: StudySummary, found: Mapping[str, Any]) -> None:
    leaky = leaks(found, study.protocol.leak_threshold)
    title = _("Leak audit: AUC {auc}, chance reaches {chance}, the protocol allows {threshold}").format(
        auc=decimal(found["auc"], ".2f"),
        chance=decimal(found["null_95"], ".2f"),
        threshold=decimal(study.protocol.leak_threshold),
    )
    with st.expander(title, icon=":material/warning:" if leaky else ":material/check:", expanded=leaky):
        st.text(in_words(str(found["words"])))
        show_table([_(column) for column in COLUMNS], _rows(found["features"]), numbers=[2])
        _show_reason(study)


def _show_reason(study: StudySummary) -> None:
    if study.leak_reason:
        st.text(_("Opened all the same, because: {reason}").format(reason=study.leak_reason))


def ask_for_reason(study: StudySummary) -> None:
    """Why is a study opened that leaks, or could not be audited? Nothing where no reason is needed."""
    missing = missing_reason(study.leak_audit, study.protocol.leak_threshold)
    if missing is not None:
        words = " ".join((refusals.in_words(missing), _("Kept with the study and in its report.")))
        st.text_area(_("Why is it opened all the same?"), key=_key(study.id), height=68, help=words)


def reason_given(study: int) -> str:
    """What is in that field now. A click that follows the typing at once brings both, so it asks here when it acts."""
    return str(st.session_state.get(_key(study), ""))


def _key(study: int) -> str:
    return f"leak-reason/{study}"


def _rows(features: dict[str, dict[str, object]]) -> list[tuple[str, ...]]:
    return [
        (
            property_words(name),
            kind_words(str(one["kind"])),
            decimal(float(str(one["auc"])), ".2f"),
            _("yes") if one["gives_away"] else _("no"),
        )
        for name, one in features.items()
    ]
