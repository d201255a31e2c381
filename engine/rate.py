"""Heart rate from the QRS energy of all leads, about a millisecond per ECG.

Knows: where the QRS complexes are. Does not know: P and T waves, intervals, rhythm names.

Method: the eight independent leads, band-passed to the 5-30 Hz of the QRS, differentiated, squared, summed
(the energy of Pan and Tompkins, IEEE TBME 1985, over all leads instead of one) and smoothed over 80 ms; peaks
of that energy at least 240 ms apart that stand out from the typical one. scipy.signal is imported inside (see
harmonise).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecg import Ecg

BAND = (5.0, 30.0)  # Hz
SMOOTHING_SECONDS = 0.08
REFRACTORY_SECONDS = 0.24  # 250 beats per minute
SHARE_OF_TYPICAL = 0.2  # smaller peaks of energy are T waves or noise
FEWEST_PEAKS = 3
EDGE_SECONDS = 0.1  # complexes cut by the edge of the record are not counted


@dataclass(frozen=True, eq=False)
class HeartRate:
    """QRS complexes of one ECG.

    peaks: int (k,) sample indices; times: float (k,) seconds. per_minute: from the mean RR interval, rr_cv:
    standard deviation of the RR intervals over their mean (irregularity); both None with fewer than three
    complexes.
    """

    peaks: NDArray[np.int64]
    times: NDArray[np.float64]
    per_minute: float | None
    rr_cv: float | None


def heart_rate(ecg: Ecg) -> HeartRate:
    """Find the QRS complexes; missing samples count as the lead's median. Needs a rate above 60 Hz."""
    peaks = _peaks(qrs_energy(ecg), ecg.rate)
    times = peaks / ecg.rate
    intervals = np.diff(times)
    if len(peaks) < FEWEST_PEAKS:
        return HeartRate(peaks, times, None, None)
    mean = float(intervals.mean())
    return HeartRate(peaks, times, 60 / mean, float(intervals.std(ddof=1)) / mean)


def qrs_energy(ecg: Ecg) -> NDArray[np.float64]:
    """Energy of the steep 5-30 Hz part, summed over the independent leads: (n,)."""
    from scipy.ndimage import uniform_filter1d
    from scipy.signal import sosfiltfilt

    eight = _filled(ecg)
    padding = min(round(ecg.rate), ecg.samples - 1)
    band = sosfiltfilt(_band_pass(ecg.rate), eight, axis=-1, padlen=padding)
    steepness = np.gradient(band, axis=-1)
    return np.asarray(uniform_filter1d((steepness**2).sum(axis=0), max(1, round(SMOOTHING_SECONDS * ecg.rate))))


@cache
def _band_pass(rate: float) -> NDArray[np.float64]:
    from scipy.signal import butter

    return np.asarray(butter(2, BAND, btype="bandpass", fs=rate, output="sos"))


def _filled(ecg: Ecg) -> NDArray[Any]:
    eight = ecg.independent()
    if not np.isnan(eight).any():
        return eight
    absent = np.isnan(eight)
    known = np.where(absent.all(axis=1, keepdims=True), 0, eight)
    return np.where(absent, np.nanmedian(known, axis=1, keepdims=True), eight)


def _peaks(energy: NDArray[np.float64], rate: float) -> NDArray[np.int64]:
    from scipy.signal import find_peaks

    found, _ = find_peaks(energy, distance=max(1, round(REFRACTORY_SECONDS * rate)))
    edge = EDGE_SECONDS * rate
    found = found[(found >= edge) & (found < len(energy) - edge)]
    if not len(found):
        return np.zeros(0, dtype=np.int64)
    return np.asarray(found[energy[found] >= SHARE_OF_TYPICAL * _typical(energy, rate)], dtype=np.int64)


def _typical(energy: NDArray[np.float64], rate: float) -> float:
    """Median over windows of 1.5 s of the largest energy: one huge extra beat or artefact does not hide the
    others.
    """
    width = max(1, round(1.5 * rate))
    return float(np.median([energy[start : start + width].max() for start in range(0, len(energy), width)]))
