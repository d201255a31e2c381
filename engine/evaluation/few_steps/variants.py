"""Which samplers are compared at how many steps, and in which order they are drawn.

Knows: names and numbers.  Does not know: networks, files.  Drawing takes hours, so it goes by rounds: after each one
every variant has as many ECGs, and a table can be made.
"""

from __future__ import annotations

from dataclasses import dataclass

STEPS = (25, 12, 8, 16, 50)
# What a deterministic sampler draws has a limit; what another one draws depends on the noise that it adds, too.
DETERMINISTIC = ("dpmpp2m", "unipc", "ddim")
STOCHASTIC = ("dpmpp2m_sde",)
ROUNDS = (0.1, 0.2, 0.5, 1.0)  # shares of all ECGs


@dataclass(frozen=True)
class Variant:
    """A sampler at a number of steps."""

    sampler: str
    steps: int

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.sampler}-{self.steps}"

    @property
    def has_limit(self) -> bool:
        """More steps lead to one ECG for each noise."""
        return self.sampler in DETERMINISTIC

    def evaluations(self, guidance: float) -> int:
        """Of the network, for one ECG; guidance looks twice at every step."""
        return self.steps * (1 if guidance == 1 else 2)


ANCESTRAL = Variant("ddpm", 200)
FEW = tuple(Variant(sampler, steps) for steps in STEPS for sampler in (*STOCHASTIC, *DETERMINISTIC))
VARIANTS = (ANCESTRAL, *FEW)


def rounds(count: int) -> list[int]:
    """ECGs that every variant has after each round."""
    return sorted({max(1, round(count * share)) for share in ROUNDS})
