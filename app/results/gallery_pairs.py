"""The pairs that were misjudged, one by one, and the catch pairs: both ECGs, who chose which, and why.

Knows: groups, rows and words. Does not know: which pairs count as misjudged (`review_db.report.misjudged_pairs`).
The real ECG stands on the left, whichever side readers saw it on: that changed from reader to reader.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.results.data import Results
from app.results.gallery import Gallery, Listing, PayloadOf, show_answers, show_gallery, show_named_sheet
from review_db.observed import PairObservation
from review_db.report.misjudged_pairs import (
    JudgedPair,
    PairedEcg,
    catch_pairs,
    judged_pairs,
    plausibility_of,
    taken_for_synthetic,
)
from review_db.report.written import NOTHING

MEANING = (
    "Readers were asked which ECG of a pair is the synthetic one; wrong is who chose the real one. The largest share "
    "of wrong choices comes first. In a catch pair both ECGs are of one origin and no choice is right: those chosen "
    "from with certainty come first."
)
REST = ("What gave it away", "Seconds", "Position", "Comment")
SHEETS = ("gallery-first", "gallery-second")


def show(results: Results, payload_of: PayloadOf) -> None:
    """The gallery; `payload_of` a number is that ECG."""
    told, caught = judged_pairs(results.firsts), catch_pairs(results.firsts)
    groups = {"Misjudged pairs": [pair for pair in told if pair.wrong], "All pairs with a right answer": told}
    if caught:
        groups["Catch pairs"] = caught
    look_at = partial(_look_at, payload_of=payload_of)
    show_gallery(Gallery("Misjudged pairs", MEANING, "No choice was wrong.", groups, _LISTING, look_at), results)


def _row(pair: JudgedPair) -> tuple[object, ...]:
    certain, comments = f"{pair.certain} of {len(pair.answers)}", len(pair.comments) or ""
    return " · ".join(map(_ecg, pair.ecgs)), pair.stated, _wrong(pair), certain, comments


def _words(pair: JudgedPair) -> str:
    if pair.is_catch:
        return f"{_pair(pair)}, both {pair.ecgs[0].origin.value}: {pair.certain} of {len(pair.answers)} certain"
    return f"{_pair(pair)}: {_wrong(pair)} wrong"


def _pair(pair: JudgedPair) -> str:
    return f"ECGs {pair.items[0]} and {pair.items[1]}"


def _ecg(ecg: PairedEcg) -> str:
    return f"{ecg.item} {ecg.origin.value}"


def _wrong(pair: JudgedPair) -> str:
    return NOTHING if pair.is_catch else f"{pair.wrong} of {len(pair.answers)}"


_LISTING = Listing(
    ("ECGs of the pair", "Stated", "Wrong", "Certain", "Comments"), (2, 3, 4), _row, lambda pair: pair.items, _words
)


# --------------------------------------------------------------------------------------------------- one pair


def _look_at(pair: JudgedPair, payload_of: PayloadOf) -> None:
    st.text(f"{_truth(pair)} Readers were told: {pair.stated}")
    with st.container(key="gallery-pair"), st.container(key="gallery-sheets", horizontal=True, gap="small"):
        for ecg, key in zip(pair.ecgs, SHEETS, strict=True):
            show_named_sheet(f"ECG {ecg.item}: {ecg.origin.value}", payload_of(ecg.item), key)
    _show_answers(pair)


def _show_answers(pair: JudgedPair) -> None:
    plausible = (f"ECG {item} plausible?" for item in pair.items)
    columns = ("Reader", "Took for synthetic", "", "How sure", *plausible, *REST)
    rows = [_answer(answer, pair) for answer in pair.answers]
    show_answers(columns, rows, numbers=("Seconds", "Position"))


def _truth(pair: JudgedPair) -> str:
    a, b = pair.ecgs
    if pair.is_catch:
        arms = " and ".join(dict.fromkeys((a.arm, b.arm)))
        return f"ECGs {a.item} and {b.item} are both {a.origin.value}, from {arms}: no choice is right."
    return f"ECG {a.item} is real, from {a.arm}; ECG {b.item} is synthetic, from {b.arm}."


def _answer(answer: PairObservation, pair: JudgedPair) -> tuple[object, ...]:
    side, sure = answer.choice.wording.split()[::-1]
    plausible = (plausibility_of(answer, item) for item in pair.items)
    return (
        answer.reader,
        f"ECG {taken_for_synthetic(answer)}, on the {side}",
        {True: "right", False: "wrong", None: ""}[answer.is_correct],
        sure,
        *(NOTHING if step is None else step.wording for step in plausible),
        ", ".join(answer.reasons),
        f"{answer.seconds:.1f}",
        answer.position,
        answer.comment,
    )
