"""Who draws the shards of an order, by name.

Knows: the registry. Does not know: how any of them works. A backend draws and stores every shard it is given and
yields how many ECGs are drawn so far; what a shard holds does not depend on the backend.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence

from engine.production.press import Commission, Press, one_thread
from engine.production.processes import devices_for, draw_in_processes

Backend = Callable[[Commission, Sequence[int], int], Iterator[int]]  # commission, numbers of shards, workers


def draw_here(commission: Commission, shards: Sequence[int], workers: int) -> Iterator[int]:
    """In this process, one shard after another, whatever `workers` says."""
    with one_thread():
        press = Press.open(commission)
        stored = 0
        for number in shards:
            drawn = 0
            for drawn in press.make(number):
                yield stored + drawn
            stored += drawn


BACKENDS: Mapping[str, Backend] = {"local": draw_in_processes, "here": draw_here}
DEFAULT_BACKEND = "local"


def workers_for(device: str) -> int:
    """As many as there are GPUs, or else cores for this process."""
    devices = devices_for(device)
    return len(devices) if devices[0].startswith("cuda:") else len(os.sched_getaffinity(0))
