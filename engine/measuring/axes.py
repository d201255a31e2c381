"""Frontal axes: which way the P wave, the QRS complex and the T wave point.

Knows: the hexaxial system, 0 degrees along I, 90 along aVF.  Does not know: how the waves were found, what is normal.

P and T: the mean vector around the peak.  QRS: the nets of the largest R and S, as one reads an axis from paper.
"""

from __future__ import annotations

import math

import numpy as np

from engine.ecg import STANDARD_LEADS
from engine.measuring.median_beat import Marks, MedianBeat

PEAK_MS = {"p": 20.0, "t": 40.0}  # on each side of the peak
SMALLEST = 0.02  # mV in the frontal plane: a smaller vector points nowhere in particular
FRONTAL = [STANDARD_LEADS.index("I"), STANDARD_LEADS.index("aVF")]


def frontal_axis(one: float, avf: float) -> float:
    """Direction in degrees, -180..180, of the dipole with these parts along I and aVF."""
    # aVF is smaller than a limb lead by sqrt(3)/2 for the same dipole (Goldberger).
    return math.degrees(math.atan2(avf * 2 / math.sqrt(3), one))


def p_axis(beat: MedianBeat) -> float | None:
    """From the straight line between the P wave's onset and end; None without a P wave."""
    marks = beat.marks
    if marks.p_onset is None or marks.p_peak is None or marks.p_end is None:
        return None
    onset, end = (_level(beat, at, 0) for at in (marks.p_onset, marks.p_end))
    share = (marks.p_peak - marks.p_onset) / (marks.p_end - marks.p_onset)
    return _axis(_level(beat, marks.p_peak, PEAK_MS["p"]) - onset - share * (end - onset))


def qrs_axis(beat: MedianBeat) -> float | None:
    """From the level at the onset of the QRS complex; None without one, or where it is as long as it is deep."""
    bounds = _qrs(beat.marks)
    if bounds is None:
        return None
    inside = (beat.time_ms >= bounds[0]) & (beat.time_ms <= bounds[1])
    complexes = beat.signal[FRONTAL][:, inside] - _level(beat, bounds[0], 0)[:, None]
    return _axis(np.maximum(complexes.max(axis=1), 0) + np.minimum(complexes.min(axis=1), 0))


def t_axis(beat: MedianBeat) -> float | None:
    """From the level at the onset of the QRS complex; None without a T wave."""
    bounds = _qrs(beat.marks)
    if bounds is None or beat.marks.t_peak is None:
        return None
    return _axis(_level(beat, beat.marks.t_peak, PEAK_MS["t"]) - _level(beat, bounds[0], 0))


def _qrs(marks: Marks) -> tuple[float, float] | None:
    if marks.qrs_onset is None or marks.qrs_end is None:
        return None
    return marks.qrs_onset, marks.qrs_end


def _level(beat: MedianBeat, at: float, reach: float) -> np.ndarray:
    """Mean of I and aVF within `reach` ms of a time in ms: (2,) in mV."""
    distance = np.abs(beat.time_ms - at)
    return np.asarray(beat.signal[FRONTAL][:, distance <= max(reach, float(distance.min()))].mean(axis=1))


def _axis(vector: np.ndarray) -> float | None:
    one, avf = (float(part) for part in vector)
    return frontal_axis(one, avf) if math.hypot(one, avf) >= SMALLEST else None
