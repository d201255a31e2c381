"""Clocks: the time of the wall beside that of the processors, and things measured in turns.

Knows: time. Does not know: what is measured. A ratio on a machine that does other things too is only worth
something where both sides met the same weather: so they are measured A B A B, and compared pair by pair.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import Figure, Spread

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Lap:
    """One measurement, in s; cpu: of all threads of the process."""

    wall: float
    cpu: float


def lap(work: Callable[[], object]) -> Lap:
    """Do it once."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Lap(time.perf_counter() - wall, time.process_time() - cpu)


def in_turns(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[Lap]]:
    """A B A B ..., after one call of each that does not count."""
    for work in ways.values():
        work()
    laps: dict[str, list[Lap]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            laps[name].append(lap(work))
    return laps


def seconds(name: str, laps: Sequence[Lap], words: str = "") -> Figure:
    """How long it took."""
    cpu = statistics.median(one.cpu for one in laps)
    return Figure(name, "s", Spread.of([one.wall for one in laps]), words, cpu)


def per_second(name: str, count: float, laps: Sequence[Lap], words: str = "", unit: str = "1/s") -> Figure:
    """How many of the `count` things of a lap were done in a second."""
    return Figure(name, unit, Spread.of([count / one.wall for one in laps]), words)


def ratio(name: str, above: Sequence[Lap], below: Sequence[Lap], words: str = "") -> Figure:
    """How many times as long, pair by pair."""
    return Figure(name, "x", Spread.of([a.wall / b.wall for a, b in zip(above, below, strict=True)]), words)


def cpu_seconds(process: int) -> float:
    """Processor time that a process has had so far, as Linux counts it; 0 elsewhere."""
    try:
        return sum(int(ticks) for ticks in _stat(process)[11:13]) / TICKS  # utime and stime, proc(5)
    except OSError:
        return 0.0


def children_cpu_seconds() -> float:
    """Processor time of this process's living children so far; 0 where there is no /proc."""
    numbers = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
    return sum(cpu_seconds(number) for number in numbers if _parent(number) == os.getpid())


def _parent(process: int) -> int | None:
    try:
        return int(_stat(process)[1])
    except OSError:  # it has ended meanwhile
        return None


def _stat(process: int) -> list[str]:
    """What follows the program's name."""
    return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
