"""Real ECGs of some folds, and as many synthetic ones with the same labels, sex and age band, one for one.

Knows: PTB-XL, checkpoints, samplers.  Does not know: what is measured on the ECGs.

All ECGs are looked at for 9.9 s: 55 % of the records that this was developed on lack their last 10 samples, and an end
that only real ECGs have would tell the two apart.  The few other missing samples are the lead's median.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from engine.age import age_band_of
from engine.checkpoint import Checkpoint
from engine.conditioning import AGE_CODES, SEX_CODES
from engine.denoiser import Estimate, denoiser
from engine.ecg import NLE_LEADS, STANDARD_LEADS, Ecg, complete_leads
from engine.folded import FoldedNetwork
from engine.generators import DEFAULT_SAMPLER, DrawRequest
from engine.labels import LabelSet, Sex
from engine.network import Condition
from engine.ptbxl import PtbXl
from engine.sampling import SAMPLERS, RecordNoise, Sampler

RATE = 100  # Hz
SAMPLES = 990  # of every ECG; see above
BATCHES = {"cpu": 16, "cuda": 256}  # ECGs drawn together; more are no faster on a CPU
EIGHT = tuple(STANDARD_LEADS.index(lead) for lead in NLE_LEADS)


class EvaluationError(ValueError):
    """An evaluation can't be made; the message says what to change."""


@dataclass(frozen=True, eq=False)
class Cohort:
    """n ECGs with what they are labelled.

    signals: float32 (n, 12, 990) in mV at 100 Hz, none missing; labels: uint8 (n, n_labels).
    sexes, ages (bands), patients: n each.
    """

    signals: NDArray[np.float32]
    labels: NDArray[np.uint8]
    sexes: tuple[Sex | None, ...]
    ages: tuple[str | None, ...]
    patients: NDArray[np.int64]
    label_set: LabelSet

    def __len__(self) -> int:
        return len(self.signals)

    @property
    def eight(self) -> NDArray[np.float32]:
        """The independent leads (n, 8, 990), in the order of NLE_LEADS."""
        return self.signals[:, EIGHT]

    def ecgs(self) -> Iterator[Ecg]:
        """One by one."""
        return (Ecg(signal, RATE) for signal in self.signals)

    def carrying(self, *codes: str) -> NDArray[np.bool_]:
        """Which ECGs carry all of these labels: (n,)."""
        return np.all([self.labels[:, self.label_set.index(code)] > 0 for code in codes], axis=0)

    def rows(self, chosen: NDArray[np.int64]) -> Cohort:
        """Some of the ECGs, in the order given."""
        sexes, ages = (tuple(of[row] for row in chosen) for of in (self.sexes, self.ages))
        return Cohort(self.signals[chosen], self.labels[chosen], sexes, ages, self.patients[chosen], self.label_set)

    def spread(self, count: int) -> Cohort:
        """`count` ECGs from all over the cohort; all if it has no more."""
        return self.rows(np.unique(np.linspace(0, len(self) - 1, min(count, len(self))).astype(np.int64)))

    def with_signals(self, signals: NDArray[np.float32]) -> Cohort:
        """The same labels, sexes and ages on other ECGs, which belong to no patient."""
        nobody = np.full(len(self), -1, dtype=np.int64)
        return Cohort(_complete(signals), self.labels, self.sexes, self.ages, nobody, self.label_set)


@dataclass(frozen=True)
class Sampling:
    """How synthetic ECGs are drawn."""

    sampler: str = DEFAULT_SAMPLER
    steps: int = 25
    seed: int = 0
    guidance: float = 1.0


def read_cohort(ptbxl: PtbXl, folds: Iterable[int]) -> Cohort:
    """All 100 Hz records of the folds.  Raises EvaluationError where there are none."""
    wanted = set(folds)
    records = [record for record in ptbxl.at_rate(RATE) if record.fold in wanted]
    if not records:
        raise EvaluationError(f"{ptbxl.folder} has no 100 Hz records in fold {', '.join(map(str, sorted(wanted)))}.")
    labels = np.stack([ptbxl.label_set.encode(record.labels) for record in records])
    # A record without a patient is a patient of its own.
    patients = [-1 - i if r.patient_id is None else r.patient_id for i, r in enumerate(records)]
    signals = _complete(ptbxl.read_many(records, rate=RATE))
    sexes, ages = tuple(r.sex for r in records), tuple(age_band_of(r.age) for r in records)
    return Cohort(signals, labels, sexes, ages, np.array(patients), ptbxl.label_set)


class Artist:
    """A checkpoint ready to draw the synthetic counterpart of any cohort."""

    def __init__(self, checkpoint: Checkpoint, device: str = "cpu") -> None:
        recipe, length = checkpoint.recipe, checkpoint.network.config.length
        if recipe.rate != RATE or length < SAMPLES:
            raise EvaluationError(
                f"This checkpoint draws {length} samples at {recipe.rate:g} Hz; only 10 s at {RATE} Hz can be judged."
            )
        self.checkpoint, self._device, self._length = checkpoint, torch.device(device), length
        self.batch = BATCHES[self._device.type]
        self._folded = FoldedNetwork(checkpoint.network.to(self._device), length)

    def draw(self, cohort: Cohort, sampling: Sampling) -> Iterator[NDArray[np.float32]]:
        """Batches of signals (b, 12, length) in mV, one ECG for each of the cohort in its order."""
        for start in range(0, len(cohort), self.batch):
            rows = range(start, min(start + self.batch, len(cohort)))
            yield self.draw_rows(cohort, rows, sampling, SAMPLERS[sampling.sampler])

    def draw_rows(self, cohort: Cohort, rows: range, sampling: Sampling, sample: Sampler) -> NDArray[np.float32]:
        """One batch (b, 12, length) in mV; row number i starts from the same noise by any sampler."""
        recipe = self.checkpoint.recipe
        request = DrawRequest((), seed=sampling.seed)
        noise = RecordNoise([request.record_seed(r) for r in rows], (len(recipe.leads), self._length), self._device)
        estimate = self._estimate(self._condition(cohort, rows), sampling.guidance)
        schedule = recipe.make_schedule()
        denoise = denoiser(estimate, schedule, recipe.target)
        for step in sample(denoise, schedule, noise, sampling.steps):
            x = step.x
        millivolts = x.cpu().numpy() * np.array(recipe.lead_scale, dtype=np.float32)[:, None]
        return complete_leads(millivolts, recipe.leads)

    def _estimate(self, condition: Condition, guidance: float) -> Estimate:
        if guidance == 1:
            return self._folded.under(condition)
        if not self.checkpoint.recipe.labels_may_be_open:
            raise EvaluationError("This checkpoint never saw open labels; leave --guidance at 1.")
        return self._folded.guided(condition, guidance)

    def _condition(self, cohort: Cohort, rows: range) -> Condition:
        """Labels that the checkpoint does not know are left out; a sex that can't be left open is female."""
        codes, config = self.checkpoint.recipe.label_codes, self.checkpoint.network.config
        labels = [[_carries(cohort, row, code) for code in codes] for row in rows]
        sex = [SEX_CODES[cohort.sexes[row]] for row in rows]
        age = [AGE_CODES[cohort.ages[row]] for row in rows]
        return Condition(
            torch.tensor(labels, device=self._device) if codes else None,
            torch.tensor([s if s < config.sexes else 0 for s in sex], device=self._device) if config.sexes else None,
            torch.tensor(age, device=self._device) if config.age_bands else None,
        )


def _carries(cohort: Cohort, row: int, code: str) -> int:
    return int(code in cohort.label_set and cohort.labels[row, cohort.label_set.index(code)])


def _complete(signals: NDArray[np.float32]) -> NDArray[np.float32]:
    """The first 9.9 s, missing samples filled with the median of what the lead has."""
    cut = np.array(signals[..., :SAMPLES], dtype=np.float32)
    absent = np.isnan(cut)
    for row in np.flatnonzero(absent.any(axis=(1, 2))):
        known = np.where(absent[row].all(axis=-1, keepdims=True), np.float32(0), cut[row])
        cut[row] = np.where(absent[row], np.nanmedian(known, axis=-1, keepdims=True), cut[row])
    return np.ascontiguousarray(cut)
