"""An import seen by the program that asked for it: files go in, what became of each comes out, to be kept or not.

Knows: the process that opens the files, and where candidates wait beside the own records.
Does not know: formats, screens.

Files lie on the disk only until they are read, in a folder of their own that nobody else may open. Opening them in a
process of its own keeps their libraries (wfdb, pandas, pydicom) out of the web process, and a file that brings such a
library down ends one import, not the app.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from engine.files.archive import LONGEST_NAME
from engine.files.keeping import adopt
from engine.files.own_records import INDEX, OwnRecords
from engine.files.sidecar import NOTHING_BESIDE, Sidecar
from engine.labels import Labels

INCOMING, CANDIDATES = "files", "own"  # in the folder of an import
PREFIX = ".importing-"
PREVIEWED = 12  # ECGs whose signal comes back, to be looked at
MOST_FILES = 5_000
OLDEST_SECONDS = 86_400  # an import that was abandoned longer ago is cleared away


class ReceivingFailed(RuntimeError):
    """An import that could not be made; the message is one sentence."""


@dataclass(frozen=True)
class Received:
    """What became of one file, by the name it was given: a record's code, or the reason why there is none.

    repeated: it is sound, but its ECG is there already. remark: what could give the ECG away. labels: its statements.
    payload: the harmonised ECG, of the first PREVIEWED only.
    """

    file: str
    code: str | None = None
    reason: str = ""
    repeated: bool = False
    remark: str = ""
    unknown_labels: int = 0
    labels: tuple[str, ...] = ()
    payload: bytes = field(default=b"", repr=False)


class Receiving:
    """One import at work. Raises OSError where the folder of own records cannot be written, ReceivingFailed."""

    def __init__(self, files: Iterable[tuple[str, IO[bytes]]], own: Path, otherwise: Sidecar = NOTHING_BESIDE) -> None:
        """files: name and content. otherwise: leads, unit, rate of CSV and NPY files that do not state them."""
        own.mkdir(parents=True, exist_ok=True)
        _clear_abandoned(own)
        self.own, self.total, self.problem = own, 0, ""
        self.received: list[Received] = []
        self._folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=own))
        try:
            self._refused = list(_store(files, self._folder / INCOMING))
            self._process = self._start(otherwise)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def finished(self) -> bool:
        """True once nothing more will come."""
        return not self._listener.is_alive()

    @property
    def found(self) -> list[Received]:
        """The ECGs that can go in."""
        return [one for one in self.received if one.code]

    def keep(self, labels: Mapping[str, Labels] | None = None) -> int:
        """Add what was found to the own records, all or nothing; returns how many. labels: by code, where none are.

        Raises OSError, OwnRecordsError.
        """
        candidates = self._folder / CANDIDATES
        kept = adopt(OwnRecords(candidates), self.own, labels) if (candidates / INDEX).exists() else ()
        self.discard()
        return len(kept)

    def discard(self) -> None:
        """End it and delete all that it brought, except what was kept."""
        self._process.kill()
        self._listener.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self, otherwise: Sidecar) -> subprocess.Popen[bytes]:
        stated = {"rate": otherwise.rate, "unit": otherwise.unit, "leads": otherwise.leads}
        return subprocess.Popen(
            [sys.executable, "-m", "engine.files", str(self._folder), str(self.own), json.dumps(stated)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )

    def _listen(self) -> None:
        with self._process:  # closes both pipes and reaps the process at the end
            assert self._process.stdout is not None
            for line in self._process.stdout:
                self._note(json.loads(line))
        if self._process.returncode != 0 and not self.problem:
            self.problem = f"Reading stopped unexpectedly (exit code {self._process.returncode}); nothing was added."
        for incoming in self._folder.glob(f"{INCOMING}*"):
            shutil.rmtree(incoming, ignore_errors=True)

    def _note(self, told: dict[str, Any]) -> None:
        if "total" in told:
            self.total = told["total"] + len(self._refused)
            self.received += self._refused
        elif "error" in told:
            self.problem = f"The import ended: {told['error'].rstrip('.')}. Nothing was added."
        else:
            payload = base64.b64decode(told.pop("payload", ""))
            self.received.append(Received(**{**told, "labels": tuple(told.get("labels", ()))}, payload=payload))


def _store(files: Iterable[tuple[str, IO[bytes]]], folder: Path) -> list[Received]:
    """Write the files to the disk; those that cannot be written are named."""
    folder.mkdir(mode=0o700)
    refused = []
    for number, (name, content) in enumerate(files):
        if number >= MOST_FILES:
            raise ReceivingFailed(f"At most {MOST_FILES:,} files are taken at a time; choose fewer, or a ZIP of them.")
        if reason := _write(folder, name, content):
            refused.append(Received(name, reason=reason))
    return refused


def _write(folder: Path, name: str, content: IO[bytes]) -> str:
    """A sentence if it could not be done. Raises OSError where the disk is the reason."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    if bare in ("", ".", "..") or not bare.isprintable() or len(bare.encode()) > LONGEST_NAME:
        return "Its name cannot be used for a file; rename it."
    if (folder / bare).exists():
        return "Another file of this name was chosen too; rename one of them, or put folders into a ZIP."
    with (folder / bare).open("xb") as file:
        shutil.copyfileobj(content, file, 2**20)
    return ""


def _clear_abandoned(own: Path) -> None:
    for folder in own.glob(f"{PREFIX}*"):
        if time.time() - folder.stat().st_mtime > OLDEST_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
