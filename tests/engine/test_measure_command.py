from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pytest

from engine.commands import measure as command
from engine.ecg import Ecg
from engine.measuring.measurements import measure
from engine.records import read_wfdb, write_wfdb
from tests.engine.drawn_ecg import Drawn


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_wfdb(Drawn().ecg(), tmp_path, "drawn")
    write_wfdb(Ecg(np.zeros((12, 1000)), 100), tmp_path, "flat")
    return tmp_path


def run(*words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["measure", *map(str, words)])
    return int(arguments.run(arguments))


def test_a_folder_becomes_a_table_with_dashes_where_nothing_is_carried(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder) == 0
    header, drawn, flat = (line.split() for line in capsys.readouterr().out.splitlines())
    assert header[:3] == ["HR", "RR", "CV"] and header[-1] == "file"
    assert drawn[0] == "70" and drawn[-1] == str(folder / "drawn.hea")
    assert flat == ["-"] * 10 + ["0", str(folder / "flat.hea")]


def test_json_holds_what_the_engine_measures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder / "drawn", "--json") == 0  # a WFDB record is named without suffix too
    found = json.loads(capsys.readouterr().out)[str(folder / "drawn.hea")]
    assert found["qt_ms"] == pytest.approx(measure(read_wfdb(folder / "drawn")).qt_ms)
    assert found["beats"] >= 9


def test_a_file_that_is_no_ecg_is_named_and_the_others_are_measured(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.hea").write_text("broken 12 100 1000\n")
    assert run(folder) == 1
    printed = capsys.readouterr()
    assert "broken.hea" in printed.err and len(printed.err.splitlines()) == 1
    assert len(printed.out.splitlines()) == 3


def test_nothing_to_measure_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No file of a known format"):
        run(tmp_path)
    with pytest.raises(FileNotFoundError, match="no file or folder"):
        run(tmp_path / "absent")
