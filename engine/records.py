"""ECG records as files: WFDB, npz and csv.

Knows: file formats, units, lead names. Does not know: where an ECG comes from; the caller says so in
comments. wfdb, which imports pandas and scipy.signal, is imported inside the functions that need it: the web
process collects garbage after every rerun, and large modules make that slow. Source of the WFDB format:
https://physionet.org/physiotools/wag/header-5.htm and signal-5.htm
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecg import STANDARD_LEADS, Ecg

UNITS_PER_MILLIVOLT = 1000  # 1 uV per unit, as in PTB-XL; a signal beyond 32 mV gets fewer
LARGEST_UNIT = 32767  # of 16 bits; -32768 is WFDB's invalid value
MILLIVOLTS = {"v": 1e3, "mv": 1.0, "uv": 1e-3, "\u00b5v": 1e-3, "\u03bcv": 1e-3, "nv": 1e-6}  # one unit in mV
Writer = Callable[[Ecg, Path, str, Sequence[str]], list[Path]]


class RecordError(Exception):
    """A record that cannot be written or read; the message says which file and what to do."""


def read_wfdb(path: Path | str) -> Ecg:
    """Read a WFDB record, path with or without suffix, as an ECG in mV; missing samples are NaN.

    Raises RecordError if the files are missing, damaged or in an unknown unit, EcgError if they hold no
    12-lead ECG.
    """
    import wfdb  # type: ignore[import-untyped]

    path = Path(path)
    path = path.with_suffix("") if path.suffix in (".hea", ".dat") else path
    try:
        record = wfdb.rdrecord(str(path), physical=True)
    except FileNotFoundError as error:
        raise RecordError(f"{error.filename or path} does not exist.") from error
    except (OSError, ValueError, IndexError, KeyError, TypeError) as error:
        raise RecordError(f"{path} cannot be read as a WFDB record: {error}.") from error
    return Ecg.from_leads(record.p_signal.T * _scale(path, record.units), record.sig_name, record.fs)


def _scale(path: Path, units: Sequence[str]) -> NDArray[np.float64]:
    unknown = [unit for unit in units if unit.lower() not in MILLIVOLTS]
    if unknown:
        raise RecordError(f"{path} is in {unknown[0]!r}; leads must be in V, mV, uV or nV.")
    return np.array([[MILLIVOLTS[unit.lower()]] for unit in units])


def write_wfdb(ecg: Ecg, folder: Path, name: str, comments: Sequence[str] = ()) -> list[Path]:
    """Write name.hea and name.dat: 16 bits, mV, 1 uV per unit (coarser only beyond 32 mV), comments in the
    header as ASCII.

    Missing samples become WFDB's invalid value. Raises RecordError if the folder or the name does not do.
    """
    import wfdb

    gain = units_per_millivolt(ecg)

    def write(scratch: Path) -> None:
        wfdb.wrsamp(
            name,
            fs=ecg.rate,
            units=["mV"] * 12,
            sig_name=list(STANDARD_LEADS),
            d_signal=digital(ecg, gain),
            fmt=["16"] * 12,
            adc_gain=[float(gain)] * 12,
            baseline=[0] * 12,
            comments=[_ascii(comment) for comment in comments],
            write_dir=str(scratch),
        )

    return _write_all(folder, name, write)


def write_npz(ecg: Ecg, folder: Path, name: str, comments: Sequence[str] = ()) -> list[Path]:
    """Write name.npz: signal float32 (12, n) in mV, leads, rate in Hz, comments. Raises RecordError."""

    def write(scratch: Path) -> None:
        content: dict[str, Any] = {
            "signal": ecg.signal,
            "leads": np.array(STANDARD_LEADS),
            "rate": np.array(ecg.rate),
            "comments": np.array(list(comments), dtype=np.str_),
        }
        np.savez_compressed(scratch / f"{name}.npz", **content)

    return _write_all(folder, name, write)


def write_csv(ecg: Ecg, folder: Path, name: str, comments: Sequence[str] = ()) -> list[Path]:
    """Write name.csv: a header row, then time_s and the leads in mV, empty where missing; comments in
    name.txt.

    Raises RecordError.
    """

    def write(scratch: Path) -> None:
        (scratch / f"{name}.csv").write_text(_csv_text(ecg), encoding="utf-8", newline="")
        if comments:
            text = "".join(f"{_one_line(comment)}\n" for comment in comments)
            (scratch / f"{name}.txt").write_text(text, encoding="utf-8")

    return _write_all(folder, name, write)


FORMATS: Mapping[str, Writer] = MappingProxyType({"wfdb": write_wfdb, "npz": write_npz, "csv": write_csv})


def units_per_millivolt(ecg: Ecg) -> int:
    """1000, or fewer where 16 bits would not reach. Raises RecordError for what can't be millivolts."""
    largest = float(np.nanmax(np.abs(ecg.signal), initial=0.0))
    if largest > LARGEST_UNIT:
        raise RecordError(f"The signal reaches {largest:.0f} mV, which 16 bits cannot hold; are these microvolts?")
    return min(UNITS_PER_MILLIVOLT, int(LARGEST_UNIT / largest)) if largest else UNITS_PER_MILLIVOLT


def digital(ecg: Ecg, gain: int) -> NDArray[np.int64]:
    """The signal (samples, 12) in whole units of 1/gain mV; WFDB's invalid value where it is missing."""
    units = np.rint(np.nan_to_num(ecg.signal.T.astype(np.float64)) * gain).astype(np.int64)
    return np.where(np.isnan(ecg.signal.T), -LARGEST_UNIT - 1, units)


def _csv_text(ecg: Ecg) -> str:
    cells = ecg.signal.T.astype(np.str_)  # the shortest text that reads back as the same float32
    cells[cells == "nan"] = ""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(["time_s", *STANDARD_LEADS])
    rows.writerows([f"{sample / ecg.rate:.6g}", *row] for sample, row in enumerate(cells))
    return text.getvalue()


def _one_line(comment: str) -> str:
    return " ".join(comment.split())


def _ascii(comment: str) -> str:
    # WFDB headers are ASCII; rdrecord silently drops other characters.
    return _one_line(comment).encode("ascii", "replace").decode("ascii")


def _write_all(folder: Path, name: str, write: Callable[[Path], None]) -> list[Path]:
    """Let `write` fill a scratch folder, then move its files into place: a failure leaves no half-written
    record.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise RecordError(f"A record cannot be named {name!r}; use letters, digits, - and _.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as scratch:
            write(Path(scratch))
            return [file.replace(folder / file.name) for file in sorted(Path(scratch).iterdir())]
    except OSError as error:
        reason = error.strerror or error
        raise RecordError(f"Cannot write to the folder {folder} ({reason}); choose one you may write to.") from error
