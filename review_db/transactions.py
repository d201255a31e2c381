"""Transactions on one database: what the verbs of the store are made of.

Knows engines, sessions, and in whose name is acted. Knows nothing of studies. The clock is an argument, so that a
test can be at any time of day, and so is the person.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from threading import Lock
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from review_db import database
from review_db.audit_trail import ACTOR

Clock = Callable[[], datetime]
Actor = Callable[[], str]  # the name of the account that acts now, "" for nobody


def utc_now() -> datetime:
    """The time of day, aware."""
    return datetime.now(UTC)


def nobody() -> str:
    """Nobody is signed in."""
    return ""


class Transactions:
    """An open database. Safe to share between threads; several processes may open the same one."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._writing_engine = database.for_writing(engine)
        self._clock = clock
        self._actor: Actor = nobody
        # SQLite has one writer at a time and lets the others look again after a while, up to 0.1 s later and in no
        # order; within a process they wait for each other and lose no time.
        self._turn: AbstractContextManager[object] = Lock() if engine.dialect.name == "sqlite" else nullcontext()

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

    def acting_for(self, actor: Actor) -> Self:
        """The same database for acts in this person's name, asked anew at every act; `close` closes both."""
        view = copy.copy(self)
        view._actor = actor
        return view

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
        acting = {ACTOR: self._actor()}
        with self._turn, database.translated_errors(), Session(self._writing_engine, info=acting) as session:
            with session.begin():
                yield session
