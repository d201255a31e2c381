"""A running app for the tests: one Streamlit server with a store, cache and log of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
APP = "app/main.py"
START_SECONDS = 60.0


@dataclass(frozen=True)
class AppServer:
    """A server that answers at `url`."""

    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def serving(
    folder: Path,
    settings: Mapping[str, object],
    script: str | Path = APP,
    module: str = "streamlit",
    port: int | None = None,
) -> Iterator[AppServer]:
    """Start it; its files lie in `folder`, settings of the surroundings stay out. It ends with the context."""
    environment, port, log = _environment(folder, settings), port or free_port(), folder / f"{module}.log"
    if script == APP:
        subprocess.run([sys.executable, "-m", "app.prepare"], cwd=ROOT, env=environment, check=True)
    address = ["--server.address=127.0.0.1", f"--server.port={port}", "--server.headless=true"]
    command = [sys.executable, "-m", module, "run", str(script), *address]
    with (
        log.open("ab") as output,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}", process, log)
            yield AppServer(f"http://127.0.0.1:{port}", process)
        finally:
            _end(process)


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(folder: Path, settings: Mapping[str, object]) -> dict[str, str]:
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("ECG_TURING_")}
    own = {
        "ECG_TURING_STORE_URL": f"sqlite:///{folder / 'review.db'}",
        "ECG_TURING_CACHE": str(folder / "cache"),
        "ECG_TURING_OWN_RECORDS": str(folder / "own-records"),
        "OMP_NUM_THREADS": "1",
    }
    return surroundings | own | {name: str(value) for name, value in settings.items()}


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(f"Streamlit did not start:\n{log.read_text(errors='replace')}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
