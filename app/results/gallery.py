"""The ECGs that were misjudged, one by one: truth, verdicts, reasons, times, comments. After unblinding only.

Knows: the list, the choice, the words. Does not know: which ECGs count as misjudged (`review_db.report.misjudged`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app.display.figure import STATIC, alt_text, ecg_figure, keep_scale_style
from app.table import show_table
from engine.harmonise import decode
from review_db.observed import Observation
from review_db.report.misjudged import JudgedItem, misjudged

PAPER_KEY = "results_paper"
LISTED = 10  # rows of the table; the choice below it has all


def show_gallery(observations: Sequence[Observation], payload_of: Callable[[int], bytes]) -> None:
    """The table, and one ECG on paper with all that was said of it; `payload_of` its number."""
    st.subheader("Misjudged ECGs", anchor=False)
    items = misjudged(observations)
    if not items:
        st.write("No verdict was wrong.")
        return
    columns = ("ECG", "Truth", "Stated", "Wrong", "Comments")
    show_table(columns, [_row(item) for item in items[:LISTED]], numbers=[0, 3])
    if len(items) > LISTED:
        st.caption(f"The {LISTED} most misleading of {len(items)}; all of them can be chosen here.")
    chosen = st.selectbox("Look at one of them", items, format_func=_words, key="results/misjudged", width=560)
    if chosen is not None:
        _show_item(chosen, payload_of(chosen.item))


def _row(item: JudgedItem) -> tuple[object, ...]:
    return item.item, item.origin.value, item.stated, f"{item.wrong} of {len(item.answers)}", len(item.comments) or ""


def _words(item: JudgedItem) -> str:
    return f"ECG {item.item}, {item.origin.value}: {item.wrong} of {len(item.answers)} wrong"


def _show_item(item: JudgedItem, payload: bytes) -> None:
    st.text(f"ECG {item.item} is {item.origin.value}, from {item.arm}. Readers were told: {item.stated}")
    show_table(
        ("Reader", "Verdict", "", "Plausible?", "What gave it away", "Seconds", "Position", "Comment"),
        [_answer(answer) for answer in item.answers],
        numbers=[5, 6],
    )
    st.html(keep_scale_style(PAPER_KEY))
    figure = ecg_figure(decode(payload))
    st.plotly_chart(figure, width="content", theme=None, key=PAPER_KEY, config=dict(STATIC), alt=alt_text())


def _answer(answer: Observation) -> tuple[object, ...]:
    plausible = "–" if answer.plausibility is None else answer.plausibility.wording
    right = "right" if answer.is_correct else "wrong"
    return (
        answer.reader,
        answer.verdict.wording,
        right,
        plausible,
        ", ".join(answer.reasons),
        f"{answer.seconds:.1f}",
        answer.position,
        answer.comment,
    )
