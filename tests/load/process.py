"""What a process of Linux has used so far: processor time and memory. proc(5).

Knows: /proc. Does not know: what the process does.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """At one moment. at: monotonic seconds; cpu: s of processor time; resident: kB; files: open descriptors."""

    at: float
    cpu: float
    resident: int
    threads: int
    files: int


def usage(process: int) -> Usage:
    """Of a process by its number. Raises OSError if it is gone or this is not Linux."""
    folder = Path(f"/proc/{process}")
    fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    lines = (line.split() for line in (folder / "status").read_text(encoding="utf-8").splitlines())
    status = {words[0]: words[1] for words in lines if len(words) > 1}
    cpu = (int(fields[11]) + int(fields[12])) / TICKS  # utime and stime
    files = len(os.listdir(folder / "fd"))
    return Usage(time.perf_counter(), cpu, int(status["VmRSS:"]), int(status["Threads:"]), files)


@dataclass
class Watch:
    """Looks at a process every so many seconds until it is told to stop."""

    process: int
    every: float = 5.0
    seen: list[Usage] = field(default_factory=list)

    async def go_on(self) -> None:
        """Until it is cancelled."""
        while True:
            self.seen.append(usage(self.process))
            await asyncio.sleep(self.every)
