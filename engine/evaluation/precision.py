"""What reduced precision costs: the same ECGs drawn in float32 and in another precision, and how far they lie apart.

Knows: two generators, microvolts, millimetres of paper.  Does not know: how precision is reduced.  A step's rounding is
tiny, yet sampling is a long way, so what counts is the ECG at its end, harmonised, as it is shown.  On the flank of a
QRS a shift that nobody could see is many microvolts, so it is also asked how far the curves lie apart on paper: less
than half the width of a trace can't be told by eye even where one lies over the other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.drawing import BATCH, DiffusionGenerator
from engine.ecg import Ecg
from engine.generators import DEFAULT_PRECISION, Drawn, DrawProgress, DrawRequest
from engine.harmonise import RATE, harmonise

MM_PER_MV, MM_PER_SECOND, TRACE_MM = 10, 25, 0.3  # the paper of a study, and the width of a trace on it
REACH = 4  # samples to either side in which the nearest point of the other curve is looked for

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PrecisionCost:
    """Differences between paired ECGs over all leads, and how long either precision took."""

    precision: str
    count: int
    rms_uv: float  # microvolts: root mean square over leads and time, median over ECGs
    rms_uv_95: float  # 95 % of ECGs have less
    apart_mm: float  # on paper, where the curves lie furthest apart: median over ECGs
    apart_mm_95: float
    visible: float  # share of ECGs that lie further apart than half a trace's width somewhere
    cpu_seconds: float  # per ECG
    cpu_seconds_float32: float


def compare_precision(checkpoint: Path, precision: str, request: DrawRequest) -> Iterator[DrawProgress | PrecisionCost]:
    """Draw what the request asks for in float32 and in `precision`, batch by batch in turns; last comes the cost."""
    generators = [DiffusionGenerator.load(checkpoint, "cpu", name) for name in (DEFAULT_PRECISION, precision)]
    pairs: list[tuple[Array, Array]] = []
    seconds = np.zeros(2)
    for first in range(request.first, request.first + request.count, BATCH):
        batch = replace(request, first=first, count=min(BATCH, request.first + request.count - first))
        drawn, taken = zip(*(_timed(generator, batch) for generator in generators), strict=True)
        pairs += [(_shown(exact), _shown(reduced)) for exact, reduced in zip(*drawn, strict=True)]
        seconds += taken
        yield DrawProgress(len(pairs), request.count)
    yield _cost(precision, pairs, *(seconds / request.count))


def _timed(generator: DiffusionGenerator, request: DrawRequest) -> tuple[tuple[Ecg, ...], float]:
    began = time.process_time()
    *_, drawn = generator.draw(request)
    assert isinstance(drawn, Drawn)
    return drawn.ecgs, time.process_time() - began


def _shown(ecg: Ecg) -> Array:
    """(12, samples) in mV at the rate of a study."""
    return harmonise(ecg).signal.astype(np.float64)


def _cost(precision: str, pairs: list[tuple[Array, Array]], seconds_float32: float, seconds: float) -> PrecisionCost:
    rms = [1000 * float(np.sqrt(((one - other) ** 2).mean())) for one, other in pairs]
    apart = [float(paper_distance(one, other, RATE).max()) for one, other in pairs]
    visible = float(np.mean([distance > TRACE_MM / 2 for distance in apart]))
    figures = [float(np.quantile(of, share)) for of in (rms, apart) for share in (0.5, 0.95)]
    return PrecisionCost(precision, len(pairs), *figures, visible, seconds, seconds_float32)


def paper_distance(one: Array, other: Array, rate: float) -> Array:
    """Millimetres from every sample of one curve to the other curve, both (leads, samples) in mV."""
    step = MM_PER_SECOND / rate
    beside = MM_PER_MV * np.pad(other, ((0, 0), (REACH, REACH)), mode="edge")
    nearest = np.full(one.shape, np.inf)
    for shift in range(-REACH, REACH):
        start, end = (beside[:, REACH + at :][:, : one.shape[1]] - MM_PER_MV * one for at in (shift, shift + 1))
        nearest = np.minimum(nearest, _from_origin(shift * step, start, (shift + 1) * step, end))
    return nearest


def _from_origin(x0: float, y0: Array, x1: float, y1: Array) -> Array:
    """Distance of the origin from segments (x0, y0) to (x1, y1)."""
    along = -(x0 * (x1 - x0) + y0 * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2)
    along = np.clip(along, 0, 1)
    return np.hypot(x0 + along * (x1 - x0), y0 + along * (y1 - y0))
