"""What a deterministic sampler would draw with endless steps.

Knows: the probability flow ODE (arXiv 2011.13456, section 4.3).  Does not know: networks, files.

With the angle phi of sqrt(alpha_bar) = cos phi the ODE is dx/dphi = v, the velocity (arXiv 2202.00512, appendix D), for
x = cos(phi) clean + sin(phi) noise.  It is smooth up to pure noise, phi = pi / 2, where log-SNR has no value.  The last
step leads from the least noisy time to the clean estimate there, as in every sampler here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from engine.denoiser import Denoise
from engine.sampling import Noise, SamplingStep, evenly_spaced, interpolatory
from engine.schedule import Schedule

ORDER = 4


def sample_ode(denoise: Denoise, schedule: Schedule, noise: Noise, steps: int) -> Iterator[SamplingStep]:
    """Adams-Bashforth of order 4 with any step width (Hairer, Norsett and Wanner 1993, section III.5), begun with DDIM.

    With all T steps of the schedule it stands for the limit: the network knows no time between them.
    """
    chosen = evenly_spaced(schedule, steps)
    angles = [math.acos(math.sqrt(schedule.alpha_bar[t])) for t in chosen] + [0.0]
    x, slopes = noise(), list[Tensor]()
    for done, (t, now, later) in enumerate(zip(chosen, angles, angles[1:], strict=False), 1):
        predicted = denoise(x, t)
        slopes = [math.cos(now) * predicted.noise - math.sin(now) * predicted.clean, *slopes[: ORDER - 1]]
        if done in (1, steps):
            x = math.cos(later) * predicted.clean + math.sin(later) * predicted.noise
        else:
            before = angles[done - len(slopes) : done][::-1]
            weights = adams_bashforth([angle - now for angle in before], later - now)
            x = x + sum((weight * slope for weight, slope in zip(weights, slopes, strict=True)), torch.zeros_like(x))
        yield SamplingStep(done, steps, x)


def adams_bashforth(nodes: Sequence[float], width: float) -> list[float]:
    """Weights of slopes at `nodes` for a step from 0 to `width`: exact for polynomials of degree len(nodes) - 1."""
    return interpolatory(nodes, [width**power / power for power in range(1, len(nodes) + 1)])
