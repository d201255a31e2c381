"""Whether a distance to the nearest training record is small: real ECGs that the model never saw are the measure.

Knows: nearest distances of held-out real ECGs, where others lie among them.  Does not know: how they are computed.

An ECG is suspected of being a copy if it is nearer to a training record than 1 % of real ECGs are to theirs.  Of real
ones 1 % would be, by definition, so a few in a large batch prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COPY_QUANTILE = 0.01


@dataclass(frozen=True)
class BatchSummary:
    """n ECGs: how many are nearer than `limit`, and their median nearest distance against that of real ones."""

    n: int
    suspected: int
    limit: float
    median: float
    median_real: float
    smallest: float

    @property
    def expected(self) -> float:
        """How many suspected there would be among as many real ECGs."""
        return self.n * COPY_QUANTILE

    @property
    def median_ratio(self) -> float:
        """1 where the batch is as far from the training records as real ECGs are; less is nearer."""
        return self.median / self.median_real


@dataclass(frozen=True, eq=False)
class Reference:
    """Nearest distances of real ECGs that were not trained on, ascending (n,)."""

    distances: NDArray[np.float32]

    @classmethod
    def of(cls, distances: Iterable[float]) -> Reference:
        """In any order.  Raises ValueError for none."""
        ascending = np.sort(np.fromiter(distances, dtype=np.float32))
        if not len(ascending):
            raise ValueError("A reference needs the distance of at least one real ECG.")
        return cls(ascending)

    @property
    def limit(self) -> float:
        """The quantile below which an ECG is suspected of being a copy."""
        return float(np.quantile(self.distances, COPY_QUANTILE))

    def rank(self, distance: float) -> float:
        """Share of the real ECGs that are nearer to a training record than this: 0..1."""
        return float(np.searchsorted(self.distances, np.float32(distance)) / len(self.distances))

    def summary(self, nearest: Iterable[float]) -> BatchSummary:
        """Of a batch's nearest distances.  Raises ValueError for an empty batch."""
        found = np.fromiter(nearest, dtype=np.float64)
        if not len(found):
            raise ValueError("An empty batch has no summary.")
        limit = self.limit
        return BatchSummary(
            n=len(found),
            suspected=int((found < limit).sum()),
            limit=limit,
            median=float(np.median(found)),
            median_real=float(np.median(self.distances)),
            smallest=float(found.min()),
        )
