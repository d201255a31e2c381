"""The process that draws: requests come in on standard input, progress and ECGs go out on standard output.

Knows: the wire.  Does not know: who asks.  A message is one line of JSON; a finished job's line is followed by its
signals as float32, little endian, (count, 12, samples), or by the arrays of a task's answer.  It ends when its input
ends, so it never outlives its parent.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from engine.catalogue import find_checkpoint
from engine.drawing import make_generator
from engine.generators import GENERATORS, Drawn, DrawProgress, DrawRequest, Generator
from engine.tasks import Answer, Task
from engine.work import WORK, Tools


class Worker:
    """Draws one job at a time, in the order they came; a checkpoint may come into the folder at any time."""

    def __init__(self, folder: Path, device: str, precision: str, out: IO[bytes]) -> None:
        self._folder, self._device, self._precision, self._out = folder, device, precision, out
        self._jobs: queue.Queue[tuple[str, DrawRequest | Task] | None] = queue.Queue()
        self._tools = Tools(self._generator)
        self._cancelled: set[str] = set()
        self._ready: tuple[str, Generator] | None = None  # digest; one at a time: the full network takes a gigabyte

    def listen(self, lines: Iterator[bytes]) -> None:
        """Take in requests and cancellations until the input ends."""
        for line in lines:
            message = json.loads(line)
            if message["do"] == "cancel":
                self._cancelled.add(message["job"])
            else:
                self._jobs.put((message["job"], _request(message)))
        self._jobs.put(None)

    def work(self) -> None:
        """Draw until there is nobody left to draw for."""
        while (job := self._jobs.get()) is not None:
            try:
                self._do(*job)
            except Exception as error:  # noqa: BLE001 (whatever it is, the one who waits must be told)
                self._say("failed", job[0], error=str(error) or type(error).__name__)

    def _do(self, job: str, request: DrawRequest | Task) -> None:
        for event in self._events(request):
            if job in self._cancelled:
                return self._say("cancelled", job)
            match event:
                case DrawProgress():
                    self._say("progress", job, done=event.done, total=event.total)
                case Drawn():
                    self._deliver(job, event)
                case Answer():
                    self._say("answered", job, facts=dict(event.facts), shapes=event.shapes())
                    self._send(*event.chunks())
        return None

    def _events(self, request: DrawRequest | Task) -> Iterator[DrawProgress | Drawn | Answer]:
        if isinstance(request, Task):
            return WORK[request.kind](request.asked, self._tools)
        return self._generator(request).draw(request)

    def _generator(self, request: DrawRequest) -> Generator:
        if GENERATORS[request.generator].is_simulator:
            return make_generator(request.generator, None, self._device)
        chosen = find_checkpoint(self._folder, request.checkpoint)
        if self._ready is None or self._ready[0] != chosen.digest:
            self._ready = None
            self._ready = chosen.digest, make_generator(request.generator, chosen.path, self._device, self._precision)
        return self._ready[1]

    def _deliver(self, job: str, drawn: Drawn) -> None:
        signals = np.stack([ecg.signal for ecg in drawn.ecgs]).astype("<f4")
        provenance = [one.asdict() for one in drawn.provenance]
        self._say("drawn", job, shape=signals.shape, rate=drawn.ecgs[0].rate, provenance=provenance)
        self._send(signals.tobytes())

    def _say(self, event: str, job: str, **facts: Any) -> None:
        self._send(json.dumps({"event": event, "job": job, **facts}).encode() + b"\n")

    def _send(self, *chunks: bytes) -> None:
        for chunk in chunks:
            self._out.write(chunk)
        self._out.flush()


def _request(message: dict[str, Any]) -> DrawRequest | Task:
    if message["do"] == "work":
        return Task(message["kind"], message["asked"])
    return DrawRequest.fromdict(message["request"])


def main(arguments: list[str]) -> None:
    """`python -m engine.worker FOLDER DEVICE PRECISION`, the folder of checkpoints."""
    folder, device, precision = arguments
    out = sys.stdout.buffer
    sys.stdout = sys.stderr  # libraries that print must not break into the wire
    worker = Worker(Path(folder), device, precision, out)
    threading.Thread(target=worker.listen, args=(sys.stdin.buffer,), daemon=True).start()
    worker.work()


if __name__ == "__main__":
    main(sys.argv[1:])
