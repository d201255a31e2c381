"""How long somebody who asks for one ECG waits, in the app's own way: through the service and its worker process.

Knows: the service. Does not know: the network. The default checkpoint, sampler and number of steps.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from engine.catalogue import checkpoints_in, default_folder
from engine.generators import DrawRequest
from engine.jobs import GenerationService, JobState
from tests.bench.clocks import Lap, children_cpu_seconds, seconds
from tests.bench.figures import Figure
from tests.bench.missing import NotMeasured

POLL_SECONDS = 0.002


def one_ecg(repeats: int) -> Iterator[Figure]:
    """The first one, with the start of the worker, and later ones. Raises NotMeasured without a checkpoint."""
    if not checkpoints_in(default_folder()):
        raise NotMeasured(f"there is no checkpoint in {default_folder()}")
    service = GenerationService(default_folder())
    try:
        first, *others = [wait_for(service, seed) for seed in range(1 + repeats)]
    finally:
        service.close()
    yield seconds("first", [first], "one ECG in the app, the first one, which starts the worker")
    yield seconds("warm", others, f"one ECG in the app, worker at hand, {DrawRequest(('NORM',)).steps} steps")


def wait_for(service: GenerationService, seed: int) -> Lap:
    """From the request to the Ecg. Raises RuntimeError where there is none."""
    cpu, began = children_cpu_seconds(), time.perf_counter()
    job = service.submit(DrawRequest(labels=("NORM", "SR"), seed=seed))
    while not (status := service.status(job)).state.is_over:
        time.sleep(POLL_SECONDS)
    wall = time.perf_counter() - began
    if status.state is not JobState.DONE or status.drawn is None or len(status.drawn.ecgs) != 1:
        raise RuntimeError(f"no ECG was drawn: {status.error}")
    return Lap(wall, children_cpu_seconds() - cpu)
