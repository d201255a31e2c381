"""The matrix products of one denoising step and nothing else: what a step can't be quicker than on this processor.

Knows: the products' shapes, and oneDNN's call for packed weights, which the folded network makes too. Does not know:
transforms, LayerNorm, gates. Every layer has weights of its own, as in the network, so that they come from memory as
they do there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.nn import functional

from engine.network import NetworkConfig

Shape = tuple[int, int]  # inputs and outputs of a product over all samples of an ECG


def shapes(config: NetworkConfig) -> Iterator[Shape]:
    """Of all products in the order of a step; products of one row, such as that of the step embedding, left out."""
    narrow, wide = config.channels, 2 * config.channels
    yield config.leads, narrow
    for _ in range(config.layers):
        yield 3 * narrow, wide  # a convolution of width 3
        yield wide, wide  # the outputs of both S4 layers
        yield wide, wide
        yield narrow, narrow + config.skip_channels
    yield config.skip_channels, config.skip_channels
    yield config.skip_channels, config.leads


def operations(config: NetworkConfig, batch: int = 1) -> float:
    """Multiplications and additions of all products."""
    return float(sum(2 * batch * config.length * inputs * outputs for inputs, outputs in shapes(config)))


def all_products(config: NetworkConfig, precision: str, batch: int = 1) -> Callable[[], None]:
    """One after the other, as a function to be timed."""
    kind = getattr(torch, precision)
    inputs = {width: torch.randn(batch, config.length, width, dtype=kind) for width, _ in shapes(config)}
    products = [(inputs[width], _product(torch.randn(outputs, width, dtype=kind))) for width, outputs in shapes(config)]

    @torch.no_grad()
    def work() -> None:
        for x, product in products:
            product(x)

    return work


def _product(weight: Tensor) -> Callable[[Tensor], Tensor]:
    bias = torch.zeros(len(weight), dtype=weight.dtype)
    if not torch.backends.mkldnn.is_available():
        return lambda x: functional.linear(x, weight, bias)
    packed, product = torch.ops.mkldnn._reorder_linear_weight(weight), torch.ops.mkldnn._linear_pointwise
    return lambda x: product(x, packed, bias, "none", [], "")
