"""What the tests of the tour share: PTB-XL that can be read, a generation that also answers the tour's tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from engine.ecg import Ecg
from engine.generators import DrawRequest
from engine.jobs import JobState, JobStatus
from engine.ptbxl import PtbxlRecord
from engine.tasks import Answer, Task
from tests.app.study_kit import MadeUpGeneration, MadeUpPtbXl, record
from tests.engine.conftest import made_up_ecg

STEPS_OF_FILM = 4


@dataclass
class ReadablePtbXl(MadeUpPtbXl):
    def read(self, record: PtbxlRecord, rate: int = 100) -> Ecg:
        return Ecg(self.read_many([record], rate)[0], rate)


TRAINED_ON = ReadablePtbXl(
    tuple(record(number, "NORM SR", fold=1) for number in range(1, 6))
    + tuple(record(20 + number, "NORM SR") for number in range(1, 6))  # of fold 9, where studies take theirs
    + (record(31, "AFIB", fold=2), record(32, "CLBBB SR", fold=3), record(33, "AFIB LVH", fold=2))
)


@dataclass
class TourGeneration(MadeUpGeneration):
    def status(self, job: str) -> JobStatus:
        if job in self.cancelled:
            return JobStatus(JobState.CANCELLED)
        task = cast("list[DrawRequest | Task]", self.requests)[int(job)]
        if isinstance(task, DrawRequest) or self.slow or self.failing:
            return super().status(job)
        return JobStatus(JobState.DONE, 1, 1, answer={"several": self._several, "film": self._film}[task.kind](task))

    def of_kind(self, kind: str) -> list[Task]:
        asked = cast("list[DrawRequest | Task]", self.requests)
        return [one for one in asked if isinstance(one, Task) and one.kind == kind]

    def _several(self, task: Task) -> Answer:
        requests = [DrawRequest.fromdict(one) for one in task.asked["requests"]]
        signals = [made_up_ecg(one.record_seed(one.first) % 2**32).signal for one in requests]
        return Answer({"rate": 100.0}, {"signals": np.stack(signals)})

    def _film(self, task: Task) -> Answer:
        frames = np.stack([made_up_ecg(number).signal for number in range(STEPS_OF_FILM + 1)])
        return Answer({"rate": 100.0}, {"frames": frames})
