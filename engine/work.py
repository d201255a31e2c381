"""What the worker process does besides drawing, by the kind of the task.

Knows: which function serves which kind. Does not know: the wire, who asks. A function takes what was asked and the
worker's tools, and yields progress and, last, the answer. Each imports what it needs when it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.drawing import DiffusionGenerator
from engine.generators import DrawProgress, DrawRequest, Generator, RequestError
from engine.tasks import Answer


@dataclass(frozen=True)
class Tools:
    """What the worker keeps at hand: the generator that a request asks for, loaded once."""

    generator: Callable[[DrawRequest], Generator]

    def diffusion(self, request: DrawRequest) -> DiffusionGenerator:
        """The same, for work that looks inside. Raises RequestError for a simulator."""
        generator = self.generator(request)
        if not isinstance(generator, DiffusionGenerator):
            raise RequestError("Only the diffusion model can do this; choose it as the generator.")
        return generator


Work = Callable[[Mapping[str, Any], Tools], Iterator[DrawProgress | Answer]]


def film(asked: Mapping[str, Any], tools: Tools) -> Iterator[DrawProgress | Answer]:
    """From noise to ECG: asked `request` (a DrawRequest of one ECG).

    Answers arrays `frames` float32 (steps + 1, 12, samples) in mV, noise first, and fact `rate`.
    """
    request = DrawRequest.fromdict(asked["request"])
    frames = []
    for done, signals in enumerate(tools.diffusion(request).frames(request)):
        frames.append(signals)
        yield DrawProgress(done, request.steps)
    yield Answer({"rate": tools.diffusion(request).rate}, {"frames": np.stack(frames)})


WORK: Mapping[str, Work] = {"film": film}
