"""The network folded for inference: the same function, with everything that does not change computed once.

Knows: `SssdNetwork`'s arithmetic.  Does not know: samplers, files.  Folded are: weight norm; the kernels' spectra; the
label and sex projections; sqrt(1/2) and sqrt(1/layers) into weights; the residual and skip products into one; linear
weights packed for the processor's matrix library.  Equal to the plain network to float tolerance, which a test proves
over random sizes.  The plain network is not kept: whoever lets go of it has its memory back.

In bfloat16 the matrix products, and what flows between them, have 8 bits of mantissa; transforms, LayerNorm, the
residual stream and the sum of skips are computed in float32 all the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.convolution import Filter, make_filter
from engine.denoiser import Estimate, guided
from engine.generators import DEFAULT_PRECISION
from engine.network import (
    Condition,
    ResidualBlock,
    SssdNetwork,
    WeightNormConv,
    condition_vectors,
    embed_step,
    joined,
    shifted,
)
from engine.s4 import KernelBank, S4Layer

Linear = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class FoldedS4:
    """An S4 layer at one length: convolution with its kernel and D, output product, LayerNorm."""

    convolve: Filter
    output: Linear
    gain: Tensor
    offset: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """(B, L, H) -> (B, L, H)."""
        mixed = self.output(functional.gelu(self.convolve(x))).add_(x)
        return functional.layer_norm(mixed, self.gain.shape, self.gain, self.offset)


@dataclass(frozen=True)
class FoldedBlock:
    """A residual block."""

    step: nn.Linear
    conditions: nn.ModuleDict
    conv: Linear
    s4_before: FoldedS4
    s4_after: FoldedS4 | None  # the last S4 layer doubles its first half, for the gate
    outlets: Linear  # (residual scaled by sqrt(1/2), skip)
    precision: torch.dtype

    def projected(self, vectors: Mapping[str, Tensor]) -> Tensor | None:
        """Sum of the conditions' projections (rows, 2C)."""
        if self.s4_after is None:
            return None
        return torch.stack([layer(vectors[name]) for name, layer in self.conditions.items()]).sum(0).to(self.precision)

    def __call__(self, x: Tensor, step: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor]:
        """x (B, L, C), step embedding (B, step_dim), condition as projected -> next x and skip contribution."""
        h = self.s4_before(self.conv(shifted((x + self.step(step)[:, None]).to(self.precision), 3)))
        if self.s4_after is not None and condition is not None:
            h.unflatten(0, (len(condition), -1)).add_(condition[:, None, None])
            h = self.s4_after(h)
        filtered, gate = h.sigmoid_().chunk(2, -1)
        both = self.outlets(torch.addcmul(gate.neg(), filtered, gate, value=2))  # tanh(x) = 2 sigmoid(2x) - 1
        channels = x.shape[-1]
        return torch.add(both[..., :channels], x, alpha=math.sqrt(0.5)), both[..., channels:]


class FoldedNetwork:
    """A network folded for one length, device and precision; `under` adds a condition and gives what samplers call."""

    @torch.no_grad()
    def __init__(self, network: SssdNetwork, length: int, precision: str = DEFAULT_PRECISION) -> None:
        config, of_products = network.config, getattr(torch, precision)
        kernels = iter(KernelBank(network.s4_layers(), length))  # a few at a time: all of the full network's: 0.3 GB
        self._config, self._embeddings, self._device = config, network.embeddings, network.outlet.weight.device
        self._embed_step = partial(embed_step, inlet=network.step_in, outlet=network.step_out)
        self._blocks = [_fold_block(block, next(kernels), next(kernels), of_products) for block in network.blocks]
        hidden = network.outlet_hidden
        self._inlet = _packed(_taps(network.inlet), network.inlet.bias)
        self._hidden = _packed(_taps(hidden) * math.sqrt(1 / config.layers), hidden.bias)
        self._outlet = _packed(network.outlet.weight, network.outlet.bias)

    @torch.no_grad()
    def under(self, condition: Condition) -> Estimate:
        """The noise (or velocity) estimate x (B, leads, L), steps (B,) -> (B, leads, L) for one condition.

        Of R rows of a condition, each serves B / R records that follow each other.
        """
        vectors = condition_vectors(self._embeddings, condition)
        blocks = [(block, block.projected(vectors)) for block in self._blocks]

        @torch.no_grad()
        def estimate(x: Tensor, steps: Tensor) -> Tensor:
            h = functional.relu(self._inlet(x.mT.contiguous()))
            embedded = self._embed_step(steps)
            total = x.new_zeros(len(x), x.shape[-1], self._config.skip_channels)
            for block, projected in blocks:
                h, skip = block(h, embedded, projected)
                total += skip
            return self._outlet(functional.relu(self._hidden(total))).mT

        return estimate

    def guided(self, condition: Condition, weight: float) -> Estimate:
        """The same with classifier-free guidance: both estimates in one batch."""
        left_open = Condition.left_open(self._config, self._device)
        return guided(self.under(joined([condition, *[left_open] * condition.rows])), weight)


def _fold_block(block: ResidualBlock, before: Tensor, after: Tensor, precision: torch.dtype) -> FoldedBlock:
    product = partial(_packed, precision=precision)
    layers = [_fold_s4(block.s4_before, before, product)]
    if block.conditions:  # without conditions the second S4 layer is not run
        layers.append(_fold_s4(block.s4_after, after, product))
    layers[-1] = _doubling(layers[-1])
    return FoldedBlock(
        block.step, block.conditions, product(_taps(block.conv), block.conv.bias), layers[0],
        layers[1] if block.conditions else None, product(*_outlets(block)), precision,
    )  # fmt: skip


def _fold_s4(layer: S4Layer, kernel: Tensor, product: Callable[..., Linear]) -> FoldedS4:
    output = product(layer.output.weight, layer.output.bias)
    return FoldedS4(make_filter(kernel), output, layer.norm.weight, layer.norm.bias)


def _doubling(s4: FoldedS4) -> FoldedS4:
    """The same layer with the first half of its output doubled."""
    factor = torch.ones_like(s4.gain)
    factor[: len(factor) // 2] = 2
    return replace(s4, gain=s4.gain * factor, offset=s4.offset * factor)


def _taps(conv: WeightNormConv) -> Tensor:
    """Convolution weight (outputs, width inputs) for `shifted` input."""
    return conv.weight().mT.flatten(1)


def _outlets(block: ResidualBlock) -> tuple[Tensor, Tensor]:
    """Weight and bias of both products in one."""
    root = math.sqrt(0.5)
    weight = torch.cat([_taps(block.residual) * root, _taps(block.skip)])
    return weight, torch.cat([block.residual.bias * root, block.skip.bias])


def _packed(weight: Tensor, bias: Tensor, precision: torch.dtype = torch.float32) -> Linear:
    """x -> x weight^T + bias, the weight laid out as oneDNN wants it where that is the processor's library."""
    weight, bias = weight.detach().to(precision).contiguous(), bias.detach().to(precision)
    if weight.device.type != "cpu" or not torch.backends.mkldnn.is_available():
        return lambda x: functional.linear(x, weight, bias)
    packed, product = torch.ops.mkldnn._reorder_linear_weight(weight), torch.ops.mkldnn._linear_pointwise
    return lambda x: product(x, packed, bias, "none", [], "")
