"""How fast a network denoises on this computer.

Knows: clocks and memory.  Does not know: what is fast enough.
"""

from __future__ import annotations

import platform
import resource
import statistics
import time
from dataclasses import dataclass

import torch

from engine.drawing import choose_device
from engine.folded import FoldedNetwork
from engine.hardware import device_name, processor
from engine.network import Condition, SssdNetwork
from engine.presets import PRESETS


@dataclass(frozen=True)
class BenchResult:
    """One measurement, with what it was made on."""

    preset: str
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


def bench(preset: str, batch: int = 1, steps: int = 10, device: str = "cpu") -> BenchResult:
    """Median seconds per denoising step of the folded network.  Raises ValueError for an unknown preset."""
    if preset not in PRESETS:
        raise ValueError(f"there is no preset {preset!r}; there are {', '.join(PRESETS)}")
    where = choose_device(device)
    began = time.perf_counter()
    network = SssdNetwork(PRESETS[preset]).eval().to(where)
    config = network.config
    estimate = FoldedNetwork(network, config.length).under(Condition.left_open(config, where))
    loaded = time.perf_counter() - began
    x, step = torch.randn(batch, config.leads, config.length, device=where), torch.zeros(batch, device=where)
    timings = [_seconds(estimate, x, step) for _ in range(steps + 1)][1:]  # the first one warms up
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return BenchResult(
        preset, batch, statistics.median(timings), min(timings), loaded, rss, steps, device_name(where),
        processor(), torch.get_num_threads(), torch.__version__, platform.python_version(),
    )  # fmt: skip


def _seconds(estimate, x: torch.Tensor, step: torch.Tensor) -> float:  # noqa: ANN001
    began = time.perf_counter()
    estimate(x, step)
    if x.device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - began
