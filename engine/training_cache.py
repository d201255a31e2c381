"""PTB-XL for training as one small file, to take along to another machine.

Knows: how to make 16-bit ECGs small without loss. Does not know: what they are trained for. 3,847 records take 30 MB
instead of 62.

An .npz holds differences between neighbouring samples, modulo 2^16, with low and high bytes apart: the high bytes are
nearly all the same, which is what deflate needs. Nothing in it is ever unpickled.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from engine.ptbxl import PtbXl
from engine.training_data import TrainingSet, load_training_set

FORMAT = "ecg-turing-training/2"
SUFFIX = ".npz"
PARTS = ("signals", "labels", "sex", "age")
FOLDS = range(1, 10)  # the tenth stays unseen


class CacheError(ValueError):
    """A file that is no training cache; the message says what to do."""


@dataclass(frozen=True, eq=False)
class TrainingCache:
    """Records by fold, in memory: `folds` (n,) of the records of `everything`, and the codes of their labels."""

    everything: TrainingSet
    folds: torch.Tensor
    codes: tuple[str, ...]

    def in_folds(self, wanted: Iterable[int]) -> TrainingSet:
        """The records of these folds.  Raises CacheError where there are none."""
        chosen = torch.isin(self.folds, torch.tensor(list(wanted)))
        if not chosen.any():
            raise CacheError(f"there are no records in folds {sorted(set(wanted))}")
        return self.everything.rows(chosen)


def open_training_cache(source: Path) -> TrainingCache:
    """From a packed file, or from a folder of PTB-XL.  Raises CacheError or PtbXlError."""
    return _unpack(source) if source.suffix == SUFFIX else _from_ptbxl(PtbXl(source))


def pack(cache: TrainingCache, file: Path) -> None:
    """Write a cache as one file."""
    whole = cache.everything
    low, high = _planes(whole.signals.numpy())
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        np.savez_compressed(
            out, format=np.array(FORMAT), codes=np.array(cache.codes), low=low, high=high,
            labels=whole.labels.numpy().astype(np.uint8), sex=whole.sex.numpy().astype(np.uint8),
            age=whole.age.numpy().astype(np.uint8), folds=cache.folds.numpy().astype(np.uint8),
        )  # fmt: skip


def _from_ptbxl(ptbxl: PtbXl) -> TrainingCache:
    present = {record.fold for record in ptbxl.at_rate(100)}
    sets = {fold: load_training_set(ptbxl, [fold]) for fold in FOLDS if fold in present}
    whole = TrainingSet(*(torch.cat([getattr(s, part) for s in sets.values()]) for part in PARTS))
    folds = torch.cat([torch.full((len(records),), fold) for fold, records in sets.items()])
    return TrainingCache(whole, folds, ptbxl.label_set.codes)


def _unpack(file: Path) -> TrainingCache:
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as held:
            if str(held["format"]) != FORMAT:
                raise CacheError(f"{file} has format {held['format']}; this version reads {FORMAT}")
            signals = torch.from_numpy(_signals(held["low"], held["high"]))
            labels, sex, age, folds = (torch.from_numpy(held[name].astype(np.int64)) for name in (*PARTS[1:], "folds"))
            return TrainingCache(TrainingSet(signals, labels, sex, age), folds, tuple(map(str, held["codes"])))
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        if isinstance(error, CacheError):
            raise
        raise CacheError(f"{file} can't be read as packed training data; pack it again: {error}") from error


def _planes(signals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Low and high bytes of the differences along time."""
    steps = np.diff(signals, axis=-1, prepend=np.int16(0)).astype(np.int16).view(np.uint16)
    return (steps & 0xFF).astype(np.uint8), (steps >> 8).astype(np.uint8)


def _signals(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    steps = (low.astype(np.uint16) | (high.astype(np.uint16) << 8)).view(np.int16)
    return np.cumsum(steps, axis=-1, dtype=np.int16)
