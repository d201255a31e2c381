"""WFDB records: a header with a .dat file, or with the .mat file of the PhysioNet/CinC Challenges.

Knows: the header's gain and comment fields. Does not know: where a record comes from.
Sources: https://physionet.org/physiotools/wag/header-5.htm; a .mat signal file is format 16 behind 24 bytes of header.
"""

from __future__ import annotations

import re
from pathlib import Path

from engine.files.about import About, from_lines
from engine.files.recording import Channel, FileError, Recording, recording

_FOLDER_MARKS = ("/", "\\")
_SIGNAL_LINE = re.compile(r"^\S+\.\w+\s+\S+(?:\s+(?P<gain>[-\d.]+))?")


def read_wfdb_record(path: Path) -> tuple[Recording, About]:
    """The record of a .hea file; comments other than labels, sex and age stay behind. Raises FileError."""
    import wfdb  # type: ignore[import-untyped]

    lines = _signal_lines(path)
    _require_beside(lines)
    _require_calibrated(lines)
    try:
        record = wfdb.rdrecord(str(path.with_suffix("")), physical=True)
    except FileNotFoundError as error:
        raise FileError(f"Its signal file {Path(error.filename or '').name} is not beside it.") from error
    channels = map(Channel, record.sig_name, record.units, record.p_signal.T)
    return recording(channels, record.fs), from_lines(record.comments)


def _signal_lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    given = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return given[1:]


def _require_beside(lines: list[str]) -> None:
    """A header from elsewhere must not make the program read another folder's files."""
    if any(mark in line.split()[0] for line in lines for mark in _FOLDER_MARKS):
        raise FileError("Its header names a signal file in another folder; it must lie beside the header.")


def _require_calibrated(lines: list[str]) -> None:
    """WFDB reads a gain that is 0 or absent as "uncalibrated" and then assumes 200 units per mV."""
    for line in lines:
        found = _SIGNAL_LINE.match(line)
        if found and float(found["gain"] or 0) == 0:
            raise FileError("Its header states no gain, so its amplitudes are not known in mV.")
