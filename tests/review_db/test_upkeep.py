"""Backup and check, on both databases: what comes back is what was there, and damage is found and said in words."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from review_db import backup
from review_db.__main__ import main
from review_db.backup import UNFINISHED, back_up
from review_db.database import downgrade, open_engine
from review_db.errors import BackupFailed, StoreDamaged, StoreUnavailable
from review_db.integrity import check, check_pages
from review_db.scales import Verdict
from review_db.store import Store
from tests.review_db.conftest import DATABASES
from tests.review_db.postgresql import Server
from tests.review_db.scenario import Reader, make_plan

PAGE = 4096  # bytes, SQLite's default
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def used(store: Store, reader: Reader) -> Store:
    """A store in which somebody has read."""
    for _ in range(3):
        reader.look()
        reader.answer(Verdict.PROBABLY_REAL)
    return store


def restored(to: Path, database: str, tmp_path: Path, server: Callable[[], Server]) -> str:
    """The backup put in place of a store, as the README says."""
    if database == "sqlite":
        return f"sqlite:///{shutil.copy(to, tmp_path / 'restored.db')}"
    running = server()
    running.execute("CREATE DATABASE restored")
    address = running.url("restored")
    subprocess.run(["pg_restore", f"--dbname={address}", to], check=True)
    return address


def test_a_backup_holds_all_that_was_acknowledged_and_the_audit_trail_agrees(
    used: Store, url: str, database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    to = tmp_path / "night.backup"
    back_up(url, to)
    address = restored(to, database, tmp_path, lambda: request.getfixturevalue("server"))
    with Store.open(address) as again:
        assert again.verify_audit_trail() == used.verify_audit_trail()
        assert [one.answered for one in again.progress(1)] == [one.answered for one in used.progress(1)] == [3]
    assert check(address).problems == () and not list(tmp_path.glob(f"*{UNFINISHED}"))


@ON_SQLITE
def test_a_backup_is_of_one_moment_while_others_write(used: Store, url: str, tmp_path: Path) -> None:
    with Store.open(url) as other:
        other.create_study(make_plan())
        back_up(url, tmp_path / "copy.db")
        other.create_study(make_plan())
    with Store.open(f"sqlite:///{tmp_path / 'copy.db'}") as copy:
        assert len(copy.studies()) == 2 and copy.verify_audit_trail().problem is None


@ON_SQLITE
def test_an_older_store_is_copied_too(url: str, tmp_path: Path) -> None:
    downgrade(url, "0004")
    back_up(url, tmp_path / "before.db")
    assert check_pages(f"sqlite:///{tmp_path / 'before.db'}").problems == ()


@ON_SQLITE
def test_a_backup_is_never_written_over_and_needs_its_folder(url: str, tmp_path: Path) -> None:
    (tmp_path / "kept.db").write_text("yesterday")
    with pytest.raises(BackupFailed, match="is there already: name a new file"):
        back_up(url, tmp_path / "kept.db")
    with pytest.raises(BackupFailed, match="make it first"):
        back_up(url, tmp_path / "nowhere" / "copy.db")
    assert (tmp_path / "kept.db").read_text() == "yesterday"


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    for act in (check, lambda url: back_up(url, tmp_path / "copy.db")):
        with pytest.raises(StoreUnavailable, match="There is no store at"):
            act(f"sqlite:///{tmp_path / 'mistyped.db'}")
    assert list(tmp_path.iterdir()) == []


def file_of(url: str) -> Path:
    return Path(str(make_url(url).database))


def overwrite(file: Path, page: int) -> None:
    with file.open("rb+") as damaged:
        damaged.seek(page * PAGE)
        damaged.write(os.urandom(PAGE))


@ON_SQLITE
def test_a_damaged_page_is_found_and_no_backup_is_made_of_it(used: Store, url: str, tmp_path: Path) -> None:
    for _ in range(20):
        used.create_study(make_plan(10))
    back_up(url, tmp_path / "copy.db")
    overwrite(tmp_path / "copy.db", page_in_the_middle(tmp_path / "copy.db"))
    damaged = f"sqlite:///{tmp_path / 'copy.db'}"
    problems = check(damaged).problems
    assert problems and all("damaged" in words for words in problems)
    with pytest.raises((BackupFailed, StoreUnavailable)):
        back_up(damaged, tmp_path / "copy of the copy.db")
    assert not list(tmp_path.glob("copy of*"))


def page_in_the_middle(file: Path) -> int:
    return file.stat().st_size // PAGE // 2


@ON_SQLITE
def test_a_file_that_is_no_database_says_so_and_how_to_go_on(url: str, tmp_path: Path) -> None:
    other = tmp_path / "letter.db"
    other.write_bytes(b"Dear colleague, " * 1000)
    assert "put the last backup in its place" in check(f"sqlite:///{other}").problems[0]
    with pytest.raises(StoreDamaged, match="python -m review_db check"):
        Store.open(f"sqlite:///{other}")


def test_a_change_past_the_program_is_found_by_the_check(used: Store, url: str) -> None:
    with open_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text("UPDATE study SET title = 'Another title'"))
    assert "was changed since event" in check(url).problems[0]


@ON_SQLITE
def test_a_row_that_refers_to_nothing_is_found(used: Store, url: str) -> None:
    with create_engine(url, poolclass=NullPool).begin() as connection:  # foreign keys are off here
        connection.execute(text("UPDATE assignment SET item_id = 4711 WHERE id = 1"))
    assert check(url).problems == ("Row 1 of assignment refers to a row of item that is not there.",)


@ON_POSTGRESQL
def test_a_cluster_without_checksums_is_said_to_be_one(used: Store, url: str) -> None:
    assert "keeps no checksums" in check(url).reservations[0]


@ON_POSTGRESQL
def test_what_pg_dump_lacks_is_said(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup.shutil, "which", lambda _: None)
    with pytest.raises(BackupFailed, match="install the client programs of PostgreSQL"):
        back_up(url, tmp_path / "copy")


@ON_POSTGRESQL
def test_the_password_is_no_argument_of_pg_dump(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    run = subprocess.run
    monkeypatch.setattr(backup.subprocess, "run", lambda command, **how: seen.append(command) or run(command, **how))
    back_up(url, tmp_path / "copy")
    assert str(make_url(url).password) not in " ".join(map(str, seen[0])) and (tmp_path / "copy").exists()


@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_both_are_commands(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", "--url", url, "--to", str(tmp_path / "copy")]) == 0
    assert main(["check", "--url", url]) == 0
    told = capsys.readouterr()
    assert "bytes" in told.out and "The store is sound: 0 events" in told.out
    assert main(["backup", "--url", url, "--to", str(tmp_path / "copy")]) == 2
    assert main(["check", "--url", f"sqlite:///{tmp_path / 'none.db'}"]) == 2


@ON_SQLITE
def test_the_check_ends_with_1_where_something_is_wrong(used: Store, url: str) -> None:
    with open_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text("UPDATE study SET title = 'Another title'"))
    with pytest.raises(SystemExit, match="was changed since"):
        main(["check", "--url", url])
