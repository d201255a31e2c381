"""A run of the benchmark: what came out of each part, on which machine, of which version, when.

Knows: the JSON of a run. Does not know: how anything is measured, tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.figures import Figure

QUIET = 0.1  # more than this share of the processors at work for somebody else is said aloud


@dataclass(frozen=True)
class PartRun:
    """What came out of one part. missing: why something, or all, of it was not measured, in words."""

    figures: tuple[Figure, ...]
    seconds: float  # that it took, all in all
    missing: str | None = None
    busy_before: float | None = None  # share of the processors that others kept busy just before it began

    @property
    def was_disturbed(self) -> bool:
        """Whether the machine had other things to do."""
        return self.busy_before is not None and self.busy_before > QUIET

    def asdict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        figures = [figure.asdict() for figure in self.figures]
        return {**asdict(self), "figures": figures, "seconds": round(self.seconds, 1)}

    @classmethod
    def fromdict(cls, values: Mapping[str, Any]) -> PartRun:
        """Inverse of `asdict`."""
        return cls(**{**values, "figures": tuple(map(Figure.fromdict, values["figures"]))})


@dataclass(frozen=True)
class Run:
    """All parts that were asked for."""

    date: str  # UTC, ISO 8601
    commit: str | None
    machine: Mapping[str, Any]
    load_average: tuple[float, ...]  # at the start, over 1, 5 and 15 minutes; empty where the system does not tell
    parts: Mapping[str, PartRun]

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each part that shared the machine."""
        return tuple(
            f"Before {name} others kept {part.busy_before:.0%} of the processors busy: its times are too long."
            for name, part in self.parts.items()
            if part.was_disturbed and part.figures
        )

    def asdict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        parts = {name: part.asdict() for name, part in self.parts.items()}
        return {**asdict(self), "load_average": list(self.load_average), "parts": parts, "warnings": [*self.warnings]}

    @classmethod
    def fromdict(cls, values: Mapping[str, Any]) -> Run:
        """Inverse of `asdict`."""
        given = {name: value for name, value in values.items() if name != "warnings"}
        parts = {name: PartRun.fromdict(part) for name, part in values["parts"].items()}
        return cls(**{**given, "load_average": tuple(values["load_average"]), "parts": parts})
