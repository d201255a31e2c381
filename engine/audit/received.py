"""An ECG as a reader's browser receives it: the samples, the bytes they came in, the time they took, the measurements
that stand below it.

Knows: payloads and folders of records. Does not know: studies; which arm an ECG belongs to is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.ecg import Ecg, EcgError
from engine.files.excerpt import excerpt
from engine.files.reading import FileError, find_files, read_recording
from engine.harmonise import decode, encode, harmonise

BYTES_PER_SAMPLE = 2
Measured = Mapping[str, int | None]  # whole numbers by name, None where a dash is shown


@dataclass(frozen=True, eq=False)
class Received:
    """One ECG, its size in bytes, and the seconds it took to serve, None where nobody measured (`serving` does).

    measured: what stands below it; None in a study that shows no measurements.
    """

    ecg: Ecg
    size: int
    seconds: float | None = None
    measured: Measured | None = None

    @property
    def microvolts(self) -> NDArray[np.float64]:
        """The twelve leads in uV, float64 (12, n), 0 where samples are missing."""
        return np.nan_to_num(self.ecg.signal.astype(np.float64)) * 1000


@dataclass(frozen=True, eq=False)
class Arm:
    """The ECGs of one arm, and a sentence for each file that could not be used."""

    ecgs: tuple[Received, ...]
    left_out: tuple[str, ...] = ()


def from_payloads(
    payloads: Sequence[bytes],
    seconds: Sequence[float] | None = None,
    measured: Sequence[Measured] | None = None,
) -> Arm:
    """The ECGs of an arm as a study stores and sends them; seconds: how long each took, if somebody timed it.

    measured: what stands below each, if the study shows it. Raises EcgError for a payload of another length.
    """
    nothing = [None] * len(payloads)
    times, below = nothing if seconds is None else seconds, nothing if measured is None else measured
    sent = zip(payloads, times, below, strict=True)
    return Arm(tuple(Received(decode(payload), len(payload), taken, said) for payload, taken, said in sent))


def harmonised_folder(folder: Path) -> Arm:
    """The ECGs of a folder as a study would send them."""
    return _read(folder, lambda ecg: from_payloads([encode(harmonise(excerpt(ecg).ecg))]).ecgs[0])


def raw_folder(folder: Path) -> Arm:
    """The ECGs of a folder as they are, at their own rate and length."""
    return _read(folder, lambda ecg: Received(ecg, ecg.signal.size * BYTES_PER_SAMPLE))


def _read(folder: Path, prepare: Callable[[Ecg], Received]) -> Arm:
    return _collect(find_files([folder]), prepare)


def _collect(files: Iterable[Path], prepare: Callable[[Ecg], Received]) -> Arm:
    ecgs, left_out = [], []
    for file in files:
        try:
            ecgs.append(prepare(read_recording(file)[0].ecg()))
        except (FileError, EcgError) as error:
            left_out.append(f"{file.name}: {error}")
    return Arm(tuple(ecgs), tuple(left_out))
