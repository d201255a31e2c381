"""A press: what a worker keeps at hand to draw one shard after another. Imports torch when it is opened.

Knows: the order in a folder, its generator, how a shard is drawn batch by batch and stored. Does not know: which shards
are wanted, or who else draws. A press works on one thread, so that a process per core makes full use of a processor.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from engine.generators import Drawn, DrawRequest
from engine.production.manifest import order_in, put_shard
from engine.production.order import OrderError
from engine.production.packing import PACKINGS
from engine.production.planning import Plan, Shard
from engine.production.store import Store

if TYPE_CHECKING:
    import torch

PACKAGES = ("torch", "numpy", "pyarrow", "wfdb")


@dataclass(frozen=True)
class Commission:
    """What any worker anywhere is told: the folder or object store that holds the order, and what to draw it with."""

    url: str
    checkpoint: Path | None  # file; None for a simulator
    device: str = "auto"  # auto, cpu, cuda or cuda:1


class DrawsEach(Protocol):
    """A generator that draws ECGs of different labels in one batch."""

    def draw_each(self, requests: Sequence[DrawRequest]) -> Drawn:
        """The first ECG of each request."""
        ...


@dataclass(frozen=True)
class Press:
    """Opened once per worker."""

    store: Store
    plan: Plan
    generator: DrawsEach
    versions: Mapping[str, str]

    @classmethod
    def open(cls, commission: Commission) -> Press:
        """Load the checkpoint and read the order. Raises OrderError, CheckpointError, RequestError or StoreError."""
        from engine.drawing import choose_device, make_generator

        store = Store(commission.url)
        order = order_in(store)
        if order is None:
            raise OrderError(f"{commission.url} holds no order.")
        generator = make_generator(order.generator, commission.checkpoint, commission.device, order.precision)
        if getattr(generator, "digest", None) != order.checkpoint:
            raise OrderError(f"{commission.checkpoint} is not the checkpoint that the order names.")
        return cls(store, Plan(order), generator, versions(choose_device(commission.device)))

    def make(self, number: int) -> Iterator[int]:
        """Draw a shard and store it; yields after every batch how many of its ECGs are drawn."""
        shard, order = self.plan[number], self.plan.order
        drawn: list[Drawn] = []
        for batch in shard.batches(order.batch_size):
            drawn.append(self.generator.draw_each(self.plan.requests(batch)))
            yield batch.stop - shard.indices.start
        self._keep(shard, drawn)

    def _keep(self, shard: Shard, drawn: Sequence[Drawn]) -> None:
        together = Drawn(
            tuple(ecg for part in drawn for ecg in part.ecgs),
            tuple(origin for part in drawn for origin in part.provenance),
        )
        order = self.plan.order
        put_shard(self.store, order, shard, PACKINGS[order.format](shard.name, together), self.versions)


def versions(device: torch.device) -> dict[str, str]:
    """Of what decides the bytes of a shard by its rounding or format: packages, instruction set or GPU."""
    import torch

    unit = torch.cuda.get_device_name(device) if device.type == "cuda" else torch.backends.cpu.get_cpu_capability()
    packages = {name: version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "machine": platform.machine(), "device": unit, **packages}


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute on one thread."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
