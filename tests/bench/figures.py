"""Figures: what was measured, in which unit, how often, and how far apart the measurements lay.

Knows: medians and quartiles. Does not know: clocks, parts, tables.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Spread:
    """n measurements of one thing."""

    median: float
    q1: float
    q3: float
    least: float
    most: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one measurement."""
        q1, median, q3 = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
        return cls(median, q1, q3, min(values), max(values), len(values))

    @classmethod
    def one(cls, value: float, n: int = 1) -> Spread:
        """A number that all of n measurements gave together, such as their 95th percentile."""
        return cls(value, value, value, value, value, n)


@dataclass(frozen=True)
class Figure:
    """One thing measured. words: its row in the README, empty where it stays out of it.

    cpu: processor time of all threads for the same work, in the same unit; None where it was not or can't be told.
    """

    name: str
    unit: str  # "s", "ms", "x" for ratios, "1/s", "MB", ...
    spread: Spread
    words: str = ""
    cpu: float | None = None

    def asdict(self) -> dict[str, Any]:
        """Plain values, for JSON, with as many digits as anybody will ask for."""
        return {**asdict(self), "spread": _rounded(asdict(self.spread)), "cpu": self.cpu and float(f"{self.cpu:.5g}")}

    @classmethod
    def fromdict(cls, values: Mapping[str, Any]) -> Figure:
        """Inverse of `asdict`."""
        return cls(**{**values, "spread": Spread(**values["spread"])})


def _rounded(spread: Mapping[str, float]) -> dict[str, float]:
    return {name: value if name == "n" else float(f"{value:.5g}") for name, value in spread.items()}
