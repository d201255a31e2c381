"""Which real ECG stands next to a drawn one, and how any ECG is prepared for the eye.

Knows: the choice of PTB-XL records by labels, the common processing of both sides of a comparison.
Does not know: Streamlit, how ECGs are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.display.words import beats_in_words
from app.language.words import gettext as _
from engine.age import age_band_of
from engine.ecg import Ecg, EcgError
from engine.harmonise import harmonise
from engine.labels import Sex
from engine.ptbxl import PtbXl, PtbXlError, PtbxlRecord
from engine.rate import HeartRate, heart_rate

HELD_OUT_FOLDS = (9, 10)  # of PTB-XL, by its authors' advice


@dataclass(frozen=True, eq=False)
class Shown:
    """An ECG as a screen shows it, or the sentence that says why it cannot be shown.

    ecg: harmonised as in a study (100 Hz, 40 Hz low-pass), so that both sides of a comparison look alike in
    everything but the heart. beats: its QRS complexes. An ECG is prepared once for all visitors, so words come later.
    """

    ecg: Ecg | None
    beats: HeartRate | None
    problem: str | None = None

    @property
    def rate(self) -> str:
        """Heart rate and regularity, in the language of the visitor."""
        return beats_in_words(self.beats, _)


def for_the_eye(ecg: Ecg) -> Shown:
    """Prepare an ECG for a screen; an unsound one becomes the sentence that says what is wrong with it."""
    try:
        ready = harmonise(ecg)
    except EcgError as error:
        return Shown(None, None, str(error))
    return Shown(ready, heart_rate(ready))


def records_like(
    ptbxl: PtbXl, codes: tuple[str, ...], sex: Sex | None, age_band: str | None
) -> tuple[PtbxlRecord, ...]:
    """Records that carry all the labels, the best match first.

    Best are those without other labels, then those of the same sex, then those of the same age band, then those that
    no model was trained on.
    """

    def mismatch(record: PtbxlRecord) -> tuple[bool, bool, bool, bool, int]:
        other_sex, other_age = sex not in (None, record.sex), age_band not in (None, age_band_of(record.age))
        return record.labels.codes != codes, other_sex, other_age, record.fold not in HELD_OUT_FOLDS, record.ecg_id

    return tuple(sorted(ptbxl.with_labels(codes), key=mismatch))


def read_for_the_eye(ptbxl: PtbXl, record: PtbxlRecord) -> Shown:
    """A real record, prepared like a drawn ECG; one that cannot be read becomes a sentence."""
    try:
        return for_the_eye(ptbxl.read(record, 100 if record in ptbxl.at_rate(100) else 500))
    except PtbXlError as error:
        return Shown(None, None, str(error))
