"""Whether synthetic ECGs are copies of training records, and whether they differ among themselves.

Knows: a distance between ECGs.  Does not know: labels' meaning.

Distance: 1 minus the largest cross-correlation of the eight centred leads over all shifts of up to 2 s, at 25 Hz; a
copy in place has 0, however it is scaled.  Moved by 1.2 s a copy has 0.13, and 0.25 if moved by 20 ms, half a sample
(medians of 100 records); engine.nearest finds those too, with another distance.  A synthetic ECG counts as a copy if it
is nearer to a training record than 1 % of held-out real ECGs are to theirs; of real ones 1 % would be, by definition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.matched import RATE, Cohort

THINNING = 4  # samples averaged: 25 Hz
LARGEST_SHIFT = 2.0  # seconds
TRANSFORM = 320  # longer than a signal and the shift together
COPY_QUANTILE = 0.01
FEWEST, MOST = 10, 40  # ECGs of a label set whose diversity is looked at

Spectra = NDArray[np.complex64]
Watch = Callable[[Iterable[int], str], Iterator[int]]  # passes items on, showing how many


def spectra(cohort: Cohort) -> Spectra:
    """Fourier transforms (n, 8, 161) of the ECGs scaled to one unit of energy."""
    eight = cohort.eight
    whole = eight[..., : eight.shape[-1] // THINNING * THINNING]
    thin = whole.reshape(*whole.shape[:2], -1, THINNING).mean(axis=-1)
    centred = thin - thin.mean(axis=-1, keepdims=True)
    energy = np.sqrt((centred**2).sum(axis=(1, 2), keepdims=True))
    return np.fft.rfft(centred / np.maximum(energy, 1e-9), n=TRANSFORM).astype(np.complex64)


def distances(one: Spectra, others: Spectra) -> NDArray[np.float32]:
    """From one ECG (8, 161) to others (m, 8, 161): (m,), 0..2."""
    product = np.einsum("mlf,lf->mf", others, one.conj(), optimize=True)
    correlation = np.fft.irfft(product, n=TRANSFORM)
    reach = round(LARGEST_SHIFT * RATE / THINNING)
    near = np.concatenate([correlation[:, : reach + 1], correlation[:, -reach:]], axis=1)
    return np.asarray(1 - near.max(axis=1), dtype=np.float32)


def nearest(queries: Spectra, records: Spectra, watch: Watch, title: str) -> NDArray[np.float32]:
    """Distance of every query to its nearest record."""
    return np.array([distances(queries[row], records).min() for row in watch(range(len(queries)), title)])


def copies(real: NDArray[np.float32], synthetic: NDArray[np.float32]) -> dict[str, Any]:
    """Share of synthetic ECGs below the quantile of the real ones' nearest distances."""
    limit = float(np.quantile(real, COPY_QUANTILE))
    return {
        "limit": limit,
        "copies": float((synthetic < limit).mean()),
        "n": len(synthetic),
        "median_real": float(np.median(real)),
        "median_synthetic": float(np.median(synthetic)),
        "smallest_synthetic": float(synthetic.min()),
    }


def diversity(cohort: Cohort, real: Spectra, synthetic: Spectra) -> list[dict[str, Any]]:
    """Mean distance between ECGs of exactly the same labels, for every label set that is frequent enough."""
    sets, which, counts = np.unique(cohort.labels, axis=0, return_inverse=True, return_counts=True)
    often = [i for i in np.argsort(-counts) if counts[i] >= FEWEST]
    return [_spread(cohort, sets[i], np.flatnonzero(which == i)[:MOST], real, synthetic) for i in often]


def _spread(
    cohort: Cohort, labels: NDArray[np.uint8], rows: NDArray[np.int64], real: Spectra, synthetic: Spectra
) -> dict[str, Any]:
    means = {"real": _mean_distance(real[rows]), "synthetic": _mean_distance(synthetic[rows])}
    return {"labels": list(cohort.label_set.decode(labels).codes), "n": len(rows), **means}


def _mean_distance(some: Spectra) -> float:
    return float(np.mean([distances(some[row], some[row + 1 :]).mean() for row in range(len(some) - 1)]))
