"""How fast a beat changes: smoothing, spatial velocity, and where a wave's tangent meets its floor.

Knows: arrays (leads, samples) at the rate of engine.measuring.beat.  Does not know: which wave is which.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.measuring.beat import RATE

Series = NDArray[np.float64]


def smoothed(signal: NDArray[Any], width: int) -> Series:
    """Running mean over `width` samples along the last axis."""
    from scipy.ndimage import uniform_filter1d

    return np.asarray(uniform_filter1d(signal, width, axis=-1))


def spatial_velocity(signal: Series, width: int) -> Series:
    """Length of the vector of the leads' slopes, (n,) of (k, n), in mV/s, smoothed over `width` samples."""
    return smoothed(np.linalg.norm(np.gradient(signal, axis=-1), axis=0) * RATE, width)


def chord(signal: Series) -> Series:
    """The straight line from a signal's first sample to its last, same shape."""
    return np.linspace(signal[..., 0], signal[..., -1], signal.shape[-1], axis=-1)


def tangent_foot(curve: Series, steepest: int, floor: float, stretch: float) -> float | None:
    """Where the tangent at `steepest` reaches the floor, its way there made longer by `stretch`; None if it is level.

    A rising flank is followed backwards, a falling one forwards.  A wave leaves its floor gently, so that the tangent's
    foot lies inside the wave; for a raised cosine the true foot is pi / 2 times as far from the steepest point.
    """
    slope = float(np.gradient(curve)[steepest])
    if not slope:
        return None
    return steepest - stretch * (float(curve[steepest]) - floor) / slope
