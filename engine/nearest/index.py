"""Training records that can be searched for the nearest to an ECG, all of them, at every shift.

Knows: the spectra of the records and how they are laid out.  Does not know: PTB-XL, where files are kept.

No record is left out by a preselection.  The sums of `distance` over time, for all 401 shifts at once, are one
inverse Fourier transform per record (correlation theorem).  Spectra are held as 16-bit integers, in blocks small enough
for a processor's cache, frequency first, so that a block is one stack of matrix products.  They may be memory-mapped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.ecg import NLE_LEADS, Ecg, complete_leads
from engine.nearest.distance import (
    BINS,
    RATE,
    REACH,
    SAMPLES,
    SHIFTS,
    TRANSFORM,
    ComparisonError,
    Signals,
    Spectra,
    align,
    inverse_norms,
    opposite,
    overlap_energies,
    signals_of,
    spectra,
)

BLOCK = 50  # records searched together: their spectra fill 2 MB as complex64
GROUP = 8  # ECGs searched for together; more would leave the cache
LARGEST = 32767  # of 16 bits
SPECTRA_SHAPE = (BINS, BLOCK, 8, 2)  # of a block; real and imaginary part
NORMS_SHAPE = (len(SHIFTS), BLOCK)


@dataclass(frozen=True)
class Neighbour:
    """A training record near an ECG; record[t + shift] * gain lies on ecg[t], shift in samples of 10 ms."""

    ecg_id: int
    distance: float
    shift: int
    gain: float


@dataclass(frozen=True, eq=False)
class Queries:
    """Up to eight ECGs searched for together.

    weights (601, 16, 2q): the conjugate spectra as real matrices, which turn the real and imaginary parts of a record's
    leads into those of its q products, because products of real matrices are much faster; norms (q, 401, 1).
    """

    weights: NDArray[np.float32]
    norms: NDArray[np.float32]

    @classmethod
    def of(cls, signals: Signals) -> Queries:
        """From centred leads (q, 8, 990)."""
        x = spectra(signals).conj().transpose(2, 1, 0)  # (601, 8, q)
        rows = np.stack([x, 1j * x], axis=2).reshape(BINS, 16, -1)  # (a + ib) x = a x + b ix
        norms = inverse_norms(opposite(overlap_energies(signals)))
        return cls(np.ascontiguousarray(rows).view(np.float32), norms[..., np.newaxis])


@dataclass(frozen=True, eq=False)
class Block:
    """Up to 50 records: spectra int16 (601, 50, 8, 2) in units of quanta (50,) mV; norms float32 (401, 50)."""

    spectra: NDArray[np.int16]
    norms: NDArray[np.float32]
    quanta: NDArray[np.float32]

    @classmethod
    def of(cls, signals: Signals) -> Block:
        """From centred leads (50 or fewer, 8, 990); places that are left over are silent."""
        full = np.zeros((BLOCK, *signals.shape[1:]), dtype=np.float32)
        full[: len(signals)] = signals
        parts = np.ascontiguousarray(spectra(full).transpose(2, 0, 1)).view(np.float32).reshape(SPECTRA_SHAPE)
        quanta = np.maximum(np.abs(parts).max(axis=(0, 2, 3)), 1e-9) / LARGEST
        rounded = np.rint(parts / quanta[:, np.newaxis, np.newaxis]).astype(np.int16)
        return cls(rounded, inverse_norms(overlap_energies(full)).T.copy(), quanta.astype(np.float32))

    def correlations(self, groups: Sequence[Queries]) -> NDArray[np.float32]:
        """Largest correlation of each query with each record over all shifts: (queries, 50)."""
        parts = self.spectra.astype(np.float32).reshape(BINS, BLOCK, 16)
        norms = self.norms * self.quanta
        return np.concatenate([_largest(parts, norms, queries) for queries in groups])

    def signals(self, place: int) -> Signals:
        """The centred leads (8, 990) of one record, as exact as 16 bits are: within a microvolt."""
        units = np.ascontiguousarray(self.spectra[:, place]).astype(np.float32).view(np.complex64)[..., 0]
        return np.fft.irfft(units.T * self.quanta[place], n=TRANSFORM)[:, :SAMPLES].astype(np.float32)


def _largest(parts: NDArray[np.float32], norms: NDArray[np.float32], queries: Queries) -> NDArray[np.float32]:
    products = np.matmul(parts, queries.weights).view(np.complex64)  # (601, 50, q)
    found = zip(np.moveaxis(products, -1, 0), queries.norms, strict=True)
    return np.stack([_largest_of_one(product, norms * own) for product, own in found])


def _largest_of_one(product: Spectra, norms: NDArray[np.float32]) -> NDArray[np.float32]:
    """product (601, 50), norms (401, 50), which it uses up: (50,)."""
    sums = np.fft.irfft(product, n=TRANSFORM, axis=0)
    norms[: REACH + 1] *= sums[: REACH + 1]
    norms[REACH + 1 :] *= sums[-REACH:]
    return np.asarray(norms.max(axis=0))


@dataclass(frozen=True, eq=False)
class TrainingIndex:
    """n records: numbers (n,); in b blocks spectra (b, 601, 50, 8, 2), norms (b, 401, 50), quanta (b, 50)."""

    numbers: NDArray[np.int64]
    spectra: NDArray[np.int16]
    norms: NDArray[np.float32]
    quanta: NDArray[np.float32]

    @classmethod
    def of(cls, signals: Signals, numbers: Sequence[int]) -> TrainingIndex:
        """In memory, from centred leads (n, 8, 990).  Raises ComparisonError for none."""
        if not len(signals):
            raise ComparisonError("An index needs at least one training record.")
        blocks = [Block.of(signals[first : first + BLOCK]) for first in range(0, len(signals), BLOCK)]
        parts = (np.stack([getattr(block, part) for block in blocks]) for part in ("spectra", "norms", "quanta"))
        return cls(np.array(numbers, dtype=np.int64), *parts)

    def __len__(self) -> int:
        return len(self.numbers)

    def nearest(self, ecgs: Sequence[Ecg], k: int = 3) -> tuple[tuple[Neighbour, ...], ...]:
        """The k nearest records of each ECG, nearest first.  Raises ComparisonError for an ECG that is too short."""
        signals = [signals_of(ecg) for ecg in ecgs]
        if not signals:
            return ()
        groups = [np.stack(signals[first : first + GROUP]) for first in range(0, len(signals), GROUP)]
        correlations = self._correlations([Queries.of(group) for group in groups])
        return tuple(self._neighbours(one, row, k) for one, row in zip(signals, correlations, strict=True))

    def aligned(self, neighbour: Neighbour) -> Ecg:
        """The record, centred and shifted so that it can be drawn over the ECG that it is near to: 9.9 s, NaN where
        it has ended.
        """
        place = int(np.flatnonzero(self.numbers == neighbour.ecg_id)[0])
        source = np.arange(SAMPLES) + neighbour.shift
        leads = self._signals(place)[:, np.clip(source, 0, SAMPLES - 1)]
        leads[:, (source < 0) | (source >= SAMPLES)] = np.nan
        return Ecg(complete_leads(leads, NLE_LEADS), RATE)

    def _blocks(self) -> Iterator[Block]:
        return map(Block, self.spectra, self.norms, self.quanta)

    def _correlations(self, groups: Sequence[Queries]) -> NDArray[np.float32]:
        with ThreadPoolExecutor(os.cpu_count()) as threads:  # numpy lets others work while it computes
            found = list(threads.map(lambda block: block.correlations(groups), self._blocks()))
        return np.concatenate(found, axis=1)[:, : len(self)]

    def _neighbours(self, one: Signals, correlations: NDArray[np.float32], k: int) -> tuple[Neighbour, ...]:
        chosen = np.lexsort((self.numbers, -correlations))[:k]
        alignments = align(one, np.stack([self._signals(place) for place in chosen]))
        found = zip(self.numbers[chosen], alignments, strict=True)
        near = [Neighbour(int(number), at.distance, at.shift, at.gain) for number, at in found]
        return tuple(sorted(near, key=lambda one: (one.distance, one.ecg_id)))

    def _signals(self, place: int) -> Signals:
        block, inside = divmod(int(place), BLOCK)
        return Block(self.spectra[block], self.norms[block], self.quanta[block]).signals(inside)
