"""The index of PTB-XL's training records in a cache folder, built once and memory-mapped afterwards.

Knows: which folds were trained on, the files of an index, when they are out of date.  Does not know: distances.

A folder is named after what it was made from: the database, and names, sizes and times of the signal files.  It is
written elsewhere and renamed when it is complete, so a folder that is there is whole.  Its files are .npy without
pickles.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecg import Ecg
from engine.nearest.checking import CopyCheck
from engine.nearest.distance import RATE, ComparisonError, centred
from engine.nearest.index import BLOCK, NORMS_SHAPE, SPECTRA_SHAPE, Block, TrainingIndex
from engine.nearest.reference import Reference
from engine.ptbxl import DATABASE, PtbXl, PtbxlRecord

FORMAT = "nearest/1"
TRAINING_FOLDS = range(1, 9)
HELD_OUT_FOLDS = (9,)
HELD_OUT = 500  # real ECGs that the reference is made from at most: 1 % of them are five
TOGETHER = 16  # held-out ECGs searched for together
PARTS = ("numbers", "spectra", "norms", "quanta")
Tell = Callable[[int, int], None]  # is told how much is done, of how much


def _say_nothing(done: int, total: int) -> None:
    """For callers that do not watch."""


def open_copy_check(ptbxl: PtbXl, cache: Path, tell: Tell = _say_nothing) -> CopyCheck:
    """From the cache, or else built there.  Raises ComparisonError where PTB-XL lacks training or held-out records."""
    training, held_out = _records(ptbxl, TRAINING_FOLDS), _spread(_records(ptbxl, HELD_OUT_FOLDS))
    folder = cache / f"nearest-{_key(ptbxl, training, held_out)}"
    if not folder.is_dir():
        _build(ptbxl, training, held_out, folder, tell)
    return CopyCheck(_open(folder), Reference(_mapped(folder / "reference.npy")))


def _records(ptbxl: PtbXl, folds: Sequence[int]) -> list[PtbxlRecord]:
    found = [record for record in ptbxl.at_rate(RATE) if record.fold in folds]
    if not found:
        raise ComparisonError(
            f"{ptbxl.folder} has no {RATE} Hz records in fold {', '.join(map(str, folds))}; download more of PTB-XL."
        )
    return found


def _spread(records: list[PtbxlRecord]) -> list[PtbxlRecord]:
    chosen = np.unique(np.linspace(0, len(records) - 1, min(HELD_OUT, len(records))).astype(int))
    return [records[place] for place in chosen]


def _key(ptbxl: PtbXl, training: list[PtbxlRecord], held_out: list[PtbxlRecord]) -> str:
    digest = hashlib.sha256(FORMAT.encode() + (ptbxl.folder / DATABASE).read_bytes())
    for record in (*training, *held_out):
        about = (ptbxl.folder / f"{record.path100}.dat").stat()
        digest.update(f"{record.ecg_id} {record.path100} {about.st_size} {about.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _build(ptbxl: PtbXl, training: list[PtbxlRecord], held_out: list[PtbxlRecord], folder: Path, tell: Tell) -> None:
    total = len(training) + len(held_out)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".nearest-") as scratch:
        made = Path(scratch) / "whole"
        made.mkdir()
        for done in _write_blocks(ptbxl, training, made):
            tell(done, total)
        distances: list[float] = []
        for found in _held_out_distances(_open(made), ptbxl, held_out):
            distances += found
            tell(len(training) + len(distances), total)
        np.save(made / "reference.npy", Reference.of(distances).distances)
        _move(made, folder)


def _write_blocks(ptbxl: PtbXl, records: list[PtbxlRecord], folder: Path) -> Iterator[int]:
    """Writes all but the reference; yields how many records are done."""
    blocks = -(-len(records) // BLOCK)
    create = np.lib.format.open_memmap
    held = create(folder / "spectra.npy", mode="w+", dtype=np.int16, shape=(blocks, *SPECTRA_SHAPE))
    norms = create(folder / "norms.npy", mode="w+", dtype=np.float32, shape=(blocks, *NORMS_SHAPE))
    quanta = create(folder / "quanta.npy", mode="w+", dtype=np.float32, shape=(blocks, BLOCK))
    for number in range(blocks):
        some = records[number * BLOCK : (number + 1) * BLOCK]
        block = Block.of(centred(ptbxl.read_many(some, RATE)))
        held[number], norms[number], quanta[number] = block.spectra, block.norms, block.quanta
        yield number * BLOCK + len(some)
    for array in (held, norms, quanta):
        array.flush()
    np.save(folder / "numbers.npy", np.array([record.ecg_id for record in records], dtype=np.int64))


def _held_out_distances(index: TrainingIndex, ptbxl: PtbXl, records: list[PtbxlRecord]) -> Iterator[list[float]]:
    for first in range(0, len(records), TOGETHER):
        ecgs = [Ecg(signal, RATE) for signal in ptbxl.read_many(records[first : first + TOGETHER], RATE)]
        yield [near[0].distance for near in index.nearest(ecgs, k=1)]


def _move(made: Path, folder: Path) -> None:
    try:
        os.rename(made, folder)
    except OSError:
        if not folder.is_dir():  # else another process was faster, with the same content
            raise


def _open(folder: Path) -> TrainingIndex:
    return TrainingIndex(*(_mapped(folder / f"{part}.npy") for part in PARTS))


def _mapped(file: Path) -> NDArray[Any]:
    try:
        return np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise ComparisonError(f"{file} is damaged ({error}); delete its folder, and it is built again.") from error
