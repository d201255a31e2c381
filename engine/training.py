"""Training as a generator of steps.

Knows: the loss of a diffusion model, its optimiser, weight averaging, resuming.  Does not know: files of PTB-XL,
progress bars, when to stop: the caller takes as many steps as it likes and saves when it likes.

Everything random in step k is a function of (seed, k), so a run that was interrupted and resumed takes the very same
steps as one that was not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from engine.conditioning import SEX_CODES
from engine.denoiser import TARGETS
from engine.network import Condition, SssdNetwork
from engine.s4 import KernelBank
from engine.schedule import Schedule
from engine.training_data import MICROVOLTS, MISSING, TrainingSet


@dataclass(frozen=True)
class TrainingConfig:
    """Settings of a run; figures behind the defaults are in the training report beside the default checkpoint."""

    batch: int = 16
    learning_rate: float = 1.5e-3
    adam_betas: tuple[float, float] = (0.9, 0.99)
    warm_up: int = 200  # steps
    clip: float = 1.0  # gradient norm
    average: float = 0.999  # decay of the exponential moving average of weights
    step_tilt: float = 0.6  # diffusion steps are T u^tilt: below 1 more of them are noisy ones
    amplitude_jitter: float = 0.1  # standard deviation of the log of a gain common to all leads
    sex_dropout: float = 0.1  # share of records whose sex is withheld, so that it can be left open
    precision: str = "bfloat16"  # of matrix products
    seed: int = 1


@dataclass(frozen=True)
class TrainingStep:
    """What happened in one step."""

    number: int  # steps taken so far, this one included
    loss: float
    gradient_norm: float


@dataclass(frozen=True)
class Batch:
    """Signals (B, 8, L) in network units with missing samples as zero, present (B, 1, L), conditions."""

    clean: Tensor
    present: Tensor
    condition: Condition


@dataclass(frozen=True)
class Objective:
    """What is learnt: the schedule, the target and the scale (8,) in mV of each lead's network unit."""

    schedule: Schedule
    target: str
    lead_scale: Tensor


class Trainer:
    """A network, its optimiser, the running average of its weights, and the number of steps taken."""

    def __init__(self, network: SssdNetwork, objective: Objective, config: TrainingConfig) -> None:
        self.network, self.objective, self.config = network, objective, config
        self.average = {name: value.detach().clone() for name, value in network.named_parameters()}
        self.taken = 0
        self._optimiser = torch.optim.Adam(
            network.parameters(), lr=config.learning_rate, betas=config.adam_betas, fused=True
        )
        self._kernels = KernelBank(network.s4_layers(), network.config.length)

    def steps(self, data: TrainingSet) -> Iterator[TrainingStep]:
        """Train for ever, one optimiser step at a time."""
        self.network.train()
        while True:
            generator = torch.Generator().manual_seed(self.config.seed * 1_000_000_007 + self.taken)
            batch = self._draw(data, generator)
            loss = self._loss(batch, self._draw_steps(generator), generator)
            yield self._update(loss)

    def state(self) -> dict[str, Tensor]:
        """Everything needed to go on exactly: weights, their average, Adam's moments, steps taken."""
        tensors = {f"weights.{n}": p.detach() for n, p in self.network.named_parameters()}
        tensors |= {f"average.{n}": value for n, value in self.average.items()}
        for name, parameter in self.network.named_parameters():
            for key, value in self._optimiser.state.get(parameter, {}).items():
                tensors[f"adam.{key}.{name}"] = value
        return tensors | {"taken": torch.tensor(self.taken)}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Go on from `state()`."""
        self.taken = int(tensors["taken"])
        with torch.no_grad():
            for name, parameter in self.network.named_parameters():
                parameter.copy_(tensors[f"weights.{name}"])
                self.average[name].copy_(tensors[f"average.{name}"])
                moments = {k: tensors.get(f"adam.{k}.{name}") for k in ("step", "exp_avg", "exp_avg_sq")}
                if moments["step"] is not None:
                    self._optimiser.state[parameter] = moments

    def averaged(self) -> SssdNetwork:
        """A copy of the network with averaged weights, in evaluation mode."""
        copy = SssdNetwork(self.network.config)
        copy.load_state_dict(self.network.state_dict() | self.average)
        return copy.eval()

    def validation_losses(self, data: TrainingSet, levels: int = 5, batch: int = 32) -> list[float]:
        """Mean loss of the averaged network on `data` at evenly spaced noise levels, with the same noise every time."""
        network = self.averaged()
        generator = torch.Generator().manual_seed(0)
        total = self.objective.schedule.steps
        with torch.no_grad():
            kernels = network.kernels(network.config.length)
            losses = [[0.0, 0] for _ in range(levels)]
            for start in range(0, len(data), batch):
                part = collate(data, torch.arange(start, min(start + batch, len(data))), self.objective.lead_scale)
                for level, into in enumerate(losses):
                    step = torch.full((len(part.clean),), int((level + 0.5) * total / levels))
                    loss = diffusion_loss(network, self.objective, part, step, generator, kernels)
                    into[0] += float(loss) * len(step)
                    into[1] += len(step)
        return [sum_ / count for sum_, count in losses]

    def _draw(self, data: TrainingSet, generator: torch.Generator) -> Batch:
        chosen = epoch_slice(len(data), self.config.batch, self.taken, self.config.seed)
        batch = collate(data, chosen, self.objective.lead_scale)
        gain = torch.exp(self.config.amplitude_jitter * torch.randn(len(chosen), 1, 1, generator=generator))
        withheld = torch.rand(len(chosen), generator=generator) < self.config.sex_dropout
        sex = torch.where(withheld, SEX_CODES[None], batch.condition.sex)
        return Batch(batch.clean * gain, batch.present, Condition(batch.condition.labels, sex))

    def _draw_steps(self, generator: torch.Generator) -> Tensor:
        u = torch.rand(self.config.batch, generator=generator) ** self.config.step_tilt
        return (u * self.objective.schedule.steps).long().clamp(max=self.objective.schedule.steps - 1)

    def _loss(self, batch: Batch, step: Tensor, generator: torch.Generator) -> Tensor:
        kernels = self._kernels()
        with _autocast(self.config.precision, batch.clean.device.type):
            return diffusion_loss(self.network, self.objective, batch, step, generator, kernels)

    def _update(self, loss: Tensor) -> TrainingStep:
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip)
        for group in self._optimiser.param_groups:
            group["lr"] = self.config.learning_rate * min(1.0, (self.taken + 1) / self.config.warm_up)
        self._optimiser.step()
        self.taken += 1
        decay = min(self.config.average, self.taken / (self.taken + 10))  # short at first, lest it remember the start
        for name, parameter in self.network.named_parameters():
            self.average[name].lerp_(parameter.detach(), 1 - decay)
        return TrainingStep(self.taken, float(loss.detach()), float(norm))


def diffusion_loss(
    network: SssdNetwork,
    objective: Objective,
    batch: Batch,
    step: Tensor,
    generator: torch.Generator,
    kernels: list[Tensor],
) -> Tensor:
    """Mean squared error on the samples that were recorded; noise level per record, not per lead."""
    noise = torch.randn(batch.clean.shape, generator=generator).to(batch.clean.device)
    kept = torch.from_numpy(objective.schedule.alpha_bar).float()[step][:, None, None].to(batch.clean.device)
    noisy = kept.sqrt() * batch.clean + (1 - kept).sqrt() * noise
    wanted = TARGETS[objective.target].train(batch.clean, noise, kept)
    error = (network(noisy, step.to(noisy.device), batch.condition, kernels).float() - wanted) ** 2
    return (error * batch.present).sum() / (batch.present.sum() * error.shape[1])


def collate(data: TrainingSet, chosen: Tensor, lead_scale: Tensor) -> Batch:
    """Records by index as a batch in network units."""
    signals = data.signals[chosen]
    present = (signals != MISSING).all(1, keepdim=True)
    clean = signals.float() / MICROVOLTS / lead_scale[:, None] * present
    return Batch(clean, present.float(), Condition(data.labels[chosen], data.sex[chosen]))


def epoch_slice(records: int, batch: int, taken: int, seed: int) -> Tensor:
    """Indices (batch,) for step `taken`: every epoch a new order, each record once in it."""
    first = taken * batch
    wanted = range(first, first + batch)
    orders: dict[int, Tensor] = {}
    for epoch in {i // records for i in wanted}:
        orders[epoch] = torch.randperm(records, generator=torch.Generator().manual_seed(seed * 1_000_003 + epoch))
    return torch.stack([orders[i // records][i % records] for i in wanted])


def _autocast(precision: str, device: str) -> AbstractContextManager[Any]:
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device, dtype=getattr(torch, precision))
