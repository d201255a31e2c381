"""Band-limited interpolation: the curve that runs through the samples, for drawing.

Knows: windowed-sinc interpolation with point-reflected ends.
Does not know: ECGs, paper, filters.

Straight lines between 100 Hz samples cut R peaks by up to 2.3 mm at 10 mm/mV, and zero padding swings by up
to 23 mm at the ends when a recording starts inside a QRS complex. Both would look different in real and
synthetic ECGs, so both would give the origin away; this curve does neither.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

REACH = 16  # samples on each side that a point of the curve depends on
STOPBAND_DB = 90.0  # of the Kaiser window: transition between 0.4 and 0.6 of the sampling rate


def interpolate(signal: NDArray[np.floating], rate: float, target: float) -> NDArray[np.float32]:
    """Resample leads to a higher rate along the band-limited curve through the samples.

    signal: (leads, n) without missing samples, with nothing above 0.4 rate; rate, target: Hz, target >= rate.
    Returns float32 (leads, floor(n * target / rate)); point 0 is at the time of sample 0. Constants are kept
    exactly, and so are the samples themselves wherever a point falls on one.
    """
    neighbours, weights = _kernel(signal.shape[1], rate, target)
    padded = np.pad(signal.astype(np.float32), ((0, 0), (REACH, REACH)), mode="reflect", reflect_type="odd")
    return np.einsum("lpk,pk->lp", padded[:, neighbours], weights)


def kernel_weights(rate: float, target: float, points: int) -> NDArray[np.float32]:
    """Weights of the first points of a curve, (points, 2 * REACH): of the sample at or before each and its neighbours,
    from REACH - 1 before it to REACH after it. They repeat where the rates are whole multiples.
    """
    return _kernel(points, rate, target)[1][:points]


@lru_cache(maxsize=8)
def _kernel(samples: int, rate: float, target: float) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each point the padded samples it depends on, (points, 2 * REACH), and their weights, same shape."""
    position = np.arange(int(samples * target / rate + 1e-9)) * (rate / target)
    left = np.floor(position + 1e-9).astype(np.int64)
    reach = np.arange(1 - REACH, REACH + 1)
    distance = (position - left)[:, None] - reach
    beta = 0.1102 * (STOPBAND_DB - 8.7)  # Kaiser 1974
    window = np.i0(beta * np.sqrt(np.clip(1 - (distance / REACH) ** 2, 0, None)))
    weights = np.sinc(distance) * window
    weights /= weights.sum(axis=1, keepdims=True)
    return left[:, None] + reach + REACH, weights.astype(np.float32)
