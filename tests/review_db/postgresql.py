"""A private PostgreSQL server for the tests.

It lives in a folder of its own, listens on loopback only, asks for a random password and is gone afterwards.
PostgreSQL refuses to run as root, so root starts it as another user.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text


def find_postgresql() -> Path | None:
    """The folder of `initdb` and `pg_ctl`: on PATH, or where Debian puts them, the newest first."""
    on_path = [Path(found).parent for found in [shutil.which("initdb")] if found]
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name), reverse=True)
    return next((folder for folder in [*on_path, *debian] if (folder / "pg_ctl").exists()), None)


def server_account() -> pwd.struct_passwd:
    """Who runs the server: ourselves, unless we are root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


@dataclass(frozen=True)
class Server:
    """A private PostgreSQL server in `folder`."""

    programs: Path
    folder: Path
    port: int
    password: str = field(default_factory=lambda: secrets.token_hex(16))

    def url(self, database: str) -> str:
        return f"postgresql://tester:{self.password}@127.0.0.1:{self.port}/{database}"

    def run(self, program: str, *arguments: str) -> None:
        account = server_account()
        dropped = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        with open(self.folder / "log", "a") as log:  # a pipe would stay open in the server and block us
            done = subprocess.run(
                [self.programs / program, "-D", self.folder / "data", *arguments],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                **(dropped if os.geteuid() == 0 else {}),
            )
        assert done.returncode == 0, (self.folder / "log").read_text()

    def start(self) -> None:
        (self.folder / "password").write_text(self.password)
        if os.geteuid() == 0:
            for path in (self.folder, self.folder / "password"):
                os.chown(path, server_account().pw_uid, server_account().pw_gid)
        access = ["--auth=scram-sha-256", f"--pwfile={self.folder / 'password'}", "--username=tester"]
        self.run("initdb", *access, "--encoding=UTF8", "--locale=C", "--no-sync")
        self.start_again()

    def start_again(self) -> None:
        settings = f"-h 127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off -c max_connections=60"
        self.run("pg_ctl", "-w", "-l", str(self.folder / "server.log"), "-o", settings, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-m", "immediate", "stop")

    def kill(self) -> None:
        """kill -9 of the postmaster; its children notice and end by themselves."""
        number = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(number, signal.SIGKILL)
        while os.path.exists(f"/proc/{number}"):
            time.sleep(0.05)

    @contextmanager
    def database(self, template: str) -> Iterator[str]:
        """The address of a copy of another database, for as long as it is needed."""
        name = f"test_{secrets.token_hex(8)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self.url(name)
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        engine = create_engine(
            make_url(self.url("postgres")).set(drivername="postgresql+psycopg"),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
        )
        with engine.connect() as connection:
            connection.execute(text(statement))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
