"""An ECG drawn with known intervals and axes: raised cosines whose first and last instants are given.

P, QRS (three overlapping bumps) and T begin and end exactly where they are told to; each wave is one dipole per bump,
so that its frontal axis is known too.  Drawn at 1000 Hz, then band-limited to the wanted rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.ecg import NLE_LEADS, Ecg, complete_leads
from engine.harmonise import resample

FINE = 1000  # Hz
FIRST_BEAT = 0.3  # s
P_CHEST = (0.3, 0.5, 0.5, 0.5, 0.5, 0.5)
Q_CHEST = (0.5, 0.5, -0.5, -1.0, -1.0, -1.0)
R_CHEST = (0.3, 0.5, 0.8, 1.2, 1.2, 1.0)
S_CHEST = (-3.0, -4.5, -3.0, -1.5, -0.8, -0.3)
T_CHEST = (0.2, 1.5, 1.6, 1.3, 1.0, 0.8)

Signal = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """Rate per minute, intervals in ms, axes in degrees, sizes of P and T in mV; 0 leaves the wave out."""

    heart_rate: float = 70
    pr: float = 160
    qrs: float = 90
    qt: float = 390
    p_axis: float = 50
    qrs_axis: float = 30
    t_axis: float = 40
    p_size: float = 0.12
    t_size: float = 0.3

    def ecg(self, rate: float = 100, seconds: float = 10, noise: float = 0.0) -> Ecg:
        """noise: standard deviation in mV of white noise in each of the eight leads."""
        time = np.arange(round(seconds * FINE)) / FINE
        starts = np.arange(FIRST_BEAT, seconds + 1, 60 / self.heart_rate)
        eight = resample(sum(self._beat(1000 * (time - start)) for start in starts), FINE, rate)
        eight = eight + noise * np.random.default_rng(0).standard_normal(eight.shape)
        return Ecg(complete_leads(eight, NLE_LEADS), rate)

    def _beat(self, ms: Signal) -> Signal:
        """One beat (8, n); time 0 is the onset of the QRS complex."""
        quarter, t_length = self.qrs / 4, min(200.0, self.qt - self.qrs - 40)
        r = dipole(self.qrs_axis, R_CHEST)
        return (
            self.p_size * np.outer(dipole(self.p_axis, P_CHEST), bump(ms, -self.pr, -self.pr + 50, -self.pr + 100))
            - 0.15 * np.outer(dipole(self.qrs_axis, Q_CHEST), bump(ms, 0, 0.7 * quarter, 1.4 * quarter))
            + 1.2 * np.outer(r, bump(ms, 0.8 * quarter, 1.8 * quarter, 2.9 * quarter))
            + 0.3 * np.outer(dipole(self.qrs_axis + 180, S_CHEST), bump(ms, 2.2 * quarter, 3.1 * quarter, self.qrs))
            + self.t_size
            * np.outer(dipole(self.t_axis, T_CHEST), bump(ms, self.qt - t_length, self.qt - 0.42 * t_length, self.qt))
        )


def bump(ms: Signal, onset: float, peak: float, end: float) -> Signal:
    """Half a raised cosine up and half a one down: 0 until the onset, 1 at the peak, 0 from the end."""
    flank = np.clip(np.minimum((ms - onset) / (peak - onset), (end - ms) / (end - peak)), 0, 1)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * flank))


def dipole(angle: float, chest: tuple[float, ...]) -> Signal:
    """The eight leads of a dipole at this frontal angle: I, aVF and the given chest leads."""
    radians = math.radians(angle)
    return np.array([math.cos(radians), math.sin(radians) * math.sqrt(3) / 2, *chest])
