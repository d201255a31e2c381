"""A batch of files becomes a folder of records that holds nothing of the persons."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.__main__ import main
from engine.ecg import Ecg, EcgError
from engine.files.about import read_declarations
from engine.files.collecting import Outcome, collect
from engine.files.duplicates import SeenEcgs, code_of
from engine.files.own_records import INDEX, OwnRecords, OwnRecordsError
from engine.files.reading import FileError, find_files
from engine.harmonise import encode, harmonise
from engine.labels import Sex
from engine.ptbxl import PtbXl
from engine.records import FORMATS, write_npz
from tests.engine.files.foreign_files import WRITERS

Fill = Callable[[Path], None]


def collected(source: Path, folder: Path) -> list[Outcome]:
    return list(collect(find_files([source]), folder))


def everything_in(folder: Path) -> bytes:
    return b"".join(str(path).encode() + path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.slow
def test_two_bad_files_among_a_hundred_are_named_and_the_others_go_in(ptbxl: PtbXl, tmp_path: Path) -> None:
    """Real records in all formats in turn; one is cut off, one is in microvolts but says millivolts."""
    source, writers = tmp_path / "source", list(WRITERS.values())
    source.mkdir()
    ecgs = (ecg for record in ptbxl.at_rate(100) if not (ecg := ptbxl.read(record)).problems())
    for number in range(100):
        writers[number % len(writers)](next(ecgs), source, f"ecg{number:03d}")
    cut = source / "ecg000.dat"
    cut.write_bytes(cut.read_bytes()[:500])
    beside = source / "ecg005.json"
    beside.write_text(json.dumps(json.loads(beside.read_text()) | {"unit": "mV"}))
    outcomes = collected(source, tmp_path / "own")
    bad = {outcome.file.name: outcome.reason for outcome in outcomes if not outcome.code}
    assert sorted(bad) == ["ecg000.hea", "ecg005.npy"]
    assert "WFDB" in bad["ecg000.hea"] and "microvolts" in bad["ecg005.npy"]
    own = OwnRecords(tmp_path / "own")
    assert len(outcomes) == 100 and len(own) == 98
    assert own.read_many(own.records).shape == (98, 12, 1000)


@pytest.mark.parametrize("kind", WRITERS)
def test_nothing_of_the_person_reaches_the_folder(
    kind: str, person: dict[str, str], make_ecg: Callable[..., Ecg], tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    WRITERS[kind](make_ecg(7), source, f"{person['name']}_{person['id']}")
    written = everything_in(source).lower()
    assert person["name"].lower().encode() in written  # the test would prove nothing if it had not been there
    [outcome] = collected(source, tmp_path / "own")
    assert outcome.code
    kept = everything_in(tmp_path / "own").lower().replace(str(tmp_path).lower().encode(), b"")
    kept = kept.replace(outcome.code.encode(), b"")
    spellings = [*person.values(), "2019", "1950", "17/03", "17-MAR", "FEB", "11:22", "11.22", "Patient"]
    assert not [text for text in spellings if text.lower().encode() in kept]


def test_the_same_ecg_in_another_format_is_found_and_another_ecg_is_not(ptbxl: PtbXl, tmp_path: Path) -> None:
    ecgs = [ecg for record in ptbxl.at_rate(100)[:12] if not (ecg := ptbxl.read(record)).problems()]
    source = tmp_path / "source"
    source.mkdir()
    for number, ecg in enumerate(ecgs):
        WRITERS["wfdb_dat"](ecg, source, f"a{number}")
    for kind in ("edf", "dicom", "csv", "npy"):
        WRITERS[kind](ecgs[0], source, f"z_{kind}")
    outcomes = collected(source, tmp_path / "own")
    again = [outcome for outcome in outcomes if not outcome.code]
    assert len(outcomes) - len(again) == len(ecgs)
    assert [o.file.stem for o in again] == ["z_csv", "z_dicom", "z_edf", "z_npy"]
    assert all(f"as {outcomes[0].code}" in outcome.reason for outcome in again)


def test_ptb_xls_own_duplicates_are_found(ptbxl: PtbXl, tmp_path: Path) -> None:
    """143 and 144, of one patient, differ by 7 uV at most; 142 and 145 are other ECGs."""
    files = [ptbxl.folder / f"{r.path100}.hea" for r in ptbxl.at_rate(100) if 142 <= r.ecg_id <= 145]
    if len(files) < 4:
        pytest.skip("the PTB-XL folder lacks these records")
    assert [bool(outcome.code) for outcome in collect(files, tmp_path)] == [True, True, False, True]


def test_collecting_again_adds_only_what_is_new(make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    for seed in range(3):
        write_npz(make_ecg(seed), tmp_path / "source", f"a{seed}")
    first = collected(tmp_path / "source", tmp_path / "own")
    write_npz(make_ecg(9), tmp_path / "source", "a9")
    second = collected(tmp_path / "source", tmp_path / "own")
    assert [bool(outcome.code) for outcome in second] == [False, False, False, True]
    assert [r.code for r in OwnRecords(tmp_path / "own").records] == [
        *(outcome.code for outcome in first), second[-1].code,
    ]  # fmt: skip


def test_own_records_come_back_with_labels_sex_and_age_band(make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    WRITERS["npy"](make_ecg(1, rate=500, seconds=30), tmp_path, "a")
    [outcome] = collected(tmp_path, tmp_path / "own")
    own = OwnRecords(tmp_path / "own")
    [record] = own.with_labels(["AFIB"])
    assert (record.labels.codes, record.sex, record.age_band) == (("LVH", "AFIB"), Sex.FEMALE, "60-69")
    assert record.source == "NPY, seconds 0 to 10 of 30 s at 500 Hz" and record.code == outcome.code
    ecg = own.read(record)
    assert encode(harmonise(ecg)) and ecg.rate == 100 and not own.with_labels(["NORM"])
    np.testing.assert_array_equal(own.read_many([record])[0], ecg.signal)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_drawn_ecg_never_becomes_an_own_record(kind: str, make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    FORMATS[kind](make_ecg(), tmp_path / "source", "a", ["synthetic ECG, not of a patient", "seed: 1"])
    [outcome] = collected(tmp_path / "source", tmp_path / "own")
    assert outcome.code is None and "synthetic ECG" in outcome.reason


def test_a_table_states_labels_before_the_file_does(make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    WRITERS["npy"](make_ecg(1), tmp_path, "a")
    table = tmp_path / "labels.csv"
    table.write_text("File,Labels,Age,Physician\na.npy,NORM + SR,71,Dr. Who\n")
    list(collect([tmp_path / "a.npy"], tmp_path / "own", read_declarations(table)))
    [record] = OwnRecords(tmp_path / "own").records
    assert (record.labels.codes, record.sex, record.age_band) == (("NORM", "SR"), Sex.FEMALE, "70-79")
    table.write_text("name\n1\n")
    with pytest.raises(FileError, match="needs the columns file and labels"):
        read_declarations(table)


def test_the_seen_ecgs_outgrow_their_first_room(make_ecg: Callable[..., Ecg]) -> None:
    seen, payloads = SeenEcgs(), [encode(harmonise(make_ecg(seed))) for seed in range(80)]
    for payload in payloads:
        assert seen.find(payload) is None
        seen.add(payload, code_of(payload))
    assert [seen.find(payload) for payload in payloads] == [code_of(payload) for payload in payloads]


def test_a_damaged_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OwnRecordsError, match="collect records"):
        OwnRecords(tmp_path)
    (tmp_path / INDEX).write_text("code,labels,sex,age_band,source\nabc,NOSUCH,,,x\n")
    with pytest.raises(OwnRecordsError, match="damaged .*NOSUCH"):
        OwnRecords(tmp_path)
    (tmp_path / INDEX).write_text("code,labels,sex,age_band,source\nabc,NORM,,,x\n")
    own = OwnRecords(tmp_path)
    with pytest.raises(OwnRecordsError, match="abc cannot be read"):
        own.read(own.records[0])


def test_the_command_collects_and_names_what_it_left_out(
    make_ecg: Callable[..., Ecg], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_npz(make_ecg(0), tmp_path / "source", "good")
    write_npz(Ecg(make_ecg(1).signal * 1000, 100), tmp_path / "source", "loud")
    labels = tmp_path / "source" / "labels.csv"
    labels.write_text("file,labels\ngood,NORM NOSUCH\n")
    out = tmp_path / "own"
    assert main(["collect", str(tmp_path / "source"), "--out", str(out), "--labels", str(labels)]) == 0
    said = capsys.readouterr().out
    assert "1 of 2 ECG(s) taken" in said and "loud.npz: " in said and "microvolts" in said
    assert "1 declared label(s) are no known statement" in said
    assert main(["collect", str(tmp_path / "source" / "good.npz"), "--out", str(out), "--json"]) == 0
    outcome = json.loads(capsys.readouterr().out)
    assert outcome["taken"] == [] and "there already" in next(iter(outcome["left_out"].values()))


@pytest.mark.parametrize(("arguments", "words"), [
    (["nowhere"], "There is no file or folder nowhere"),
    (["."], "No file of a known format"),
])  # fmt: skip
def test_a_users_mistake_is_one_line(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["collect", *arguments, "--out", "own"]) == 2
    said = capsys.readouterr().err
    assert words in said and len(said.splitlines()) == 1


def test_an_ecg_too_large_for_the_wire_is_refused_like_any_other(make_ecg: Callable[..., Ecg], tmp_path: Path) -> None:
    signal = make_ecg().signal.copy()
    signal[7, 500:503] = 900
    write_npz(Ecg(signal, 100), tmp_path / "source", "a")
    [outcome] = collected(tmp_path / "source", tmp_path / "own")
    assert outcome.code is None and outcome.reason
    with pytest.raises(EcgError):
        harmonise(Ecg(signal, 100))
