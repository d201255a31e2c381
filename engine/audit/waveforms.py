"""What the machine reader sees of a waveform: random convolutions.

Knows: the convolutions and what is kept of them. Does not know: arms, classifiers.

Random kernels of nine points, spread over 0.08 s to 2.6 s at 100 Hz, each over all eight independent leads with random
weights; kept are the largest value and the share of time above a threshold. Source:
Dempster, Petitjean & Webb, ROCKET, Data Mining and Knowledge Discovery 2020; thresholds from the data as in
MiniRocket (KDD 2021).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]

POINTS = 9
SPREADS = (1, 2, 4, 8, 16, 32)  # samples between two points of a kernel
KERNELS = 64  # per spread
ECGS_AT_A_TIME = 25  # bounds memory
ECGS_FOR_THRESHOLDS = 20


def convolved(signals: Floats32, seed: int) -> NDArray[np.float64]:
    """Largest value and share of time above a threshold of every kernel: float64 (n, 2 * kernels).

    signals: (n, leads, samples) in mV; kernels depend on the seed alone, thresholds on a lot of the signals.
    """
    random = np.random.default_rng(seed)
    lot = random.permutation(len(signals))[:ECGS_FOR_THRESHOLDS]
    kept = [_one_spread(signals, lot, spread, random) for spread in SPREADS if _fits(signals, spread)]
    return np.concatenate(kept, axis=1).astype(np.float64)


def standardised(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns of mean 0 and standard deviation 1; constant ones are left out."""
    varying = columns[:, columns.std(axis=0) > 1e-9]
    return np.asarray((varying - varying.mean(axis=0)) / varying.std(axis=0))


def _fits(signals: Floats32, spread: int) -> bool:
    return signals.shape[2] > 2 * spread * (POINTS - 1)


def _one_spread(signals: Floats32, lot: NDArray[np.intp], spread: int, random: np.random.Generator) -> Floats32:
    kernels = _kernels(signals.shape[1], random)
    seen = np.concatenate(list(_responses(signals[lot], kernels, spread)))  # (lot, time, kernels)
    levels = random.uniform(0.1, 0.9, KERNELS)
    flat = seen.reshape(-1, KERNELS)
    thresholds = np.array([np.quantile(column, level) for column, level in zip(flat.T, levels, strict=True)])
    kept = [_summary(part, thresholds) for part in _responses(signals, kernels, spread)]
    return np.concatenate(kept)


def _kernels(leads: int, random: np.random.Generator) -> Floats32:
    """(leads * POINTS, KERNELS), each of mean 0 in every lead, so that an offset goes unnoticed."""
    weights = random.standard_normal((leads, POINTS, KERNELS))
    weights -= weights.mean(axis=1, keepdims=True)
    return np.asarray(weights.reshape(leads * POINTS, KERNELS), dtype=np.float32)


def _responses(signals: Floats32, kernels: Floats32, spread: int) -> Iterator[Floats32]:
    """Convolutions of a few ECGs at a time: (ecgs, time, KERNELS)."""
    reach = spread * (POINTS - 1) + 1
    for first in range(0, len(signals), ECGS_AT_A_TIME):
        part = signals[first : first + ECGS_AT_A_TIME]
        windows = np.lib.stride_tricks.sliding_window_view(part, reach, axis=2)[..., ::spread]  # (ecgs, leads, time, 9)
        flat = windows.transpose(0, 2, 1, 3).reshape(len(part), windows.shape[2], -1)
        yield flat @ kernels


def _summary(responses: Floats32, thresholds: NDArray[np.float64]) -> Floats32:
    share = (responses > thresholds).mean(axis=1)
    return np.concatenate([responses.max(axis=1), share], axis=1)
