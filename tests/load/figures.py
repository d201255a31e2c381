"""The figures of a load test: times of the server, what it used, what it kept.

Knows: how they are computed. Does not know: how they came about.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.load.browser import Run
from tests.load.process import Usage
from tests.load.reader import Sitting
from tests.load.study import Kept

MOST_TROUBLES = 10  # that are told in words
MOMENTS = 11


@dataclass(frozen=True)
class Seen:
    """Looks at the readers' process and at each server, the first before and the last after all runs."""

    client: tuple[Usage, ...]
    servers: tuple[tuple[Usage, ...], ...]


@dataclass(frozen=True)
class Times:
    """Of the server, in ms: from a click to the end of the run that it started."""

    runs: int
    median: float
    p95: float
    p99: float
    largest: float


@dataclass(frozen=True)
class Used:
    """By all servers and by the readers. cpu: ms of processor time per run and per answer; cores: kept busy on average.

    resident: MB of the first server, at MOMENTS spread evenly from the start to the end.
    """

    cpu_per_run: float
    cpu_per_answer: float
    server_cores: tuple[float, ...]
    reader_cores: float
    resident: tuple[float, ...]
    threads: int
    files: int


@dataclass(frozen=True)
class Load:
    """What was measured: of every run, of those of the whole page, of those of one question."""

    readers: int
    seconds: float
    runs_per_second: float
    answers_per_second: float
    every: Times
    whole: Times
    part: Times
    used: Used
    kept: Kept
    kilobytes_per_answer: float
    troubled: int
    troubles: tuple[str, ...]


def load(sittings: Mapping[str, Sitting], seen: Seen, kept: Kept) -> Load:
    """Put together."""
    runs = [run for sitting in sittings.values() for run in sitting.runs]
    troubles = [words for sitting in sittings.values() for words in sitting.trouble]
    seconds = seen.client[-1].at - seen.client[0].at
    return Load(
        readers=len(sittings),
        seconds=round(seconds, 1),
        runs_per_second=round(len(runs) / seconds, 1),
        answers_per_second=round(kept.acknowledged / seconds, 1),
        every=times(runs),
        whole=times([run for run in runs if run.is_whole]),
        part=times([run for run in runs if not run.is_whole]),
        used=_used(seen, len(runs), kept.acknowledged),
        kept=kept,
        kilobytes_per_answer=round(sum(run.bytes for run in runs) / 1000 / max(kept.acknowledged, 1), 1),
        troubled=len(troubles),
        troubles=tuple(troubles[:MOST_TROUBLES]),
    )


def times(runs: Sequence[Run]) -> Times:
    """Of these runs; zeros if there are fewer than two."""
    if len(runs) < 2:
        return Times(len(runs), 0.0, 0.0, 0.0, 0.0)
    taken = [1000 * run.seconds for run in runs]
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return Times(len(runs), *(round(value, 1) for value in (cuts[49], cuts[94], cuts[98], max(taken))))


def _used(seen: Seen, runs: int, answers: int) -> Used:
    cpu = sum(looks[-1].cpu - looks[0].cpu for looks in seen.servers)
    first = seen.servers[0]
    looks = (first[at * (len(first) - 1) // (MOMENTS - 1)] for at in range(MOMENTS))
    return Used(
        cpu_per_run=round(1000 * cpu / max(runs, 1), 2),
        cpu_per_answer=round(1000 * cpu / max(answers, 1), 2),
        server_cores=tuple(map(_cores, seen.servers)),
        reader_cores=_cores(seen.client),
        resident=tuple(round(look.resident * 1.024 / 1000, 1) for look in looks),
        threads=max(look.threads for looks in seen.servers for look in looks),
        files=max(look.files for looks in seen.servers for look in looks),
    )


def _cores(looks: Sequence[Usage]) -> float:
    return round((looks[-1].cpu - looks[0].cpu) / (looks[-1].at - looks[0].at), 3)


def growth(seen: Sequence[tuple[int, float]]) -> float:
    """kB per run by which memory grows in the second half of (runs so far, MB), by least squares."""
    runs, megabytes = zip(*seen[len(seen) // 2 :], strict=True)
    return round(1000 * statistics.linear_regression(runs, megabytes).slope, 3)


def table(found: object) -> str:
    """A line for each figure of a dataclass and of those within it."""
    rows = list(_rows(asdict(found)))  # type: ignore[call-overload]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def _rows(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _rows(value, f"{name}.")
        else:
            yield before + name, str(value)
