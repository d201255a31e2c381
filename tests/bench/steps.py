"""Seconds per denoising step: the folded network beside its own matrix products, and beside the network as trained.

Knows: presets and precisions, all of which are measured. Does not know: samplers, files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from engine.bench import one_step
from engine.generators import DEFAULT_PRECISION, PRECISIONS
from engine.network import Condition, SssdNetwork
from engine.presets import PRESETS
from tests.bench.clocks import in_turns, per_second, ratio, seconds
from tests.bench.figures import Figure
from tests.bench.products import all_products, operations


def beside_products(preset: str, rounds: int) -> Iterator[Figure]:
    """A step in each precision, and the matrix products of one alone, batch 1."""
    config = PRESETS[preset]
    network = SssdNetwork(config).eval()
    ways: dict[str, Callable[[], None]] = {}
    for precision in PRECISIONS:
        ways[f"step, {precision}"] = one_step(network, 1, precision)
        ways[f"products, {precision}"] = all_products(config, precision)
    laps = in_turns(ways, rounds)
    for precision in PRECISIONS:
        step, products, what = laps[f"step, {precision}"], laps[f"products, {precision}"], f"`{preset}`, {precision}"
        yield seconds(f"step, {precision}", step, f"{what}: one step")
        yield seconds(f"products, {precision}", products)
        giga = operations(config) / 1e9
        yield per_second(f"rate of products, {precision}", giga, products, unit="GFLOP/s")
        words = f"{what}: step / its matrix products alone" if precision == DEFAULT_PRECISION else ""
        yield ratio(f"step / products, {precision}", step, products, words)
    default = laps[f"step, {DEFAULT_PRECISION}"]
    for precision in PRECISIONS[1:]:
        yield ratio(f"step, {DEFAULT_PRECISION} / {precision}", default, laps[f"step, {precision}"])


def beside_plain(preset: str, rounds: int) -> Iterator[Figure]:
    """The network as it is trained: with kernels computed once, and in every step as the public code does."""
    network = SssdNetwork(PRESETS[preset]).eval()
    with torch.no_grad():
        kernels = network.kernels(network.config.length)
    laps = in_turns(
        {
            "folded": one_step(network, 1),
            "plain, kernels kept": plain_step(network, kernels, 1),
            "plain, kernels anew": plain_step(network, None, 1),
        },
        rounds,
    )
    for name, taken in laps.items():
        yield seconds(name, taken)
    for way in ("kept", "anew"):
        words = f"`{preset}`: network as trained, kernels {way}, / folded"
        yield ratio(f"plain, kernels {way} / folded", laps[f"plain, kernels {way}"], laps["folded"], words)


def plain_step(network: SssdNetwork, kernels: list[torch.Tensor] | None, batch: int) -> Callable[[], None]:
    """A step of the network as trained, on its device; it returns when the step is done."""
    config, device = network.config, next(network.parameters()).device
    condition = Condition.left_open(config, device)
    x, at = torch.randn(batch, config.leads, config.length, device=device), torch.zeros(batch, device=device)

    @torch.no_grad()
    def step() -> None:
        network(x, at, condition, kernels)
        if device.type == "cuda":
            torch.cuda.synchronize()

    return step
