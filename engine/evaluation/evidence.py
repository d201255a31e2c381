"""What the sections of an evaluation share, each made when it is first asked for.

Knows: real and synthetic cohorts, their measurements, the reference classifier.  Does not know: verdicts.
Drawing takes most of the time; with a folder to keep them in, synthetic ECGs are drawn once for the same checkpoint,
sampler, seed, labels, sexes and ages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.classifier import train_classifier
from engine.evaluation.convnet import ConvNet
from engine.evaluation.discriminator import Signals, on_the_wire
from engine.evaluation.matched import Artist, Cohort, Sampling, read_cohort
from engine.evaluation.measurement import Measured, measure
from engine.evaluation.progress import watch, watch_training
from engine.ptbxl import PtbXl

TRAINING_FOLDS = range(1, 9)


@dataclass(frozen=True)
class Plan:
    """How much is looked at.  count: of each set, None = all; synthetic: training set for TSTR and discriminator."""

    folds: tuple[int, ...] = (9,)
    count: int | None = None
    synthetic: int = 1000
    epochs: int = 15
    keep: Path | None = None


class Evidence:
    """Everything about one checkpoint that more than one section wants."""

    def __init__(self, artist: Artist, ptbxl: PtbXl, sampling: Sampling, plan: Plan) -> None:
        self.artist, self.sampling, self.plan, self._ptbxl = artist, sampling, plan, ptbxl

    @cached_property
    def real(self) -> Cohort:
        """The ECGs of the test folds."""
        return self._read(self.plan.folds)

    @cached_property
    def synthetic(self) -> Cohort:
        """One for each of `real`."""
        return self._draw(self.real, self.sampling.seed, "drawing")

    @cached_property
    def training(self) -> Cohort:
        """Folds 1 to 8."""
        return self._read(TRAINING_FOLDS)

    @cached_property
    def training_matched(self) -> Cohort:
        """The training records that have a synthetic counterpart."""
        return self.training.spread(self.plan.synthetic)

    @cached_property
    def synthetic_training(self) -> Cohort:
        """One for each of `training_matched`."""
        return self._draw(self.training_matched, self.sampling.seed + 1, "drawing for training")

    @cached_property
    def measured(self) -> tuple[Measured, Measured]:
        """Of the real and of the synthetic ECGs."""
        return self._measure(self.real, "measuring real"), self._measure(self.synthetic, "measuring synthetic")

    @cached_property
    def reference(self) -> ConvNet:
        """The classifier trained on all real training records."""
        return train_classifier(self.training, self.plan.epochs, watch_training, "classifier, real")

    @cached_property
    def shown(self) -> tuple[Signals, Signals]:
        """Real and synthetic as a study would show them."""
        return on_the_wire(self.real), on_the_wire(self.synthetic)

    def _read(self, folds: Iterable[int]) -> Cohort:
        cohort = read_cohort(self._ptbxl, folds)
        return cohort if self.plan.count is None else cohort.spread(self.plan.count)

    def _measure(self, cohort: Cohort, title: str) -> Measured:
        return measure(watch(cohort.ecgs(), title, len(cohort)))

    def _draw(self, cohort: Cohort, seed: int, title: str) -> Cohort:
        sampling = replace(self.sampling, seed=seed)
        kept = self.plan.keep and self.plan.keep / f"{_name(self.artist, cohort, sampling)}.npy"
        if kept and kept.exists():
            return cohort.with_signals(np.load(kept))
        batches = watch(self.artist.draw(cohort, sampling), title, -(-len(cohort) // self.artist.batch))
        signals: NDArray[np.float32] = np.concatenate(list(batches))
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.save(kept, signals)
        return cohort.with_signals(signals)


def _name(artist: Artist, cohort: Cohort, sampling: Sampling) -> str:
    """Different for whatever makes different ECGs."""
    facts = f"{artist.checkpoint.digest} {sampling} {cohort.sexes} {cohort.ages} {cohort.label_set.digest}"
    return hashlib.sha256(facts.encode() + cohort.labels.tobytes()).hexdigest()[:16]
