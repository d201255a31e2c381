"""Real recordings as their users hold them: PTB-XL's own files, and what PhysioNet's tools make of them.

The other programs wrote these files, not this project: WFDB from PhysioNet, EDF and MATLAB by PhysioNet's converters
(`wfdb_to_edf`, `wfdb_to_mat`), CSV and NumPy from the table that `wfdb` gives. pydicom's ECG is in test_reading, a CSV
that somebody else published and NumPy files of all writers in test_others_files.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import wfdb
from wfdb.io.convert.edf import wfdb_to_edf
from wfdb.io.convert.matlab import wfdb_to_mat

from engine.files.collecting import read_ecg
from engine.harmonise import resample

Make = Callable[[Path, Path], Path]


def physionets_own(record: Path, _: Path) -> Path:
    return record.with_suffix(".hea")


def physionets_edf(record: Path, folder: Path) -> Path:
    """With an eleventh second that holds nothing but the smallest number, as the converter fills its last block."""
    wfdb_to_edf(str(record), output_filename=str(folder / "a.edf"))
    return folder / "a.edf"


def physionets_matlab(record: Path, folder: Path) -> Path:
    wfdb_to_mat(str(record))
    return folder / f"{record.name}m.hea"


def table_with_a_time_column(record: Path, folder: Path) -> Path:
    table = wfdb.rdrecord(str(record)).to_dataframe()
    table.index = table.index.total_seconds()
    table.columns = [f"{lead} (mV)" for lead in table.columns]
    table.to_csv(folder / "a.csv", index_label="time_s")
    return folder / "a.csv"


def array_with_its_leads_beside(record: Path, folder: Path) -> Path:
    read = wfdb.rdrecord(str(record))
    np.save(folder / "a.npy", read.p_signal)
    (folder / "a.json").write_text(json.dumps({"leads": read.sig_name, "unit": read.units[0], "rate": read.fs}))
    return folder / "a.npy"


@pytest.fixture
def record(ptbxl_folder: Path) -> Path:
    """The first record at 500 Hz, its path without a suffix."""
    return sorted((ptbxl_folder / "records500").glob("*/*.hea"))[0].with_suffix("")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # wfdb leaves its EDF file open
@pytest.mark.parametrize(
    "make",
    [
        physionets_own, physionets_edf, physionets_matlab, table_with_a_time_column, array_with_its_leads_beside,
    ],
)  # fmt: skip
def test_a_real_recording_is_the_same_ecg_in_every_format(
    make: Make, record: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # PhysioNet's converters write where they are
    taken, _ = read_ecg(make(record, tmp_path))
    signal = wfdb.rdrecord(str(record)).p_signal
    assert taken.recorded_rate == 500 and taken.ecg.samples == 1000
    np.testing.assert_allclose(taken.ecg.signal, resample(signal.T, 500, 100), atol=0.002)
