"""A small 1-D convolutional network on eight leads, and how it is trained.

Knows: signals in, logits and features out.  Does not know: what the outputs mean; the reference classifier and the
discriminator are both made of it.  A residual network as in Wang, Yan and Oates (arXiv 1611.06455), with strides to be
quick on a processor; AdamW with a one-cycle rate (arXiv 1708.07120).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

WIDTHS = (32, 48, 64, 96)
MILLIVOLTS = 0.25  # that are one unit inside: about the standard deviation of a chest lead
BATCH = 16
LARGEST_RATE = 2e-3


class Stage(nn.Module):
    """Two convolutions beside a shortcut, half as long at the end."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(inputs, outputs, 7, stride=2, padding=3, bias=False)
        self.second = nn.Conv1d(outputs, outputs, 5, padding=2, bias=False)
        self.shortcut = nn.Conv1d(inputs, outputs, 1, stride=2, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm1d(outputs) for _ in range(3)])

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, L) -> (B, outputs, L / 2)."""
        first, second, shortcut = self.norms
        inner = second(self.second(functional.relu(first(self.first(x)))))
        return functional.relu(inner + shortcut(self.shortcut(x)))


class ConvNet(nn.Module):
    """Signals (B, 8, n) in mV -> logits (B, outputs)."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        sizes = (8, *WIDTHS)
        self.stages = nn.Sequential(*(Stage(a, b) for a, b in zip(sizes, sizes[1:], strict=False)))
        self.head = nn.Linear(2 * WIDTHS[-1], outputs)

    def features(self, x: Tensor) -> Tensor:
        """(B, 192): mean and maximum over time of the last stage."""
        last = self.stages(x / MILLIVOLTS)
        return torch.cat([last.mean(dim=-1), last.amax(dim=-1)], dim=1)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        return self.head(functional.dropout(self.features(x), 0.3, self.training))


def fit(net: ConvNet, signals: NDArray[np.float32], targets: NDArray[np.float32], epochs: int, seed: int = 0
        ) -> Iterator[float]:  # fmt: skip
    """Train on signals (n, 8, samples) and targets (n, outputs) of 0 and 1, yielding the loss of every epoch."""
    device = net.head.weight.device
    x, y = torch.from_numpy(signals).to(device), torch.from_numpy(targets).to(device)
    order = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(net.parameters(), weight_decay=0.02)
    steps = epochs * math.ceil(len(x) / BATCH)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, LARGEST_RATE, total_steps=steps)
    for _ in range(epochs):
        net.train()
        losses = []
        for rows in torch.randperm(len(x), generator=order).split(BATCH):
            loss = functional.binary_cross_entropy_with_logits(net(x[rows]), y[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            cycle.step()
            losses.append(loss.detach())
        yield float(torch.stack(losses).mean())


@torch.no_grad()
def scores(net: ConvNet, signals: NDArray[np.float32]) -> NDArray[np.float64]:
    """Logits (n, outputs)."""
    net.eval()
    return np.concatenate([net(part).cpu().numpy() for part in _parts(net, signals)]).astype(np.float64)


@torch.no_grad()
def features(net: ConvNet, signals: NDArray[np.float32]) -> NDArray[np.float64]:
    """Features (n, 192)."""
    net.eval()
    return np.concatenate([net.features(part).cpu().numpy() for part in _parts(net, signals)]).astype(np.float64)


def _parts(net: ConvNet, signals: NDArray[np.float32]) -> Iterator[Tensor]:
    return (part.to(net.head.weight.device) for part in torch.from_numpy(signals).split(128))
