"""The generators at work: the diffusion network and the simulator.

Knows: checkpoints, samplers, the simulator.  Does not know: processes, screens.  Imports torch; the web process must
not import this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.checkpoint import Checkpoint, load_checkpoint
from engine.completing import Record, Resampling, repaint
from engine.conditioning import AGE_CODES, SEX_CODES
from engine.denoiser import Estimate, denoiser
from engine.ecg import Ecg, complete_leads
from engine.folded import FoldedNetwork
from engine.generators import (
    DEFAULT_PRECISION,
    LARGEST_SEED,
    Drawn,
    DrawProgress,
    DrawRequest,
    Generator,
    RequestError,
    provenance_of,
)
from engine.hardware import free_memory
from engine.labels import ptbxl_statements
from engine.native import give_back_freed_memory
from engine.network import Condition, NetworkConfig, joined
from engine.sampling import SAMPLERS, RecordNoise, SamplingStep

BATCH = 16  # records drawn together on a processor; bounds memory and the time to the first result
LARGEST_BATCH = 256  # on a GPU: more gain nothing
NUMBERS_PER_CHANNEL = 40  # float32 numbers alive at once per record, sample and wide channel: estimated


def choose_device(wanted: str) -> torch.device:
    """`auto` is a GPU where there is one.  Raises RequestError where `cuda` is wanted and missing."""
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    if wanted == "cuda" and not torch.cuda.is_available():
        raise RequestError("The device is set to cuda, but this computer has no GPU that torch can use; set it to cpu.")
    return torch.device(wanted)


def batch_for(config: NetworkConfig, free_bytes: int | None) -> int:
    """Records to draw together: as many as fit into a GPU's free memory; None is a processor's."""
    if free_bytes is None:
        return BATCH
    per_record = NUMBERS_PER_CHANNEL * 2 * config.channels * config.length * 4
    return max(1, min(LARGEST_BATCH, free_bytes // per_record))


def half(batch: int) -> int:
    """Half of a batch that a GPU had no memory for.  Raises RequestError where it was a single record."""
    if batch == 1:
        raise RequestError(
            "The GPU has too little free memory for a single ECG; close what else runs on it, or use the cpu."
        )
    return batch // 2


class DiffusionGenerator:
    """SSSD-ECG-nle from a checkpoint, folded once."""

    def __init__(self, checkpoint: Checkpoint, device: torch.device, precision: str = DEFAULT_PRECISION) -> None:
        self._recipe, self._digest, self._device = checkpoint.recipe, checkpoint.digest, device
        self._config, self._schedule = checkpoint.network.config, checkpoint.recipe.make_schedule()
        self._length, self._precision = self._config.length, precision
        self._folded = FoldedNetwork(checkpoint.network.to(device), self._length, precision)
        self._batch = batch_for(self._config, free_memory(device))

    @classmethod
    def load(cls, path: Path, device: str = "auto", precision: str = DEFAULT_PRECISION) -> DiffusionGenerator:
        """From a checkpoint file."""
        generator = cls(load_checkpoint(path), choose_device(device), precision)
        give_back_freed_memory()  # of the plain network: a fifth of what the full preset takes while it is folded
        return generator

    def draw(self, request: DrawRequest) -> Iterator[DrawProgress | Drawn]:
        """Draw in batches; ECG number i is the same in every batch, to float tolerance."""
        request = request.guided_by(self._recipe.guidance)
        ecgs: list[Ecg] = []
        while len(ecgs) < request.count:
            batch = request.indices[len(ecgs) : len(ecgs) + self._batch]
            try:
                for step in self._sample(request, batch):
                    yield DrawProgress(len(ecgs) * step.total + step.done * len(batch), request.count * step.total)
                    signals = step.x
            except torch.OutOfMemoryError:
                self._batch = half(len(batch))
                continue
            ecgs += self._ecgs(signals)
        yield Drawn(tuple(ecgs), provenance_of(request, self._digest, self._precision))

    def draw_each(self, requests: Sequence[DrawRequest]) -> Drawn:
        """The first ECG of each request, all in one batch. Only labels, sex, age and seeds may differ between them.

        Where a GPU's memory does not suffice, the batch is halved.
        """
        try:
            return self._draw_each([request.guided_by(self._recipe.guidance) for request in requests])
        except torch.OutOfMemoryError:
            middle = half(len(requests))
        first, second = self.draw_each(requests[:middle]), self.draw_each(requests[middle:])
        return Drawn(first.ecgs + second.ecgs, first.provenance + second.provenance)

    def _draw_each(self, requests: Sequence[DrawRequest]) -> Drawn:
        condition = joined([self._condition(request) for request in requests])
        noise = self._noise([request.record_seed(request.first) for request in requests])
        for step in self._walk(requests[0], condition, noise):
            signals = step.x
        each = [provenance_of(replace(request, count=1), self._digest, self._precision)[0] for request in requests]
        return Drawn(tuple(self._ecgs(signals)), tuple(each))

    @property
    def digest(self) -> str:
        """Of the checkpoint."""
        return self._digest

    @property
    def rate(self) -> float:
        """Samples per second of what it draws."""
        return self._recipe.rate

    def frames(self, request: DrawRequest) -> Iterator[NDArray[np.float32]]:
        """The first ECG of a request as it comes out of the noise: (12, samples) in mV before the first step and after
        each one.
        """
        request = request.guided_by(self._recipe.guidance)
        yield self._millivolts(self._noise([request.record_seed(request.first)])())[0]
        for step in self._sample(request, request.indices[:1]):
            yield self._millivolts(step.x)[0]

    def complete(
        self, request: DrawRequest, ecg: Ecg, hidden: NDArray[np.bool_], walk: Resampling
    ) -> Iterator[DrawProgress | tuple[Ecg, ...]]:
        """As many completions of an ECG as the request asks for, where `hidden` (12, n) is True.

        The walk stands for the request's sampler and steps.  Raises RequestError for another rate or length.
        """
        recipe = self._recipe
        if (ecg.rate, ecg.samples) != (recipe.rate, self._length) or ecg.missing.any():
            raise RequestError(f"Only an ECG of {self._length} samples at {recipe.rate:g} Hz can be completed.")
        request = request.guided_by(recipe.guidance)
        record = Record(ecg, hidden, recipe.leads, recipe.lead_scale)
        denoise = denoiser(self._estimate(request, self._condition(request)), self._schedule, recipe.target)
        beside = replace(request, seed=LARGEST_SEED - request.seed)
        noise, of_known = (self._noise([one.record_seed(index) for index in one.indices]) for one in (request, beside))
        for step in repaint(denoise, self._schedule, noise, record.known(self._device), of_known, walk):
            yield DrawProgress(step.done, step.total)
            signals = step.x
        yield tuple(record.completed(signal) for signal in signals.cpu().numpy())

    def _noise(self, seeds: Sequence[int]) -> RecordNoise:
        return RecordNoise(seeds, (len(self._recipe.leads), self._length), self._device)

    def _sample(self, request: DrawRequest, indices: range) -> Iterator[SamplingStep]:
        noise = self._noise([request.record_seed(index) for index in indices])
        return self._walk(request, self._condition(request), noise)

    def _walk(self, request: DrawRequest, condition: Condition, noise: RecordNoise) -> Iterator[SamplingStep]:
        denoise = denoiser(self._estimate(request, condition), self._schedule, self._recipe.target)
        return SAMPLERS[request.sampler](denoise, self._schedule, noise, request.steps)

    def _estimate(self, request: DrawRequest, condition: Condition) -> Estimate:
        if request.guidance == 1:
            return self._folded.under(condition)
        if not self._recipe.labels_may_be_open:
            raise RequestError("This checkpoint was trained without ever leaving labels open; set the guidance to 1.")
        return self._folded.guided(condition, request.guidance)

    def _condition(self, request: DrawRequest) -> Condition:
        """One row, for the whole batch."""
        codes, sexes = self._recipe.label_codes, self._config.sexes
        knows_age = self._config.age_bands > 0
        unknown = [code for code in (*request.labels, *request.towards) if code not in codes]
        if unknown:
            raise RequestError(f"This checkpoint does not know {', '.join(unknown)}; it knows {', '.join(codes)}.")
        labels, towards = (_present(of, codes, self._device) for of in (request.labels, request.towards))
        labels = torch.lerp(labels, towards, request.share)
        sex = torch.tensor([SEX_CODES[request.sex]], device=self._device)
        if sexes and int(sex) >= sexes:
            raise RequestError("This checkpoint can't leave the sex open; choose female or male.")
        if request.sex and not sexes:
            raise RequestError("This checkpoint does not know sex; leave the sex open.")
        if request.age_band and not knows_age:
            raise RequestError("This checkpoint does not know age; leave the age open.")
        age = torch.tensor([AGE_CODES[request.age_band]], device=self._device)
        return Condition(labels if codes else None, sex if sexes else None, age if knows_age else None)

    def _ecgs(self, signals: torch.Tensor) -> list[Ecg]:
        return [Ecg(twelve, self.rate) for twelve in self._millivolts(signals)]

    def _millivolts(self, signals: torch.Tensor) -> list[NDArray[np.float32]]:
        """All twelve leads of each ECG, from the network's channels (B, leads, samples)."""
        recipe = self._recipe
        scaled = signals.cpu().numpy() * np.array(recipe.lead_scale, dtype=np.float32)[:, None]
        return [complete_leads(eight, recipe.leads) for eight in scaled]


def _present(labels: Sequence[str], codes: Sequence[str], device: torch.device) -> torch.Tensor:
    """(1, n): 1 where a label holds."""
    return torch.tensor([[float(code in labels) for code in codes]], device=device)


class SimulatorGenerator:
    """NeuroKit2's simulator, one ECG at a time."""

    def draw_each(self, requests: Sequence[DrawRequest]) -> Drawn:
        """The first ECG of each request."""
        drawn = [tuple(self.draw(replace(request, count=1)))[-1] for request in requests]
        return Drawn(tuple(one.ecgs[0] for one in drawn), tuple(one.provenance[0] for one in drawn))

    def draw(self, request: DrawRequest) -> Iterator[DrawProgress | Drawn]:
        """Labels other than SR, SBRAD and STACH leave no trace; sex and age neither."""
        from engine.simulator import simulate

        labels = ptbxl_statements().select(request.labels)
        ecgs = []
        for index in request.indices:
            ecgs.append(simulate(request.record_seed(index) % 2**32, labels))
            yield DrawProgress(len(ecgs), request.count)
        yield Drawn(tuple(ecgs), provenance_of(request, None))


def make_generator(name: str, checkpoint: Path | None, device: str, precision: str = DEFAULT_PRECISION) -> Generator:
    """A generator by its name in GENERATORS.  Raises RequestError where it needs a checkpoint that is not there."""
    if name == "simulator":
        return SimulatorGenerator()
    if checkpoint is None:
        raise RequestError("There is no checkpoint; train one (make train) or name one.")
    return DiffusionGenerator.load(checkpoint, device, precision)
