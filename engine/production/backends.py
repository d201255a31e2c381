"""Who draws the shards of an order, by name.

Knows: the registry. Does not know: how any of them works. A backend draws and stores every shard it is given and
yields how many ECGs are drawn so far; what a shard holds does not depend on the backend.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from engine.production.on_ray import draw_on_ray
from engine.production.press import Commission, Press, one_thread
from engine.production.processes import draw_in_processes

# commission, numbers of shards, workers; None: one per GPU or core
Backend = Callable[[Commission, Sequence[int], int | None], Iterator[int]]


def draw_here(commission: Commission, shards: Sequence[int], workers: int | None) -> Iterator[int]:
    """In this process, one shard after another, whatever `workers` says."""
    with one_thread():
        press = Press.open(commission)
        stored = 0
        for number in shards:
            drawn = 0
            for drawn in press.make(number):
                yield stored + drawn
            stored += drawn


BACKENDS: Mapping[str, Backend] = {"local": draw_in_processes, "here": draw_here, "ray": draw_on_ray}
DEFAULT_BACKEND = "local"
