"""Drawing on a GPU, through the generator's own door, with batches as it chooses them.

Knows: presets and precisions. Does not know: what the generator does on a GPU. Written for any device, so that a test
can run it on a processor; the benchmark asks for `cuda`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from engine.bench import one_step
from engine.drawing import DiffusionGenerator
from engine.generators import PRECISIONS, Drawn, DrawRequest
from engine.network import SssdNetwork
from engine.presets import PRESETS
from tests.bench.clocks import in_turns, lap, ratio, seconds
from tests.bench.figures import Figure, Spread
from tests.bench.loading import MB, make_checkpoint
from tests.bench.missing import NotMeasured
from tests.bench.steps import plain_step


def require_gpu() -> None:
    """Raises NotMeasured."""
    if not torch.cuda.is_available():
        raise NotMeasured("there is no GPU that torch can use")


def on_a_gpu(preset: str, request: DrawRequest, repeats: int) -> Iterator[Figure]:
    """What `drawn` measures. Raises NotMeasured without a GPU."""
    require_gpu()
    yield from drawn(preset, request, repeats, "cuda")
    yield Figure("memory", "MB", Spread.one(torch.cuda.max_memory_allocated() / MB))


def beside_plain_on_a_gpu(preset: str, batch: int, rounds: int) -> Iterator[Figure]:
    """What `beside_plain` measures. Raises NotMeasured without a GPU."""
    require_gpu()
    yield from beside_plain(preset, batch, rounds, "cuda")


def drawn(preset: str, request: DrawRequest, repeats: int, device: str) -> Iterator[Figure]:
    """All ECGs of a request, in each precision, once to warm up and then `repeats` times."""
    with TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "untrained.safetensors"
        make_checkpoint(checkpoint, preset)
        for precision in PRECISIONS:
            generator = DiffusionGenerator.load(checkpoint, device, precision)
            all_of(generator, DrawRequest(request.labels, count=2, sampler=request.sampler, steps=request.steps))
            laps = [lap(lambda: all_of(generator, request)) for _ in range(repeats)]  # noqa: B023 (called at once)
            words = f"`{preset}`, {precision}, GPU: {request.count:,} ECGs, {request.sampler}, {request.steps} steps"
            yield seconds(f"{request.count} ECGs, {precision}", laps, words)


def all_of(generator: DiffusionGenerator, request: DrawRequest) -> None:
    """Raises RuntimeError where they are not all there."""
    for event in generator.draw(request):
        if isinstance(event, Drawn) and len(event.ecgs) == request.count:
            return
    raise RuntimeError(f"{request.count} ECGs were asked for and did not come")


def beside_plain(preset: str, batch: int, rounds: int, device: str) -> Iterator[Figure]:
    """A step of the network as trained, kernels computed once, float32, beside folded ones."""
    network = SssdNetwork(PRESETS[preset]).eval().to(device)
    with torch.no_grad():
        kernels = network.kernels(network.config.length)
    ways = {"plain": plain_step(network, kernels, batch)}
    laps = in_turns(ways | {name: one_step(network, batch, name) for name in PRECISIONS}, rounds)
    yield seconds("plain", laps["plain"])
    for precision in PRECISIONS:
        yield seconds(precision, laps[precision], f"`{preset}`, {precision}, GPU: one step of {batch} ECGs")
        words = f"`{preset}`, GPU: network as trained / folded, {precision}"
        yield ratio(f"plain / {precision}", laps["plain"], laps[precision], words)
