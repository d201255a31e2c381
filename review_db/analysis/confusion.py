"""Counts of verdicts by truth, and the shares that are read off them.

The signal is "this ECG is synthetic": sensitivity is the share of synthetic ECGs that were called synthetic,
the fooling rate the share that were called real. Knows no intervals.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Confusion:
    """Counts of verdicts by truth."""

    real_called_real: int
    real_called_synthetic: int
    synthetic_called_real: int
    synthetic_called_synthetic: int

    @property
    def real(self) -> int:
        """Number of ratings of real ECGs."""
        return self.real_called_real + self.real_called_synthetic

    @property
    def synthetic(self) -> int:
        """Number of ratings of synthetic ECGs."""
        return self.synthetic_called_real + self.synthetic_called_synthetic

    @property
    def total(self) -> int:
        """Number of ratings."""
        return self.real + self.synthetic

    @property
    def right(self) -> int:
        """Number of right verdicts."""
        return self.real_called_real + self.synthetic_called_synthetic


SHARES: Mapping[str, Callable[[Confusion], tuple[int, int]]] = {
    "accuracy": lambda table: (table.right, table.total),
    "sensitivity": lambda table: (table.synthetic_called_synthetic, table.synthetic),
    "specificity": lambda table: (table.real_called_real, table.real),
    "fooling_rate": lambda table: (table.synthetic_called_real, table.synthetic),
}
"""Statistics that are a count among a number of ratings."""
