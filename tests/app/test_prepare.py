"""Preparing an installation makes what is missing, may be repeated, and says in a line what is wrong."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.prepare import main


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without a configuration file, and an environment that points into it."""
    monkeypatch.chdir(tmp_path)
    for variable in ("PTBXL", "OWN_RECORDS", "CONFIG", "CHECKPOINTS", "DEVICE"):
        monkeypatch.delenv(f"ECG_TURING_{variable}", raising=False)
    monkeypatch.setenv("ECG_TURING_STORE_URL", f"sqlite:///{tmp_path}/deep/review.db")
    monkeypatch.setenv("ECG_TURING_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_it_makes_store_and_folders_and_can_be_repeated(elsewhere: Path) -> None:
    assert [main(), main()] == [0, 0]
    assert (elsewhere / "cache").is_dir()
    with closing(sqlite3.connect(elsewhere / "deep/review.db")) as store:
        assert store.execute("select count(*) from alembic_version").fetchone() == (1,)


def test_a_wrong_setting_ends_it_with_one_line(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ECG_TURING_DEVICE", "tpu")
    assert main() == 2
    assert capsys.readouterr().err == "ECG_TURING_DEVICE: Input should be 'auto', 'cpu' or 'cuda'.\n"


def test_a_folder_that_cannot_be_made_is_named_with_its_setting(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (elsewhere / "file").write_text("in the way")
    monkeypatch.setenv("ECG_TURING_STORE_URL", f"sqlite:///{elsewhere}/file/review.db")
    assert main() == 2
    assert capsys.readouterr().err.startswith("store_url: cannot make the folder")
