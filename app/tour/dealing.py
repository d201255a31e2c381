"""The cards of a game: drawn ECGs from the worker, real ones from PTB-XL.

Knows: which real ECGs may be played with. Does not know: Streamlit, scores.

Only PTB-XL, which is public: a hospital's own records are for its investigators. And only its folds 1 to 8, because
studies take their real ECGs from folds 9 and 10 as long as there are any, and none that a study holds: who plays must
not learn what a reader is asked. Real and drawn ECGs are harmonised alike, as in a study.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from app.display.words import label_words
from app.explore.compare import HELD_OUT_FOLDS, for_the_eye, read_for_the_eye
from app.language.words import finding
from app.language.words import gettext as _
from app.tour.quiz import Card
from app.tour.wanted import MODEL, Codes, Repertoire
from engine.ecg import Ecg
from engine.generators import DrawRequest
from engine.harmonise import encode
from engine.labels import LabelSet
from engine.ptbxl import PtbXl, PtbxlRecord

IsStudied = Callable[[bytes], bool]  # whether a study holds the ECG of this payload
REAL, SYNTHETIC = 0, 1  # which of the answers "Real", "Synthetic" is right
YES, NO = 0, 1
SIMULATED_LIKE: Codes = ("NORM", "SR")  # the real ECGs beside simulated sinus rhythms


def has_enough_real(ptbxl: PtbXl | None, of: Repertoire) -> bool:
    """Whether there are real ECGs for all findings of a game."""
    if ptbxl is None:
        return False
    return all(len(_candidates(ptbxl, codes)) >= number for codes, number in _real_findings(of).items())


def mixed_cards(
    of: Repertoire,
    requests: Sequence[DrawRequest],
    drawn: Sequence[Ecg],
    ptbxl: PtbXl,
    seed: int,
    is_studied: IsStudied,
) -> list[Card]:
    """Drawn ECGs, and as many real ones with the same findings that are in no study."""
    synthetic = [
        Card(
            ecg,
            SYNTHETIC,
            _drawn_words(of, request),
            label_words(ptbxl.label_set, _stated(of, request.labels), finding),
        )
        for request, ecg in _sound(requests, drawn)
    ]
    return synthetic + [
        card for codes, number in _real_findings(of).items() for card in _real(ptbxl, codes, number, seed, is_studied)
    ]


def label_cards(
    of: Repertoire, requests: Sequence[DrawRequest], drawn: Sequence[Ecg], label_set: LabelSet
) -> list[Card]:
    """Drawn ECGs of which half were asked to show a finding."""
    sought = of.findings[of.asked_for]
    return [
        Card(ecg, YES if request.labels == sought else NO, _asked_words(label_set, request.labels))
        for request, ecg in _sound(requests, drawn)
    ]


def _sound(requests: Sequence[DrawRequest], drawn: Sequence[Ecg]) -> Iterator[tuple[DrawRequest, Ecg]]:
    """Harmonised; one that cannot be shown is left out."""
    for request, ecg in zip(requests, drawn, strict=True):
        shown = for_the_eye(ecg)
        if shown.ecg is not None:
            yield request, shown.ecg


def _real_findings(of: Repertoire) -> Counter[Codes]:
    return Counter(_stated(of, codes) for codes in of.dealt)


def _stated(of: Repertoire, codes: Codes) -> Codes:
    return codes if of.generator == MODEL else SIMULATED_LIKE


def _candidates(ptbxl: PtbXl, codes: Codes) -> list[PtbxlRecord]:
    """Records with these labels and no others, one for each patient."""
    wanted, at_hand = ptbxl.label_set.select(codes).codes, set(ptbxl.at_rate(100))
    fitting = [one for one in ptbxl.with_labels(codes) if one.labels.codes == wanted and one in at_hand]
    return list({one.patient_id: one for one in fitting if one.fold not in HELD_OUT_FOLDS}.values())


def _real(ptbxl: PtbXl, codes: Codes, number: int, seed: int, is_studied: IsStudied) -> list[Card]:
    candidates = _candidates(ptbxl, codes)
    random.Random(f"tour/{seed}/{codes}").shuffle(candidates)
    stated = label_words(ptbxl.label_set, codes, finding)
    readable = ((record, read_for_the_eye(ptbxl, record).ecg) for record in candidates)
    sound = ((record, ecg) for record, ecg in readable if ecg is not None and not is_studied(encode(ecg)))
    return [
        Card(ecg, REAL, _("A real person's ECG: PTB-XL, record {number}.").format(number=record.ecg_id), stated)
        for record, ecg in islice(sound, number)
    ]


def _drawn_words(of: Repertoire, request: DrawRequest) -> str:
    words = (
        _("The model drew it from seed {seed}, no. {number}: nobody has this ECG.")
        if of.generator == MODEL
        else _("A simulator drew it from seed {seed}, no. {number}: nobody has this ECG.")
    )
    return words.format(seed=request.seed, number=request.first + 1)


def _asked_words(label_set: LabelSet, codes: Codes) -> str:
    return _("Asked for: {findings}.").format(findings=label_words(label_set, codes, finding))
