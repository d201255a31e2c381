"""One drawn arm of a study in the making: asks for its ECGs and fills up while they come.

Knows: jobs, and what becomes of an ECG that cannot be used. Does not know: the other arms, Streamlit. What is asked
and how an answer is read is a `Maker`'s: `ByGenerator` here, others in `completed_arm`.

An ECG that cannot be harmonised is drawn again with another seed, up to ROUNDS times; then it stays away and is named.
What was being drawn when the worker died is asked for again, as often: the same seed draws the same ECGs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.composition.curate import ARMS, Case, CurationError, Drawing, drawings, drawn_truth, to_item
from app.composition.order import StudyOrder
from engine.ecg import Ecg, EcgError
from engine.generators import DrawRequest
from engine.jobs import JobState, JobStatus, UnknownJob
from engine.labels import LabelSet
from engine.tasks import Task
from review_db.plan import NewItem

ROUNDS = 3


class Drawer(Protocol):
    """The part of `engine.jobs.GenerationService` that a composition needs."""

    def submit(self, request: DrawRequest | Task) -> str:
        """Queue a request or a task; returns the job's id."""
        ...

    def status(self, job: str) -> JobStatus:
        """Where a job stands."""
        ...

    def cancel(self, job: str) -> None:
        """Stop a job."""
        ...


Made = tuple[Ecg, Mapping[str, object]]  # an ECG and the truth about it, as JSON


class Maker(Protocol):
    """Where the ECGs of a drawn arm come from."""

    def ask(self, missing: Mapping[int, Case], seed: int) -> Iterable[Drawing]:
        """What draws an ECG for each of these cases. Raises UnknownLabel or RequestError."""
        ...

    def made(self, drawing: Drawing, status: JobStatus) -> Iterable[Made]:
        """What came of it, in the order of its positions."""
        ...


@dataclass(frozen=True)
class ByGenerator:
    """ECGs that a generator draws from nothing but labels, sex and age."""

    generator: str
    like: DrawRequest
    label_set: LabelSet

    def ask(self, missing: Mapping[int, Case], seed: int) -> Iterable[Drawing]:
        """One request per distinct case."""
        asked = drawings(missing, self.generator, seed, self.like)
        for drawing in asked:
            drawing.request.check(self.label_set)
        return asked

    def made(self, drawing: Drawing, status: JobStatus) -> Iterable[Made]:
        """Each with what draws it again."""
        drawn = status.drawn
        return [(ecg, drawn_truth(of)) for ecg, of in zip(drawn.ecgs, drawn.provenance, strict=True)] if drawn else []


@dataclass
class DrawnArm:
    """The ECGs of one maker; `cases` and `items` by the number of the case."""

    key: str
    order: StudyOrder
    cases: Mapping[int, Case]
    maker: Maker
    drawer: Drawer
    label_set: LabelSet
    items: dict[int, NewItem] = field(default_factory=dict)
    _jobs: dict[str, Drawing] = field(default_factory=dict)
    _rounds: int = 0
    _problems: dict[int, str] = field(default_factory=dict)
    _fractions: dict[str, float] = field(default_factory=dict)
    _asked_again: int = 0

    def draw_missing(self) -> None:
        """Ask for what is not there yet. Raises UnknownLabel or RequestError."""
        missing = {at: case for at, case in self.cases.items() if at not in self.items}
        # Another round starts from other noise, or the same ECG would come out again.
        seed = self.order.seed + 1_000_003 * self._rounds
        self._rounds += 1
        for drawing in self.maker.ask(missing, seed):
            self._jobs[self.drawer.submit(drawing.request)] = drawing

    def advance(self) -> None:
        """Take what is drawn by now. Raises CurationError if a job failed."""
        for job in list(self._jobs):
            self._take(job)
        if not self._jobs and len(self.items) < len(self.cases) and self._rounds < ROUNDS:
            self.draw_missing()

    @property
    def is_drawing(self) -> bool:
        """True while ECGs are still to come."""
        return bool(self._jobs)

    @property
    def under_way(self) -> float:
        """ECGs that are being drawn, in parts."""
        return sum(self._fractions.get(job, 0.0) * len(drawing.positions) for job, drawing in self._jobs.items())

    @property
    def left_out(self) -> list[str]:
        """What could not be drawn, a sentence each."""
        return [words for at, words in self._problems.items() if at not in self.items]

    def cancel(self) -> None:
        """Stop all jobs."""
        for job in self._jobs:
            self._stop(job)
        self._jobs.clear()

    def _take(self, job: str) -> None:
        status = self._status(job)
        self._fractions[job] = status.done / status.total if status.total else 0.0
        if status.state is JobState.DONE:
            drawing = self._jobs.pop(job)
            self._fill(drawing, self.maker.made(drawing, status))
        elif status.is_lost and self._asked_again < ROUNDS:
            self._asked_again += 1
            drawing = self._jobs.pop(job)
            self._jobs[self.drawer.submit(drawing.request)] = drawing
        elif status.state.is_over:
            raise CurationError(status.error or "The drawing was cancelled: compose the study again.")

    def _status(self, job: str) -> JobStatus:
        try:
            return self.drawer.status(job)
        except UnknownJob:
            return JobStatus(JobState.FAILED, error="The generator was restarted: compose the study again.")

    def _fill(self, drawing: Drawing, made: Iterable[Made]) -> None:
        for at, (ecg, truth) in zip(drawing.positions, made, strict=True):
            labels = self.cases[at].labels
            try:
                item = to_item(ecg, ARMS[self.key], labels, self.label_set, truth)
            except EcgError as error:
                self._problems[at] = f"{ARMS[self.key].name}, {labels}: {error}"
            else:
                self.items[at] = self.order.placed(item, at)

    def _stop(self, job: str) -> None:
        try:
            self.drawer.cancel(job)
        except UnknownJob:
            return  # it is over and forgotten, which is all that was wanted
