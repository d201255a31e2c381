"""Stand-ins for the worker where records are completed or ECGs drawn again: at once, in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.checkpoint import Recipe, save_checkpoint
from engine.drawing import DiffusionGenerator
from engine.ecg import NLE_LEADS, complete_leads
from engine.gap import Gap
from engine.generators import DrawRequest, provenance_of
from engine.harmonise import INDEPENDENT_LEADS
from engine.jobs import JobState, JobStatus
from engine.network import NetworkConfig, SssdNetwork
from engine.tasks import Answer, Task, unpack_ecgs
from engine.work import WORK, Tools
from tests.app.study_kit import DIGEST, LABEL_SET, MadeUpGeneration
from tests.engine.conftest import made_up_ecg

# mV (12, 1), by which a made-up completion is off where it was hidden: by Einthoven's law, or it would be unsound.
RAISED = complete_leads(np.full((8, 1), 0.25, dtype=np.float32), INDEPENDENT_LEADS)


@dataclass
class MadeUpCompleting(MadeUpGeneration):
    """Draws as its parent does, and fills a gap with the record itself, raised."""

    def status(self, job: str) -> JobStatus:
        task = self.requests[int(job)]
        if not isinstance(task, Task) or self.failing or self.slow:
            return super().status(job)
        return JobStatus(JobState.DONE, 1, 1, answer=_raised(task))

    @property
    def tasks(self) -> list[Task]:
        """What was asked besides drawing."""
        return [one for one in self.requests if isinstance(one, Task)]


def _raised(task: Task) -> Answer:
    ecgs, gaps = unpack_ecgs(task.asked["ecgs"]), map(Gap.fromdict, task.asked["gaps"])
    hidden = [gap.hidden(ecg.samples, ecg.rate) for ecg, gap in zip(ecgs, gaps, strict=True)]
    signals = [ecg.signal + RAISED * where for ecg, where in zip(ecgs, hidden, strict=True)]
    return Answer({"rate": 100.0, "checkpoint": DIGEST}, {"signals": np.stack(signals)})


@dataclass
class MadeUpDrawingAgain(MadeUpGeneration):
    """Draws as its parent does, also those ECGs that are asked for one by one."""

    def status(self, job: str) -> JobStatus:
        task = self.requests[int(job)]
        if not isinstance(task, Task) or self.failing or self.slow:
            return super().status(job)
        requests = [DrawRequest.fromdict(one) for one in task.asked["requests"]]
        signals = np.stack([made_up_ecg(one.record_seed(one.first) % 2**32).signal for one in requests])
        provenance = [provenance_of(one, one.checkpoint)[0].asdict() for one in requests]
        return JobStatus(
            JobState.DONE, 1, 1, answer=Answer({"rate": 100.0, "provenance": provenance}, {"signals": signals})
        )


@dataclass
class Completing:
    """A real checkpoint, what goes over the wire being JSON; draws too."""

    generator: DiffusionGenerator
    answers: list[JobStatus] = field(default_factory=list)

    def submit(self, asked: DrawRequest | Task) -> str:
        if isinstance(asked, Task):
            *_, last = WORK[asked.kind](json.loads(json.dumps(asked.asked)), Tools(lambda request: self.generator))
            self.answers.append(JobStatus(JobState.DONE, answer=last))  # type: ignore[arg-type]
        else:
            *_, drawn = self.generator.draw(asked)
            self.answers.append(JobStatus(JobState.DONE, drawn=drawn))  # type: ignore[arg-type]
        return str(len(self.answers) - 1)

    def status(self, job: str) -> JobStatus:
        return self.answers[int(job)]

    def cancel(self, job: str) -> None:
        raise AssertionError(f"{job} is over")


def with_random_weights(folder: Path) -> DiffusionGenerator:
    """A small network that knows neither sex nor age, with random weights: it fills gaps with nonsense."""
    path = folder / "small.safetensors"
    config = NetworkConfig(
        layers=1, channels=8, skip_channels=8, state=8, step_features=8, step_hidden=8, step_dim=8,
        label_dim=4, sexes=0, sex_dim=2,
    )  # fmt: skip
    save_checkpoint(path, SssdNetwork(config), Recipe(LABEL_SET.codes, NLE_LEADS, (0.2,) * 8))
    return DiffusionGenerator.load(path, "cpu")
