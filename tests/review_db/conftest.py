"""Stores for the tests: what uses `store` or `url` runs on SQLite and on PostgreSQL."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from review_db.store import Store, migrate
from tests.review_db.postgresql import Server, find_postgresql, free_port
from tests.review_db.scenario import Clock, Reader, make_plan

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    programs = find_postgresql()
    if programs is None:
        pytest.skip("PostgreSQL's initdb and pg_ctl were not found on PATH or in /usr/lib/postgresql/*/bin")
    folder = Path(tempfile.mkdtemp(prefix="review-db-"))  # not tmp_path: another user must get into it
    server = Server(programs, folder, free_port())
    try:
        server.start()
        yield server
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def template_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "store.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def template_postgresql(server: Server) -> str:
    server.execute("CREATE DATABASE template_store")
    migrate(server.url("template_store"))
    return "template_store"


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> Iterator[str]:
    """A database without tables."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with request.getfixturevalue("server").database("template0") as address:
            yield address


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> Iterator[str]:
    """A migrated, empty store on each kind of database."""
    template = request.getfixturevalue(f"template_{database}")
    if database == "sqlite":
        yield f"sqlite:///{shutil.copy(template, tmp_path / 'store.db')}"
    else:
        with request.getfixturevalue("server").database(template) as address:
            yield address


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[Store]:
    with Store.open(url, clock) as opened:
        yield opened


@pytest.fixture
def open_study(store: Store) -> int:
    """An open study of three real and three synthetic ECGs."""
    study_id = store.create_study(make_plan())
    store.open_study(study_id)
    return study_id


@pytest.fixture
def invite(store: Store, clock: Clock, open_study: int) -> Callable[[str], Reader]:
    return lambda name: Reader(store, clock, store.add_reader(open_study, name, days_valid=None))


@pytest.fixture
def reader(invite: Callable[[str], Reader]) -> Reader:
    return invite("Dr Adler")
