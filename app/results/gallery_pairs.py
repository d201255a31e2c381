"""The pairs that were misjudged, one by one, and the catch pairs: both ECGs, who chose which, and why.

Knows: groups, rows and words. Does not know: which pairs count as misjudged (`review_db.report.misjudged_pairs`).
The real ECG stands on the left, whichever side readers saw it on: that changed from reader to reader.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.language.words import N_, stated
from app.language.words import gettext as _
from app.results.data import Results
from app.results.gallery import Gallery, Listing, PayloadOf, show_answers, show_gallery, show_named_sheet
from app.results.report_names import named
from app.results.written import NOTHING, decimal
from review_db.model import Origin
from review_db.observed import PairObservation
from review_db.report.misjudged_pairs import (
    JudgedPair,
    PairedEcg,
    catch_pairs,
    judged_pairs,
    plausibility_of,
    taken_for_synthetic,
)

MEANING = N_(
    "Readers were asked which ECG of a pair is the synthetic one; wrong is who chose the real one. The largest share "
    "of wrong choices comes first. In a catch pair both ECGs are of one origin and no choice is right: those chosen "
    "from with certainty come first."
)
BOTH = {
    Origin.REAL: N_("ECGs {a} and {b} are both real, from {arms}: no choice is right. Readers were told: {stated}"),
    Origin.SYNTHETIC: N_(
        "ECGs {a} and {b} are both synthetic, from {arms}: no choice is right. Readers were told: {stated}"
    ),
}
BOTH_CERTAIN = {
    Origin.REAL: N_("ECGs {a} and {b}, both real: {share} certain"),
    Origin.SYNTHETIC: N_("ECGs {a} and {b}, both synthetic: {share} certain"),
}
ON_SIDE = {"left": N_("ECG {number}, on the left"), "right": N_("ECG {number}, on the right")}
SHEETS = ("gallery-first", "gallery-second")


def show(results: Results, payload_of: PayloadOf) -> None:
    """The gallery; `payload_of` a number is that ECG."""
    told, caught = judged_pairs(results.firsts), catch_pairs(results.firsts)
    groups = {
        N_("Misjudged pairs"): [pair for pair in told if pair.wrong],
        N_("All pairs with a right answer"): told,
        **({N_("Catch pairs"): caught} if caught else {}),
    }
    look_at, nothing = partial(_look_at, payload_of=payload_of), _("No choice was wrong.")
    show_gallery(Gallery(_("Misjudged pairs"), _(MEANING), nothing, groups, _LISTING, look_at), results)


def _row(pair: JudgedPair) -> tuple[object, ...]:
    ecgs, comments = " · ".join(map(_ecg, pair.ecgs)), len(pair.comments) or ""
    return ecgs, stated(pair.stated), _wrong(pair), _share(pair.certain, pair), comments


def _words(pair: JudgedPair) -> str:
    words = BOTH_CERTAIN[pair.ecgs[0].origin] if pair.is_catch else N_("ECGs {a} and {b}: {share} wrong")
    share = _share(pair.certain if pair.is_catch else pair.wrong, pair)
    return _(words).format(a=pair.items[0], b=pair.items[1], share=share)


def _ecg(ecg: PairedEcg) -> str:
    return f"{ecg.item} {named(ecg.origin.value)}"


def _wrong(pair: JudgedPair) -> str:
    return NOTHING if pair.is_catch else _share(pair.wrong, pair)


def _share(number: int, pair: JudgedPair) -> str:
    return _("{number} of {total}").format(number=number, total=len(pair.answers))


_LISTING = Listing(
    (N_("ECGs of the pair"), N_("Stated"), N_("Wrong"), N_("Certain"), N_("Comments")),
    (2, 3, 4),
    _row,
    lambda pair: pair.items,
    _words,
)


# --------------------------------------------------------------------------------------------------- one pair


def _look_at(pair: JudgedPair, payload_of: PayloadOf) -> None:
    st.text(_truth(pair))
    with st.container(key="gallery-pair"), st.container(key="gallery-sheets", horizontal=True, gap="small"):
        for ecg, key in zip(pair.ecgs, SHEETS, strict=True):
            name = _("ECG {number}: {origin}").format(number=ecg.item, origin=named(ecg.origin.value))
            show_named_sheet(name, payload_of(ecg.item), key)
    _show_answers(pair)


def _show_answers(pair: JudgedPair) -> None:
    plausible = _("ECG {number} plausible?")
    asked = (_("Reader"), _("Took for synthetic"), "", _("How sure"), *(plausible.format(number=n) for n in pair.items))
    measured = (_("Seconds"), _("Position"))
    rows = [_answer(answer, pair) for answer in pair.answers]
    show_answers((*asked, _("What gave it away"), *measured, _("Comment")), rows, numbers=measured)


def _truth(pair: JudgedPair) -> str:
    a, b = pair.ecgs
    if pair.is_catch:
        arms = a.arm if a.arm == b.arm else _("{one} and {other}").format(one=a.arm, other=b.arm)
        return _(BOTH[a.origin]).format(a=a.item, b=b.item, arms=arms, stated=stated(pair.stated))
    words = _("ECG {a} is real, from {real}; ECG {b} is synthetic, from {synthetic}. Readers were told: {stated}")
    return words.format(a=a.item, real=a.arm, b=b.item, synthetic=b.arm, stated=stated(pair.stated))


def _answer(answer: PairObservation, pair: JudgedPair) -> tuple[object, ...]:
    side, sure = answer.choice.wording.split()[::-1]
    plausible = (plausibility_of(answer, item) for item in pair.items)
    return (
        answer.reader,
        _(ON_SIDE[side]).format(number=taken_for_synthetic(answer)),
        {True: _("right"), False: _("wrong"), None: ""}[answer.is_correct],
        named(sure),
        *(NOTHING if step is None else named(step.wording) for step in plausible),
        ", ".join(map(named, answer.reasons)),
        decimal(answer.seconds, 1),
        answer.position,
        answer.comment,
    )
