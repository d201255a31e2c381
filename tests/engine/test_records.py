from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import wfdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.ecg import STANDARD_LEADS, Ecg, EcgError
from engine.harmonise import harmonise
from engine.records import FORMATS, RecordError, read_wfdb, write_csv, write_npz, write_wfdb

COMMENTS = ["Labels: AFIB + LVH", "Source: synthetic,\nseed 7"]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.sampled_from([100, 500, 257.5]), st.sampled_from([0.1, 1, 15, 200]))
def test_wfdb_reads_back_within_half_a_unit(
    make_ecg: Callable[..., Ecg], tmp_path: Path, seed: int, rate: float, size: float
) -> None:
    ecg = Ecg(size * make_ecg(seed, rate).signal, rate)
    write_wfdb(ecg, tmp_path, "ecg-1_a", COMMENTS)
    record = wfdb.rdrecord(str(tmp_path / "ecg-1_a"))
    half_a_unit = 0.5 / np.array(record.adc_gain)
    assert np.all(np.abs(record.p_signal - ecg.signal.T) <= half_a_unit * 1.0001)
    assert size > 15 or min(record.adc_gain) == 1000  # 1 uV as long as 16 bits hold the signal
    assert (record.fs, record.sig_name, record.units) == (rate, list(STANDARD_LEADS), ["mV"] * 12)
    assert record.comments == ["Labels: AFIB + LVH", "Source: synthetic, seed 7"]


def test_a_harmonised_ecg_comes_back_exactly(make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    ecg = harmonise(make_ecg())
    header = next(path for path in write_wfdb(ecg, tmp_path, "a") if path.suffix == ".hea")
    assert np.array_equal(read_wfdb(header).signal, ecg.signal)


def test_missing_samples_stay_missing(make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    signal = make_ecg().signal.copy()
    signal[2, 5:8], signal[:, -3:] = np.nan, np.nan
    write_wfdb(Ecg(signal, 100), tmp_path, "gap")
    assert np.array_equal(np.isnan(read_wfdb(tmp_path / "gap").signal), np.isnan(signal))
    write_csv(Ecg(signal, 100), tmp_path, "gap")
    rows = list(csv.DictReader((tmp_path / "gap.csv").read_text().splitlines()))
    assert (rows[5]["III"], rows[999]["V6"]) == ("", "") and rows[5]["II"]


@pytest.mark.parametrize(("unit", "factor"), [("uV", 1e-3), ("V", 1e3), ("nV", 1e-6)])
def test_other_units_become_millivolts(make_ecg: Callable[..., Ecg], tmp_path: Path, unit: str, factor: float) -> None:
    write_wfdb(make_ecg(), tmp_path, "a")
    expected = read_wfdb(tmp_path / "a").signal
    header = tmp_path / "a.hea"
    header.write_text(header.read_text().replace("/mV", f"/{unit}"))
    np.testing.assert_allclose(read_wfdb(tmp_path / "a").signal, expected * factor, rtol=1e-5)


def test_csv_has_time_and_leads_and_reads_back_exactly(make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    ecg = make_ecg(rate=500)
    table, text = write_csv(ecg, tmp_path, "a", COMMENTS)
    header, *rows = list(csv.reader(table.read_text().splitlines()))
    numbers = np.array(rows, dtype=np.float64)
    assert header == ["time_s", *STANDARD_LEADS]
    np.testing.assert_allclose(numbers[:, 0], np.arange(5000) / 500, atol=1e-9)
    assert np.array_equal(numbers[:, 1:].T.astype(np.float32), ecg.signal)
    assert text.read_text() == "Labels: AFIB + LVH\nSource: synthetic, seed 7\n"


def test_npz_holds_everything(make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    ecg = make_ecg()
    [path] = write_npz(ecg, tmp_path, "a", COMMENTS)
    with np.load(path, allow_pickle=False) as content:
        assert np.array_equal(content["signal"], ecg.signal) and content["signal"].dtype == np.float32
        assert content["rate"] == 100 and content["leads"].tolist() == list(STANDARD_LEADS)
        assert content["comments"].tolist() == COMMENTS


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)
def test_every_format_makes_its_folder_and_leaves_only_the_record(
    make_ecg: Callable[..., Ecg], tmp_path: Path, write: Callable[..., list[Path]]
) -> None:
    folder = tmp_path / "new" / "folder"
    paths = write(make_ecg(), folder, "a", COMMENTS)
    assert sorted(folder.iterdir()) == sorted(paths) and all(path.stat().st_size for path in paths)


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)
def test_a_folder_that_cannot_be_written_is_one_clear_error(
    make_ecg: Callable[..., Ecg], tmp_path: Path, write: Callable[..., list[Path]]
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RecordError, match="Cannot write to the folder .*file.*choose one"):
        write(make_ecg(), tmp_path / "file" / "folder", "a", [])


@pytest.mark.parametrize("name", ["", "a/b", "..", "with blank", "\u00e9"])
def test_names_that_wfdb_cannot_hold_are_refused(make_ecg: Callable[..., Ecg], tmp_path: Path, name: str) -> None:
    with pytest.raises(RecordError, match="cannot be named"):
        write_wfdb(make_ecg(), tmp_path, name)


def test_comments_beyond_ascii_are_marked_instead_of_dropped(make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    write_wfdb(make_ecg(), tmp_path, "a", ["caf\u00e9"])
    assert wfdb.rdheader(str(tmp_path / "a")).comments == ["caf?"]


def test_a_signal_beyond_sixteen_bits_is_refused(make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="microvolts"):
        write_wfdb(Ecg(make_ecg().signal * 1e6, 100), tmp_path, "a")


def test_records_that_cannot_be_read_are_named(make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="none.hea does not exist"):
        read_wfdb(tmp_path / "none")
    write_wfdb(make_ecg(), tmp_path, "a")
    (tmp_path / "a.dat").write_bytes(b"cut")
    with pytest.raises(RecordError, match="a cannot be read as a WFDB record"):
        read_wfdb(tmp_path / "a")
    (tmp_path / "a.hea").write_text("no header")
    with pytest.raises(RecordError, match="a cannot be read as a WFDB record"):
        read_wfdb(tmp_path / "a.hea")


def test_records_in_other_units_or_leads_are_refused(make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    write_wfdb(make_ecg(), tmp_path, "a")
    header = (tmp_path / "a.hea").read_text()
    (tmp_path / "a.hea").write_text(header.replace("/mV", "/mmHg"))
    with pytest.raises(RecordError, match="'mmHg'"):
        read_wfdb(tmp_path / "a")
    (tmp_path / "a.hea").write_text(header.replace(" V6", " V9"))
    with pytest.raises(EcgError, match="Unknown lead 'V9'"):
        read_wfdb(tmp_path / "a")
