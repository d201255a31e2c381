"""Work for the worker process other than drawing: a kind, what is asked in plain values, and arrays as the answer.

Knows: how a task and its answer look on the wire. Does not know: what any kind does (see `work`, which imports torch;
the web process imports only this module).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.ecg import Ecg


@dataclass(frozen=True)
class Task:
    """kind: a key of engine.work.WORK. asked: what it needs, as JSON holds it."""

    kind: str
    asked: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Answer:
    """facts as JSON holds them, and arrays by name."""

    facts: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def shapes(self) -> dict[str, Any]:
        """What the receiver must know to read the arrays: name -> (type, shape)."""
        return {name: (array.dtype.str, array.shape) for name, array in self.arrays.items()}

    def chunks(self) -> Iterator[bytes]:
        """The arrays' bytes, in the order of `shapes`."""
        return (np.ascontiguousarray(array).tobytes() for array in self.arrays.values())

    @classmethod
    def read(cls, facts: Mapping[str, Any], shapes: Mapping[str, Any], stream: IO[bytes]) -> Answer:
        """Inverse of `shapes` and `chunks`."""
        return cls(facts, {name: _read(stream, *form) for name, form in shapes.items()})


def _read(stream: IO[bytes], kind: str, shape: tuple[int, ...]) -> NDArray[Any]:
    dtype = np.dtype(kind)
    return np.frombuffer(stream.read(dtype.itemsize * int(np.prod(shape))), dtype).reshape(shape)


def pack_ecgs(ecgs: Sequence[Ecg]) -> dict[str, Any]:
    """ECGs of one rate and length, as JSON holds them in `asked`. Raises ValueError for none, or for different ones."""
    rates = {ecg.rate for ecg in ecgs}
    if len(rates) != 1:
        raise ValueError("ECGs of one rate are needed, at least one.")
    signals = np.stack([ecg.signal for ecg in ecgs]).astype("<f4")
    return {"rate": rates.pop(), "shape": signals.shape, "float32": base64.b64encode(signals.tobytes()).decode()}


def unpack_ecgs(packed: Mapping[str, Any]) -> list[Ecg]:
    """Inverse of `pack_ecgs`."""
    signals = np.frombuffer(base64.b64decode(packed["float32"]), "<f4").reshape(packed["shape"])
    return [Ecg(signal, packed["rate"]) for signal in signals]
