"""The machine of a run: what it is, which version of the program it runs, and how busy it is with other things.

Knows: Linux's counters. Does not know: what is measured. Elsewhere what can't be told is None.
"""

from __future__ import annotations

import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LOOK_SECONDS = 0.5


def machine() -> dict[str, Any]:
    """Names and versions, plain values for JSON."""
    import torch

    from engine.hardware import device_name, processor

    gpu = device_name(torch.device("cuda")) if torch.cuda.is_available() else None
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    return {
        "processor": processor(), "memory_gb": round(memory, 1), "gpu": gpu, "threads": torch.get_num_threads(),
        "torch": torch.__version__, "python": platform.python_version(), "system": platform.system(),
    }  # fmt: skip


def commit(folder: Path = ROOT) -> str | None:
    """Short hash of the version, with `-dirty` where files differ from it; None where git can't tell."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def busy_share(look: float = LOOK_SECONDS) -> float | None:
    """Share of the processors' time, 0 to 1, that goes to anything at all while we wait."""
    before = _ticks()
    time.sleep(look)
    after = _ticks()
    if before is None or after is None or after[1] == before[1]:
        return None
    return (after[0] - before[0]) / (after[1] - before[1])


def _ticks() -> tuple[int, int] | None:
    """Busy and all ticks of all processors so far; another guest's ("steal") are busy ones."""
    try:
        line = Path("/proc/stat").read_text(encoding="utf-8").partition("\n")[0]
    except OSError:
        return None
    user, nice, system, idle, waiting, *interrupts_and_steal = map(int, line.split()[1:9])  # guests are in user
    busy = user + nice + system + sum(interrupts_and_steal)
    return busy, busy + idle + waiting
