"""A folder of own records stays sound wherever a change of it is interrupted."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.ecg import Ecg
from engine.files import keeping
from engine.files.keeping import adopt, keep, remove
from engine.files.own_records import INDEX, RECORDS, OwnRecord, OwnRecords, OwnRecordsError, own_records_in
from engine.labels import Labels, Sex

Fill = Callable[[str, int], OwnRecords]
WRITER = """
import sys
from pathlib import Path
from engine.files.keeping import keep
from engine.files.own_records import OwnRecord
from engine.labels import Labels
from tests.engine.conftest import made_up_ecg
for number in range(10):
    record = OwnRecord(f"{sys.argv[2]}{number}", Labels(("NORM",)), None, None, "x")
    keep(Path(sys.argv[1]), made_up_ecg(number), record)
"""


@pytest.fixture
def fill(make_ecg: Callable[..., Ecg], tmp_path: Path) -> Fill:
    """fill(name, count): a folder of records; the first has labels, the others none."""

    def make(name: str, count: int) -> OwnRecords:
        for number in range(count):
            labels = Labels(() if number else ("AFIB",))
            keep(tmp_path / name, make_ecg(number), OwnRecord(f"{name}{number}", labels, Sex.MALE, "60-69", "EDF"))
        return OwnRecords(tmp_path / name)

    return make


def codes(folder: Path) -> list[str]:
    return [record.code for record in OwnRecords(folder).records]


def test_records_of_another_folder_are_adopted_once_with_labels_where_there_are_none(
    fill: Fill, tmp_path: Path
) -> None:
    there, found = fill("there", 2), fill("found", 3)
    set_here = {code: Labels(("LVH",)) for code in ("found0", "found1")}
    assert adopt(found, there.folder, set_here) == ("found0", "found1", "found2")
    assert adopt(found, there.folder) == ()
    own = OwnRecords(there.folder)
    assert [record.labels.codes for record in own.records[2:]] == [("AFIB",), ("LVH",), ()]
    assert own.read(own.records[3]).samples == 1000
    header = (there.folder / RECORDS / "found1.hea").read_text()
    assert header.endswith("# labels: LVH\n") and codes(there.folder)[:2] == ["there0", "there1"]


@pytest.mark.parametrize("broken", ["copyfile", "index"])
def test_if_the_disk_is_full_nothing_is_added(fill: Fill, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    there, found = fill("there", 2), fill("found", 3)
    before = sorted((path, path.read_bytes()) for path in there.folder.rglob("*.*"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if broken == "copyfile":
        copied, copy = [], shutil.copyfile
        monkeypatch.setattr(
            keeping.shutil, "copyfile", lambda a, b: full() if len(copied) > 2 else copied.append(copy(a, b))
        )
    else:
        monkeypatch.setattr(keeping, "_replace_index", full)
    with pytest.raises(OSError, match="No space left"):
        adopt(found, there.folder)
    assert sorted((path, path.read_bytes()) for path in there.folder.rglob("*.*")) == before


def test_removing_takes_files_and_rows(fill: Fill) -> None:
    own = fill("own", 3)
    assert remove(own.folder, {"own1", "unknown"}) == 1
    assert codes(own.folder) == ["own0", "own2"] and not list((own.folder / RECORDS).glob("own1*"))
    assert remove(own.folder, {"own0", "own2"}) == 2 and own_records_in(own.folder) is None


def test_the_records_are_those_that_are_there_now(fill: Fill, tmp_path: Path) -> None:
    assert own_records_in(tmp_path / "own") is None
    own = fill("own", 1)
    first = own_records_in(own.folder)
    assert first is not None and len(first) == 1 and own_records_in(own.folder) is first
    adopt(fill("other", 2), own.folder)
    later = own_records_in(own.folder)
    assert later is not None and len(later) == 3
    (own.folder / INDEX).write_text("code,labels,sex,age_band,source\nabc,NOSUCH,,,x\n")
    with pytest.raises(OwnRecordsError, match="damaged"):
        own_records_in(own.folder)


def test_two_programs_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    words = [[sys.executable, "-c", WRITER, str(tmp_path / "own"), name] for name in ("a", "b")]
    writers = [subprocess.Popen(command) for command in words]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    assert sorted(codes(tmp_path / "own")) == sorted(f"{name}{number}" for name in "ab" for number in range(10))
