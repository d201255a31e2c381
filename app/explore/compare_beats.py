"""Two ECGs on one sheet, beat on beat: by how much the second one is moved in time.

Knows: the QRS complexes of both (engine.rate). Does not know: what is drawn.

The energy of the QRS complexes over all leads is aligned, not a lead's R wave: it has a peak in every complex, whatever
its shape. Nothing is stretched: where the rates differ a few beats fall together and the others run apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.language.words import decimal
from app.language.words import gettext as _
from engine.ecg import Ecg
from engine.rate import heart_rate

TOGETHER_SECONDS = 0.04  # the width of a fine square: beats closer than that fall together
FARTHEST_SECONDS = 1.5  # one RR interval at 40 beats per minute


@dataclass(frozen=True)
class Alignment:
    """late: seconds by which the second ECG is drawn later, negative for earlier. together: beats of the first one of
    `beats` that then have one of the second within TOGETHER_SECONDS.
    """

    late: float
    together: int
    beats: int

    @property
    def is_aligned(self) -> bool:
        """False where beats could not be counted; then both begin at their starts."""
        return self.beats > 0


def align(one: Ecg, other: Ecg) -> Alignment:
    """The shift under which most beats fall together; of several the smallest."""
    return align_beats(heart_rate(one).times, heart_rate(other).times)


def align_beats(one: NDArray[np.float64], other: NDArray[np.float64]) -> Alignment:
    """The same for the times of beats in seconds."""
    shifts = (one[:, None] - other).ravel()
    shifts = shifts[np.abs(shifts) <= FARTHEST_SECONDS]
    if not len(shifts):
        return Alignment(0.0, 0, 0)
    late, together = min(((shift, _together(one, other + shift)) for shift in shifts), key=_order)
    return Alignment(float(late), together, len(one))


def _together(one: NDArray[np.float64], other: NDArray[np.float64]) -> int:
    return int((np.abs(one[:, None] - other).min(axis=1) <= TOGETHER_SECONDS).sum())


def _order(candidate: tuple[float, int]) -> tuple[int, float]:
    shift, together = candidate
    return -together, abs(shift)


def alignment_words(alignment: Alignment) -> str:
    """Which way the ECGs were laid on each other, and how well their beats agree; in the language of the visitor."""
    if not alignment.is_aligned:
        return _("Not aligned: the beats of one of them cannot be counted, so both begin at their starts.")
    words = _moved_words(alignment.late)
    return words.format(seconds=decimal(abs(alignment.late), ".2f"), together=alignment.together, beats=alignment.beats)


def _moved_words(late: float) -> str:
    if not round(late, 2):
        return _(
            "Aligned on the QRS complexes: both begin at their starts; {together} of {beats} beats of A fall on one "
            "of B."
        )
    if late > 0:
        return _(
            "Aligned on the QRS complexes: B is drawn {seconds} s later; {together} of {beats} beats of A fall on one "
            "of B."
        )
    return _(
        "Aligned on the QRS complexes: B is drawn {seconds} s earlier; {together} of {beats} beats of A fall on one "
        "of B."
    )
