"""Completing an ECG: known samples are kept, hidden ones are drawn to fit, by a network that never learnt to.

Knows: RePaint (arXiv 2201.09865, algorithm 1, with the jumps of its appendix B) for any schedule of `schedule`, and the
network's units.  Does not know: networks, files, which samples are worth hiding (see `gap`).

At every level the known samples are the record's own, noised to that level, and the hidden ones come from the
network's ancestral step.  Put together once, both halves do not know of each other: the network hears the join, but too
late.  So the walk goes back into the noise a few levels and comes again, several times, until both agree.  Known and
hidden samples have noise of their own: where all is hidden and nothing walked twice, this is ancestral sampling.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.denoiser import Denoise
from engine.ecg import STANDARD_LEADS, Ecg, complete_leads
from engine.sampling import Noise, SamplingStep, ancestral_step, evenly_spaced
from engine.schedule import Schedule


@dataclass(frozen=True)
class Resampling:
    """The walk: `steps` levels, `jump` of them gone back at a time, each stretch walked `passes` times in all.

    Passes 1 is the replacement method, which never goes back.  The network is asked steps x passes times.
    Raises ValueError.
    """

    steps: int = 25
    jump: int = 5
    passes: int = 4

    def __post_init__(self) -> None:
        if min(self.steps, self.jump, self.passes) < 1:
            raise ValueError(f"Steps, jump and passes must be 1 or more, not {self.steps}, {self.jump}, {self.passes}.")

    def moves(self) -> Iterator[tuple[int, int]]:
        """From level to level, 0 being noise and `steps` the ECG; downwards one at a time, back in one jump."""
        for start in range(0, self.steps, self.jump):
            stop = min(start + self.jump, self.steps)
            for number in range(self.passes):
                if number:
                    yield stop, start
                yield from pairwise(range(start, stop + 1))


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of a record in network units (leads, L), and where it is hidden, bool (leads, L)."""

    clean: Tensor
    hidden: Tensor

    def put_in(self, x: Tensor, kept: float, noise: Noise) -> Tensor:
        """The hidden samples of x (B, leads, L), and the known ones at a level."""
        return torch.where(self.hidden, x, _noised(self.clean, kept, noise))


def repaint(
    denoise: Denoise, schedule: Schedule, noise: Noise, known: Known, noise_of_known: Noise, walk: Resampling
) -> Iterator[SamplingStep]:
    """The walk; after its last step the known samples are there bit for bit."""
    chosen = evenly_spaced(schedule, walk.steps)
    kept = [*(float(schedule.alpha_bar[t]) for t in chosen), 1.0]
    x, done = noise(), 0
    for here, there in walk.moves():
        if there < here:
            x = _noised(x, kept[there] / kept[here], noise)
            continue
        x = ancestral_step(denoise, x, (chosen[here], kept[here], kept[there]), noise)
        x, done = known.put_in(x, kept[there], noise_of_known), done + 1
        yield SamplingStep(done, walk.steps * walk.passes, x)


def _noised(x: Tensor, kept: float, noise: Noise) -> Tensor:
    return x if kept >= 1 else math.sqrt(kept) * x + math.sqrt(1 - kept) * noise()


# ------------------------------------------------------------------------------------ between mV and the network


@dataclass(frozen=True, eq=False)
class Record:
    """An ECG (12, n) in mV with a gap (12, n), for a network with these leads and scales (mV per unit).

    Each lead is taken to the network without its offset, the median of its known samples, and gets it back; of a lead
    that is hidden from start to end the offset is the original's: no other lead tells it.
    """

    ecg: Ecg
    hidden: NDArray[np.bool_]
    leads: Sequence[str]
    scale: Sequence[float]

    def known(self, device: torch.device | str = "cpu") -> Known:
        """In network units; hidden samples are zero there, whatever they were."""
        hidden = self.hidden[self._rows]
        clean = (self.ecg.signal[self._rows] - self._offset) / self._scale
        clean = np.where(hidden, 0, clean).astype(np.float32)
        return Known(torch.from_numpy(clean).to(device), torch.from_numpy(hidden).to(device))

    def completed(self, signal: NDArray[np.float32]) -> Ecg:
        """The ECG with the gap filled from what the network drew (leads, n); all known samples are the original's."""
        drawn = complete_leads(signal * self._scale + self._offset, self.leads)
        return Ecg(np.where(self.hidden, drawn, self.ecg.signal), self.ecg.rate)

    @property
    def _rows(self) -> list[int]:
        return [STANDARD_LEADS.index(lead) for lead in self.leads]

    @property
    def _scale(self) -> NDArray[np.float64]:
        return np.array(self.scale)[:, None]

    @property
    def _offset(self) -> NDArray[np.float64]:
        hidden = self.hidden[self._rows]
        outside = np.where(hidden & ~hidden.all(axis=1, keepdims=True), np.nan, self.ecg.signal[self._rows])
        return np.nanmedian(outside, axis=1, keepdims=True)
