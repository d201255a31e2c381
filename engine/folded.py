"""The network folded for inference: the same function, with everything that does not change computed once.

Knows: `SssdNetwork`'s arithmetic.  Does not know: samplers, files.  Folded are: weight norm; the kernels' spectra; the
label and sex projections; sqrt(1/2) and sqrt(1/layers) into weights; the residual and skip products into one; linear
weights packed for the processor's matrix library.  Equal to the plain network to float tolerance, which a test proves
over random sizes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

from engine.convolution import Filter, make_filter
from engine.denoiser import Estimate
from engine.network import Condition, ResidualBlock, SssdNetwork, shifted
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
    """A residual block under one condition."""

    step: torch.nn.Linear
    conv: Linear
    s4_before: FoldedS4
    condition: Tensor | None  # (B or 1, 1, 2C): sum of the conditions' projections
    s4_after: FoldedS4 | None  # the last S4 layer doubles its first half, for the gate
    outlets: Linear  # (residual scaled by sqrt(1/2), skip)

    def __call__(self, x: Tensor, step: Tensor) -> tuple[Tensor, Tensor]:
        """x (B, L, C), step embedding (B, step_dim) -> next x and skip contribution."""
        h = self.s4_before(self.conv(shifted(x + self.step(step)[:, None], 3)))
        if self.s4_after is not None:
            h = self.s4_after(h.add_(self.condition))
        filtered, gate = h.sigmoid_().chunk(2, -1)
        both = self.outlets(torch.addcmul(gate.neg(), filtered, gate, value=2))  # tanh(x) = 2 sigmoid(2x) - 1
        channels = x.shape[-1]
        return torch.add(both[..., :channels], x, alpha=math.sqrt(0.5)), both[..., channels:]


class FoldedNetwork:
    """A network folded for one length, device and type; `under` adds a condition and gives what samplers call."""

    @torch.no_grad()
    def __init__(self, network: SssdNetwork, length: int) -> None:
        self._network, self._length = network, length
        kernels = KernelBank(network.s4_layers(), length)  # a few at a time: all of the full network's take 0.3 GB
        self._s4 = [_fold_s4(layer, kernel) for layer, kernel in zip(network.s4_layers(), kernels, strict=True)]
        self._s4[_last_s4(network) :: 2] = [_doubling(s4) for s4 in self._s4[_last_s4(network) :: 2]]
        self._convs = [_packed(_taps(block.conv), block.conv.bias) for block in network.blocks]
        self._outlets = [_fold_outlets(block) for block in network.blocks]
        hidden = network.outlet_hidden
        self._inlet = _packed(_taps(network.inlet), network.inlet.bias)
        self._hidden = _packed(_taps(hidden) * math.sqrt(1 / len(network.blocks)), hidden.bias)
        self._outlet = _packed(network.outlet.weight, network.outlet.bias)

    @torch.no_grad()
    def under(self, condition: Condition) -> Estimate:
        """The noise (or velocity) estimate x (B, leads, L), steps (B,) -> (B, leads, L) for one condition."""
        vectors = self._network.condition_vectors(condition)
        blocks = [self._block(i, block, vectors) for i, block in enumerate(self._network.blocks)]

        @torch.no_grad()
        def estimate(x: Tensor, steps: Tensor) -> Tensor:
            h = functional.relu(self._inlet(x.mT.contiguous()))
            embedded = self._network.embed_step(steps)
            total = x.new_zeros(len(x), x.shape[-1], self._network.config.skip_channels)
            for block in blocks:
                h, skip = block(h, embedded)
                total += skip
            return self._outlet(functional.relu(self._hidden(total))).mT

        return estimate

    def _block(self, i: int, block: ResidualBlock, vectors: dict[str, Tensor]) -> FoldedBlock:
        projected = [layer(vectors[name])[:, None] for name, layer in block.conditions.items()]
        condition = torch.stack(projected).sum(0) if projected else None
        after = self._s4[2 * i + 1] if projected else None
        return FoldedBlock(block.step, self._convs[i], self._s4[2 * i], condition, after, self._outlets[i])


def _fold_s4(layer: S4Layer, kernel: Tensor) -> FoldedS4:
    return FoldedS4(
        make_filter(kernel), _packed(layer.output.weight, layer.output.bias), layer.norm.weight, layer.norm.bias
    )


def _last_s4(network: SssdNetwork) -> int:
    """0 or 1: which of a block's two S4 layers comes last; without conditions the second one is not run."""
    return int(len(network.embeddings) > 0)


def _doubling(s4: FoldedS4) -> FoldedS4:
    """The same layer with the first half of its output doubled."""
    factor = torch.ones_like(s4.gain)
    factor[: len(factor) // 2] = 2
    return replace(s4, gain=s4.gain * factor, offset=s4.offset * factor)


def _taps(conv: torch.nn.Module) -> Tensor:
    """Convolution weight (outputs, width inputs) for `shifted` input."""
    return conv.weight().mT.flatten(1)


def _fold_outlets(block: ResidualBlock) -> Linear:
    root = math.sqrt(0.5)
    weight = torch.cat([_taps(block.residual) * root, _taps(block.skip)])
    return _packed(weight, torch.cat([block.residual.bias * root, block.skip.bias]))


def _packed(weight: Tensor, bias: Tensor) -> Linear:
    """x -> x weight^T + bias, the weight laid out as oneDNN wants it where that is the processor's library."""
    if weight.device.type != "cpu" or not torch.backends.mkldnn.is_available():
        return lambda x: functional.linear(x, weight, bias)
    packed = torch.ops.mkldnn._reorder_linear_weight(weight.detach().contiguous())
    product, bias = torch.ops.mkldnn._linear_pointwise, bias.detach()
    return lambda x: product(x, packed, bias, "none", [], "")
