"""How far two ECGs are from each other once they are aligned.

Knows: the distance, its alignment, missing samples.  Does not know: indexes, files, what distance is small.

distance(a, b) = 1 - max over shifts k of  sum a[l, t] b[l, t + k] / sqrt(sum a[l, t]^2  sum b[l, t + k]^2)

The sums run over the eight independent leads l and over the samples t where both ECGs are known after shifting, at
100 Hz; k is any whole number of samples up to 2 s either way.  Each lead is centred on its mean first.  The distance is
symmetric, 0 for a copy however it is shifted within 2 s or amplified, and about 1 for ECGs that have nothing in common.

All ECGs are looked at for 9.9 s, because more than half of the records that this was developed on lack their last ten
samples; the few others that are missing are the lead's median.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecg import NLE_LEADS, STANDARD_LEADS, Ecg

RATE = 100  # Hz
SAMPLES = 990  # of every ECG; see above
REACH = 200  # samples by which an ECG may be shifted
TRANSFORM = 1200  # at least SAMPLES + REACH, so that a shifted ECG never meets its own other end
SHIFTS = np.concatenate([np.arange(REACH + 1), np.arange(-REACH, 0)])  # as a Fourier transform orders them
BINS = TRANSFORM // 2 + 1
LEADS = tuple(STANDARD_LEADS.index(lead) for lead in NLE_LEADS)
SILENT = 1e-6  # mV^2; an overlap with less energy correlates with nothing

Signals = NDArray[np.float32]
Spectra = NDArray[np.complex64]


class ComparisonError(ValueError):
    """ECGs that can't be compared; the message says what to change."""


@dataclass(frozen=True)
class Alignment:
    """Where two ECGs match best: other[t + shift] * gain lies on one[t]; shift in samples of 10 ms."""

    distance: float
    shift: int
    gain: float


def signals_of(ecg: Ecg) -> Signals:
    """The centred leads (8, 990) of an ECG in mV.  Raises ComparisonError for another rate or a short ECG."""
    if ecg.rate != RATE or ecg.samples < SAMPLES:
        raise ComparisonError(
            f"Only ECGs of at least {SAMPLES / RATE:g} s at {RATE} Hz can be compared, not {ecg.duration:g} s at "
            f"{ecg.rate:g} Hz; harmonise it first."
        )
    return centred(ecg.signal[np.newaxis])[0]


def centred(signals: Signals) -> Signals:
    """Independent leads (n, 8, 990) in the order of NLE_LEADS, each with mean 0, from (n, 12, 990 or more) in mV."""
    eight = np.array(signals[:, LEADS, :SAMPLES], dtype=np.float32)
    for row in np.flatnonzero(np.isnan(eight).any(axis=(1, 2))):
        eight[row] = _filled(eight[row])
    return eight - eight.mean(axis=-1, keepdims=True)


def _filled(leads: Signals) -> Signals:
    missing = np.isnan(leads)
    known = np.where(missing.all(axis=-1, keepdims=True), np.float32(0), leads)
    return np.where(missing, np.nanmedian(known, axis=-1, keepdims=True), leads)


def spectra(signals: Signals) -> Spectra:
    """Fourier transforms (n, 8, 601) of centred signals (n, 8, 990)."""
    return np.fft.rfft(signals, n=TRANSFORM).astype(np.complex64)


def overlap_energies(signals: Signals) -> NDArray[np.float64]:
    """Energy (n, 401) in mV^2 of the samples that meet another ECG, by shift in the order of SHIFTS.

    For the one that is shifted; for the one that stays it is that of the opposite shift.
    """
    squares = np.einsum("nlt,nlt->nt", signals, signals, dtype=np.float64)
    upto = np.concatenate([np.zeros((len(signals), 1)), squares.cumsum(axis=-1)], axis=-1)
    return upto[:, np.minimum(SAMPLES, SAMPLES + SHIFTS)] - upto[:, np.maximum(SHIFTS, 0)]


def inverse_norms(energies: NDArray[np.float64]) -> NDArray[np.float32]:
    """1 / sqrt(energy); 0 where there is next to none, so that silence is far from everything."""
    return np.where(energies > SILENT, 1 / np.sqrt(np.maximum(energies, SILENT)), 0).astype(np.float32)


def opposite(by_shift: NDArray[Any]) -> NDArray[Any]:
    """Values (..., 401) in the order of -SHIFTS."""
    return np.concatenate([by_shift[..., :1], by_shift[..., :0:-1]], axis=-1)


def align(one: Signals, others: Signals) -> list[Alignment]:
    """The best alignment of each of m ECGs (m, 8, 990) with one (8, 990), all centred."""
    product = np.einsum("mlf,lf->mf", spectra(others), spectra(one[np.newaxis])[0].conj())
    sums = np.fft.irfft(product, n=TRANSFORM)[:, SHIFTS]
    energies = overlap_energies(others)
    norms = inverse_norms(energies) * inverse_norms(opposite(overlap_energies(one[np.newaxis])))
    best = (sums * norms).argmax(axis=1)
    return [_alignment(*found) for found in zip(best, sums, norms, energies, strict=True)]


def _alignment(best: int, sums: NDArray[Any], norms: NDArray[np.float32], energies: NDArray[np.float64]) -> Alignment:
    distance = max(0.0, float(1 - sums[best] * norms[best]))  # rounding may go below 0
    return Alignment(distance, int(SHIFTS[best]), float(sums[best] / max(energies[best], SILENT)))
