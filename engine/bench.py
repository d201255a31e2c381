"""How fast a network denoises on this computer.

Knows: clocks and memory.  Does not know: what is fast enough.
"""

from __future__ import annotations

import platform
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from engine.drawing import choose_device
from engine.folded import FoldedNetwork
from engine.generators import DEFAULT_PRECISION, PRECISIONS
from engine.hardware import device_name, processor
from engine.network import Condition, SssdNetwork
from engine.presets import PRESETS


@dataclass(frozen=True)
class BenchResult:
    """One measurement, with what it was made on."""

    preset: str
    precision: str
    batch: int
    seconds_per_step: float  # median
    seconds_per_step_best: float
    load_seconds: float  # building the network and folding it, kernels included
    peak_rss_mb: float  # of the process, torch included
    steps: int
    device: str
    processor: str
    threads: int
    torch: str
    python: str


def bench(
    preset: str, batch: int = 1, steps: int = 10, device: str = "cpu", precision: str = DEFAULT_PRECISION
) -> BenchResult:
    """Median seconds per denoising step of the folded network.  Raises ValueError for unknown names."""
    for name, known, kind in ((preset, PRESETS, "preset"), (precision, PRECISIONS, "precision")):
        if name not in known:
            raise ValueError(f"there is no {kind} {name!r}; there are {', '.join(known)}")
    where = choose_device(device)
    began = time.perf_counter()
    step = one_step(SssdNetwork(PRESETS[preset]).eval().to(where), batch, precision)
    loaded = time.perf_counter() - began
    timings = [_seconds(step) for _ in range(steps + 1)][1:]  # the first one warms up
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return BenchResult(
        preset, precision, batch, statistics.median(timings), min(timings), loaded, rss, steps, device_name(where),
        processor(), torch.get_num_threads(), torch.__version__, platform.python_version(),
    )  # fmt: skip


def one_step(network: SssdNetwork, batch: int, precision: str = DEFAULT_PRECISION) -> Callable[[], None]:
    """A denoising step of the folded network on noise, on the network's device; it returns when the step is done."""
    config, device = network.config, next(network.parameters()).device
    estimate = FoldedNetwork(network, config.length, precision).under(Condition.left_open(config, device))
    x, at = torch.randn(batch, config.leads, config.length, device=device), torch.zeros(batch, device=device)

    def step() -> None:
        estimate(x, at)
        if device.type == "cuda":
            torch.cuda.synchronize()

    return step


def _seconds(step: Callable[[], None]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began
