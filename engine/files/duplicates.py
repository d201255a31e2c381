"""Which ECGs are the same one, whatever file they came in.

Knows: harmonised payloads and their rounding. Does not know: files, persons.

The same recording saved in two formats differs by the rounding of the formats, which moves a harmonised sample by a
step or two; two recordings of one person differ by far more. A recording that was resampled before is not recognised.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from engine.harmonise import SAMPLES

EVERY = 20  # one sample in 0.2 s of each lead is compared
TOLERANCE = 3  # units of 5 uV


def code_of(payload: bytes) -> str:
    """A record's code: 16 hex digits of the sha256 of its harmonised signal."""
    return hashlib.sha256(payload).hexdigest()[:16]


class SeenEcgs:
    """The ECGs met so far; `find` names the one that a payload repeats."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._rows = np.zeros((64, 12 * SAMPLES // EVERY), dtype=np.int16)

    def find(self, payload: bytes) -> str | None:
        """The name under which the same ECG was added, or None."""
        known = self._rows[: len(self._names)].astype(np.int32)
        same = np.abs(known - _points(payload)).max(axis=1, initial=0) <= TOLERANCE
        return self._names[int(same.argmax())] if same.any() else None

    def add(self, payload: bytes, name: str) -> None:
        """Remember an ECG under a name."""
        if len(self._names) == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._rows[len(self._names)] = _points(payload)
        self._names.append(name)


def _points(payload: bytes) -> NDArray[np.int16]:
    return np.frombuffer(payload, dtype="<i2").reshape(12, SAMPLES)[:, ::EVERY].ravel()
