"""The ECGs that were graded against their origin, one by one: truth, grades, reasons, times, comments.

Knows: groups, rows and words. Does not know: which grades are against the origin (`review_db.report.misjudged_graded`).
"""

from __future__ import annotations

from collections import Counter
from functools import partial

import streamlit as st

from app.language.words import N_, stated
from app.language.words import gettext as _
from app.results import report_sentences
from app.results.data import Results
from app.results.gallery import Gallery, Listing, PayloadOf, show_answers, show_gallery, show_sheet
from app.results.gallery_single import TRUTH
from app.results.report_names import named
from app.results.written import NOTHING, decimal
from review_db.model import Origin
from review_db.observed import GradeObservation
from review_db.report.misjudged_graded import GradedItem, is_against_origin, judged_grades
from review_db.report.misjudged_tables import AGAINST_ORIGIN

PAPER_KEY = "results_paper"


def show(results: Results, payload_of: PayloadOf) -> None:
    """The gallery; `payload_of` a number is that ECG."""
    items = judged_grades(results.firsts)
    against = [item for item in items if item.against]
    groups = {
        N_("Graded against their origin"): against,
        N_("Real, graded unusable or poor"): [item for item in against if item.origin is Origin.REAL],
        N_("Synthetic, graded acceptable or good"): [item for item in against if item.origin is Origin.SYNTHETIC],
        N_("All ECGs that were graded"): items,
    }
    title, nothing = _("Graded against their origin"), _("No ECG was graded so.")
    look_at = partial(_look_at, payload_of=payload_of)
    show_gallery(Gallery(title, _meaning(), nothing, groups, _LISTING, look_at), results)


def _meaning() -> str:
    order = _("The largest share of such grades comes first, then the most extreme grades.")
    return f"{report_sentences.in_words(AGAINST_ORIGIN)} {order}"


def _row(item: GradedItem) -> tuple[object, ...]:
    of_item = (item.item, named(item.origin.value), stated(item.stated))
    return *of_item, _grades(item), _against(item), len(item.comments) or ""


def _words(item: GradedItem) -> str:
    words = _("ECG {number}, {origin}: {grades}")
    return words.format(number=item.item, origin=named(item.origin.value), grades=_grades(item))


def _grades(item: GradedItem) -> str:
    """How often each grade was given, the best first: "good 2, poor 1"."""
    given = Counter(answer.grade for answer in item.answers)
    return ", ".join(f"{named(grade.wording)} {given[grade]}" for grade in sorted(given, reverse=True))


def _against(item: GradedItem) -> str:
    return _("{number} of {total}").format(number=item.against, total=len(item.answers))


_LISTING = Listing(
    (N_("ECG"), N_("Truth"), N_("Stated"), N_("Grades"), N_("Against"), N_("Comments")),
    (0, 4, 5),
    _row,
    lambda item: item.item,
    _words,
)


def _look_at(item: GradedItem, payload_of: PayloadOf) -> None:
    st.text(_(TRUTH[item.origin]).format(number=item.item, arm=item.arm, stated=stated(item.stated)))
    show_sheet(payload_of(item.item), PAPER_KEY)
    measured = (_("Seconds"), _("Position"))
    asked = (_("Reader"), _("Grade"), "", _("Plausible?"), _("What made it look poor"))
    show_answers((*asked, *measured, _("Comment")), list(map(_answer, item.answers)), numbers=measured)


def _answer(answer: GradeObservation) -> tuple[object, ...]:
    return (
        answer.reader,
        named(answer.grade.wording),
        _("against its origin") if is_against_origin(answer) else "",
        NOTHING if answer.plausibility is None else named(answer.plausibility.wording),
        ", ".join(map(named, answer.reasons)),
        decimal(answer.seconds, 1),
        answer.position,
        answer.comment,
    )
