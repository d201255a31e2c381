"""Training as a generator of steps.

Knows: the loss of a diffusion model, its optimiser, weight averaging, resuming.  Does not know: files of PTB-XL,
progress bars, when to stop: the caller takes as many steps as it likes and saves when it likes.

Everything random in step k is a function of (seed, k), so a run that was interrupted and resumed takes the very same
steps as one that was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, distributed, nn

from engine.batches import Augmentation, Batch, collate, epoch_slice
from engine.denoiser import TARGETS
from engine.network import Condition, SssdNetwork
from engine.s4 import KernelBank
from engine.schedule import Schedule
from engine.training_data import TrainingSet


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
    weighting: str = "uniform"  # a key of WEIGHTINGS
    augmentation: Augmentation = Augmentation()
    samples: int | None = None  # after which the run ends; over its second half the learning rate falls to zero
    precision: str = "bfloat16"  # of matrix products
    seed: int = 1


@dataclass(frozen=True)
class TrainingStep:
    """What happened in one step."""

    number: int  # steps taken so far, this one included
    loss: float
    gradient_norm: float
    is_last: bool  # the configured number of samples has been seen


@dataclass(frozen=True)
class Objective:
    """What is learnt: the schedule, the target and the scale (8,) in mV of each lead's network unit."""

    schedule: Schedule
    target: str
    lead_scale: Tensor
    weighting: str = "uniform"


class Trainer:
    """A network, its optimiser, the running average of its weights, and the number of steps taken.

    Several processes of a torch.distributed group share every batch: together they take the steps that one would take.
    """

    def __init__(self, network: SssdNetwork, objective: Objective, config: TrainingConfig) -> None:
        self.network, self.objective, self.config = network, objective, config
        self.device = next(network.parameters()).device
        self._rank, self._of = process_share()
        self.average = {name: value.detach().clone() for name, value in network.named_parameters()}
        self.taken = 0
        self._optimiser = torch.optim.Adam(
            network.parameters(), lr=config.learning_rate, betas=config.adam_betas, fused=True
        )
        self._kernels = KernelBank(network.s4_layers(), network.config.length)

    def steps(self, data: TrainingSet) -> Iterator[TrainingStep]:
        """Train, one optimiser step at a time, until the configured number of samples, if any, has been seen."""
        self.network.train()
        while not self._is_over():
            batch = self._draw(data, torch.Generator().manual_seed(self.config.seed * 1_000_000_007 + self.taken))
            loss = self._loss(batch.part(self._rank, self._of).to(self.device), batch.recorded_values())
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
        network, generator = self.averaged(), torch.Generator().manual_seed(0)
        at = [int((level + 0.5) * self.objective.schedule.steps / levels) for level in range(levels)]
        sums, unweighted = [0.0] * levels, replace(self.objective, weighting="uniform")
        with torch.no_grad():
            kernels = network.kernels(network.config.length)
            for chosen in torch.arange(len(data)).split(batch):
                for level, step in enumerate(at):
                    steps = torch.full((len(chosen),), step)
                    part = collate(data, chosen, self.objective.lead_scale, steps, generator).to(self.device)
                    loss = diffusion_loss(network, unweighted, part, kernels, part.recorded_values())
                    sums[level] += float(loss) * len(chosen)
        return [total / len(data) for total in sums]

    def _draw(self, data: TrainingSet, generator: torch.Generator) -> Batch:
        chosen = epoch_slice(len(data), self.config.batch, self.taken, self.config.seed)
        u = torch.rand(len(chosen), generator=generator) ** self.config.step_tilt
        step = (u * self.objective.schedule.steps).long().clamp(max=self.objective.schedule.steps - 1)
        batch = collate(data, chosen, self.objective.lead_scale, step, generator)
        return self.config.augmentation(batch, generator)

    def _loss(self, batch: Batch, recorded_values: float) -> Tensor:
        kernels = list(self._kernels)
        with _autocast(self.config.precision, self.device.type):
            return diffusion_loss(self.network, self.objective, batch, kernels, recorded_values)

    def _update(self, loss: Tensor) -> TrainingStep:
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        loss = self._add_up(loss.detach())
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip)
        for group in self._optimiser.param_groups:
            group["lr"] = self.config.learning_rate * self._share_of_rate()
        self._optimiser.step()
        self.taken += 1
        decay = min(self.config.average, self.taken / (self.taken + 10))  # short at first, lest it remember the start
        for name, parameter in self.network.named_parameters():
            self.average[name].lerp_(parameter.detach(), 1 - decay)
        return TrainingStep(self.taken, float(loss), float(norm), self._is_over())

    def _is_over(self) -> bool:
        return self.config.samples is not None and self.taken * self.config.batch >= self.config.samples

    def _share_of_rate(self) -> float:
        """Up to 1 during the warm-up, and down to 0 over the second half of a run whose end is known."""
        rising = (self.taken + 1) / self.config.warm_up
        if self.config.samples is None:
            return min(1.0, rising)
        return min(1.0, rising, 2 - 2 * self.taken * self.config.batch / self.config.samples)

    def _add_up(self, loss: Tensor) -> Tensor:
        """Sum gradients and losses over processes; every loss is a share of one mean, so sums are right."""
        if self._of == 1:
            return loss
        gradients = [parameter.grad for parameter in self.network.parameters() if parameter.grad is not None]
        together = torch.cat([loss.reshape(1), *(gradient.flatten() for gradient in gradients)])
        distributed.all_reduce(together)
        sizes = [1, *(gradient.numel() for gradient in gradients)]
        for gradient, summed in zip(gradients, together.split(sizes)[1:], strict=True):
            gradient.copy_(summed.view_as(gradient))
        return together[0]


def uniform(kept: Tensor, target: str) -> Tensor:
    """Every noise level counts alike."""
    return torch.ones_like(kept)


def min_snr(kept: Tensor, target: str, ceiling: float = 5.0) -> Tensor:
    """Min-SNR weighting (arXiv 2303.09556): levels of little noise count no more than those at SNR 5."""
    snr = kept / (1 - kept)
    return snr.clamp(max=ceiling) / {"noise": snr, "velocity": snr + 1}[target]


WEIGHTINGS: dict[str, Callable[[Tensor, str], Tensor]] = {"uniform": uniform, "min_snr": min_snr}


def process_share() -> tuple[int, int]:
    """This process's number and the number of processes that train together."""
    if not distributed.is_available() or not distributed.is_initialized():
        return 0, 1
    return distributed.get_rank(), distributed.get_world_size()


def diffusion_loss(
    network: SssdNetwork, objective: Objective, batch: Batch, kernels: list[Tensor], recorded_values: float
) -> Tensor:
    """Squared errors where samples were recorded, over `recorded_values`: the mean, or a share of it."""
    kept = torch.from_numpy(objective.schedule.alpha_bar).to(batch.clean)[batch.step][:, None, None]
    noisy = kept.sqrt() * batch.clean + (1 - kept).sqrt() * batch.noise
    wanted = TARGETS[objective.target].train(batch.clean, batch.noise, kept)
    estimate = network(noisy, batch.step, Condition(batch.labels, batch.sex, batch.age), kernels).float()
    weight = WEIGHTINGS[objective.weighting](kept, objective.target)
    return ((estimate - wanted) ** 2 * batch.present * weight).sum() / recorded_values


def _autocast(precision: str, device: str) -> AbstractContextManager[Any]:
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device, dtype=getattr(torch, precision))
