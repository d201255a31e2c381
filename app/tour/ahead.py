"""Work that is asked for before the step that shows it, so that nobody waits there.

Knows: jobs that are at work already. Does not know: what they are for, how waiting looks (`app.explore.waiting`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.generators import DrawRequest
from engine.jobs import GenerationService, JobStatus, UnknownJob
from engine.tasks import Task

Work = DrawRequest | Task


@dataclass(frozen=True)
class AskedAhead:
    """A GenerationService that was asked for some work already: `submit` gives that work's job, once."""

    service: GenerationService
    asked: list[tuple[Work, str]] = field(default_factory=list)

    def ask(self, wanted: Work) -> None:
        """Begin with it."""
        self.asked.append((wanted, self.service.submit(wanted)))

    def submit(self, wanted: Work) -> str:
        """The job that is at work on this, else a new one."""
        for at, (known, job) in enumerate(self.asked):
            if known == wanted:
                del self.asked[at]
                return job
        return self.service.submit(wanted)

    def status(self, job: str) -> JobStatus:
        """Where a job stands. Raises UnknownJob."""
        return self.service.status(job)

    def cancel(self, job: str) -> None:
        """Stop a job. Raises UnknownJob."""
        self.service.cancel(job)

    def cancel_all(self) -> None:
        """Stop what nobody has come for."""
        while self.asked:
            _, job = self.asked.pop()
            try:
                self.service.cancel(job)
            except UnknownJob:
                continue
