"""Samplers: from noise to ECGs, one function per published algorithm, all with one signature.

Knows: schedules and a `Denoise` function.  Does not know: networks, labels, ECGs.  Each sampler is a generator that
yields after every step, so that a caller can show progress, keep the film of the denoising, or stop.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.denoiser import Denoise
from engine.schedule import Schedule

RHYTHM = (0.003, 0.15)  # alpha_bar between which it is decided where the beats lie
Noise = Callable[[], Tensor]  # a fresh (B, leads, L) of standard normal numbers


@dataclass(frozen=True)
class SamplingStep:
    """State after `done` of `total` steps; x (B, leads, L)."""

    done: int
    total: int
    x: Tensor


Sampler = Callable[[Denoise, Schedule, Noise, int], Iterator[SamplingStep]]  # the last one is the number of steps


class RecordNoise:
    """One random generator per record: record no. 137 gets the same noise alone and in any batch, on any device."""

    def __init__(self, seeds: Sequence[int], shape: tuple[int, int], device: torch.device | str = "cpu") -> None:
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._shape, self._device = shape, device

    def __call__(self) -> Tensor:
        """(B, leads, L), standard normal, drawn on the CPU whatever the device, since generators differ by device."""
        drawn = [torch.randn(self._shape, generator=generator) for generator in self._generators]
        return torch.stack(drawn).to(self._device)


def evenly_spaced(schedule: Schedule, steps: int) -> list[int]:
    """Diffusion steps from T - 1 downwards, evenly spaced in t ("trailing", arXiv 2305.08891, section 3.3)."""
    chosen = np.round(np.arange(schedule.steps, 0, -schedule.steps / steps)).astype(int) - 1
    return _distinct(schedule, chosen, steps)


def evenly_spaced_in_log_snr(schedule: Schedule, steps: int) -> list[int]:
    """Diffusion steps from T - 1 downwards, evenly spaced in log signal-to-noise ratio (arXiv 2206.00927)."""
    log_snr = schedule.log_snr
    finite = np.flatnonzero(np.isfinite(log_snr))
    wanted = np.linspace(log_snr[finite[-1]], log_snr[0], steps)
    nearest = [int(finite[np.abs(log_snr[finite] - value).argmin()]) for value in wanted]
    return _distinct(schedule, np.array([schedule.steps - 1, *nearest[1:]]), steps)


def crowded_at_the_rhythm(schedule: Schedule, steps: int) -> list[int]:
    """The same with seven in ten steps in RHYTHM; as before where the schedule never leaves so little of the signal."""
    log_snr, kept = schedule.log_snr, schedule.alpha_bar
    if kept[-1] >= RHYTHM[0]:
        return evenly_spaced_in_log_snr(schedule, steps)
    low, high = (0.5 * math.log(share / (1 - share)) for share in RHYTHM)
    within = round(0.7 * steps)
    wanted = [*np.linspace(low, high, within), *np.linspace(high, log_snr[0], steps - within)[1:]]
    return _distinct(schedule, np.array([np.abs(log_snr - value).argmin() for value in wanted]), steps)


def _distinct(schedule: Schedule, chosen: np.ndarray, steps: int) -> list[int]:
    """Exactly `steps` distinct steps: rounding may have merged some; the largest gaps are split in their place."""
    if not 1 <= steps <= schedule.steps:
        raise ValueError(f"steps must be between 1 and {schedule.steps}, not {steps}")
    taken = sorted({schedule.steps - 1, *map(int, chosen)}, reverse=True)[:steps]
    while len(taken) < steps:
        gaps = -np.diff([*taken, -1])
        at = int(gaps.argmax())
        taken.insert(at + 1, taken[at] - int(gaps[at]) // 2 if gaps[at] > 1 else _highest_free(schedule, taken))
        taken.sort(reverse=True)
    return taken


def _highest_free(schedule: Schedule, taken: list[int]) -> int:
    return max(set(range(schedule.steps)) - set(taken))


def _transitions(schedule: Schedule, chosen: list[int]) -> Iterator[tuple[int, float, float]]:
    """(t, alpha_bar now, alpha_bar after) for each step; after the last one all is signal."""
    kept = schedule.alpha_bar
    after = [float(kept[t]) for t in chosen[1:]] + [1.0]
    for t, later in zip(chosen, after, strict=True):
        yield t, float(kept[t]), later


def sample_ddim(
    denoise: Denoise, schedule: Schedule, noise: Noise, steps: int, eta: float = 0.0
) -> Iterator[SamplingStep]:
    """DDIM (arXiv 2010.02502, equation 12); eta = 1 is DDPM's ancestral sampling."""
    x = noise()
    for done, (t, kept, later) in enumerate(_transitions(schedule, evenly_spaced(schedule, steps)), 1):
        predicted = denoise(x, t)
        deviation = eta * math.sqrt((1 - later) / (1 - kept) * (1 - kept / later))
        direction = math.sqrt(max(1 - later - deviation**2, 0.0))
        x = math.sqrt(later) * predicted.clean + direction * predicted.noise
        if deviation > 0:
            x = x + deviation * noise()
        yield SamplingStep(done, steps, x)


def sample_ancestral(denoise: Denoise, schedule: Schedule, noise: Noise, steps: int) -> Iterator[SamplingStep]:
    """Ancestral DDPM sampling (arXiv 2006.11239, algorithm 2, sigma^2 = posterior variance)."""
    x = noise()
    for done, transition in enumerate(_transitions(schedule, evenly_spaced(schedule, steps)), 1):
        x = ancestral_step(denoise, x, transition, noise)
        yield SamplingStep(done, steps, x)


def ancestral_step(denoise: Denoise, x: Tensor, transition: tuple[int, float, float], noise: Noise) -> Tensor:
    """One step of it; transition: (t, alpha_bar now, alpha_bar after).

    Written through the posterior mean of equation 7, which holds where nothing of the signal is left as well.
    """
    t, kept, later = transition
    beta = 1 - kept / later
    of_clean = math.sqrt(later) * beta / (1 - kept)
    of_x = math.sqrt(kept / later) * (1 - later) / (1 - kept)
    mean = of_clean * denoise(x, t).clean + of_x * x
    return mean + math.sqrt((1 - later) / (1 - kept) * beta) * noise() if later < 1 else mean


def sample_dpmpp2m(denoise: Denoise, schedule: Schedule, noise: Noise, steps: int) -> Iterator[SamplingStep]:
    """DPM-Solver++(2M) (arXiv 2211.01095, algorithm 2), steps even in log-SNR, first and last of first order."""
    return _multistep(denoise, schedule, noise, evenly_spaced_in_log_snr(schedule, steps), stirred_below=0.0)


def sample_dpmpp2m_sde(denoise: Denoise, schedule: Schedule, noise: Noise, steps: int) -> Iterator[SamplingStep]:
    """SDE-DPM-Solver++(2M) (arXiv 2211.01095) while the rhythm is decided, then DPM-Solver++(2M).

    Fresh noise lets later steps mend what earlier ones got wrong; at low noise it only adds errors (arXiv 2206.00364,
    section 4). A small network errs where the beats find their places, so there is the noise and most of the steps.
    """
    return _multistep(denoise, schedule, noise, crowded_at_the_rhythm(schedule, steps), stirred_below=RHYTHM[1])


def _multistep(
    denoise: Denoise, schedule: Schedule, noise: Noise, chosen: list[int], stirred_below: float
) -> Iterator[SamplingStep]:
    x, clean_before, h_before = noise(), None, math.inf
    for done, (t, kept, later) in enumerate(_transitions(schedule, chosen), 1):
        clean = denoise(x, t).clean
        h = _half_log_snr(later) - _half_log_snr(kept)
        direction = clean
        if clean_before is not None and math.isfinite(h_before) and math.isfinite(h):
            direction = clean + h / (2 * h_before) * (clean - clean_before)
        fresh = (1 - later) / (1 - kept) * (1 - kept / later) if kept < stirred_below else 0.0
        shrink = math.sqrt((1 - later - fresh) / (1 - kept))
        x = shrink * x + (math.sqrt(later) - shrink * math.sqrt(kept)) * direction
        if fresh > 0:
            x = x + math.sqrt(fresh) * noise()
        clean_before, h_before = clean, h
        yield SamplingStep(done, len(chosen), x)


def sample_unipc(denoise: Denoise, schedule: Schedule, noise: Noise, steps: int) -> Iterator[SamplingStep]:
    """UniPC of order 2 (arXiv 2302.04867, algorithms 1 and 2) with exact coefficients (appendix C), even in log-SNR.

    Each new estimate first mends the step that led to it, at no further evaluation: the order becomes 3.
    """
    x, past, before = noise(), list[tuple[float, Tensor]](), 0.0
    start = x
    for done, (t, kept, later) in enumerate(_transitions(schedule, evenly_spaced_in_log_snr(schedule, steps)), 1):
        estimate = (_half_log_snr(kept), denoise(x, t).clean)
        start = exponential_step(start, before, kept, [estimate, *past]) if before > 0 else x
        past, before = [estimate, *past[:1]], kept
        x = exponential_step(start, kept, later, past)
        yield SamplingStep(done, steps, x)


def exponential_step(x: Tensor, kept: float, later: float, estimates: Sequence[tuple[float, Tensor]]) -> Tensor:
    """From alpha_bar `kept` to `later`, the clean signal being the polynomial in log-SNR through the estimates.

    That is equation 4 of arXiv 2211.01095 without its rest; of first order where log-SNR is infinite at either end.
    """
    now, h = _half_log_snr(kept), _half_log_snr(later) - _half_log_snr(kept)
    usable = [one for one in estimates if math.isfinite(one[0])] if math.isfinite(h) else estimates[:1]
    if math.isfinite(h):
        weights = interpolatory([at - now for at, _ in usable], _exponential_moments(h, len(usable)))
    else:
        weights = [1.0]
    direction = sum((weight * clean for weight, (_, clean) in zip(weights, usable, strict=True)), torch.zeros_like(x))
    return math.sqrt((1 - later) / (1 - kept)) * x + math.sqrt(later) * direction


def _exponential_moments(h: float, count: int) -> list[float]:
    """Integrals of exp(s - h) s^k from 0 to h, k = 0 .. count - 1, by parts."""
    moments = [-math.expm1(-h)]
    for k in range(1, count):
        moments.append(h**k - k * moments[-1])
    return moments


def interpolatory(nodes: Sequence[float], moments: Sequence[float]) -> list[float]:
    """Weights of values at `nodes` for an integral whose values for 1, s, s^2, .. are `moments`."""
    return [float(weight) for weight in np.linalg.solve(np.vander(nodes, increasing=True).T, moments)]


def _half_log_snr(kept: float) -> float:
    if kept <= 0:
        return -math.inf
    return math.inf if kept >= 1 else 0.5 * math.log(kept / (1 - kept))


# How users see these, and their defaults: SAMPLER_CHOICES in `generators`, which must not import torch.
SAMPLERS: dict[str, Sampler] = {
    "dpmpp2m_sde": sample_dpmpp2m_sde,
    "dpmpp2m": sample_dpmpp2m,
    "unipc": sample_unipc,
    "ddim": sample_ddim,
    "ddpm": sample_ancestral,
}
