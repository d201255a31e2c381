"""A study in the making: reads the real arm, has the others drawn, and ends in a plan for the store.

Knows: the order of work, its progress, how to cancel it, and what becomes of an ECG that cannot be used.
Does not know: Streamlit. A screen calls `advance` now and then; the drawing itself is another process's.

An ECG that cannot be harmonised is drawn again with another seed, up to ROUNDS times; then it is left out,
in all arms, so that the arms stay matched, and named.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from app.curate import (
    ARMS,
    OWN,
    REAL,
    REAL_ARMS,
    CurationError,
    Drawing,
    RealArm,
    drawings,
    drawn_truth,
    fold_words,
    planned_cases,
    real_arm,
    to_item,
)
from app.own_arm import own_arm
from engine.audit.checking import FEWEST, AuditProcess
from engine.ecg import EcgError
from engine.files.own_records import OwnRecords
from engine.generators import Drawn, DrawRequest
from engine.jobs import JobState, JobStatus, UnknownJob
from engine.labels import Labels, LabelSet
from engine.ptbxl import PtbXl
from review_db.model import Arm, NewItem, Origin, StudyPlan

ROUNDS = 3


class Audit(Protocol):
    """The part of `engine.audit.checking.AuditProcess` that a composition needs."""

    def result(self) -> dict[str, Any] | None:
        """The audit; None while it works. Raises AuditFailed."""
        ...

    def stop(self) -> None:
        """End it."""
        ...


StartAudit = Callable[[Sequence[bytes], Sequence[bytes]], Audit]  # payloads of real and of synthetic ECGs


class Drawer(Protocol):
    """The part of `engine.jobs.GenerationService` that a composition needs."""

    def submit(self, request: DrawRequest) -> str:
        """Queue a request; returns the job's id."""
        ...

    def status(self, job: str) -> JobStatus:
        """Where a job stands."""
        ...

    def cancel(self, job: str) -> None:
        """Stop a job."""
        ...


@dataclass(frozen=True)
class StudyOrder:
    """What an investigator asks for. Raises CurationError, one sentence on what to change."""

    title: str
    description: str
    arms: tuple[str, ...]  # keys of curate.ARMS
    findings: tuple[Labels, ...]
    number: int  # ECGs per arm
    seed: int
    minimum_view_seconds: float
    question_plausibility: bool
    drawn_like: DrawRequest  # sampler, steps, guidance, checkpoint

    def __post_init__(self) -> None:
        rules = {
            "Give the study a title.": self.title.strip(),
            "Choose at least two arms: readers tell one from the other.": len(self.arms) >= 2,
            "Choose one real arm: the cases of a study come from one source.": sum(map(self.arms.count, REAL_ARMS))
            <= 1,
            "Choose at least one finding.": self.findings and all(labels.codes for labels in self.findings),
            "Ask for at least as many ECGs per arm as there are findings.": self.number >= len(self.findings),
        }
        for sentence, holds in rules.items():
            if not holds:
                raise CurationError(sentence)


@dataclass(frozen=True)
class RealRecords:
    """The real ECGs that this installation has."""

    ptbxl: PtbXl | None = None
    own: OwnRecords | None = None


def _read_real(order: StudyOrder, records: RealRecords) -> RealArm | None:
    """The real arm of an order; None if it asks for none. Raises CurationError."""
    asked = (order.findings, order.number, order.seed)
    if OWN in order.arms and records.own is not None:
        return own_arm(records.own, *asked)
    if REAL in order.arms and records.ptbxl is not None:
        return real_arm(records.ptbxl, *asked)
    if not set(order.arms) & set(REAL_ARMS):
        return None
    raise CurationError("The folder of real ECGs is not there: choose other arms, or set it and restart the app.")


@dataclass
class _DrawnArm:
    """An arm that fills up while its jobs finish; `items` by the position of their case."""

    key: str
    items: dict[int, NewItem] = field(default_factory=dict)
    jobs: dict[str, Drawing] = field(default_factory=dict)
    rounds: int = 0
    problems: dict[int, str] = field(default_factory=dict)


class Composition:
    """The making of one study. `advance` until `finished`, then take the `plan`; or `cancel`."""

    def __init__(
        self,
        order: StudyOrder,
        drawer: Drawer,
        records: RealRecords,
        label_set: LabelSet,
        start_audit: StartAudit = AuditProcess,
    ) -> None:
        """Read the real arm and ask for the others. Raises CurationError, UnknownLabel or RequestError."""
        self.order = order
        self._drawer = drawer
        self._label_set = label_set
        self._real = _read_real(order, records)
        self._cases = self._real.cases if self._real else planned_cases(order.findings, order.number)
        self._start_audit = start_audit
        self._audit: Audit | None = None
        self._leak_audit: dict[str, Any] | None = None
        self._is_audited = False
        self._drawn = [_DrawnArm(key) for key in order.arms if key not in REAL_ARMS]
        self._fractions: dict[str, float] = {}
        for arm in self._drawn:
            self._draw_missing(arm)

    def _draw_missing(self, arm: _DrawnArm) -> None:
        order = self.order
        missing = {at: case for at, case in enumerate(self._cases) if at not in arm.items}
        # Another round starts from other noise, or the same ECG would come out again.
        wanted = drawings(missing, arm.key, order.seed + 1_000_003 * arm.rounds, order.drawn_like)
        arm.rounds += 1
        for drawing in wanted:
            drawing.request.check(self._label_set)
            arm.jobs[self._drawer.submit(drawing.request)] = drawing

    def advance(self) -> None:
        """Take what is drawn by now. Raises CurationError if a job failed; nothing can be taken after that."""
        for arm in self._drawn:
            for job in list(arm.jobs):
                self._take(arm, job)
            if not arm.jobs and len(arm.items) < len(self._cases) and arm.rounds < ROUNDS:
                self._draw_missing(arm)
        if self._drawing:
            return
        if not self._is_audited and self._audit is None:
            self._begin_audit()
        elif self._audit is not None and (found := self._audit.result()) is not None:
            self._leak_audit, self._audit, self._is_audited = found, None, True

    def _begin_audit(self) -> None:
        """Ask what tells real from synthetic payloads; with too few of either there is no answer."""
        kept, payloads = self._kept(), {origin: list[bytes]() for origin in Origin}
        for key in self.order.arms:
            payloads[ARMS[key].origin] += [item.payload for item in self._items(key, kept)]
        if min(map(len, payloads.values())) < FEWEST:
            self._is_audited = True
        else:
            self._audit = self._start_audit(payloads[Origin.REAL], payloads[Origin.SYNTHETIC])

    @property
    def _drawing(self) -> bool:
        return any(arm.jobs for arm in self._drawn)

    def _kept(self) -> list[int]:
        """Positions of the cases that can be shown in every arm."""
        return [at for at in range(len(self._cases)) if all(at in arm.items for arm in self._drawn)]

    def _take(self, arm: _DrawnArm, job: str) -> None:
        status = self._status(job)
        self._fractions[job] = status.done / status.total if status.total else 0.0
        if status.state is JobState.DONE and status.drawn is not None:
            self._fill(arm, arm.jobs.pop(job), status.drawn)
        elif status.state.is_over:
            self.cancel()
            raise CurationError(status.error or "The drawing was cancelled: compose the study again.")

    def _status(self, job: str) -> JobStatus:
        try:
            return self._drawer.status(job)
        except UnknownJob:
            return JobStatus(JobState.FAILED, error="The generator was restarted: compose the study again.")

    def _fill(self, arm: _DrawnArm, drawing: Drawing, drawn: Drawn) -> None:
        for at, ecg, provenance in zip(drawing.positions, drawn.ecgs, drawn.provenance, strict=True):
            labels, truth = self._cases[at].labels, drawn_truth(provenance)
            try:
                arm.items[at] = to_item(ecg, ARMS[arm.key], labels, self._label_set, truth)
            except EcgError as error:
                arm.problems[at] = f"{ARMS[arm.key].name}, {labels}: {error}"

    def cancel(self) -> None:
        """Stop all drawing, and the audit."""
        if self._audit is not None:
            self._audit.stop()
        self._audit, self._is_audited = None, True
        for arm in self._drawn:
            for job in arm.jobs:
                self._stop(job)
            arm.jobs.clear()

    def _stop(self, job: str) -> None:
        try:
            self._drawer.cancel(job)
        except UnknownJob:
            return  # it is over and forgotten, which is all that was wanted

    @property
    def finished(self) -> bool:
        """True when nothing more is being drawn or audited."""
        return not self._drawing and self._is_audited

    @property
    def progress(self) -> float:
        """Share of the drawing that is done, 0 to 1."""
        wanted = len(self._cases) * len(self._drawn)
        done = sum(len(arm.items) for arm in self._drawn)
        under_way = sum(
            self._fractions.get(job, 0.0) * len(drawing.positions)
            for arm in self._drawn
            for job, drawing in arm.jobs.items()
        )
        return min(1.0, (done + under_way) / wanted) if wanted else 1.0

    @property
    def progress_words(self) -> str:
        """How far it is, for a person who waits."""
        if self._audit is not None:
            return "All ECGs drawn. Leak audit: does anything but the heart tell the arms apart?"
        done = sum(len(arm.items) for arm in self._drawn)
        return f"{done} of {len(self._cases) * len(self._drawn)} ECGs drawn"

    def plan(self) -> StudyPlan:
        """The finished study. Raises CurationError if no case could be shown in every arm, InvalidPlan."""
        kept = self._kept()
        if not kept:
            raise CurationError("None of the drawn ECGs could be used: choose more steps or another checkpoint.")
        order = self.order
        return StudyPlan(
            title=order.title,
            arms=[self._described(key) for key in order.arms],
            items=[item for key in order.arms for item in self._items(key, kept)],
            seed=order.seed,
            minimum_view_seconds=order.minimum_view_seconds,
            question_plausibility=order.question_plausibility,
            description=order.description,
            leak_audit=self._leak_audit,
        )

    def _items(self, key: str, kept: Sequence[int]) -> Iterable[NewItem]:
        if key in REAL_ARMS and self._real:
            return (self._real.items[at] for at in kept)
        (arm,) = (arm for arm in self._drawn if arm.key == key)
        return (arm.items[at] for at in kept)

    def _described(self, key: str) -> Arm:
        return replace(ARMS[key], description=" ".join(self._remarks(key)))

    def _remarks(self, key: str) -> list[str]:
        """What the investigator should know about an arm; stored with it, and never shown to readers."""
        if key in REAL_ARMS and self._real:
            more = self._real.with_more_labels
            more_words = [f"{more} of them have labels beyond the finding that was asked for."] if more else []
            return [fold_words(self._real), *more_words, *_left_out_words(self._real.left_out)]
        (arm,) = (arm for arm in self._drawn if arm.key == key)
        return _left_out_words([words for at, words in arm.problems.items() if at not in arm.items])


def _left_out_words(sentences: Sequence[str]) -> list[str]:
    return [f"Left out: {' '.join(sentences)}"] if sentences else []


@dataclass
class Bench:
    """Room for one study in the making; take the lock to advance, replace or remove it."""

    composition: Composition | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
