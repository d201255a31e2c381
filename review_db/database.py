"""The database under the store: opening it safely and bringing its tables up to date.

Knows SQLAlchemy, Alembic and the two kinds of database, SQLite (default) and PostgreSQL. Knows nothing of
studies: which tables there are is said by `tables` and by the scripts in `migrations/`.

SQLite is set up so that a stored answer stays stored and many readers can write: WAL with synchronous FULL
(a commit is on disk when it returns), foreign keys on, 30 s of patience for another writer, and BEGIN
IMMEDIATE for whatever writes, because a transaction that reads first and then writes would otherwise fail
on a concurrent one instead of waiting for it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, Engine, NullPool, Pool, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from review_db.errors import StoreDamaged, StoreLost, StoreOutOfDate, StoreUnavailable

PATIENCE = 30  # s that a writer waits for another one
MIGRATIONS = Path(__file__).parent / "migrations"
# Of PostgreSQL (libpq's names, s and ms). A network that loses what is sent is told from a database at work by whether
# the other side acknowledges; a new connection then finds back sooner than the old one with its ever longer waits.
LOST_NETWORK = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "keepalives_idle": 5, "keepalives_interval": 5}
LOST = (
    "The database cannot be reached, so this may not have been stored: look again in a moment, and then try again "
    "({reason})."
)
LOST_STATES = ("08", "57P")  # of PostgreSQL: connection exceptions, and a server that stops, crashes or starts
DAMAGED = (
    "The database is damaged and nothing was stored ({reason}): stop the app, keep the file, look at it with "
    "python -m review_db check, and put the last backup in its place."
)
MIGRATION_LOCK = 0x0EC6  # any number that nothing else in the same PostgreSQL database uses as a lock


def open_engine(url: str, poolclass: type[Pool] | None = None) -> Engine:
    """An engine for `sqlite:///file` or `postgresql://user:password@host/name`; nothing is read yet."""
    address = _parsed(url)
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, connect_args={"timeout": PATIENCE}, poolclass=poolclass)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    # pre_ping: a connection that died with a database restart is replaced before a reader's answer is lost.
    return create_engine(address, connect_args=dict(LOST_NETWORK), pool_pre_ping=True, poolclass=poolclass)


def for_writing(engine: Engine) -> Engine:
    """The same connections, with transactions that take SQLite's write lock when they begin."""
    return engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")


def migrate(url: str) -> None:
    """Create the tables or bring them up to date. Safe to call at any time, also from several processes."""
    with _migrating(url) as config:
        command.upgrade(config, "head")


def downgrade(url: str, revision: str) -> None:
    """Go back to an earlier revision ("base": no tables at all). What the later ones stored is lost."""
    with _migrating(url) as config:
        command.downgrade(config, revision)


def require_current(engine: Engine) -> None:
    """Raise StoreOutOfDate unless the tables are those of this version of the program."""
    with translated_errors(), engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found != ScriptDirectory(str(MIGRATIONS)).get_current_head():
        address = engine.url.render_as_string(hide_password=True)
        raise StoreOutOfDate(
            f"The store {address} was not made for this version of the program "
            f"(it is at {found or 'no revision'}): run python -m review_db migrate --url {address}"
        )


@contextmanager
def translated_errors() -> Iterator[None]:
    """Say in words that the database is unreachable, locked, full or read-only."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable("Too many people use the store at once: nothing was stored, try again.") from error
    except OverflowError as error:
        raise StoreUnavailable("A number is too large for the database: check what was asked for.") from error
    except IntegrityError:
        raise  # a rule of the tables was broken: not the database's fault
    except DBAPIError as error:
        reason = str(error.orig).partition("\n")[0]
        if _tells_of_damage(error.orig):
            raise StoreDamaged(DAMAGED.format(reason=reason)) from error
        if _tells_of_loss(error):
            raise StoreLost(LOST.format(reason=reason)) from error
        raise StoreUnavailable(f"The database refused and nothing was stored, try again: {reason}") from error


def _tells_of_damage(reason: BaseException | None) -> bool:
    codes = getattr(reason, "sqlite_errorcode", 0) & 0xFF, getattr(reason, "sqlstate", "")
    return codes[0] in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or codes[1] in ("XX001", "XX002")


def _tells_of_loss(error: DBAPIError) -> bool:
    """A commit whose answer never came may have happened, so nothing is said of what is stored."""
    state = getattr(error.orig, "sqlstate", "")
    return isinstance(error, OperationalError) and (state is None or state.startswith(LOST_STATES))


def _parsed(url: str) -> URL:
    try:
        address = make_url(url)
        backend = address.get_backend_name()
        address.get_dialect()
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreUnavailable(_not_a_store(url)) from error
    if backend == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or address.database in (None, "", ":memory:"):
        raise StoreUnavailable(_not_a_store(url))
    return address


def _not_a_store(url: str) -> str:
    scheme = url.split(":", 1)[0]  # no more of it: it may hold a password
    return (
        f"The store address that begins with {scheme!r} is not usable: write sqlite:///path/to/file.db "
        "or postgresql://user:password@host/name."
    )


@contextmanager
def _migrating(url: str) -> Iterator[Config]:
    """One transaction for the whole migration: it happens completely or not at all, one process at a time."""
    engine = for_writing(open_engine(url, poolclass=NullPool))
    try:
        with translated_errors(), engine.connect() as connection:
            _suspend_foreign_keys(connection)
            with connection.begin():
                _wait_for_turn(connection)
                config = Config(attributes={"connection": connection})
                config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
                yield config
                _require_intact_references(connection)
    except CommandError as error:
        raise StoreOutOfDate(f"The store belongs to another version of the program: {error}") from error
    finally:
        engine.dispose()


def _suspend_foreign_keys(connection: Connection) -> None:
    """SQLite changes a table by making a new one and dropping the old one, which rows that refer to it
    would forbid. The setting cannot change inside a transaction, so the driver is asked directly.
    """
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute("PRAGMA foreign_keys = OFF")


def _require_intact_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            raise StoreOutOfDate(f"The migration would break references and was taken back: {broken[:3]}")


def _wait_for_turn(connection: Connection) -> None:
    """SQLite waits at BEGIN IMMEDIATE; PostgreSQL needs a lock that tables need not exist for."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # the driver must not begin transactions by itself: _begin_sqlite does
    for pragma in (f"busy_timeout = {PATIENCE * 1000}", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()
    _switch_to_wal(connection)


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """The mode is kept in the file, so this does something once in its life. SQLite's own patience does not
    cover the switch: where two processes meet at a new file, one is told "locked" at once.
    """
    deadline = monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                raise
            sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))
