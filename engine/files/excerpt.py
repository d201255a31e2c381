"""The ten seconds of a recording that a study shows, at the study's rate.

Knows: which stretch is taken and how it is resampled. Does not know: files, labels.

Some recorders and converters hold the last value of all leads to fill up the ten seconds: PTB-XL's 500 Hz files do so
for 0.1 s (46 to 54 samples in each of 40 files looked at; its 100 Hz files do not). Such an end tells a real ECG from
a synthetic one with an AUC of 1.00, so it is avoided where the recording is long enough, and named where it is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.ecg import Ecg, EcgError
from engine.harmonise import RATE, SAMPLES, resample

SECONDS = SAMPLES / RATE
HELD_SECONDS = 0.02  # all leads keep their value so long at an end only if nothing was recorded there


@dataclass(frozen=True, eq=False)
class Excerpt:
    """The ECG at `RATE`, and from where in the recording it was taken: seconds from its start, length, rate.

    held_seconds: how long all leads keep one value at its start and at its end, 0 where the recorder recorded.
    """

    ecg: Ecg
    start: float
    recorded_seconds: float
    recorded_rate: float
    held_seconds: tuple[float, float] = (0.0, 0.0)

    def __str__(self) -> str:
        end = self.start + SECONDS
        return f"seconds {self.start:g} to {end:g} of {self.recorded_seconds:g} s at {self.recorded_rate:g} Hz"

    @property
    def remark(self) -> str:
        """What could give the ECG away, in a sentence; empty if nothing is known."""
        if not any(self.held_seconds):
            return ""
        first, last = self.held_seconds
        return f"All leads keep one value for {first:g} s at its start and {last:g} s at its end, which gives it away."


def excerpt(whole: Ecg, rate: float = RATE) -> Excerpt:
    """The first 10 s stretch that is sound, cut and then resampled (polyphase, anti-aliased) to `rate` Hz.

    Cut first: a long recording must not have better edges than a short one. Raises EcgError, in words, if no
    stretch is sound, or the recording is too short or too slow.
    """
    if whole.rate < rate:
        raise EcgError(f"It was recorded at {whole.rate:g} Hz; at least {rate:g} Hz are needed.")
    if whole.samples < round(SECONDS * whole.rate):
        raise EcgError(f"The recording lasts {whole.duration:g} s; a study needs {SECONDS:g} s.")
    problems = ""
    for start, stretch in _stretches(whole):
        found = " ".join(stretch.problems())
        if not found:
            ecg = Ecg(resample(stretch.signal, whole.rate, rate), rate)
            return Excerpt(ecg, start, whole.duration, whole.rate, held_seconds(stretch))
        problems = problems or found
    raise EcgError(problems)


def _stretches(whole: Ecg) -> Iterator[tuple[float, Ecg]]:
    """Ten seconds after ten seconds, without held ends if ten seconds remain without them."""
    length = round(SECONDS * whole.rate)
    head, tail = (round(seconds * whole.rate) for seconds in held_seconds(whole))
    begin, end = (head, whole.samples - tail) if whole.samples - head - tail >= length else (0, whole.samples)
    for first in range(begin, end - length + 1, length):
        yield first / whole.rate, Ecg(whole.signal[:, first : first + length], whole.rate)


def held_seconds(ecg: Ecg) -> tuple[float, float]:
    """How long, in seconds, all leads keep their value at the start and at the end; 0 below HELD_SECONDS."""
    moving = np.flatnonzero((np.diff(ecg.signal, axis=1) != 0).any(axis=0))
    if not moving.size:
        return ecg.duration, ecg.duration
    ends = (float(moving[0]) / ecg.rate, (ecg.samples - 2 - float(moving[-1])) / ecg.rate)
    first, last = (round(seconds, 4) if seconds >= HELD_SECONDS else 0.0 for seconds in ends)
    return first, last
