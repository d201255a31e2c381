"""A copy of a store that can be put in its place, made while the app runs.

Knows: how each kind of database copies itself: SQLite by VACUUM INTO (one moment, in one file), PostgreSQL by its own
pg_dump (custom format, put back by pg_restore). A copy of SQLite is checked page by page before it gets its name: a
backup that nobody could use is worse than none. Stores of earlier versions are copied too, best before `migrate`.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, NullPool

from review_db.database import open_engine
from review_db.errors import BackupFailed
from review_db.integrity import check_pages, require_file

UNFINISHED = ".unfinished"


def back_up(url: str, to: Path) -> None:
    """Copy a store into a new file. Raises BackupFailed, or StoreUnavailable where there is none."""
    if to.exists():
        raise BackupFailed(f"{to} is there already: name a new file, a backup is never written over.")
    if not to.parent.is_dir():
        raise BackupFailed(f"The folder {to.parent} is not there: make it first.")
    unfinished = to.with_name(to.name + UNFINISHED)
    unfinished.unlink(missing_ok=True)
    try:
        _copy(url, unfinished)
        _keep(unfinished)
        unfinished.rename(to)
    finally:
        unfinished.unlink(missing_ok=True)


def _copy(url: str, to: Path) -> None:
    address = open_engine(url, poolclass=NullPool).url
    require_file(address)
    if address.get_backend_name() == "postgresql":
        _dump(address, to)
        return
    _vacuum(str(address.database), to)
    problems = check_pages(f"sqlite:///{to}").problems
    if problems:
        raise BackupFailed(f"The copy is not sound, and was thrown away: {problems[0]}")


def _vacuum(database: str, to: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        try:
            connection.execute("VACUUM INTO ?", (str(to),))
        except sqlite3.Error as error:
            raise BackupFailed(
                f"No backup was made: {error}. If the disk has room, look at the store with python -m review_db check."
            ) from error


def _dump(address: URL, to: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise BackupFailed("pg_dump was not found: install the client programs of PostgreSQL.")
    open_part = address._replace(drivername="postgresql", password=None).render_as_string()
    secret = {"PGPASSWORD": str(address.password)} if address.password else {}  # arguments can be read by anybody
    command = [program, "--format=custom", f"--file={to}", f"--dbname={open_part}"]
    ended = subprocess.run(command, env=os.environ | secret, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise BackupFailed(f"pg_dump made no backup (exit code {ended.returncode}): {ended.stderr.strip()}")


def _keep(file: Path) -> None:
    """On the disk, not only in memory, before it gets its name."""
    with file.open("rb+") as written:
        os.fsync(written.fileno())
