"""The door to the generators: jobs for one long-lived worker process.

Knows: the worker's wire, the states of a job.  Does not know: torch, screens.  The web process stays quick while ECGs
are being drawn, a page may be reloaded while its job runs, and a crash of the worker costs one job, not the app.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import uuid
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

import numpy as np

from engine.ecg import Ecg
from engine.generators import DEFAULT_PRECISION, Drawn, DrawRequest, Provenance
from engine.native import ENVIRONMENT
from engine.tasks import Answer, Task

KEPT_JOBS = 64  # finished jobs remembered; the oldest go first


class UnknownJob(KeyError):
    """A job id that was never given out, or whose job finished too long ago."""


class JobState(StrEnum):
    """A job waits, runs, and ends in one of three ways."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """True once nothing more will happen."""
        return self in (JobState.DONE, JobState.CANCELLED, JobState.FAILED)


@dataclass(frozen=True)
class JobStatus:
    """Where a job stands; `drawn`, or `answer` of a task, when DONE, `error` when FAILED."""

    state: JobState
    done: int = 0
    total: int = 0
    error: str | None = None
    drawn: Drawn | None = None
    answer: Answer | None = None
    is_lost: bool = False  # FAILED because the worker died under it: asked for again, it may succeed


class GenerationService:
    """One worker process, started when the first job comes and again after a crash.  Safe to use from many threads."""

    def __init__(self, checkpoints: Path, device: str = "auto", precision: str = DEFAULT_PRECISION) -> None:
        """`checkpoints` is the folder they lie in."""
        self._command = [sys.executable, "-m", "engine.worker", str(checkpoints), device, precision]
        self._lock = threading.RLock()
        self._jobs: OrderedDict[str, JobStatus] = OrderedDict()
        self._waiting: OrderedDict[str, DrawRequest | Task] = OrderedDict()  # not over yet, in order
        self._process: subprocess.Popen[bytes] | None = None

    def submit(self, request: DrawRequest | Task) -> str:
        """Queue a request, checked by the caller, or a task; returns the job's id."""
        job = uuid.uuid4().hex
        with self._lock:
            died_idle = not self._waiting and self._process is not None and self._process.poll() is not None
            self._jobs[job] = JobStatus(JobState.QUEUED)
            self._waiting[job] = request
            self._forget_old()
            if self._process is None or died_idle:
                self._start()
            else:
                self._ask(job)
        return job

    def status(self, job: str) -> JobStatus:
        """Where a job stands.  Raises UnknownJob."""
        with self._lock:
            if job not in self._jobs:
                raise UnknownJob(job)
            return self._jobs[job]

    def cancel(self, job: str) -> None:
        """Stop a job at its next step; nothing happens where it is over.  Raises UnknownJob."""
        with self._lock:
            if not self.status(job).state.is_over:
                self._end(job, JobStatus(JobState.CANCELLED))
                self._send({"do": "cancel", "job": job})

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()  # `_listen` sees the end of its output and reaps it

    def _start(self) -> None:
        environment = {**ENVIRONMENT, **os.environ}
        root = Path(__file__).resolve().parent.parent  # so that `-m engine.worker` is found from any folder
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=root
        )
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()
        for job in self._waiting:
            self._ask(job)

    def _ask(self, job: str) -> None:
        self._send({"job": job, **_message(self._waiting[job])})

    def _send(self, message: dict[str, Any]) -> None:
        if self._process is None or self._process.stdin is None:
            return
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except (OSError, ValueError):  # the worker has just died; `_listen`, which closes its pipes, starts another
            return

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        """Follow one worker to its end."""
        # Closes both pipes and reaps the process at the end; what was still to be sent goes to the next worker.
        with suppress(BrokenPipeError), process:
            try:
                self._follow(process.stdout)
            except ValueError:  # it was killed in the middle of a message, or talks nonsense: of no use any more
                process.kill()
        code = process.returncode
        with self._lock:
            if self._process is process:  # not closed on purpose
                self._process = None
                self._after_crash(code)

    def _follow(self, stream: IO[bytes] | None) -> None:
        assert stream is not None
        for line in stream:
            message = json.loads(line)
            results = _read_results(message, stream)
            with self._lock:
                self._note(message, results)

    def _note(self, message: dict[str, Any], results: dict[str, Any]) -> None:
        job = message["job"]
        if self._jobs.get(job, JobStatus(JobState.CANCELLED)).state.is_over:
            return
        match message["event"]:
            case "progress":
                self._jobs[job] = JobStatus(JobState.RUNNING, message["done"], message["total"])
            case "drawn" | "answered":
                now = self._jobs[job]
                self._end(job, replace(now, state=JobState.DONE, done=now.total, **results))
            case "cancelled":
                self._end(job, JobStatus(JobState.CANCELLED))
            case "failed":
                self._end(job, JobStatus(JobState.FAILED, error=message["error"]))

    def _after_crash(self, code: int) -> None:
        """The job at work has failed; those behind it get a new worker."""
        if self._waiting:
            sentence = f"The generator stopped unexpectedly (exit code {code}); it has been restarted. Draw again."
            self._end(next(iter(self._waiting)), JobStatus(JobState.FAILED, error=sentence, is_lost=True))
        if self._waiting:
            self._start()

    def _end(self, job: str, status: JobStatus) -> None:
        self._jobs[job] = status
        self._waiting.pop(job, None)

    def _forget_old(self) -> None:
        over = [job for job, status in self._jobs.items() if status.state.is_over]
        for job in over[: max(0, len(over) - KEPT_JOBS)]:
            del self._jobs[job]


def _message(request: DrawRequest | Task) -> dict[str, Any]:
    if isinstance(request, Task):
        return {"do": "work", "kind": request.kind, "asked": dict(request.asked)}
    return {"do": "draw", "request": request.asdict()}


def _read_results(message: dict[str, Any], stream: IO[bytes]) -> dict[str, Any]:
    """What follows a message that ends a job well, under the name of its field of JobStatus."""
    match message["event"]:
        case "drawn":
            return {"drawn": _read_drawn(message, stream)}
        case "answered":
            return {"answer": Answer.read(message["facts"], message["shapes"], stream)}
    return {}


def _read_drawn(message: dict[str, Any], stream: IO[bytes]) -> Drawn:
    shape = tuple(message["shape"])
    raw = stream.read(4 * int(np.prod(shape)))
    signals = np.frombuffer(raw, dtype="<f4").reshape(shape)
    provenance = map(Provenance.fromdict, message["provenance"])
    return Drawn(tuple(Ecg(signal, message["rate"]) for signal in signals), tuple(provenance))
