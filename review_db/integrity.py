"""Whether a store is sound: the database as such, its references, and the audit trail with all that it seals.

Knows: what each database can tell about its own pages. Changes nothing, and may run beside the app.

SQLite reads every page and index (its documentation, "PRAGMA integrity_check"). PostgreSQL has no such command: every
row of every table is read, which finds a damaged page if the cluster was made with checksums (its documentation,
section 28.2, "Data Checksums"); whether it was is said.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, MetaData, NullPool, text

from review_db.audit_trail import ChainReport
from review_db.database import open_engine, translated_errors
from review_db.errors import StoreDamaged, StoreUnavailable
from review_db.store import Store

MOST_NAMED = 5  # faults; after a damaged page there may be thousands


@dataclass(frozen=True)
class Soundness:
    """What is wrong, in sentences, and what could not be seen; `trail` is None where it was not reached."""

    problems: tuple[str, ...]
    reservations: tuple[str, ...] = ()
    trail: ChainReport | None = None


def check(url: str, noted_head: str | None = None) -> Soundness:
    """Look at all of a store. Raises StoreUnavailable where it cannot be opened, StoreOutOfDate before `migrate`."""
    pages = check_pages(url)
    if pages.problems:
        return pages
    with Store.open(url) as store:
        trail = store.verify_audit_trail(noted_head)
    return Soundness((trail.problem,) if trail.problem else (), pages.reservations, trail)


def check_pages(url: str) -> Soundness:
    """The database as such, of whatever version of the program. Raises StoreUnavailable where it cannot be opened."""
    engine = open_engine(url, poolclass=NullPool)
    require_file(engine.url)
    try:
        with translated_errors(), engine.connect() as connection:
            problems = tuple(_FAULTS[engine.dialect.name](connection))
            return Soundness(problems, tuple(_unseen(connection)))
    except StoreDamaged as error:
        return Soundness((str(error),))


def require_file(address: URL) -> None:
    """SQLite would make a new file of a mistyped name. Raises StoreUnavailable."""
    if address.get_backend_name() == "sqlite" and not Path(str(address.database)).is_file():
        raise StoreUnavailable(f"There is no store at {address.database}.")


def _faults_of_sqlite(connection: Connection) -> Iterator[str]:
    told = connection.execute(text(f"PRAGMA integrity_check({MOST_NAMED})")).scalars().all()
    if told != ["ok"]:
        yield from (f"The database file is damaged: {fault}." for fault in told)
        return
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    for table, row, parent, _ in broken[:MOST_NAMED]:
        yield f"Row {row} of {table} refers to a row of {parent} that is not there."


def _faults_of_postgresql(connection: Connection) -> Iterator[str]:
    schema = MetaData()
    schema.reflect(connection)
    for table in schema.sorted_tables:
        name = connection.dialect.identifier_preparer.format_table(table)
        connection.execute(text(f"SELECT count(whole::text) FROM {name} AS whole")).one()  # a damaged page raises
    yield from ()


_FAULTS = {"sqlite": _faults_of_sqlite, "postgresql": _faults_of_postgresql}


def _unseen(connection: Connection) -> Iterator[str]:
    if connection.dialect.name == "postgresql" and connection.scalar(text("SHOW data_checksums")) != "on":
        yield "This PostgreSQL keeps no checksums, so a page may have changed unseen: see pg_checksums --enable."
