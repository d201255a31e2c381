"""Noise schedules: how much of an ECG is left at each diffusion step.

Knows: betas and everything derived from them.  Does not know: networks, samplers, ECGs.
x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) noise, t = 0 (least noise) .. T - 1 (most) (DDPM, arXiv 2006.11239).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Schedule:
    """Betas (T,) float64; all else is derived."""

    name: str
    betas: np.ndarray

    @property
    def steps(self) -> int:
        """T."""
        return len(self.betas)

    @property
    def alpha_bar(self) -> np.ndarray:
        """(T,) share of signal variance left after each step."""
        return np.cumprod(1 - self.betas)

    @property
    def log_snr(self) -> np.ndarray:
        """(T,) half log signal-to-noise ratio, lambda of DPM-Solver; -inf where nothing of the signal is left."""
        kept = self.alpha_bar
        with np.errstate(divide="ignore"):
            return 0.5 * (np.log(kept) - np.log1p(-kept))

    @property
    def posterior_deviation(self) -> np.ndarray:
        """(T,) standard deviation of x_{t-1} given x_t and x_0 (equation 7); 0 at t = 0."""
        kept = self.alpha_bar
        before = np.concatenate([[1.0], kept[:-1]])
        return np.sqrt((1 - before) / (1 - kept) * self.betas)

    @property
    def terminal_snr(self) -> float:
        """Signal-to-noise ratio at the last step.

        The published schedule keeps 0.152 there (alpha_bar 0.132), yet sampling starts from pure noise, a state that
        training never showed.
        """
        return float(self.alpha_bar[-1] / (1 - self.alpha_bar[-1]))


def published_linear(steps: int = 200) -> Schedule:
    """Both papers' schedule: beta linear from 1e-4 to 0.02."""
    return Schedule("published_linear", np.linspace(1e-4, 0.02, steps))


def zero_snr_cosine(steps: int = 200, offset: float = 0.008) -> Schedule:
    """Cosine schedule (arXiv 2102.09672, equation 17) that ends in pure noise, exactly (arXiv 2305.08891).

    Needs a network that predicts velocity: at the last step there is no signal from which noise could be told.
    """
    angle = (np.arange(steps + 1) / steps + offset) / (1 + offset) * math.pi / 2
    kept = np.cos(angle) ** 2 / np.cos(angle[0]) ** 2
    betas = 1 - kept[1:] / kept[:-1]
    betas[-1] = 1.0  # cos(pi / 2) in floating point is not quite zero
    return Schedule("zero_snr_cosine", betas)


SCHEDULES: dict[str, Callable[[int], Schedule]] = {
    "published_linear": published_linear,
    "zero_snr_cosine": zero_snr_cosine,
}
