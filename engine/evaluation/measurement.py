"""What a cardiologist would measure on an ECG, for every ECG of a cohort.

Knows: which numbers there are, and their units.  Does not know: labels, what is normal.

Pacemaker spikes: at 100 Hz a spike is a single sample outside the range of its four neighbours by 0.05 mV in three
leads or more, 40 to 300 ms before the middle of the QRS complex; what is counted is the share of beats with one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from engine.ecg import Ecg, einthoven_residual
from engine.evaluation import waves
from engine.measuring.beat import Beat, typical_beat
from engine.rate import HeartRate, heart_rate

SPIKE_MILLIVOLTS, SPIKE_LEADS = 0.05, 3
SPIKE_SECONDS = (0.04, 0.3)  # before the middle of the QRS complex

Measured = Mapping[str, NDArray[np.float64]]  # quantity -> one value per ECG, NaN where it can't be measured


@dataclass(frozen=True)
class Quantity:
    """Something measured: its title with the unit, and how it is got."""

    title: str
    of: Callable[[Ecg, HeartRate, Beat | None], float]


def _of_beat(read: Callable[[Beat], float]) -> Callable[[Ecg, HeartRate, Beat | None], float]:
    return lambda ecg, rate, beat: math.nan if beat is None else read(beat)


def spike_share(ecg: Ecg, rate: HeartRate) -> float:
    """Share of the beats that a pacemaker spike comes before."""
    if not len(rate.peaks):
        return math.nan
    eight = ecg.independent()
    near = np.stack([eight[:, shift : eight.shape[1] - 4 + shift] for shift in (0, 1, 3, 4)])
    middle = eight[:, 2:-2]
    outside = np.maximum(middle - near.max(axis=0), near.min(axis=0) - middle)
    spikes = np.flatnonzero((outside > SPIKE_MILLIVOLTS).sum(axis=0) >= SPIKE_LEADS) + 2
    before = (rate.peaks[:, None] - spikes) / ecg.rate
    return float(((before >= SPIKE_SECONDS[0]) & (before <= SPIKE_SECONDS[1])).any(axis=1).mean())


QUANTITIES: Mapping[str, Quantity] = MappingProxyType(
    {
        "rate": Quantity("heart rate, 1/min", lambda ecg, rate, beat: _number(rate.per_minute)),
        "rr_cv": Quantity("RR variability (CV)", lambda ecg, rate, beat: _number(rate.rr_cv)),
        "beat_cv": Quantity("beat height variability (CV)", _of_beat(waves.beat_height_cv)),
        "pr": Quantity("PR, ms", _of_beat(waves.pr_ms)),
        "qrs": Quantity("QRS, ms", _of_beat(waves.qrs_ms)),
        "qt": Quantity("QT, ms", _of_beat(waves.qt_ms)),
        "axis": Quantity("QRS axis, degrees", _of_beat(waves.axis_degrees)),
        "v2": Quantity("QRS in V2, peak to peak, mV", _of_beat(lambda beat: waves.qrs_peak_to_peak_mv(beat, "V2"))),
        "v5": Quantity("QRS in V5, peak to peak, mV", _of_beat(lambda beat: waves.qrs_peak_to_peak_mv(beat, "V5"))),
        "sokolow_lyon": Quantity("Sokolow-Lyon, mV", _of_beat(waves.sokolow_lyon_mv)),
        "spikes": Quantity("beats with a spike, share", lambda ecg, rate, beat: spike_share(ecg, rate)),
        "einthoven": Quantity("limb leads off by, mV", lambda ecg, rate, beat: _residual(ecg)),
    }
)


def measure(ecgs: Iterable[Ecg]) -> Measured:
    """All quantities of all ECGs."""
    rows = [_measure_one(ecg) for ecg in ecgs]
    return {name: np.array([row[name] for row in rows]) for name in QUANTITIES}


def _measure_one(ecg: Ecg) -> dict[str, float]:
    rate, beat = heart_rate(ecg), typical_beat(ecg)
    return {name: quantity.of(ecg, rate, beat) for name, quantity in QUANTITIES.items()}


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _residual(ecg: Ecg) -> float:
    return float(np.abs(einthoven_residual(ecg)).max())
