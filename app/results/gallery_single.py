"""The single ECGs that were misjudged, one by one: truth, verdicts, reasons, times, comments.

Knows: groups, rows and words. Does not know: which ECGs count as misjudged (`review_db.report.misjudged`).
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.language.words import N_, stated
from app.language.words import gettext as _
from app.results.data import Results
from app.results.gallery import Gallery, Listing, PayloadOf, show_answers, show_gallery, show_sheet
from app.results.report_names import named
from app.results.written import NOTHING, decimal
from review_db.model import Origin
from review_db.observed import Observation
from review_db.report.misjudged import JudgedItem, judged

PAPER_KEY = "results_paper"
TRUTH = {
    Origin.REAL: N_("ECG {number} is real, from {arm}. Readers were told: {stated}"),
    Origin.SYNTHETIC: N_("ECG {number} is synthetic, from {arm}. Readers were told: {stated}"),
}


def show(results: Results, payload_of: PayloadOf) -> None:
    """The gallery; `payload_of` a number is that ECG."""
    items = judged(results.firsts)
    groups = {N_("Misjudged ECGs"): [item for item in items if item.wrong], N_("All ECGs that were read"): items}
    meaning = _("ECGs with a wrong verdict, the largest share of wrong verdicts first.")
    look_at, nothing = partial(_look_at, payload_of=payload_of), _("No verdict was wrong.")
    show_gallery(Gallery(_("Misjudged ECGs"), meaning, nothing, groups, _LISTING, look_at), results)


def _row(item: JudgedItem) -> tuple[object, ...]:
    return item.item, named(item.origin.value), stated(item.stated), _wrong(item), len(item.comments) or ""


def _words(item: JudgedItem) -> str:
    words = _("ECG {number}, {origin}: {share} wrong")
    return words.format(number=item.item, origin=named(item.origin.value), share=_wrong(item))


def _wrong(item: JudgedItem) -> str:
    return _("{number} of {total}").format(number=item.wrong, total=len(item.answers))


_LISTING = Listing(
    (N_("ECG"), N_("Truth"), N_("Stated"), N_("Wrong"), N_("Comments")), (0, 3, 4), _row, lambda item: item.item, _words
)


def _look_at(item: JudgedItem, payload_of: PayloadOf) -> None:
    st.text(_(TRUTH[item.origin]).format(number=item.item, arm=item.arm, stated=stated(item.stated)))
    show_sheet(payload_of(item.item), PAPER_KEY)
    measured = (_("Seconds"), _("Position"))
    asked = (_("Reader"), _("Verdict"), "", _("Plausible?"), _("What gave it away"))
    show_answers((*asked, *measured, _("Comment")), list(map(_answer, item.answers)), numbers=measured)


def _answer(answer: Observation) -> tuple[object, ...]:
    return (
        answer.reader,
        named(answer.verdict.wording),
        _("right") if answer.is_correct else _("wrong"),
        NOTHING if answer.plausibility is None else named(answer.plausibility.wording),
        ", ".join(map(named, answer.reasons)),
        decimal(answer.seconds, 1),
        answer.position,
        answer.comment,
    )
