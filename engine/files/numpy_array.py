"""NumPy arrays: .npy with a sidecar that names leads, unit and rate, and the .npz that engine.records writes.

Knows: both layouts. Does not know: pickled objects; they are refused, because they can run code.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.files.about import About, from_lines
from engine.files.recording import Channel, FileError, Recording, recording
from engine.files.sidecar import ADVICE, NOTHING_BESIDE, Sidecar, read_sidecar

REAL = "iuf"  # NumPy's kinds of numbers that an amplitude can be


def read_npy(path: Path, otherwise: Sidecar = NOTHING_BESIDE) -> tuple[Recording, About]:
    """An array (leads, samples) or (samples, leads), described by NAME.json, else by `otherwise`. Raises FileError."""
    stated = read_sidecar(path)
    leads, unit, rate = stated.leads or otherwise.leads, stated.unit or otherwise.unit, stated.rate or otherwise.rate
    if not (leads and unit and rate):
        raise FileError(f"Leads, unit and rate are not stated; {ADVICE}.")
    rows = _rows(np.load(path, allow_pickle=False), len(leads))
    return recording(_channels(leads, unit, rows), rate), stated.about


def read_npz(path: Path) -> tuple[Recording, About]:
    """Arrays signal, leads and rate; in mV if written by engine.records, else `unit` says it. Raises FileError."""
    with np.load(path, allow_pickle=False) as content:
        absent = {"signal", "leads", "rate"} - set(content.files)
        if absent:
            raise FileError(f"The file lacks the array {' and '.join(sorted(absent))}.")
        leads = tuple(map(str, content["leads"]))
        comments = [str(comment) for comment in content["comments"]] if "comments" in content.files else None
        unit = str(content["unit"]) if "unit" in content.files else "mV" if comments is not None else ""
        rows = _rows(content["signal"], len(leads))
        return recording(_channels(leads, unit, rows), float(content["rate"])), from_lines(comments or [])


def _channels(leads: tuple[str, ...], unit: str, rows: NDArray[Any]) -> list[Channel]:
    return [Channel(lead, unit, row) for lead, row in zip(leads, rows, strict=True)]


def _rows(array: NDArray[Any], leads: int) -> NDArray[Any]:
    if array.ndim != 2 or leads not in array.shape or array.dtype.kind not in REAL:
        raise FileError(f"{leads} leads are named, but the array has the shape {array.shape} of {array.dtype}.")
    return array if array.shape[0] == leads else array.T
