"""The median beat of an ECG in twelve leads, with the marks of its waves, as ECG machines print it.

Knows: which recordings can be measured, which beats are alike.  Does not know: how a wave is found (delineation).

Only beats of the ECG's commonest shape are averaged: extrasystoles would blur it, and complexes that resemble no other
ones, as in noise or fibrillation of the ventricles, are no beats.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.ecg import NLE_LEADS, Ecg, complete_leads
from engine.measuring.beat import CORE, FEWEST_BEATS, RATE, Beat, beat_at
from engine.measuring.delineation import Wave, p_wave, qrs_bounds, t_wave
from engine.rate import HeartRate, heart_rate

SLOWEST_RATE, FASTEST_RATE = 80.0, 4000.0  # Hz, of sampling
SHORTEST_SECONDS, LONGEST_SECONDS = 2.5, 60.0
LARGEST_MILLIVOLTS = 1000.0  # beyond it no electrode ever was
SMALLEST_QRS = 0.05  # mV peak to peak, of the largest lead
ALIKE = 0.8  # correlation of two beats' QRS complexes over all leads
MISSING_SHARE = 0.5  # of the samples; more leave nothing to measure


@dataclass(frozen=True)
class Marks:
    """Onset, peak and end of the waves in ms, 0 in the middle of the QRS complex; None where none is seen."""

    p_onset: float | None = None
    p_peak: float | None = None
    p_end: float | None = None
    qrs_onset: float | None = None
    qrs_end: float | None = None
    t_peak: float | None = None
    t_end: float | None = None


@dataclass(frozen=True, eq=False)
class MedianBeat:
    """The median of the beats of the commonest shape, and what the rhythm was.

    signal: float (12, 500) in mV at 500 Hz, leads in STANDARD_LEADS order, each 0 on average.  time_ms: (500,), from
    -400 to 598.  beats: how many it is the median of.  found: all QRS complexes of the ECG, of any shape.
    """

    signal: NDArray[np.float64]
    time_ms: NDArray[np.float64]
    beats: int
    found: HeartRate
    marks: Marks


def median_beat(ecg: Ecg) -> MedianBeat | None:
    """None where fewer than three beats are alike: asystole, noise, a flat line, a very short or broken recording.

    Of a longer ECG the first minute is taken.
    """
    usable = _usable(ecg)
    if usable is None:
        return None
    found = heart_rate(usable)
    beat = beat_at(usable, found)
    return None if beat is None else _median_of_alike(beat, found)


def _usable(ecg: Ecg) -> Ecg | None:
    """The part of an ECG that has samples, gaps filled with the lead's median; None if it can't be measured."""
    present = ~np.isnan(ecg.signal)
    if not SLOWEST_RATE <= ecg.rate <= FASTEST_RATE or present.mean() < 1 - MISSING_SHARE:
        return None
    inside = np.flatnonzero(present.any(axis=0))
    signal = ecg.signal[:, inside[0] : inside[-1] + 1][:, : round(LONGEST_SECONDS * ecg.rate)]
    if signal.shape[1] < SHORTEST_SECONDS * ecg.rate or np.nanmax(np.abs(signal), initial=0) > LARGEST_MILLIVOLTS:
        return None
    # Resampling by a ratio of small numbers keeps its filter short.
    return Ecg(_filled(signal), round(ecg.rate, 1))


def _filled(signal: NDArray[np.float32]) -> NDArray[np.float32]:
    absent = np.isnan(signal)
    known = np.where(absent.all(axis=1, keepdims=True), np.float32(0), signal)
    return np.where(absent, np.nanmedian(known, axis=1, keepdims=True), known)


def _median_of_alike(beat: Beat, found: HeartRate) -> MedianBeat | None:
    alike = beat.beats[_commonest_shape(beat.beats)]
    if len(alike) < FEWEST_BEATS:
        return None
    alike = alike - alike.mean(axis=2, keepdims=True)  # the baseline moves from beat to beat
    signal = np.median(alike, axis=0)
    if np.ptp(signal[:, CORE], axis=1).max() < SMALLEST_QRS:
        return None
    time = 1000 * (np.arange(signal.shape[1]) - beat.centre) / RATE
    return MedianBeat(complete_leads(signal, NLE_LEADS), time, len(alike), found, _marks(alike, signal, beat))


def _commonest_shape(beats: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Of beats (b, k, n), those that are alike to the one that has most like it: bool (b,)."""
    cores = beats[:, :, CORE]
    cores = (cores - cores.mean(axis=2, keepdims=True)).reshape(len(beats), -1)
    cores = cores / np.maximum(np.linalg.norm(cores, axis=1, keepdims=True), 1e-9)
    alike = cores @ cores.T >= ALIKE
    return np.asarray(alike[alike.sum(axis=1).argmax()])


def _marks(beats: NDArray[np.float64], signal: NDArray[np.float64], beat: Beat) -> Marks:
    qrs = qrs_bounds(signal, beat.centre)
    if qrs is None:
        return Marks()
    t = t_wave(signal, qrs, beat.interval)
    p = p_wave(beats, signal, qrs[0], beat.interval, t.end if t else None)
    positions = {"qrs_onset": qrs[0], "qrs_end": qrs[1]} | _positions("p", p) | _positions("t", t)
    return Marks(**{name: 1000 * (position - beat.centre) / RATE for name, position in positions.items()})


def _positions(name: str, wave: Wave | None) -> dict[str, float]:
    if wave is None:
        return {}
    onset = {} if wave.onset is None else {f"{name}_onset": wave.onset}
    return onset | {f"{name}_peak": wave.peak, f"{name}_end": wave.end}
