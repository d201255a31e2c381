"""The folder of what is compared: one set of ECGs for each variant, drawn by rounds, and the limit of the ODE.

Knows: orders, shards, files.  Does not know: distances.  ECG number i has the same labels, sex, age band and starting
noise in every set.  Whatever is interrupted, also by kill -9, goes on from the finished shards.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.catalogue import CheckpointSummary, summarise
from engine.evaluation.few_steps.limit import sample_ode
from engine.evaluation.few_steps.variants import Variant
from engine.evaluation.matched import SAMPLES, Artist, Cohort, EvaluationError, Sampling
from engine.production.backends import Backend
from engine.production.manifest import claim, intact
from engine.production.order import Order, Row
from engine.production.planning import Plan, Shard
from engine.production.press import Commission
from engine.production.store import Store

SHARD = 25  # ECGs that an interruption costs at most, of each worker; they are drawn together


def counterparts(cohort: Cohort, count: int, codes: tuple[str, ...], seed: int = 0) -> Cohort:
    """`count` records in random order, from the beginning again where there are fewer, that carry one of the codes.

    Raises EvaluationError where none does.
    """
    known = [cohort.label_set.index(code) for code in codes if code in cohort.label_set]
    usable = np.flatnonzero(cohort.labels[:, known].any(axis=1))
    if not len(usable):
        raise EvaluationError("No record of the test fold carries a label that the checkpoint knows.")
    return cohort.rows(np.resize(np.random.default_rng(seed).permutation(usable), count))


@dataclass(frozen=True)
class Sets:
    """cohort: the real ECG that each synthetic one is the counterpart of."""

    folder: Path
    checkpoint: Path
    cohort: Cohort
    seed: int = 0

    @property
    def summary(self) -> CheckpointSummary:
        """Of the checkpoint."""
        return summarise(self.checkpoint)

    def order(self, variant: Variant) -> Order:
        """All of a variant's ECGs."""
        codes, sexes, ages = self.summary.label_codes, self.cohort.sexes, self.cohort.ages
        labels = [self._labels(row, codes) for row in range(len(self.cohort))]
        rows = tuple(Row(of, 1, sex, age) for of, sex, age in zip(labels, sexes, ages, strict=True))
        how = {"sampler": variant.sampler, "steps": variant.steps, "shard_size": SHARD, "batch_size": SHARD}
        return Order(rows, self.seed, **how).check(self.cohort.label_set).settled(self.summary)

    def ready(self, variant: Variant) -> int:
        """How many of its ECGs are there, from the first one on."""
        order, store = self.order(variant), self._store(variant)
        there = takewhile(lambda shard: intact(store, order, shard) is not None, Plan(order))
        return max((shard.indices.stop for shard in there), default=0)

    def draw(self, variant: Variant, until: int, backend: Backend, workers: int | None) -> Iterator[int]:
        """Draw what is missing of the first `until` ECGs; yields how many are drawn by now."""
        order, store = self.order(variant), self._store(variant)
        claim(store, order)
        wanted = (shard for shard in Plan(order) if shard.indices.start < until)
        missing = [shard.number for shard in wanted if intact(store, order, shard) is None]
        if missing:
            yield from backend(Commission(store.url, self.checkpoint, "cpu"), missing, workers)

    def signals(self, variant: Variant, count: int) -> NDArray[np.float32]:
        """The first `count` ECGs (count, 12, samples) in mV."""
        shards = (shard for shard in Plan(self.order(variant)) if shard.indices.start < count)
        return np.concatenate([self._read(variant, shard) for shard in shards])[:count]

    def draw_limit(self, artist: Artist, steps: int, until: int) -> None:
        """Draw what is missing of the first `until` ECGs of the ODE, SHARD at a time."""
        for rows in self._parts(until):
            if self._limit_store(steps).get(_part_name(rows)) is None:
                sampling, file = Sampling("ode", steps, self.seed, self.summary.guidance), io.BytesIO()
                np.save(file, artist.draw_rows(self.cohort, rows, sampling, sample_ode))
                self._limit_store(steps).put(_part_name(rows), file.getvalue())

    def limit(self, steps: int, count: int) -> NDArray[np.float32]:
        """As many of the first `count` ECGs of the ODE as are there (n, 12, samples) in mV."""
        found = (self._limit_store(steps).get(_part_name(rows)) for rows in self._parts(count))
        parts = [np.load(io.BytesIO(part)) for part in takewhile(lambda part: part is not None, found) if part]
        return np.concatenate(parts)[:count] if parts else np.zeros((0, 12, SAMPLES), dtype=np.float32)

    def _parts(self, count: int) -> list[range]:
        return [range(start, min(start + SHARD, len(self.cohort))) for start in range(0, count, SHARD)]

    def _limit_store(self, steps: int) -> Store:
        return Store(str(self.folder / f"ode-{steps}-{self.summary.digest[:12]}-{self.seed}"))

    def _labels(self, row: int, codes: tuple[str, ...]) -> tuple[str, ...]:
        carried = np.flatnonzero(self.cohort.labels[row])
        return tuple(code for code in (self.cohort.label_set.codes[column] for column in carried) if code in codes)

    def _store(self, variant: Variant) -> Store:
        return Store(str(self.folder / variant.name))

    def _read(self, variant: Variant, shard: Shard) -> NDArray[np.float32]:
        from pyarrow import parquet

        content = self._store(variant).get(f"{shard.name}.parquet")
        table = parquet.read_table(io.BytesIO(content or b""), columns=["signal", "units_per_millivolt"])
        units = table["units_per_millivolt"].to_numpy().astype(np.float32)
        flat = np.stack(table["signal"].to_numpy()).astype(np.float32)
        return flat.reshape(len(flat), 12, -1) / units[:, None, None]


def _part_name(rows: range) -> str:
    return f"{rows.start:06d}.npy"
