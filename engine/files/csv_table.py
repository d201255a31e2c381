"""CSV tables: one column per lead, perhaps a time column, units in the header or stated beside.

Knows: separators, decimal commas, units in headers ("I [mV]", "II_uV"), comment lines ("# rate: 500").
Does not know: the amplitude where no unit is stated; it is never guessed.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecg import STANDARD_LEADS
from engine.files.about import About
from engine.files.recording import Channel, FileError, Recording, recording
from engine.files.sidecar import NOTHING_BESIDE, Sidecar, read_sidecar
from engine.records import MILLIVOLTS

OWN_HEADER = ["time_s", *STANDARD_LEADS]  # what engine.records writes, always in mV
_UNIT = re.compile(r"^(?P<name>.+?)\s*(?:[\[(](?P<bracket>[^\])]+)[\])]|_(?P<tail>[mun\u00b5\u03bc]V))\s*$", re.I)
_TIME = {"time": 1.0, "t": 1.0, "time_s": 1.0, "seconds": 1.0, "time [s]": 1.0, "time (s)": 1.0}
_TIME |= {"time_ms": 1e-3, "milliseconds": 1e-3, "time [ms]": 1e-3, "time (ms)": 1e-3}


def read_csv_table(path: Path, otherwise: Sidecar = NOTHING_BESIDE) -> tuple[Recording, About]:
    """The leads of a table with a header row; `otherwise` counts where it states no rate or unit. Raises FileError."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    comments = [line for line in text.splitlines() if line.startswith("#")]
    stated = read_sidecar(path, comments)
    header, columns = _table("\n".join(line for line in text.splitlines() if line and not line.startswith("#")))
    unit = "mV" if header == OWN_HEADER else stated.unit or otherwise.unit
    names = [name for name in header if name.lower() not in _TIME]
    channels = [Channel(*_name_and_unit(name, unit), columns[name]) for name in names]
    return recording(channels, _rate(header, columns, stated, otherwise)), stated.about


def _table(text: str) -> tuple[list[str], dict[str, NDArray[Any]]]:
    import pandas as pd

    first, _, rest = text.partition("\n")
    separator = next((mark for mark in (";", "\t") if mark in first), ",")
    decimal = "," if separator != "," and "," in rest.partition("\n")[0] else "."
    frame = pd.read_csv(io.StringIO(text), sep=separator, decimal=decimal)
    frame.columns = [str(column).strip() for column in frame.columns]
    return list(frame.columns), {name: _numbers(name, frame[name]) for name in frame.columns}


def _numbers(name: str, column: Any) -> NDArray[Any]:
    from pandas.api.types import is_numeric_dtype

    if not is_numeric_dtype(column):
        return np.full(len(column), np.nan)  # text: a lead of it counts as missing samples, any other is ignored
    return np.asarray(column, dtype=np.float64)


def _name_and_unit(header: str, default: str) -> tuple[str, str]:
    found = _UNIT.match(header)
    unit = (found["bracket"] or found["tail"]) if found else ""
    return (found["name"], unit) if found and unit.lower() in MILLIVOLTS else (header, default)


def _rate(header: list[str], columns: dict[str, NDArray[Any]], stated: Sidecar, otherwise: Sidecar) -> float:
    timed = [(columns[name], _TIME[name.lower()]) for name in header if name.lower() in _TIME]
    if stated.rate or (otherwise.rate and not timed):
        return stated.rate or otherwise.rate or 0.0
    if not timed or not np.isfinite(timed[0][0]).all() or len(timed[0][0]) < 2:
        raise FileError('No sampling rate is stated; add a column time_s or a line "# rate: 500".')
    seconds = timed[0][0] * timed[0][1]
    steps = np.diff(seconds)
    if steps.min() <= 0 or steps.max() > 1.5 * np.median(steps):
        raise FileError("Its time column has gaps or runs backwards, so samples are missing.")
    rate = (len(seconds) - 1) / (seconds[-1] - seconds[0])
    return float(round(rate)) if abs(rate - round(rate)) < 1e-3 * rate else float(rate)
