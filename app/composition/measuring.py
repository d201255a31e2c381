"""What stands below the ECGs of a study whose protocol shows measurements: measured when the study is composed.

Knows: that every ECG of every arm goes to the same task, as the very payload that readers get, and comes back as whole
numbers of the same names. Does not know: how an ECG is measured (`engine.measuring`), which arm an ECG is of.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.composition.curate import CurationError
from app.composition.drawn import ROUNDS, Drawer
from engine.harmonise import decode
from engine.jobs import JobState, JobStatus, UnknownJob
from engine.tasks import Task, pack_ecgs
from review_db.measured import NAMES, Measured
from review_db.plan import NewItem


@dataclass
class Measuring:
    """One task for all ECGs of a study. `begin` once, `advance` until `is_over`; or `cancel`."""

    worker: Drawer
    _payloads: tuple[bytes, ...] = ()
    _job: str | None = None
    _asked_again: int = 0
    _found: dict[bytes, Measured] = field(default_factory=dict)

    def begin(self, items: Sequence[NewItem]) -> None:
        """Ask for the measurements of these ECGs."""
        self._payloads = tuple(item.payload for item in items)
        self._job = self._ask()

    def _ask(self) -> str:
        return self.worker.submit(Task("measured", {"ecgs": pack_ecgs([decode(one) for one in self._payloads])}))

    @property
    def has_begun(self) -> bool:
        """True once it was asked."""
        return bool(self._payloads)

    @property
    def is_over(self) -> bool:
        """True when all are measured, or it was cancelled."""
        return self.has_begun and self._job is None

    def advance(self) -> None:
        """Take what is measured by now. Raises CurationError if it failed."""
        if self._job is None:
            return
        status = self._status(self._job)
        if status.state is JobState.DONE and status.answer is not None:
            measured = map(whole, status.answer.facts["measurements"])
            self._found, self._job = dict(zip(self._payloads, measured, strict=True)), None
        elif status.is_lost and self._asked_again < ROUNDS:
            self._asked_again, self._job = self._asked_again + 1, self._ask()
        elif status.state.is_over:
            raise CurationError(status.error or "The measuring was cancelled: compose the study again.")

    def cancel(self) -> None:
        """Stop it."""
        job, self._job = self._job, None
        if job is not None and not self._status(job).state.is_over:
            self.worker.cancel(job)

    def measured(self, items: Sequence[NewItem]) -> list[NewItem]:
        """The same ECGs with their measurements."""
        return [replace(item, measured=self._found[item.payload]) for item in items]

    def _status(self, job: str) -> JobStatus:
        try:
            return self.worker.status(job)
        except UnknownJob:
            return JobStatus(JobState.FAILED, error="The worker was restarted: compose the study again.")


def whole(measurements: Mapping[str, Any]) -> Measured:
    """Whole beats per minute, milliseconds and degrees, as printed ECGs have them; what was not found is None."""
    return {name: _rounded(measurements.get(name)) for name in NAMES}


def _rounded(value: float | None) -> int | None:
    return None if value is None or not math.isfinite(value) else round(value)
