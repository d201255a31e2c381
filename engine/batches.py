"""Batches of training records, with everything random that a step needs.

Knows: missing samples, augmentation, withholding of labels, sex and age.  Does not know: networks, losses, optimisers.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import torch
from torch import Generator, Tensor

from engine.conditioning import AGE_CODES, LABEL_OPEN, SEX_CODES
from engine.training_data import MICROVOLTS, MISSING, TrainingSet


@dataclass(frozen=True)
class Batch:
    """Records in network units, missing samples as zero, with everything random that a step needs."""

    clean: Tensor  # (B, 8, L)
    present: Tensor  # (B, 1, L) of zeros and ones
    labels: Tensor  # (B, n)
    sex: Tensor  # (B,)
    age: Tensor  # (B,)
    step: Tensor  # (B,) diffusion steps: a noise level per record, not per lead
    noise: Tensor  # (B, 8, L)

    def part(self, rank: int, of: int) -> Batch:
        """Every `of`-th record, from number `rank`."""
        return Batch(**{f.name: getattr(self, f.name)[rank::of] for f in fields(self)})

    def to(self, device: torch.device) -> Batch:
        """The same on a device."""
        return Batch(**{f.name: getattr(self, f.name).to(device) for f in fields(self)})

    def recorded_values(self) -> float:
        """Number of values that were recorded, over which the loss is a mean."""
        return float(self.present.sum()) * self.clean.shape[1]


@dataclass(frozen=True)
class Augmentation:
    """What is varied between two epochs."""

    amplitude_jitter: float = 0.1  # standard deviation of the log of a gain common to all leads
    time_shift: int = 0  # samples by which a record is moved at most; what enters counts as missing
    label_dropout: float = 0.1  # share of records whose labels are left open, for guidance (arXiv 2207.12598)
    sex_dropout: float = 0.1  # share of records whose sex is withheld, so that it can be left open
    age_dropout: float = 0.3  # likewise of the age, which is seldom asked for

    def __call__(self, batch: Batch, generator: Generator) -> Batch:
        """Other gains, places, labels, sexes and ages for the records of a batch."""
        records = len(batch.clean)
        gain = torch.exp(self.amplitude_jitter * torch.randn(records, 1, 1, generator=generator))
        sex_open = torch.rand(records, generator=generator) < self.sex_dropout
        labels_open = torch.rand(records, 1, generator=generator) < self.label_dropout
        age_open = torch.rand(records, generator=generator) < self.age_dropout
        shifts = torch.randint(-self.time_shift, self.time_shift + 1, (records,), generator=generator)
        return replace(
            batch,
            clean=_shifted(batch.clean * gain, shifts),
            present=_shifted(batch.present, shifts),
            labels=torch.where(labels_open, LABEL_OPEN, batch.labels),
            sex=torch.where(sex_open, SEX_CODES[None], batch.sex),
            age=torch.where(age_open, AGE_CODES[None], batch.age),
        )


def collate(data: TrainingSet, chosen: Tensor, lead_scale: Tensor, step: Tensor, generator: Generator) -> Batch:
    """Records by index, at given diffusion steps."""
    signals = data.signals[chosen]
    present = (signals != MISSING).all(1, keepdim=True)
    clean = signals.float() / MICROVOLTS / lead_scale[:, None] * present
    noise = torch.randn(clean.shape, generator=generator)
    labels, sex, age = data.labels[chosen].float(), data.sex[chosen], data.age[chosen]
    return Batch(clean, present.float(), labels, sex, age, step, noise)


def epoch_slice(records: int, batch: int, taken: int, seed: int) -> Tensor:
    """Indices (batch,) for step `taken`: every epoch a new order, each record once in it."""
    first = taken * batch
    wanted = range(first, first + batch)
    orders: dict[int, Tensor] = {}
    for epoch in {i // records for i in wanted}:
        orders[epoch] = torch.randperm(records, generator=Generator().manual_seed(seed * 1_000_003 + epoch))
    return torch.stack([orders[i // records][i % records] for i in wanted])


def _shifted(x: Tensor, shifts: Tensor) -> Tensor:
    """x (B, c, L) moved right by `shifts` (B,) samples, zeros where nothing is known."""
    source = torch.arange(x.shape[-1]) - shifts[:, None, None]  # (B, 1, L)
    inside = (source >= 0) & (source < x.shape[-1])
    return x.gather(-1, source.clamp(0, x.shape[-1] - 1).expand_as(x)) * inside
