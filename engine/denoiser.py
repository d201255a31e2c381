"""What a sampler sees of a network: a noisy ECG and a step go in, clean ECG and noise come out.

Knows: the two prediction targets (noise, velocity) and per-lead scaling.  Does not know: how steps are chosen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.network import Condition, SssdNetwork
from engine.schedule import Schedule


@dataclass(frozen=True)
class Prediction:
    """Estimates of the clean signal and of the noise, both (B, leads, L), for which x_t = a x_0 + s noise."""

    clean: Tensor
    noise: Tensor


RESCALE = 0.7  # the share that arXiv 2305.08891 recommends

Denoise = Callable[[Tensor, int], Prediction]  # noisy signals (B, leads, L) at diffusion step t
Estimate = Callable[[Tensor, Tensor], Tensor]  # x (B, leads, L), steps (B,) -> network output (B, leads, L)


def from_noise(x: Tensor, output: Tensor, kept: float) -> Prediction:
    """The network estimates the noise (DDPM).  Undefined where nothing of the signal is kept."""
    if kept <= 0:
        raise ValueError("a network that predicts noise can't start from pure noise; use a schedule with signal left")
    return Prediction((x - math.sqrt(1 - kept) * output) / math.sqrt(kept), output)


def from_velocity(x: Tensor, output: Tensor, kept: float) -> Prediction:
    """The network estimates v = sqrt(alpha_bar) noise - sqrt(1 - alpha_bar) x_0 (arXiv 2202.00512)."""
    a, s = math.sqrt(kept), math.sqrt(1 - kept)
    return Prediction(a * x - s * output, s * x + a * output)


def noise_target(clean: Tensor, noise: Tensor, kept: Tensor) -> Tensor:
    """What `from_noise` wants the network to output."""
    return noise


def velocity_target(clean: Tensor, noise: Tensor, kept: Tensor) -> Tensor:
    """What `from_velocity` wants the network to output; `kept` is alpha_bar per record (B, 1, 1)."""
    return kept.sqrt() * noise - (1 - kept).sqrt() * clean


@dataclass(frozen=True)
class Target:
    """A prediction target: how to train for it and how to read it."""

    train: Callable[[Tensor, Tensor, Tensor], Tensor]
    read: Callable[[Tensor, Tensor, float], Prediction]


TARGETS = {"noise": Target(noise_target, from_noise), "velocity": Target(velocity_target, from_velocity)}


def denoiser(estimate: Estimate, schedule: Schedule, target: str) -> Denoise:
    """Adapt a network function to what samplers want."""
    kept, read = schedule.alpha_bar, TARGETS[target].read

    def denoise(x: Tensor, step: int) -> Prediction:
        steps = torch.full((x.shape[0],), step, device=x.device)
        return read(x, estimate(x, steps), float(kept[step]))

    return denoise


def guided(both: Estimate, weight: float) -> Estimate:
    """Classifier-free guidance (arXiv 2207.12598): what the condition changes, times `weight`.

    `both` estimates under the condition for the first half of a batch, and with the condition left open for the second.

    Exaggeration also makes ECGs too tall; much of that is taken back by rescaling (arXiv 2305.08891, equations 15-16).
    """

    def estimate(x: Tensor, steps: Tensor) -> Tensor:
        conditioned, left_open = both(torch.cat([x, x]), torch.cat([steps, steps])).chunk(2)
        exaggerated = torch.lerp(left_open, conditioned, weight)
        if weight <= 1:
            return exaggerated
        return exaggerated * torch.lerp(
            torch.ones(()).to(x), _deviation(conditioned) / _deviation(exaggerated), RESCALE
        )

    return estimate


def _deviation(x: Tensor) -> Tensor:
    return x.std((1, 2), keepdim=True)


def conditioned(network: SssdNetwork, condition: Condition, length: int) -> Estimate:
    """The plain network with its kernels computed once."""
    with torch.no_grad():
        kernels = network.kernels(length)

    @torch.no_grad()
    def estimate(x: Tensor, steps: Tensor) -> Tensor:
        return network(x, steps, condition, kernels)

    return estimate
