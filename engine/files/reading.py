"""The door to the formats: one function per format, chosen by the file's suffix.

Knows: which suffix is which format, and how any failure becomes one sentence. Does not know: what is in a format.
To add a format: one module with a function Path -> (Recording, About), one entry in FORMATS.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from engine.ecg import EcgError
from engine.files.about import About
from engine.files.csv_table import read_csv_table
from engine.files.dicom_waveform import read_dicom
from engine.files.edf_recording import read_edf
from engine.files.numpy_array import read_npy, read_npz
from engine.files.own_records import INDEX
from engine.files.recording import FileError, Recording
from engine.files.sidecar import NOTHING_BESIDE, Sidecar
from engine.files.wfdb_record import read_wfdb_record

Reader = Callable[[Path, Sidecar], tuple[Recording, About]]


@dataclass(frozen=True)
class Format:
    """A file format: its name for people, and its reader."""

    name: str
    read: Reader


def _states_all(read: Callable[[Path], tuple[Recording, About]]) -> Reader:
    """The reader of a format that names leads, units and rate itself: what is said for others does not matter."""
    return lambda path, otherwise: read(path)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        ".hea": Format("WFDB", _states_all(read_wfdb_record)),
        ".edf": Format("EDF", _states_all(read_edf)),
        ".dcm": Format("DICOM", _states_all(read_dicom)),
        ".csv": Format("CSV", read_csv_table),
        ".npy": Format("NPY", read_npy),
        ".npz": Format("NPZ", _states_all(read_npz)),
    }
)
_LIBRARY_ERRORS = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, NotImplementedError,
    EOFError, OverflowError, MemoryError, struct.error, zipfile.BadZipFile,
)  # fmt: skip
_QUOTED = re.compile(r"""b?(['"]).*?\1""", re.DOTALL)  # a library may quote a header, and so a person's name


def read_recording(path: Path, otherwise: Sidecar = NOTHING_BESIDE) -> tuple[Recording, About]:
    """What one file holds. Raises FileError or EcgError, one sentence that says why it does not do.

    otherwise: leads, unit and rate of the files that do not state them; nothing is guessed.
    """
    kind = format_of(path)
    if kind is None:
        raise FileError(f"{path.suffix or 'A file without suffix'} is no known format; known are {', '.join(FORMATS)}.")
    try:
        return kind.read(path, otherwise)
    except (FileError, EcgError):
        raise
    except OSError as error:
        raise FileError(f"The file cannot be opened ({error.strerror or 'damaged'}).") from error
    except _LIBRARY_ERRORS as error:
        reason = " ".join(_QUOTED.sub("...", str(error)).split()).rstrip(".")[:160] or type(error).__name__
        raise FileError(f"It cannot be read as {kind.name} and may be damaged ({reason}).") from error


def format_of(path: Path) -> Format | None:
    """The format by suffix; a file without one is DICOM if it carries DICOM's mark."""
    if path.suffix.lower() in FORMATS:
        return FORMATS[path.suffix.lower()]
    return FORMATS[".dcm"] if not path.suffix and _marked_as_dicom(path) else None


def find_files(sources: Iterable[Path]) -> Iterator[Path]:
    """All files of a known format among files and, recursively, folders, by name; signal files and sidecars are
    left to their headers. Raises FileNotFoundError for a source that is not there.
    """
    for source in sources:
        if source.is_dir():
            yield from (path for path in sorted(source.rglob("*")) if _is_ecg_file(path))
        elif source.is_file():
            yield source
        else:
            raise FileNotFoundError(f"There is no file or folder {source}.")


def _is_ecg_file(path: Path) -> bool:
    return path.is_file() and path.name != INDEX and not path.name.startswith(".") and format_of(path) is not None


def _marked_as_dicom(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:
        return False  # a file that cannot be opened carries no mark that anybody could see
