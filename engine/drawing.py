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
from engine.denoiser import Estimate, denoiser, guided
from engine.ecg import Ecg, complete_leads
from engine.folded import FoldedNetwork
from engine.generators import (
    LARGEST_SEED,
    Drawn,
    DrawProgress,
    DrawRequest,
    Generator,
    RequestError,
    provenance_of,
)
from engine.labels import ptbxl_statements
from engine.network import Condition
from engine.sampling import SAMPLERS, RecordNoise, SamplingStep

BATCH = 16  # records drawn together; bounds memory and the time to the first result


def choose_device(wanted: str) -> torch.device:
    """`auto` is a GPU where there is one.  Raises RequestError where `cuda` is wanted and missing."""
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    if wanted == "cuda" and not torch.cuda.is_available():
        raise RequestError("The device is set to cuda, but this computer has no GPU that torch can use; set it to cpu.")
    return torch.device(wanted)


class DiffusionGenerator:
    """SSSD-ECG-nle from a checkpoint, folded once."""

    def __init__(self, checkpoint: Checkpoint, device: torch.device) -> None:
        self._checkpoint, self._device = checkpoint, device
        self._length = checkpoint.network.config.length
        self._schedule = checkpoint.recipe.make_schedule()
        self._folded = FoldedNetwork(checkpoint.network.to(device), self._length)

    @classmethod
    def load(cls, path: Path, device: str = "auto") -> DiffusionGenerator:
        """From a checkpoint file."""
        return cls(load_checkpoint(path), choose_device(device))

    def draw(self, request: DrawRequest) -> Iterator[DrawProgress | Drawn]:
        """Draw in batches; ECG number i is the same in every batch, to float tolerance."""
        request = request.guided_by(self._checkpoint.recipe.guidance)
        starts = range(0, request.count, BATCH)
        ecgs: list[Ecg] = []
        for start in starts:
            for step in self._sample(request, request.indices[start : start + BATCH]):
                yield DrawProgress(request.steps * (start // BATCH) + step.done, request.steps * len(starts))
                signals = step.x
            ecgs += self._ecgs(signals)
        yield Drawn(tuple(ecgs), provenance_of(request, self._checkpoint.digest))

    def draw_each(self, requests: Sequence[DrawRequest]) -> Drawn:
        """The first ECG of each request, all in one batch. Only labels, sex, age and seeds may differ between them."""
        requests = [request.guided_by(self._checkpoint.recipe.guidance) for request in requests]
        condition = joined([self._condition(request) for request in requests])
        noise = self._noise([request.record_seed(request.first) for request in requests])
        for step in self._walk(requests[0], condition, noise):
            signals = step.x
        origins = [provenance_of(replace(request, count=1), self._checkpoint.digest)[0] for request in requests]
        return Drawn(tuple(self._ecgs(signals)), tuple(origins))

    @property
    def digest(self) -> str:
        """Of the checkpoint."""
        return self._checkpoint.digest

    @property
    def rate(self) -> float:
        """Samples per second of what it draws."""
        return self._checkpoint.recipe.rate

    def frames(self, request: DrawRequest) -> Iterator[NDArray[np.float32]]:
        """The first ECG of a request as it comes out of the noise: (12, samples) in mV before the first step and after
        each one.
        """
        request = request.guided_by(self._checkpoint.recipe.guidance)
        yield self._millivolts(self._noise([request.record_seed(request.first)])())[0]
        for step in self._sample(request, request.indices[:1]):
            yield self._millivolts(step.x)[0]

    def complete(
        self, request: DrawRequest, ecg: Ecg, hidden: NDArray[np.bool_], walk: Resampling
    ) -> Iterator[DrawProgress | tuple[Ecg, ...]]:
        """As many completions of an ECG as the request asks for, where `hidden` (12, n) is True.

        The walk stands for the request's sampler and steps.  Raises RequestError for another rate or length.
        """
        recipe = self._checkpoint.recipe
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
        return RecordNoise(seeds, (len(self._checkpoint.recipe.leads), self._length), self._device)

    def _sample(self, request: DrawRequest, indices: range) -> Iterator[SamplingStep]:
        noise = self._noise([request.record_seed(index) for index in indices])
        return self._walk(request, self._condition(request), noise)

    def _walk(self, request: DrawRequest, condition: Condition, noise: RecordNoise) -> Iterator[SamplingStep]:
        denoise = denoiser(self._estimate(request, condition), self._schedule, self._checkpoint.recipe.target)
        return SAMPLERS[request.sampler](denoise, self._schedule, noise, request.steps)

    def _estimate(self, request: DrawRequest, condition: Condition) -> Estimate:
        estimate = self._folded.under(condition)
        if request.guidance == 1:
            return estimate
        if not self._checkpoint.recipe.labels_may_be_open:
            raise RequestError("This checkpoint was trained without ever leaving labels open; set the guidance to 1.")
        left_open = Condition.left_open(self._checkpoint.network.config, self._device)
        return guided(estimate, self._folded.under(left_open), request.guidance)

    def _condition(self, request: DrawRequest) -> Condition:
        """One row, for the whole batch."""
        codes, sexes = self._checkpoint.recipe.label_codes, self._checkpoint.network.config.sexes
        knows_age = self._checkpoint.network.config.age_bands > 0
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
        recipe = self._checkpoint.recipe
        scaled = signals.cpu().numpy() * np.array(recipe.lead_scale, dtype=np.float32)[:, None]
        return [complete_leads(eight, recipe.leads) for eight in scaled]


def joined(conditions: Sequence[Condition]) -> Condition:
    """One row after the other."""
    columns = zip(*((one.labels, one.sex, one.age) for one in conditions), strict=True)
    return Condition(*(None if column[0] is None else torch.cat(column) for column in columns))


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


def make_generator(name: str, checkpoint: Path | None, device: str) -> Generator:
    """A generator by its name in GENERATORS.  Raises RequestError where it needs a checkpoint that is not there."""
    if name == "simulator":
        return SimulatorGenerator()
    if checkpoint is None:
        raise RequestError("There is no checkpoint; train one (make train) or name one.")
    return DiffusionGenerator.load(checkpoint, device)
