"""The typical beat of an ECG: its beats, aligned, and their median.

Knows: how beats are cut out and aligned, once it is told where they are.  Does not know: waves and intervals.

The median keeps what beats share and drops noise and single extra beats.  Each beat is first shifted by up to 40 ms to
where it fits the median best: without that, complexes that were found a sample too early or late would blur into wide
ones.  Computed at 500 Hz, because at 100 Hz an interval could only be told to 10 ms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.ecg import Ecg
from engine.harmonise import resample
from engine.rate import HeartRate, heart_rate

RATE = 500  # Hz
BEFORE, AFTER = 0.4, 0.6  # seconds around the QRS complex
FEWEST_BEATS = 3
LARGEST_SHIFT = 0.04  # seconds
CORE = slice(round((BEFORE - 0.15) * RATE), round((BEFORE + 0.15) * RATE))  # what is aligned


@dataclass(frozen=True, eq=False)
class Beat:
    """signal: (8, 500) in mV at 500 Hz, leads in the order of NLE_LEADS, its QRS energy largest at `centre`.

    beats: (k, 8, 500), those it is the median of; interval: mean RR interval in seconds.
    """

    signal: NDArray[np.float64]
    beats: NDArray[np.float64]
    interval: float
    centre: int = round(BEFORE * RATE)


def typical_beat(ecg: Ecg) -> Beat | None:
    """None where fewer than three whole beats are found, as in asystole, in noise or on a flat line."""
    return beat_at(ecg, heart_rate(ecg))


def beat_at(ecg: Ecg, found: HeartRate) -> Beat | None:
    """The typical beat of an ECG whose QRS complexes are known already."""
    if found.per_minute is None:
        return None
    signal = resample(ecg.independent(), ecg.rate, RATE)
    beats = _cut(signal, np.rint(found.times * RATE).astype(int))
    if len(beats) < FEWEST_BEATS:
        return None
    aligned = _align(beats)
    return Beat(np.median(aligned, axis=0), aligned, 60 / found.per_minute)


def _cut(signal: NDArray[np.float64], peaks: NDArray[np.int64]) -> NDArray[np.float64]:
    before, after = round(BEFORE * RATE), round(AFTER * RATE)
    inside = [peak for peak in peaks if before <= peak <= signal.shape[1] - after]
    shape = (0, len(signal), before + after)
    return np.array([signal[:, peak - before : peak + after] for peak in inside]).reshape(-1, *shape[1:])


def _align(beats: NDArray[np.float64]) -> NDArray[np.float64]:
    reference = np.median(beats, axis=0)[:, CORE]
    return np.array([np.roll(beat, _best_shift(beat, reference), axis=1) for beat in beats])


def _best_shift(beat: NDArray[np.float64], reference: NDArray[np.float64]) -> int:
    """Largest correlation with the reference, in steps of 4 ms."""
    reach = round(LARGEST_SHIFT * RATE)
    shifts = range(-reach, reach + 1, 2)
    return max(shifts, key=lambda shift: float((beat[:, CORE.start - shift : CORE.stop - shift] * reference).sum()))
