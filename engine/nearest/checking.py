"""The answer to "is it a copy?" for a batch of ECGs.

Knows: an index and its reference.  Does not know: files, who asks; the answer is plain values, for JSON too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.ecg import Ecg
from engine.nearest.index import Neighbour, TrainingIndex
from engine.nearest.reference import BatchSummary, Reference


@dataclass(frozen=True)
class Finding:
    """One ECG: its nearest training records, nearest first; rank: share of real ECGs that are nearer to one."""

    neighbours: tuple[Neighbour, ...]
    rank: float


@dataclass(frozen=True)
class CopyReport:
    """Findings in the order of the ECGs, and what they say together."""

    findings: tuple[Finding, ...]
    summary: BatchSummary
    training_records: int
    reference_records: int

    def asdict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def fromdict(cls, values: dict[str, Any]) -> CopyReport:
        """Inverse of `asdict`, also after JSON."""
        findings = tuple(
            Finding(tuple(Neighbour(**near) for near in one["neighbours"]), one["rank"]) for one in values["findings"]
        )
        return cls(**{**values, "findings": findings, "summary": BatchSummary(**values["summary"])})


@dataclass(frozen=True, eq=False)
class CopyCheck:
    """Training records, and the nearest distances of real ECGs that were not trained on."""

    index: TrainingIndex
    reference: Reference

    def check(self, ecgs: Sequence[Ecg], k: int = 3) -> CopyReport:
        """Raises ComparisonError for an ECG that can't be compared, ValueError for none."""
        near = self.index.nearest(ecgs, k)
        smallest = [of_one[0].distance for of_one in near]
        findings = tuple(
            Finding(of_one, self.reference.rank(distance)) for of_one, distance in zip(near, smallest, strict=True)
        )
        sizes = len(self.index), len(self.reference.distances)
        return CopyReport(findings, self.reference.summary(smallest), *sizes)
