"""Intervals, axis and voltages of a typical beat.

Knows: where waves begin and end.  Does not know: labels, limits of the normal.

All leads are looked at together, as AHA/ACCF/HRS recommend for global intervals (Kligfield et al., Circulation 2007;
115:1306): the spatial velocity, the length of the vector of the eight leads' slopes, is large in a wave whatever lead
shows it.  QRS: from its steepest point outwards until the velocity stays below 6 % of its maximum for 20 ms.  P onset:
from the steepest point of the upstroke back to where the velocity falls below 40 % of it.  T end: where the steepest
tangent of the falling T wave meets the baseline (Lepeschkin and Surawicz, Circulation 1952; 6:378).  The thresholds
were chosen on PTB-XL folds 1 to 8, where they separate bundle branch blocks and AV blocks from normal ECGs best.
"""

from __future__ import annotations

import math

import numpy as np

from engine.ecg import NLE_LEADS
from engine.measuring.axes import frontal_axis
from engine.measuring.beat import RATE, Beat
from engine.measuring.slopes import Series, chord, smoothed, spatial_velocity

QRS_REACH = (0.16, 0.20)  # seconds before and after the steepest point
QRS_SHARE, QRS_HOLD = 0.06, 0.02
P_REACH = 0.36  # seconds before the QRS onset; no more than 55 % of the RR interval
P_SHARE, P_SMALLEST = 0.4, 0.03  # of the steepest upstroke; mV, over all leads


def qrs_bounds(beat: Beat) -> tuple[int, int]:
    """Sample indices of the QRS complex's onset and end."""
    velocity = spatial_velocity(beat.signal, 5)
    near = slice(beat.centre - round(0.12 * RATE), beat.centre + round(0.12 * RATE))
    steepest = near.start + int(velocity[near].argmax())
    quiet = velocity < QRS_SHARE * velocity[steepest]
    hold = round(QRS_HOLD * RATE)
    before, after = (round(seconds * RATE) for seconds in QRS_REACH)
    onset = next((i for i in range(steepest, steepest - before, -1) if quiet[i - hold : i].all()), steepest - before)
    end = next((j for j in range(steepest, steepest + after) if quiet[j : j + hold].all()), steepest + after)
    return onset, end


def qrs_ms(beat: Beat) -> float:
    """Width of the QRS complex in milliseconds."""
    onset, end = qrs_bounds(beat)
    return _milliseconds(end - onset)


def pr_ms(beat: Beat) -> float:
    """From the onset of the P wave to that of the QRS complex, milliseconds; NaN where no P wave is seen."""
    onset, _ = qrs_bounds(beat)
    first = max(round(0.02 * RATE), onset - round(min(P_REACH, 0.55 * beat.interval) * RATE))
    last = onset - round(0.03 * RATE)
    if last - first < round(0.04 * RATE):
        return math.nan
    before = smoothed(beat.signal, 15)[:, first : last + 1]
    height = np.linalg.norm(before - chord(before), axis=0)
    top = int(height.argmax())
    if height[top] < P_SMALLEST:
        return math.nan
    velocity = spatial_velocity(before, 7)
    start = max(0, top - round(0.07 * RATE))
    begins = _descend(velocity, start + int(velocity[start : top + 1].argmax()), P_SHARE)
    return _milliseconds(onset - first - begins) if begins > 0 else math.nan  # else it is the end of a T wave


def qt_ms(beat: Beat) -> float:
    """From the onset of the QRS complex to the end of the T wave, milliseconds; NaN where no T wave is seen."""
    onset, end = qrs_bounds(beat)
    first = end + round(0.04 * RATE)
    last = min(beat.signal.shape[1], onset + round(0.75 * beat.interval * RATE))
    if last - first < round(0.1 * RATE):
        return math.nan
    wave = smoothed(beat.signal, 15)
    height = np.linalg.norm(wave - wave[:, [onset]], axis=0)[first:last]
    top = int(height[: max(1, len(height) - round(0.04 * RATE))].argmax())
    slope = np.gradient(height)[top:]
    steepest = int(slope.argmin())
    if slope[steepest] >= 0:
        return math.nan
    floor = float(height[top:].min())
    meets = top + steepest + (floor - height[top + steepest]) / slope[steepest]
    return _milliseconds(min(first + meets, last) - onset)


def axis_degrees(beat: Beat) -> float:
    """Frontal QRS axis, -180..180: the direction whose parts along I and aVF are the nets of R and S there."""
    net = {lead: height + depth for lead, (height, depth) in _deflections(beat, "I", "aVF").items()}
    return frontal_axis(net["I"], net["aVF"])


def sokolow_lyon_mv(beat: Beat) -> float:
    """S in V1 + the larger R of V5 and V6, in mV (Sokolow and Lyon, Am Heart J 1949; 37:161)."""
    found = _deflections(beat, "V1", "V5", "V6")
    return -found["V1"][1] + max(found["V5"][0], found["V6"][0])


def qrs_peak_to_peak_mv(beat: Beat, lead: str) -> float:
    """Median over the beats of highest minus lowest point within 80 ms of the QRS complex, in mV."""
    near = slice(beat.centre - round(0.08 * RATE), beat.centre + round(0.08 * RATE))
    return float(np.median(np.ptp(beat.beats[:, NLE_LEADS.index(lead), near], axis=-1)))


def beat_height_cv(beat: Beat) -> float:
    """How much beats differ in height: standard deviation over mean of the beats' QRS peak to peak, median lead."""
    near = slice(beat.centre - round(0.08 * RATE), beat.centre + round(0.08 * RATE))
    heights = np.ptp(beat.beats[:, :, near], axis=-1)
    return float(np.median(heights.std(axis=0, ddof=1) / np.maximum(heights.mean(axis=0), 1e-9)))


def _deflections(beat: Beat, *leads: str) -> dict[str, tuple[float, float]]:
    """Height (>= 0) and depth (<= 0) of the QRS complex in each lead, from the level at its onset."""
    onset, end = qrs_bounds(beat)
    complexes = beat.signal[:, onset : end + 1] - beat.signal[:, [onset]]
    rows = {lead: complexes[NLE_LEADS.index(lead)] for lead in leads}
    return {lead: (max(0.0, float(row.max())), min(0.0, float(row.min()))) for lead, row in rows.items()}


def _descend(velocity: Series, start: int, share: float) -> int:
    """The first index before `start` where the velocity is below a share of that at `start`, 0 at the least."""
    return next((i for i in range(start, 0, -1) if velocity[i] <= share * velocity[start]), 0)


def _milliseconds(samples: float) -> float:
    return float(1000 * samples / RATE)
