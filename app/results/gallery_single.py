"""The single ECGs that were misjudged, one by one: truth, verdicts, reasons, times, comments.

Knows: groups, rows and words. Does not know: which ECGs count as misjudged (`review_db.report.misjudged`).
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.results.data import Results
from app.results.gallery import Gallery, Listing, PayloadOf, show_answers, show_gallery, show_sheet
from review_db.observed import Observation
from review_db.report.misjudged import JudgedItem, judged
from review_db.report.written import NOTHING

PAPER_KEY = "results_paper"
COLUMNS = ("Reader", "Verdict", "", "Plausible?", "What gave it away", "Seconds", "Position", "Comment")


def show(results: Results, payload_of: PayloadOf) -> None:
    """The gallery; `payload_of` a number is that ECG."""
    items = judged(results.firsts)
    groups = {"Misjudged ECGs": [item for item in items if item.wrong], "All ECGs that were read": items}
    meaning = "ECGs with a wrong verdict, the largest share of wrong verdicts first."
    look_at = partial(_look_at, payload_of=payload_of)
    show_gallery(Gallery("Misjudged ECGs", meaning, "No verdict was wrong.", groups, _LISTING, look_at), results)


def _row(item: JudgedItem) -> tuple[object, ...]:
    return item.item, item.origin.value, item.stated, _wrong(item), len(item.comments) or ""


def _words(item: JudgedItem) -> str:
    return f"ECG {item.item}, {item.origin.value}: {_wrong(item)} wrong"


def _wrong(item: JudgedItem) -> str:
    return f"{item.wrong} of {len(item.answers)}"


_LISTING = Listing(("ECG", "Truth", "Stated", "Wrong", "Comments"), (0, 3, 4), _row, lambda item: item.item, _words)


def _look_at(item: JudgedItem, payload_of: PayloadOf) -> None:
    st.text(f"ECG {item.item} is {item.origin.value}, from {item.arm}. Readers were told: {item.stated}")
    show_sheet(payload_of(item.item), PAPER_KEY)
    show_answers(COLUMNS, list(map(_answer, item.answers)), numbers=("Seconds", "Position"))


def _answer(answer: Observation) -> tuple[object, ...]:
    return (
        answer.reader,
        answer.verdict.wording,
        "right" if answer.is_correct else "wrong",
        NOTHING if answer.plausibility is None else answer.plausibility.wording,
        ", ".join(answer.reasons),
        f"{answer.seconds:.1f}",
        answer.position,
        answer.comment,
    )
