"""What the worker process does besides drawing, by the kind of the task.

Knows: which function serves which kind. Does not know: the wire, who asks. A function takes what was asked and the
worker's tools, and yields progress and, last, the answer. Each imports what it needs when it is called.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Generator as PythonGenerator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from engine.drawing import DiffusionGenerator
from engine.generators import Drawn, DrawProgress, DrawRequest, Generator, RequestError
from engine.ptbxl import PtbXl
from engine.tasks import Answer, pack_ecgs, unpack_ecgs

Result = TypeVar("Result")
POLL_SECONDS = 0.1


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
    """From noise to ECG: asked `request` (a DrawRequest of one ECG) and `most`, the number of frames that will do.

    Answers array `frames` float32 (n, 12, samples) in mV, noise first and ECG last, and facts `rate` and `steps`, the
    number of steps that were done at each frame: all of them, or `most` evenly spread.
    """
    request = DrawRequest.fromdict(asked["request"])
    kept = np.unique(np.linspace(0, request.steps, asked["most"]).round()).astype(int).tolist()
    frames = []
    for done, signals in enumerate(tools.diffusion(request).frames(request)):
        if done in kept:
            frames.append(signals)
        yield DrawProgress(done, request.steps)
    yield Answer({"rate": tools.diffusion(request).rate, "steps": kept}, {"frames": np.stack(frames)})


def several(asked: Mapping[str, Any], tools: Tools) -> Iterator[DrawProgress | Answer]:
    """One ECG for each of the asked `requests` (DrawRequests of one ECG), such as the same noise under other labels.

    Answers array `signals` float32 (requests, 12, samples) in mV, and facts `rate` and `provenance`, one for each.
    """
    requests = [DrawRequest.fromdict(one) for one in asked["requests"]]
    drawn: list[Drawn] = []
    for number, request in enumerate(requests):
        for event in tools.generator(request).draw(request):
            if isinstance(event, Drawn):
                drawn.append(event)
            else:
                yield DrawProgress(number * event.total + event.done, len(requests) * event.total)
    provenance = [one.provenance[0].asdict() for one in drawn]
    signals = np.stack([one.ecgs[0].signal for one in drawn])
    yield Answer({"rate": drawn[0].ecgs[0].rate, "provenance": provenance}, {"signals": signals})


def measured(asked: Mapping[str, Any], tools: Tools) -> Iterator[DrawProgress | Answer]:
    """Heart rate, intervals and axes: asked `ecgs` (packed).

    Answers fact `measurements`, one mapping per ECG.
    """
    from engine.measuring.measurements import measure

    ecgs = unpack_ecgs(asked["ecgs"])
    results = []
    for ecg in ecgs:
        yield DrawProgress(len(results), len(ecgs))
        results.append(asdict(measure(ecg)))
    yield Answer({"measurements": results})


def beat(asked: Mapping[str, Any], tools: Tools) -> Iterator[DrawProgress | Answer]:
    """The median beat of one ECG: asked `ecgs` (packed, one).

    Answers fact `measurements`, and where the ECG has alike beats facts `beats` and `marks` (ms), arrays `signal`
    (12, samples) in mV and `time_ms` (samples).
    """
    from engine.measuring.measurements import NOTHING, measure_beat
    from engine.measuring.median_beat import median_beat

    found = median_beat(unpack_ecgs(asked["ecgs"])[0])
    if found is None:
        yield Answer({"measurements": asdict(NOTHING)})
        return
    facts = {"measurements": asdict(measure_beat(found)), "beats": found.beats, "marks": asdict(found.marks)}
    yield Answer(facts, {"signal": found.signal, "time_ms": found.time_ms})


def real_measured(asked: Mapping[str, Any], tools: Tools) -> Iterator[DrawProgress | Answer]:
    """The same of real ECGs that carry labels: asked `ptbxl` (a folder), `codes`, `most` (how many at most).

    Answers facts `measurements` and `carrying`, how many records carry the labels.
    """
    from engine.measuring.measurements import measure

    ptbxl = PtbXl(Path(asked["ptbxl"]))
    at_hand = set(ptbxl.at_rate(100))
    carrying = [record for record in ptbxl.with_labels(asked["codes"]) if record in at_hand]
    chosen = carrying[:: max(1, -(-len(carrying) // asked["most"]))]
    results = []
    for record in chosen:
        yield DrawProgress(len(results), len(chosen))
        results.append(asdict(measure(ptbxl.read(record, 100))))
    yield Answer({"measurements": results, "carrying": len(carrying)})


def copies(asked: Mapping[str, Any], tools: Tools) -> Iterator[DrawProgress | Answer]:
    """The nearest training records: asked `ecgs` (packed), `ptbxl` and `cache` (folders).

    Answers fact `report` (a CopyReport), arrays `overlay` (n, 12, samples) in mV, the nearest record of each ECG laid
    upon it, and `reference` (m), the nearest distances of real ECGs.
    """
    from engine.nearest.storing import open_copy_check

    ecgs = unpack_ecgs(asked["ecgs"])
    check = yield from _followed(partial(open_copy_check, PtbXl(Path(asked["ptbxl"])), Path(asked["cache"])))
    report = check.check(ecgs)
    nearest = [finding.neighbours[0] for finding in report.findings]
    overlay = np.stack([check.index.aligned(near).signal * near.gain for near in nearest]).astype("<f4")
    yield Answer({"report": report.asdict()}, {"overlay": overlay, "reference": np.array(check.reference.distances)})


def complete(asked: Mapping[str, Any], tools: Tools) -> Iterator[DrawProgress | Answer]:
    """A gap in an ECG filled: asked `ecgs` (packed, one of 10 s at 100 Hz), `gap` (a Gap), `walk` (the numbers of a
    Resampling) and `request`, a DrawRequest whose count says how many alternatives are wanted.

    Answers array `signals` float32 (count, 12, samples) in mV and facts `rate` and `checkpoint` (digest).
    """
    from engine.completing import Resampling
    from engine.gap import Gap

    request, ecg = DrawRequest.fromdict(asked["request"]), unpack_ecgs(asked["ecgs"])[0]
    hidden = Gap.fromdict(asked["gap"]).hidden(ecg.samples, ecg.rate)
    generator = tools.diffusion(request)
    for event in generator.complete(request, ecg, hidden, Resampling(**asked["walk"])):
        if isinstance(event, DrawProgress):
            yield event
        else:
            facts = {"rate": ecg.rate, "checkpoint": generator.digest}
            yield Answer(facts, {"signals": np.stack([one.signal for one in event])})


def complete_each(asked: Mapping[str, Any], tools: Tools) -> Iterator[DrawProgress | Answer]:
    """A gap in each of several ECGs filled once: asked `ecgs` (packed), and for each one of `gaps` and of `requests`
    (of one ECG, all with one checkpoint), else as `complete`.

    Answers array `signals` float32 (ecgs, 12, samples) in mV and facts `rate` and `checkpoint` (digest).
    """
    answers: list[Answer] = []
    several = list(zip(unpack_ecgs(asked["ecgs"]), asked["gaps"], asked["requests"], strict=True))
    for number, (ecg, gap, request) in enumerate(several):
        one = {"ecgs": pack_ecgs([ecg]), "gap": gap, "walk": asked["walk"], "request": request}
        for event in complete(one, tools):
            if isinstance(event, Answer):
                answers.append(event)
            else:
                yield DrawProgress(number * event.total + event.done, len(several) * event.total)
    yield Answer(answers[0].facts, {"signals": np.concatenate([one.arrays["signals"] for one in answers])})


def _followed(work: Callable[[Callable[[int, int], None]], Result]) -> PythonGenerator[DrawProgress, None, Result]:
    """Work that tells a function how far it is, as progress; its result is what `yield from` gives."""
    told = [(0, 1)]
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work, lambda done, total: told.append((done, total)))
        while not future.done():
            yield DrawProgress(*told[-1])
            time.sleep(POLL_SECONDS)
    return future.result()


WORK: Mapping[str, Work] = {
    "film": film,
    "several": several,
    "measured": measured,
    "beat": beat,
    "real measured": real_measured,
    "copies": copies,
    "complete": complete,
    "complete each": complete_each,
}
