"""The SSSD residual network: noisy ECG, diffusion step and conditions -> estimate of the noise (or of the velocity).

Knows: the architecture of SSSD-ECG-nle (arXiv 2407.11108) and SSSD-ECG (arXiv 2301.08227), which is DiffWave's
(arXiv 2009.09761) with S4 layers in place of dilated convolutions.  Does not know: schedules, samplers, files.
Counterpart: `SSSD_ECG_nle` in ispras/EcgLib, `SSSD_ECG` in AI4HealthUOL/SSSD-ECG.

Inside, signals are (B, L, C), channels last: matrix products and LayerNorm run on contiguous channels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.conditioning import AGE_CODES, LABEL_EMBEDDINGS, LABEL_OPEN, SEX_CODES, ClassEmbedding
from engine.s4 import KernelBank, S4Layer


@dataclass(frozen=True)
class NetworkConfig:
    """Sizes of a network.  The defaults are the papers' full configuration, but for labels, sex and age."""

    leads: int = 8
    layers: int = 36
    channels: int = 256  # residual channels; S4 layers work on twice as many
    skip_channels: int = 256
    state: int = 64  # S4 state size N
    length: int = 1000  # samples; the longest signal the kernels know
    step_features: int = 128
    step_hidden: int = 512
    step_dim: int = 512
    label_embedding: str = "paired"  # a key of LABEL_EMBEDDINGS
    labels: int = 71  # 0: no labels
    label_dim: int = 128
    sexes: int = 0  # rows of the sex embedding; 0: no sex
    sex_dim: int = 0
    age_bands: int = 0  # rows of the age embedding; 0: no age
    age_dim: int = 0

    def asdict(self) -> dict[str, int | str]:
        """Plain values, for checkpoints."""
        return asdict(self)


@dataclass(frozen=True)
class Condition:
    """What a batch is conditioned on: labels (B, n) of zeros and ones, sex and age (B,) rows of embeddings, or None."""

    labels: Tensor | None = None
    sex: Tensor | None = None
    age: Tensor | None = None

    @property
    def rows(self) -> int:
        """1 where nothing is given."""
        return next((len(one) for one in (self.labels, self.sex, self.age) if one is not None), 1)

    @classmethod
    def left_open(cls, config: NetworkConfig, device: torch.device) -> Condition:
        """One row that says nothing about labels, sex and age."""
        labels = torch.full((1, config.labels), LABEL_OPEN, device=device)
        sex = torch.tensor([SEX_CODES[None]], device=device)
        age = torch.tensor([AGE_CODES[None]], device=device)
        return cls(labels if config.labels else None, sex if config.sexes else None, age if config.age_bands else None)


def joined(conditions: Sequence[Condition]) -> Condition:
    """The rows of one condition after those of the other."""
    columns = zip(*((one.labels, one.sex, one.age) for one in conditions), strict=True)
    return Condition(*(None if column[0] is None else torch.cat(column) for column in columns))


class WeightNormConv(nn.Module):
    """Convolution along time on (B, L, C) with weight g v / |v| (Salimans & Kingma, arXiv 1602.07868)."""

    def __init__(self, inputs: int, outputs: int, width: int = 1) -> None:
        super().__init__()
        conv = nn.Conv1d(inputs, outputs, width)
        self.v = nn.Parameter(nn.init.kaiming_normal_(conv.weight.detach()))
        self.g = nn.Parameter(self.v.detach().norm(dim=(1, 2), keepdim=True))
        self.bias = nn.Parameter(conv.bias.detach())

    def weight(self) -> Tensor:
        """(outputs, inputs, width)."""
        return self.v * (self.g / self.v.norm(dim=(1, 2), keepdim=True))

    def forward(self, x: Tensor) -> Tensor:
        """(B, L, inputs) -> (B, L, outputs), zero padding at both ends."""
        weight = self.weight()
        return functional.linear(shifted(x, weight.shape[2]), weight.mT.flatten(1), self.bias)


def shifted(x: Tensor, width: int) -> Tensor:
    """Neighbours in time side by side: (B, L, C) -> (B, L, width C), zeros beyond the ends."""
    if width == 1:
        return x
    length = x.shape[1]
    padded = functional.pad(x, (0, 0, width // 2, width // 2))
    return torch.cat([padded[:, i : i + length] for i in range(width)], -1)


def step_features(step: Tensor, dim: int) -> Tensor:
    """Sinusoidal embedding (B, dim) of diffusion steps (B,) (arXiv 2009.09761, section 3.1)."""
    half = dim // 2
    frequency = torch.exp(torch.arange(half, device=step.device) * -(math.log(10000) / (half - 1)))
    angle = step.float()[:, None] * frequency
    return torch.cat([angle.sin(), angle.cos()], -1)


def embed_step(step: Tensor, inlet: nn.Linear, outlet: nn.Linear) -> Tensor:
    """(B, step_dim) from steps (B,)."""
    return functional.silu(outlet(functional.silu(inlet(step_features(step, inlet.in_features)))))


def condition_vectors(embeddings: nn.ModuleDict, condition: Condition) -> dict[str, Tensor]:
    """One vector (B, dim) per condition that a network knows.  Raises ValueError where one is not given."""
    vectors = {}
    for name, embedding in embeddings.items():
        given = getattr(condition, name)
        if given is None:
            raise ValueError(f"this network is conditioned on {name}; none were given")
        vectors[name] = embedding(given)
    return vectors


class ResidualBlock(nn.Module):
    """One residual layer: x (B, L, C) -> next x (B, L, C) and its skip contribution (B, L, S)."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        channels, wide = config.channels, 2 * config.channels
        self.step = nn.Linear(config.step_dim, channels)
        self.conv = WeightNormConv(channels, wide, 3)
        self.s4_before = S4Layer(wide, config.state, config.length)
        dims = {
            "labels": config.label_dim * (config.labels > 0),
            "sex": config.sex_dim * (config.sexes > 0),
            "age": config.age_dim * (config.age_bands > 0),
        }
        self.conditions = nn.ModuleDict({name: nn.Linear(dim, wide) for name, dim in dims.items() if dim})
        self.s4_after = S4Layer(wide, config.state, config.length)
        self.residual = WeightNormConv(channels, channels)
        self.skip = WeightNormConv(channels, config.skip_channels)

    def forward(
        self, x: Tensor, step: Tensor, vectors: Mapping[str, Tensor], kernels: Sequence[Tensor | None]
    ) -> tuple[Tensor, Tensor]:
        """Step embedding (B, step_dim), condition vectors by name (B, dim), kernels of both S4 layers."""
        h = self.conv(x + self.step(step)[:, None])
        h = self.s4_before(h, kernels[0])
        for name, layer in self.conditions.items():
            h = h + layer(vectors[name])[:, None]
        if self.conditions:  # the published networks skip the second S4 layer when nothing conditions them
            h = self.s4_after(h, kernels[1])
        filtered, gate = h.chunk(2, -1)
        out = torch.tanh(filtered) * torch.sigmoid(gate)
        return (x + self.residual(out)) * math.sqrt(0.5), self.skip(out)


class SssdNetwork(nn.Module):
    """The whole network: `kernels()` once, `forward(..., kernels)` many times, since sampling changes no weights."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.inlet = WeightNormConv(config.leads, config.channels)
        self.step_in = nn.Linear(config.step_features, config.step_hidden)
        self.step_out = nn.Linear(config.step_hidden, config.step_dim)
        self.embeddings = nn.ModuleDict()
        if config.labels:
            self.embeddings["labels"] = LABEL_EMBEDDINGS[config.label_embedding](config.labels, config.label_dim)
        if config.sexes:
            self.embeddings["sex"] = ClassEmbedding(config.sexes, config.sex_dim)
        if config.age_bands:
            self.embeddings["age"] = ClassEmbedding(config.age_bands, config.age_dim)
        self.blocks = nn.ModuleList(ResidualBlock(config) for _ in range(config.layers))
        self.outlet_hidden = WeightNormConv(config.skip_channels, config.skip_channels)
        self.outlet = nn.Linear(config.skip_channels, config.leads)
        nn.init.zeros_(self.outlet.weight)
        nn.init.zeros_(self.outlet.bias)

    def s4_layers(self) -> Iterator[S4Layer]:
        """Both S4 layers of every block, in order."""
        for block in self.blocks:
            yield block.s4_before
            yield block.s4_after

    def kernels(self, length: int) -> list[Tensor]:
        """Circular kernels (H, 2 length) of all S4 layers, two per block."""
        return list(KernelBank(self.s4_layers(), length))

    def forward(self, x: Tensor, step: Tensor, condition: Condition, kernels: Sequence[Tensor] | None = None) -> Tensor:
        """x (B, leads, L), step (B,) -> (B, leads, L).  Raises ValueError where x is longer than the kernels."""
        if x.shape[-1] > self.config.length:
            raise ValueError(f"signals of {x.shape[-1]} samples are longer than the network's {self.config.length}")
        kernels = self.kernels(x.shape[-1]) if kernels is None else kernels
        h = functional.relu(self.inlet(x.mT))
        embedded = embed_step(step, self.step_in, self.step_out)
        vectors = condition_vectors(self.embeddings, condition)
        total = None
        for i, block in enumerate(self.blocks):
            h, skip = block(h, embedded, vectors, kernels[2 * i : 2 * i + 2])
            total = skip if total is None else total + skip
        hidden = functional.relu(self.outlet_hidden(total * math.sqrt(1 / len(self.blocks))))
        return self.outlet(hidden).mT
