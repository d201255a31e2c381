"""ECGs as the files of one shard: Parquet or WFDB. Both hold whole microvolts in 16 bits, as PTB-XL does.

Knows: tables, records, what is written beside a signal. Does not know: where the files go, orders. A step of 1 uV is
far below what a trace shows (10 mm/mV: 0.01 mm) and halves the size of float32; a signal beyond 32 mV gets coarser
steps, which `units_per_millivolt` says. The same ECGs give the same bytes with the same versions of the libraries.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.ecg import STANDARD_LEADS, Ecg
from engine.generators import Drawn, DrawRequest, Provenance
from engine.records import digital, units_per_millivolt, write_wfdb

Packing = Callable[[str, Drawn], Mapping[str, bytes]]  # name of the shard, ECGs -> files by path
SYNTHETIC = "synthetic ECG, not of a patient"


def pack_parquet(name: str, drawn: Drawn) -> Mapping[str, bytes]:
    """One table, a row for each ECG. `signal` is int16, lead after lead: reshape(12, -1) / units_per_millivolt is mV.

    The ECGs must have one rate and length; metadata of the table say leads and rate.
    """
    import pyarrow as pa
    from pyarrow import parquet

    rate, samples = drawn.ecgs[0].rate, drawn.ecgs[0].samples
    schema = pa.schema(
        {
            "index": pa.int64(),
            "labels": pa.list_(pa.string()),
            "sex": pa.string(),
            "age_band": pa.string(),
            "seed": pa.int64(),
            "provenance": pa.string(),
            "units_per_millivolt": pa.int32(),
            "signal": pa.list_(pa.int16(), 12 * samples),
        },
        metadata={"content": SYNTHETIC, "leads": ",".join(STANDARD_LEADS), "rate": f"{rate:g}"},
    )
    rows = [_row(ecg, origin) for ecg, origin in zip(drawn.ecgs, drawn.provenance, strict=True)]
    file = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows, schema), file, compression="zstd")
    return {f"{name}.parquet": file.getvalue()}


def pack_wfdb(name: str, drawn: Drawn) -> Mapping[str, bytes]:
    """A folder with one record for each ECG, named by its number; the header says where it comes from."""
    with tempfile.TemporaryDirectory() as scratch:
        for ecg, origin in zip(drawn.ecgs, drawn.provenance, strict=True):
            comments = [f"{key}: {value}" for key, value in origin.asdict().items()]
            write_wfdb(ecg, Path(scratch), f"{origin.index:09d}", [SYNTHETIC, *comments])
        return {f"{name}/{file.name}": file.read_bytes() for file in sorted(Path(scratch).iterdir())}


PACKINGS: Mapping[str, Packing] = {"parquet": pack_parquet, "wfdb": pack_wfdb}


def _row(ecg: Ecg, origin: Provenance) -> dict[str, Any]:
    gain = units_per_millivolt(ecg)
    return {
        "index": origin.index,
        "labels": list(origin.labels),
        "sex": origin.sex,
        "age_band": origin.age_band,
        "seed": _noise_seed(origin),
        "provenance": json.dumps(origin.asdict(), sort_keys=True),
        "units_per_millivolt": gain,
        "signal": digital(ecg, gain).T.astype(np.int16).ravel(),
    }


def _noise_seed(origin: Provenance) -> int:
    return DrawRequest((), seed=origin.seed).record_seed(origin.index)
