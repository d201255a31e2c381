"""Transactions on one database: what the verbs of the store are made of.

Knows engines and sessions. Knows nothing of studies. The clock is an argument, so that a test can be at any time of
day.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from review_db import database

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time of day, aware."""
    return datetime.now(UTC)


class Transactions:
    """An open database. Safe to share between threads; several processes may open the same one."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._writing_engine = database.for_writing(engine)
        self._clock = clock

    @classmethod
    def open(cls, url: str, clock: Clock = utc_now) -> Self:
        """Open a database that `migrate` has prepared; raises StoreUnavailable or StoreOutOfDate."""
        engine = database.open_engine(url)
        try:
            database.require_current(engine)
        except Exception:
            engine.dispose()
            raise
        return cls(engine, clock)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _read(self) -> Iterator[Session]:
        with database.translated_errors(), Session(self._engine) as session:
            yield session

    @contextmanager
    def _write(self) -> Iterator[Session]:
        with database.translated_errors(), Session(self._writing_engine) as session, session.begin():
            yield session
