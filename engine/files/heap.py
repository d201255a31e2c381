"""A heap of files as somebody chose them: which are ECGs, which belong to others, which are of no use.

Knows: archives among them, headers and their signal files, descriptions beside arrays, tables of labels.
Does not know: what an ECG file holds.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from engine.files.about import About, read_declarations
from engine.files.archive import Allowance, unpack
from engine.files.recording import FileError

LABEL_TABLE = "labels.csv"
_SIGNALS, _DESCRIPTIONS = (".dat", ".mat"), (".json", ".txt")
_DESCRIBED = (".npy", ".npz", ".csv")


@dataclass
class Heap:
    """Sorted files. names: how each file is called where it came from. refused: name and sentence."""

    names: dict[Path, str] = field(default_factory=dict)
    ecgs: list[Path] = field(default_factory=list)
    declared: dict[str, About] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)


def sort_files(folder: Path) -> Heap:
    """The files of a folder and of the ZIP archives in it, which are unpacked beside the folder and deleted."""
    heap = Heap()
    for number, path in enumerate(sorted(folder.iterdir())):
        if path.suffix.lower() == ".zip":
            _take_archive(path, folder.with_name(f"{folder.name}-{number}"), _allowance(heap), heap)
        else:
            heap.names[path] = path.name
    named = {folder: set(_signal_files(folder)) for folder in {path.parent for path in heap.names}}
    for path in sorted(heap.names):
        _sort(path, heap, named[path.parent])
    return heap


def _allowance(heap: Heap) -> Allowance:
    """What earlier archives have left."""
    allowance = Allowance()
    allowance.left -= sum(path.stat().st_size for path in heap.names)
    return allowance


def _take_archive(archive: Path, folder: Path, allowance: Allowance, heap: Heap) -> None:
    try:
        for member in unpack(archive, folder, allowance):
            name = f"{archive.name}/{member.name}"
            if member.path:
                heap.names[member.path] = name
            else:
                heap.refused.append((name, member.reason))
    except FileError as error:
        heap.refused.append((archive.name, str(error)))
    archive.unlink()


def _sort(path: Path, heap: Heap, named: set[str]) -> None:
    suffix = path.suffix.lower()
    if path.name.lower() == LABEL_TABLE:
        _take_labels(path, heap)
    elif suffix in _SIGNALS:
        if path.name not in named:
            heap.refused.append((heap.names[path], f"No header (.hea) names it; add {path.stem}.hea."))
    elif suffix in _DESCRIPTIONS:
        if not any(path.with_suffix(other).exists() for other in _DESCRIBED):
            heap.refused.append((heap.names[path], "It describes none of the files, and holds no ECG itself."))
    else:
        heap.ecgs.append(path)


def _take_labels(path: Path, heap: Heap) -> None:
    try:
        heap.declared |= read_declarations(path)
    except FileError:
        sentence = "It needs the columns file and labels, perhaps sex and age."
        heap.refused.append((heap.names[path], sentence))
    except (ValueError, csv.Error):
        heap.refused.append((heap.names[path], "It cannot be read as a table of labels."))


def _signal_files(folder: Path) -> Iterator[str]:
    """The signal files that the headers of a folder name."""
    for header in folder.glob("*.hea"):
        for line in header.read_text(encoding="utf-8", errors="replace").splitlines()[1:]:
            yield from line.split()[:1]
