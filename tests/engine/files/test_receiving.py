"""An import in a process of its own: what comes back, what stays, and what does not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from engine.ecg import STANDARD_LEADS, Ecg
from engine.files import receiving
from engine.files.own_records import OwnRecords, OwnRecordsError
from engine.files.receiving import PREFIX, Receiving, ReceivingFailed
from engine.files.recording import FileError
from engine.files.sidecar import NOTHING_BESIDE, Sidecar, stated_for_all
from engine.harmonise import decode, encode, harmonise
from engine.labels import Labels
from engine.ptbxl import PtbXl
from tests.engine.files.foreign_files import PERSON, WRITERS
from tests.engine.files.test_collecting import everything_in

PATIENCE_SECONDS = 120.0
Receive = Callable[..., Receiving]


def files_of(folder: Path) -> list[tuple[str, BytesIO]]:
    return [(path.name, BytesIO(path.read_bytes())) for path in sorted(folder.iterdir()) if path.is_file()]


def finished(started: Receiving) -> Receiving:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not started.finished:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return started


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (folder := tmp_path / "source").mkdir()
    return folder


@pytest.fixture
def receive(tmp_path: Path) -> Iterator[Receive]:
    """receive(folder or files, otherwise): a finished import into own."""
    started: list[Receiving] = []

    def run(given: Path | list[tuple[str, BytesIO]], otherwise: Sidecar = NOTHING_BESIDE) -> Receiving:
        files = files_of(given) if isinstance(given, Path) else given
        started.append(Receiving(files, tmp_path / "own", otherwise))
        return finished(started[-1])

    yield run
    for one in started:
        one.discard()


@pytest.mark.slow
def test_two_bad_files_among_a_hundred_are_named_and_98_go_in(
    ptbxl: PtbXl, source: Path, receive: Receive, tmp_path: Path
) -> None:
    """Real records in all formats in turn; one is cut off, one is in microvolts but says millivolts."""
    writers = list(WRITERS.values())
    ecgs = (ecg for record in ptbxl.at_rate(100) if not (ecg := ptbxl.read(record)).problems())
    for number in range(100):
        writers[number % len(writers)](next(ecgs), source, f"ecg{number:03d}")
    (source / "ecg000.dat").write_bytes((source / "ecg000.dat").read_bytes()[:500])
    beside = source / "ecg005.json"
    beside.write_text(json.dumps(json.loads(beside.read_text()) | {"unit": "mV"}))
    done = receive(source)
    bad = {one.file: one.reason for one in done.received if not one.code}
    assert (done.problem, done.total, len(done.received), sorted(bad)) == ("", 100, 100, ["ecg000.hea", "ecg005.npy"])
    assert "WFDB" in bad["ecg000.hea"] and "microvolts" in bad["ecg005.npy"]
    assert done.keep() == 98
    own = OwnRecords(tmp_path / "own")
    assert own.read_many(own.records).shape == (98, 12, 1000)
    again = receive(source)
    assert not again.found and sum(one.repeated for one in again.received) == 98


@pytest.mark.parametrize("kind", WRITERS)
def test_nothing_of_the_person_stays_or_is_told(
    kind: str, make_ecg: Callable[..., Ecg], source: Path, receive: Receive, tmp_path: Path
) -> None:
    WRITERS[kind](make_ecg(7), source, "a")
    assert PERSON["name"].encode() in everything_in(source)
    done = receive(source)
    waiting = everything_in(tmp_path / "own")  # before it is kept: the originals are gone already
    done.keep()
    kept = everything_in(tmp_path / "own")
    told = repr(done.received).encode()
    for text in (*PERSON.values(), "1950", "17/03", "11:22"):
        assert text.lower().encode() not in (waiting + kept + told).replace(str(tmp_path).encode(), b"").lower()
    assert [path.name for path in (tmp_path / "own").iterdir() if path.name.startswith(PREFIX)] == []


def test_a_header_that_a_library_quotes_is_not_told(
    make_ecg: Callable[..., Ecg], source: Path, receive: Receive
) -> None:
    """The name stands where EDF has a number, so that the library's complaint quotes it."""
    path = WRITERS["edf"](make_ecg(), source, "a")
    data = bytearray(path.read_bytes())
    data[244:252] = PERSON["name"][:8].encode().ljust(8)
    path.write_bytes(data)
    [one] = receive(source).received
    assert "cannot be read as EDF" in one.reason and PERSON["name"][:8].lower() not in one.reason.lower()


@pytest.mark.slow
def test_the_first_ecgs_come_back_as_a_study_shows_them(
    make_ecg: Callable[..., Ecg], source: Path, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(14):
        WRITERS["csv"](make_ecg(number), source, f"a{number:02d}")
    done = receive(source)
    assert [bool(one.payload) for one in done.found] == [True] * 12 + [False] * 2
    assert np.abs(decode(done.found[0].payload).signal - harmonise(make_ecg(0)).signal).max() < 0.011
    assert len(encode(decode(done.found[3].payload))) == 24_000 and done.found[0].labels == ("LVH", "AFIB")


def test_labels_that_were_set_are_kept(
    make_ecg: Callable[..., Ecg], source: Path, receive: Receive, tmp_path: Path
) -> None:
    WRITERS["edf"](make_ecg(1), source, "a")
    (source / "labels.csv").write_text("file,labels\nb.edf,NORM\n")
    WRITERS["edf"](make_ecg(2), source, "b")
    done = receive(source)
    assert [one.labels for one in done.found] == [(), ("NORM",)]
    done.keep({one.code: Labels(("AFIB",)) for one in done.found if one.code})
    assert [record.labels.codes for record in OwnRecords(tmp_path / "own").records] == [("AFIB",), ("NORM",)]


def bare_files(ecg: Ecg, folder: Path) -> None:
    np.save(folder / "a.npy", ecg.signal * 1000)
    rows = "\n".join(",".join(map(str, row)) for row in ecg.signal.T * 1000)
    (folder / "b.csv").write_text(f"{','.join(STANDARD_LEADS)}\n{rows}\n")


@pytest.mark.slow
def test_what_files_do_not_say_is_asked_for_never_guessed(
    make_ecg: Callable[..., Ecg], source: Path, receive: Receive
) -> None:
    bare_files(make_ecg(1, rate=250), source)
    told = {one.file: one.reason for one in receive(source).received}
    assert "Leads, unit and rate are not stated" in told["a.npy"] and "No sampling rate" in told["b.csv"]
    half = receive(source, stated_for_all(250, "", ""))
    assert "no unit for lead I" in half.received[1].reason
    done = receive(source, stated_for_all(250, "uV", ", ".join(STANDARD_LEADS)))
    assert [one.file for one in done.found] == ["a.npy"] and done.received[1].repeated
    wrong = receive(source, stated_for_all(250, "mV", ", ".join(STANDARD_LEADS)))
    assert all("microvolts" in one.reason for one in wrong.received)


def test_what_a_file_says_comes_before_what_is_said_for_all(
    make_ecg: Callable[..., Ecg], source: Path, receive: Receive
) -> None:
    WRITERS["npy"](make_ecg(1, rate=250), source, "a")
    WRITERS["csv"](make_ecg(2, rate=250), source, "b")
    done = receive(source, stated_for_all(999, "V", " ".join(STANDARD_LEADS[::-1])))
    for one, seed in zip(done.found, (1, 2), strict=True):
        assert np.abs(decode(one.payload).signal - harmonise(make_ecg(seed, rate=250)).signal).max() < 0.011


@pytest.mark.parametrize(("rate", "unit", "leads", "words"), [
    (None, "", "I, II, Vx", "'Vx' is no standard lead"), (0, "", "", "positive"), (None, "mmHg", "", "must be V"),
])  # fmt: skip
def test_a_statement_that_makes_no_sense_is_refused(rate: float | None, unit: str, leads: str, words: str) -> None:
    with pytest.raises(FileError, match=words):
        stated_for_all(rate, unit, leads)


def test_a_zip_is_read_like_its_files(make_ecg: Callable[..., Ecg], source: Path, receive: Receive) -> None:
    for kind, seed in (("wfdb_mat", 1), ("dicom", 2)):
        WRITERS[kind](make_ecg(seed), source, kind)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for path in source.iterdir():
            made.write(path, f"ward 3/{path.name}")
        made.writestr("../../evil.csv", b"x")
    packed.seek(0)
    done = receive([("ward.zip", packed)])
    assert sorted(one.file for one in done.found) == ["ward.zip/ward 3/dicom.dcm", "ward.zip/ward 3/wfdb_mat.hea"]
    [evil] = [one for one in done.received if not one.code]
    assert evil.file == "ward.zip/../../evil.csv" and "leads out" in evil.reason


def test_two_files_of_one_name_and_names_that_are_none_are_refused(receive: Receive, tmp_path: Path) -> None:
    names = ["a.xml", "a.xml", "..", "x" * 300, "b\n.csv", "../up.xml"]
    done = receive([(name, BytesIO(b"x")) for name in names])
    told = [(one.file, one.reason.split(";")[0]) for one in done.received]
    assert ("a.xml", "Another file of this name was chosen too") in told and len(told) == 6
    assert {name for name, reason in told if reason.startswith("Its name")} == {"..", "x" * 300, "b\n.csv"}
    assert not list(tmp_path.rglob("up.xml"))


def test_too_many_files_are_refused_and_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "MOST_FILES", 2)
    with pytest.raises(ReceivingFailed, match="At most 2 files"):
        Receiving([(name, BytesIO(b"x")) for name in "abc"], tmp_path / "own")
    assert not list((tmp_path / "own").iterdir())


def test_a_cancelled_import_leaves_nothing(make_ecg: Callable[..., Ecg], source: Path, tmp_path: Path) -> None:
    for number in range(20):
        WRITERS["npy"](make_ecg(number), source, f"a{number}")
    started = Receiving(files_of(source), tmp_path / "own")
    started.discard()
    assert started.finished and not list((tmp_path / "own").iterdir())


def test_a_crash_of_the_process_is_a_sentence_and_the_files_are_gone(source: Path, tmp_path: Path) -> None:
    (source / "a.csv").write_text(PERSON["name"])
    started = Receiving(files_of(source), tmp_path / "own")
    os.kill(started._process.pid, signal.SIGKILL)
    finished(started)
    assert "Reading stopped unexpectedly (exit code -9)" in started.problem
    assert PERSON["name"].encode() not in everything_in(tmp_path / "own")
    started.discard()


CALLER = """
import io, sys, time
from pathlib import Path
from engine.files.receiving import Receiving
started = Receiving([(f"{number}.csv", io.BytesIO(b"Mustermann" * 99_999)) for number in range(200)], Path(sys.argv[1]))
print("started", flush=True)
time.sleep(60)
"""


def test_if_the_app_is_killed_the_files_do_not_outlive_it(tmp_path: Path) -> None:
    caller = subprocess.Popen([sys.executable, "-c", CALLER, str(tmp_path / "own")], stdout=subprocess.PIPE)
    with caller:
        assert caller.stdout is not None and caller.stdout.readline() == b"started\n"
        assert list((tmp_path / "own").glob(f"{PREFIX}*/files/*.csv"))
        caller.kill()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while list((tmp_path / "own").iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_what_a_crash_left_behind_is_cleared_away_after_a_day(receive: Receive, tmp_path: Path) -> None:
    old, recent = tmp_path / "own" / f"{PREFIX}old", tmp_path / "own" / f"{PREFIX}recent"
    for folder in (old, recent):
        (folder / "files").mkdir(parents=True)
    os.utime(old, (1, 1))
    receive([("a.xml", BytesIO(b"x"))])
    assert not old.exists() and recent.exists()


def test_a_damaged_folder_of_own_records_ends_the_import_in_words(
    make_ecg: Callable[..., Ecg], source: Path, receive: Receive, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "own_records.csv").write_text("code,labels,sex,age_band,source\nabc,NOSUCH,,,x\n")
    WRITERS["npy"](make_ecg(), source, "a")
    done = receive(source)
    assert "damaged" in done.problem and not done.found
    with pytest.raises(OwnRecordsError):
        OwnRecords(tmp_path / "own")


def test_a_header_may_not_reach_into_another_folder(source: Path, receive: Receive) -> None:
    (source / "a.hea").write_text("a 1 100 1000\n../../secret.dat 16 1000/mV 16 0 0 0 0 I\n")
    [one] = receive(source).received
    assert "another folder" in one.reason
