"""Shards drawn by processes of this computer, one per core or GPU.

Knows: processes, their pipes, what happens when one dies. Does not know: orders, ECGs. A worker ends when its parent is
gone, however it went. A worker that dies takes nothing with it but its unfinished shard, which another one draws.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from engine.native import ENVIRONMENT
from engine.production.press import Commission, Press, one_thread

MOST_DEATHS = 3  # of workers over one shard: then it is the shard
NATIVE: Mapping[str, str] = {**ENVIRONMENT, "OMP_NUM_THREADS": "1"}


class ProductionError(ValueError):
    """Drawing can't go on; what is stored stays, and the same command goes on from there."""


@dataclass(eq=False)
class Worker:
    """A process and the shard it is at; None: idle."""

    commission: Commission
    process: BaseProcess
    pipe: Connection
    shard: int | None = None
    drawn: int = 0  # ECGs of that shard

    @classmethod
    def start(cls, commission: Commission) -> Worker:
        """A fresh process; `spawn`, because torch does not survive a fork."""
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, commission), daemon=True)
        with _environment(NATIVE), _no_interruption():  # both are read, or inherited, at a process's start only
            process.start()
        theirs.close()  # so that its death is the end of the pipe
        return cls(commission, process, ours)

    def begin(self, shard: int) -> None:
        """Hand it a shard. One that has just died shows it at the next reading."""
        self.shard, self.drawn = shard, 0
        try:
            self.pipe.send(shard)
        except OSError:
            return

    def end(self) -> None:
        """At once: a shard that is not stored yet is lost, one that is stored stays."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


@dataclass
class Crew:
    """Workers, the shards that wait, and the count of ECGs."""

    commission: Commission
    waiting: deque[int]
    workers: list[Worker] = field(default_factory=list)
    stored: int = 0  # ECGs of finished shards
    deaths: Counter[int] = field(default_factory=Counter)

    def hire(self, count: int) -> None:
        """Start workers, as many as there are shards at most."""
        devices = devices_for(self.commission.device)
        for number in range(min(count, len(self.waiting))):
            self._put_to_work(Worker.start(replace(self.commission, device=devices[number % len(devices)])))

    def drawn(self) -> Iterator[int]:
        """How many ECGs are drawn, until every shard is stored. Raises ProductionError."""
        while busy := [worker for worker in self.workers if worker.shard is not None]:
            for pipe in wait([worker.pipe for worker in busy]):
                self._hear(next(worker for worker in busy if worker.pipe is pipe))
            yield self.stored + sum(worker.drawn for worker in self.workers)

    def dismiss(self) -> None:
        """End all workers."""
        for worker in self.workers:
            worker.end()

    def _put_to_work(self, worker: Worker) -> None:
        if worker not in self.workers:
            self.workers.append(worker)
        if self.waiting:
            worker.begin(self.waiting.popleft())

    def _hear(self, worker: Worker) -> None:
        try:
            word, number = worker.pipe.recv()
        except (EOFError, OSError):
            return self._replace(worker)
        if word == "failed":
            raise ProductionError(number)
        worker.drawn = number
        if word == "stored":
            self.stored += number
            worker.shard, worker.drawn = None, 0
            self._put_to_work(worker)
        return None

    def _replace(self, dead: Worker) -> None:
        assert dead.shard is not None
        self.deaths[dead.shard] += 1
        dead.end()
        if self.deaths[dead.shard] >= MOST_DEATHS:
            raise ProductionError(
                f"Shard {dead.shard} has killed {MOST_DEATHS} workers (exit code {dead.process.exitcode}); "
                "give less work to a batch, or see whether memory runs out. The same command goes on from here."
            )
        self.waiting.appendleft(dead.shard)
        self.workers.remove(dead)
        self._put_to_work(Worker.start(dead.commission))


def draw_in_processes(commission: Commission, shards: Sequence[int], workers: int) -> Iterator[int]:
    """Draw and store shards; yields how many ECGs are drawn so far. Raises ProductionError."""
    crew = Crew(commission, deque(shards))
    try:
        crew.hire(workers)
        yield from crew.drawn()
    finally:
        crew.dismiss()


def serve(pipe: Connection, commission: Commission) -> None:
    """What a worker does: shards come in, counts of drawn ECGs go out, until there is nobody left to work for."""
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    try:
        with one_thread():
            press = Press.open(commission)
            while True:
                _serve(pipe, press, pipe.recv())
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:  # noqa: BLE001 (whatever it is, the one who waits must be told)
        pipe.send(("failed", str(error) or type(error).__name__))


def _end_with_the_parent() -> None:
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _serve(pipe: Connection, press: Press, shard: int) -> None:
    drawn = 0
    for drawn in press.make(shard):
        pipe.send(("drawn", drawn))
    pipe.send(("stored", drawn))


def devices_for(wanted: str) -> list[str]:
    """One name per GPU where GPUs are meant, else the name itself; workers take turns."""
    if wanted not in ("auto", "cuda"):
        return [wanted]
    import torch

    return [f"cuda:{number}" for number in range(torch.cuda.device_count())] or [wanted]


@contextmanager
def _no_interruption() -> Iterator[None]:
    """Ctrl-C is for the parent, which ends its workers: these inherit that they do not hear it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
