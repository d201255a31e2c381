"""Shards drawn by processes of this computer, one per core or GPU.

Knows: processes, their pipes, how one is seen to have died. Does not know: orders, ECGs. A worker ends when its parent
is gone, however it went.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from engine.native import ENVIRONMENT
from engine.production.crew import Lost, ProductionError, draw_at
from engine.production.press import Commission, Press, one_thread

NATIVE: Mapping[str, str] = {**ENVIRONMENT, "OMP_NUM_THREADS": "1"}


@dataclass(eq=False)
class ProcessWorker:
    """A process at the other end of a pipe; a Worker."""

    process: BaseProcess
    pipe: Connection

    @classmethod
    def start(cls, commission: Commission) -> ProcessWorker:
        """A fresh process; `spawn`, because torch does not survive a fork."""
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, commission), daemon=True)
        with environment(NATIVE), _no_interruption():  # both are read, or inherited, at a process's start only
            process.start()
        theirs.close()  # so that its death is the end of the pipe
        return cls(process, ours)

    def begin(self, shard: int) -> None:
        """Hand it a shard."""
        try:
            self.pipe.send(shard)
        except OSError:
            return

    def hear(self) -> int | None:
        """How many ECGs are drawn; None: ready for a shard. Raises Lost or ProductionError."""
        try:
            word = self.pipe.recv()
        except (EOFError, OSError) as error:
            self.process.join()
            raise Lost(f"exit code {self.process.exitcode}") from error
        if isinstance(word, str):
            raise ProductionError(word)
        return word

    def end(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


@dataclass(frozen=True)
class ThisComputer:
    """Its GPUs, or its cores; a Site."""

    commission: Commission
    devices: Sequence[str]

    def start(self, number: int) -> ProcessWorker:
        """A fresh process; they take turns at the GPUs."""
        return ProcessWorker.start(replace(self.commission, device=self.devices[number % len(self.devices)]))

    def speaking(self, workers: Sequence[ProcessWorker]) -> list[ProcessWorker]:
        """Those whose pipe holds a word, or has ended."""
        by_pipe = {worker.pipe: worker for worker in workers}
        return [by_pipe[pipe] for pipe in wait(list(by_pipe))]


def draw_in_processes(commission: Commission, shards: Sequence[int], workers: int | None) -> Iterator[int]:
    """Draw and store shards; yields how many ECGs are drawn so far. Raises ProductionError."""
    devices = devices_for(commission.device)
    return draw_at(ThisComputer(commission, devices), shards, workers or workers_for(devices))


def serve(pipe: Connection, commission: Commission) -> None:
    """What a worker does: shards come in, counts of drawn ECGs go out, until there is nobody left to work for."""
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    try:
        with one_thread():
            press = Press.open(commission)
            while True:
                pipe.send(None)
                for drawn in press.make(pipe.recv()):
                    pipe.send(drawn)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:  # noqa: BLE001 (whatever it is, the one who waits must be told)
        pipe.send(str(error) or type(error).__name__)


def _end_with_the_parent() -> None:
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def devices_for(wanted: str) -> list[str]:
    """One name per GPU where GPUs are meant, else the name itself."""
    if wanted not in ("auto", "cuda"):
        return [wanted]
    import torch

    return [f"cuda:{number}" for number in range(torch.cuda.device_count())] or [wanted]


def workers_for(devices: Sequence[str]) -> int:
    """As many as there are GPUs, or else cores for this process."""
    return len(devices) if devices[0].startswith("cuda:") else len(os.sched_getaffinity(0))


@contextmanager
def _no_interruption() -> Iterator[None]:
    """Ctrl-C is for the parent, which ends its workers: these inherit that they do not hear it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Variables for the processes that are started meanwhile."""
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
