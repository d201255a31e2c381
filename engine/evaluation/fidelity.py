"""How far the synthetic ECGs' distributions are from the real ones', in units of chance.

Knows: distances between two sets.  Does not know: networks, labels.

The real ECGs are split into halves A and B by patient, again and again.  A to B is what chance does with so few ECGs;
A to the synthetic counterparts of B differs from that in nothing but who drew B: same number, same labels, same sex.
The ratio of the two mean distances is 1 for a perfect generator.  Distances: Wasserstein's for single numbers,
Frechet's between Gaussians for features (arXiv 1706.08500).  Missing values (no P wave, say) are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.matched import RATE, Cohort
from engine.evaluation.measurement import Measured

Array = NDArray[np.float64]
Distance = Callable[[Array, Array], float]
SPLITS = 10
BANDS = ((0.5, 4), (4, 8), (8, 15), (15, 25), (25, 40))  # Hz
SHRINKAGE = 1e-6


def describe(cohort: Cohort, measured: Measured) -> dict[str, Array]:
    """What is compared: (n, k) for each aspect."""
    angle = np.radians(measured["axis"])
    single = {name: measured[name][:, None] for name in ("rate", "rr_cv", "beat_cv", "pr", "qrs", "qt", "v2", "v5")}
    return {
        "spectrum": _band_shares(cohort),
        "amplitude": cohort.eight.std(axis=-1, dtype=np.float64),
        **single,
        "axis": np.stack([np.cos(angle), np.sin(angle)], axis=1),
    }


def ratios(cohort: Cohort, real: dict[str, Array], synthetic: dict[str, Array]) -> dict[str, Any]:
    """For each aspect: distance real to real, real to synthetic, and their ratio; `features` by Frechet."""
    return {name: _ratio(cohort, real[name], synthetic[name], distance_for(name)) for name in real}


def frechet(one: Array, other: Array) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^1/2) for features (n, k)."""
    gap = one.mean(axis=0) - other.mean(axis=0)
    first, second = _covariance(one), _covariance(other)
    # C1 C2 is similar to a positive semi-definite matrix: its eigenvalues are real and >= 0 but for rounding.
    mixed = np.sqrt(np.clip(np.linalg.eigvals(first @ second).real, 0, None)).sum()
    return float(gap @ gap + np.trace(first) + np.trace(second) - 2 * mixed)


def wasserstein(one: Array, other: Array) -> float:
    """Mean over the columns of the distance between the two distributions; NaN where one side has no values."""
    from scipy.stats import wasserstein_distance

    columns = [(a[~np.isnan(a)], b[~np.isnan(b)]) for a, b in zip(one.T, other.T, strict=True)]
    if any(len(a) == 0 or len(b) == 0 for a, b in columns):
        return float("nan")
    return float(np.mean([wasserstein_distance(a, b) for a, b in columns]))


def distance_for(name: str) -> Distance:
    """Frechet's for `features`, Wasserstein's for all else."""
    return frechet if name == "features" else wasserstein


def _ratio(cohort: Cohort, real: Array, synthetic: Array, distance: Distance) -> dict[str, float | int | None]:
    pairs = [(distance(real[a], real[b]), distance(real[a], synthetic[b])) for a, b in halves(cohort.patients)]
    chance, found = (float(value) for value in np.mean(pairs, axis=0))
    ratio = found / chance if chance > 0 else float("nan")
    numbers = {"real_to_real": chance, "real_to_synthetic": found, "ratio": ratio}
    return {name: value if np.isfinite(value) else None for name, value in numbers.items()} | {"splits": len(pairs)}


def halves(patients: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Rows of A and of B, no patient in both."""
    people, whose = np.unique(patients, return_inverse=True)
    for seed in range(SPLITS):
        chosen = np.random.default_rng(seed).permutation(len(people)) < len(people) / 2
        yield chosen[whose], ~chosen[whose]


def _band_shares(cohort: Cohort) -> Array:
    """Share of the power of all leads in each band (n, bands)."""
    from scipy.signal import welch

    frequencies, power = welch(cohort.eight, RATE, nperseg=256, axis=-1)
    total = power.sum(axis=1)
    bands = [total[:, (frequencies >= low) & (frequencies < high)].sum(axis=1) for low, high in BANDS]
    return np.asarray(np.stack(bands, axis=1) / np.maximum(total.sum(axis=1, keepdims=True), 1e-12), dtype=np.float64)


def _covariance(features: Array) -> Array:
    return np.atleast_2d(np.cov(features, rowvar=False)) + SHRINKAGE * np.eye(features.shape[1])
