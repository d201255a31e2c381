"""A CSV file that somebody else published, and NumPy files as every writer makes them.

Source and licence of the CSV: real/README.md. NumPy's format: numpy.lib.format, NEP 1.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.__main__ import main
from engine.ecg import STANDARD_LEADS
from engine.files.collecting import read_ecg
from engine.files.own_records import OwnRecords
from engine.files.reading import read_recording
from engine.files.receiving import Receiving
from engine.files.recording import FileError
from engine.files.sidecar import Sidecar, stated_for_all
from engine.harmonise import resample

ARCHIVE = Path(__file__).parent / "real" / "ecg_plot-0.3.0.zip"
SHA256 = "e14b7e7eb3a218904f7d0733b4b9f1b7176bca7b042134b7119592ba7bf9f837"
AS_THE_PACKAGE_SAYS = stated_for_all(500, "mV", "")
PATIENCE_SECONDS = 120.0
VERSIONS = ((1, 0), (2, 0), (3, 0))
TYPES = ("<f4", "<f8", "<i2", "<i4", ">f4", ">f8", ">i2")


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    """The file as it was published."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        return Path(archive.extract("examples/ecg.csv", tmp_path))


@pytest.fixture
def microvolts(csv_file: Path) -> np.ndarray:
    """Its leads in whole uV, float64 (12, 5000)."""
    return np.rint(np.loadtxt(csv_file, delimiter=",", skiprows=1).T * 1000)


def test_the_file_is_the_published_one_to_the_byte(csv_file: Path) -> None:
    assert hashlib.sha256(csv_file.read_bytes()).hexdigest() == SHA256
    assert csv_file.read_text().partition("\n")[0].split(",") == list(STANDARD_LEADS)


def test_a_published_table_is_taken_once_its_rate_and_unit_are_said(csv_file: Path) -> None:
    taken, about = read_ecg(csv_file, AS_THE_PACKAGE_SAYS)
    signal = np.loadtxt(csv_file, delimiter=",", skiprows=1).T
    np.testing.assert_allclose(taken.ecg.signal, resample(signal, 500, 100), atol=1e-6)
    assert str(taken) == "seconds 0 to 10 of 10 s at 500 Hz" and not taken.remark and not about.codes


@pytest.mark.parametrize(("said", "reason"), [
    (Sidecar(), "No sampling rate is stated"), (stated_for_all(500, "", ""), "states no unit for lead I"),
    (stated_for_all(500, "uV", ""), "look like volts"),
])  # fmt: skip
def test_what_it_does_not_say_is_never_guessed(csv_file: Path, said: Sidecar, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_ecg(csv_file, said)


def test_the_command_takes_it_into_a_folder_of_own_records(csv_file: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    assert main(["collect", str(csv_file), "--rate", "500", "--unit", "mV", "--out", str(own), "--json"]) == 0
    (record,) = OwnRecords(own).records
    assert record.source == "CSV, seconds 0 to 10 of 10 s at 500 Hz"


def test_the_page_takes_the_archive_that_it_came_in(tmp_path: Path) -> None:
    started = Receiving([(ARCHIVE.name, io.BytesIO(ARCHIVE.read_bytes()))], tmp_path / "own", AS_THE_PACKAGE_SAYS)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not started.finished:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert [one.file for one in started.found] == [f"{ARCHIVE.name}/examples/ecg.csv"] and started.keep() == 1


# ------------------------------------------------------------------------------------------------------ NumPy


def beside(file: Path) -> Path:
    stated = {"leads": list(STANDARD_LEADS), "unit": "uV", "rate": 500}
    file.with_suffix(".json").write_text(json.dumps(stated))
    return file


def require_the_same(file: Path, csv_file: Path) -> None:
    read, _ = read_recording(beside(file))
    table, _ = read_recording(csv_file, AS_THE_PACKAGE_SAYS)
    assert read.leads == table.leads and read.rate == table.rate
    np.testing.assert_allclose(read.signal, table.signal, atol=0.000501)  # whole uV


@pytest.mark.parametrize("version", VERSIONS, ids=str)
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("kind", TYPES)
def test_every_version_order_and_type_of_numpys_format_is_the_same_ecg(
    version: tuple[int, int], order: str, kind: str, microvolts: np.ndarray, csv_file: Path, tmp_path: Path
) -> None:
    array = np.asarray(microvolts, dtype=kind, order="F" if order == "F" else "C")
    with (tmp_path / "a.npy").open("wb") as file:
        np.lib.format.write_array(file, array, version=version)
    head = (tmp_path / "a.npy").read_bytes()[:128]
    assert head[6:8] == bytes(version) and f"'fortran_order': {order == 'F'}".encode() in head and kind.encode() in head
    require_the_same(tmp_path / "a.npy", csv_file)


def unpadded(header: str) -> bytes:
    return header.encode()


def padded(to: int) -> Callable[[str], bytes]:
    return lambda header: (header + " " * (-(10 + len(header) + 1) % to) + "\n").encode()


@pytest.mark.filterwarnings("ignore:Reading .*Python 2")
@pytest.mark.parametrize("spell", [unpadded, padded(16), padded(64)])
@pytest.mark.parametrize("header", [
    "{{'descr': '<f4', 'fortran_order': False, 'shape': (12, {samples}), }}",
    "{{'shape': (12, {samples}), 'fortran_order': False, 'descr': '<f4'}}",
    '{{"descr": "<f4", "fortran_order": False, "shape": (12,{samples})}}',
    "{{'descr': '<f4', 'fortran_order': False, 'shape': (12L, {samples}L), }}",
])  # fmt: skip
def test_headers_of_older_and_of_other_writers_are_read(
    header: str, spell: Callable[[str], bytes], microvolts: np.ndarray, csv_file: Path, tmp_path: Path
) -> None:
    """Keys in any order, either quote, any padding or none, the long integers of Python 2."""
    written = spell(header.format(samples=microvolts.shape[1]))
    numbers = microvolts.astype("<f4").tobytes()
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(written)) + written + numbers)
    require_the_same(tmp_path / "a.npy", csv_file)


def test_samples_may_come_first(microvolts: np.ndarray, csv_file: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", microvolts.T.astype(np.int16))
    require_the_same(tmp_path / "a.npy", csv_file)


@pytest.mark.parametrize("array", [np.zeros((12, 50), complex), np.zeros((12, 50), bool), np.zeros((2, 12, 50))])
def test_what_is_no_table_of_real_numbers_is_refused(array: np.ndarray, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(FileError, match="12 leads are named, but the array has the shape"):
        read_recording(beside(tmp_path / "a.npy"))


def test_a_file_that_was_cut_off_is_refused(microvolts: np.ndarray, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", microvolts)
    (tmp_path / "a.npy").write_bytes((tmp_path / "a.npy").read_bytes()[:-1000])
    with pytest.raises(FileError, match="may be damaged"):
        read_recording(beside(tmp_path / "a.npy"))
