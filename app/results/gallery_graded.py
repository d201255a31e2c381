"""The ECGs that were graded against their origin, one by one: truth, grades, reasons, times, comments.

Knows: groups, rows and words. Does not know: which grades are against the origin (`review_db.report.misjudged_graded`).
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.results.data import Results
from app.results.gallery import Gallery, Listing, PayloadOf, show_answers, show_gallery, show_sheet
from review_db.model import Origin
from review_db.observed import GradeObservation
from review_db.report.misjudged_graded import GradedItem, is_against_origin, judged_grades
from review_db.report.misjudged_tables import AGAINST_ORIGIN, grades_in_words
from review_db.report.written import NOTHING

PAPER_KEY = "results_paper"
MEANING = f"{AGAINST_ORIGIN} The largest share of such grades comes first, then the most extreme grades."
COLUMNS = ("Reader", "Grade", "", "Plausible?", "What made it look poor", "Seconds", "Position", "Comment")


def show(results: Results, payload_of: PayloadOf) -> None:
    """The gallery; `payload_of` a number is that ECG."""
    items = judged_grades(results.firsts)
    against = [item for item in items if item.against]
    groups = {
        "Graded against their origin": against,
        "Real, graded unusable or poor": [item for item in against if item.origin is Origin.REAL],
        "Synthetic, graded acceptable or good": [item for item in against if item.origin is Origin.SYNTHETIC],
        "All ECGs that were graded": items,
    }
    look_at = partial(_look_at, payload_of=payload_of)
    gallery = Gallery("Graded against their origin", MEANING, "No ECG was graded so.", groups, _LISTING, look_at)
    show_gallery(gallery, results)


def _row(item: GradedItem) -> tuple[object, ...]:
    return item.item, item.origin.value, item.stated, grades_in_words(item), _against(item), len(item.comments) or ""


def _words(item: GradedItem) -> str:
    return f"ECG {item.item}, {item.origin.value}: {grades_in_words(item)}"


def _against(item: GradedItem) -> str:
    return f"{item.against} of {len(item.answers)}"


_LISTING = Listing(
    ("ECG", "Truth", "Stated", "Grades", "Against", "Comments"), (0, 4, 5), _row, lambda item: item.item, _words
)


def _look_at(item: GradedItem, payload_of: PayloadOf) -> None:
    st.text(f"ECG {item.item} is {item.origin.value}, from {item.arm}. Readers were told: {item.stated}")
    show_sheet(payload_of(item.item), PAPER_KEY)
    show_answers(COLUMNS, list(map(_answer, item.answers)), numbers=("Seconds", "Position"))


def _answer(answer: GradeObservation) -> tuple[object, ...]:
    return (
        answer.reader,
        answer.grade.wording,
        "against its origin" if is_against_origin(answer) else "",
        NOTHING if answer.plausibility is None else answer.plausibility.wording,
        ", ".join(answer.reasons),
        f"{answer.seconds:.1f}",
        answer.position,
        answer.comment,
    )
