"""How far apart two sets are beyond chance, and two ECGs from the same noise.

Knows: sets described by numbers.  Does not know: samplers, files.

The base set is split into halves A and B by patient, as in `fidelity`: A to B is chance, A to the other set's B is what
was found.  Over the splits the difference of the two varies about as much as it would with other ECGs: half-samples
give the standard error of the whole (delete-d jackknife, Shao and Wu, Ann Stat 1989; 17:1176).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.evaluation import fidelity

Array = NDArray[np.float64]
ASPECTS = ("features", "spectrum", "rate", "rr_cv", "pr", "qrs", "qt")
FEWEST = 2  # ECGs of a half
NOISE = 2.0  # standard errors within which a difference is called chance


@dataclass(frozen=True)
class Gap:
    """ratio: found by chance, 1 where the sets can't be told apart; error: the standard error of the ratio."""

    chance: float
    found: float
    error: float

    @property
    def ratio(self) -> float:
        """The distance in units of chance."""
        return self.found / self.chance

    @property
    def is_clear(self) -> bool:
        """Farther apart than chance would have them."""
        return self.ratio - 1 > NOISE * self.error


def gap(base: Array, other: Array, patients: NDArray[np.int64], distance: fidelity.Distance) -> Gap | None:
    """Of two sets (n, k), row by row of the same patients; None where a half has too few values or no spread."""
    splits = list(fidelity.halves(patients))
    if min(half.sum() for split in splits for half in split) < FEWEST:
        return None
    chance = np.array([distance(base[a], base[b]) for a, b in splits])
    found = np.array([distance(base[a], other[b]) for a, b in splits])
    if not np.isfinite([chance, found]).all() or chance.mean() <= 0:
        return None
    error = float((found - chance).std(ddof=1) / chance.mean())
    return Gap(float(chance.mean()), float(found.mean()), error)


def gaps(base: dict[str, Array], other: dict[str, Array], patients: NDArray[np.int64]) -> dict[str, Gap | None]:
    """For each of ASPECTS."""
    return {
        name: gap(base[name], other[name], patients, fidelity.distance_for(name)) for name in ASPECTS if name in base
    }


def paired_microvolts(one: NDArray[np.float32], other: NDArray[np.float32]) -> Array:
    """Root mean square difference of each ECG, all leads together: (n,) in microvolts for (n, leads, samples) in mV."""
    return np.asarray(1000 * np.sqrt(np.mean((one - other) ** 2, axis=(1, 2), dtype=np.float64)))


def quartiles(values: Array) -> dict[str, float]:
    """Median and quartiles."""
    low, middle, high = np.percentile(values, [25, 50, 75])
    return {"median": float(middle), "low": float(low), "high": float(high)}
