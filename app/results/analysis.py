"""The analysis of a closed study: made once, in a process of its own, and kept.

Knows: how to start `python -m review_db analyse`, where its answer is kept, who waits for it.
Does not know: what is computed, what is shown. The web process loads none of the libraries of the statistics.

A closed study never changes, so its analysis is kept in a file whose name holds a digest of the answers, of the plan
and of the code that analyses them: another version of the program analyses anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import review_db.analysis
from engine.native import ENVIRONMENT
from review_db.report.found import Found

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "review_db", "analyse")


class AnalysisFailed(RuntimeError):
    """The process ended without an answer; the message says why."""


class Analyst(Protocol):
    """What `Analyses` needs of a process."""

    def result(self) -> str | None:
        """The answer as JSON text, once; None while it works. Raises AnalysisFailed."""
        ...


@dataclass(frozen=True)
class Question:
    """What is analysed: the answers of a study as CSV, and what its protocol registered."""

    study: int
    observations_csv: str
    margin: float
    alpha: float
    minimum_view_seconds: float = 0.0

    @property
    def options(self) -> list[str]:
        """What was registered, for the command line."""
        registered = {
            "--margin": self.margin,
            "--alpha": self.alpha,
            "--minimum-view-seconds": self.minimum_view_seconds,
        }
        return [word for name, value in registered.items() for word in (name, repr(value))]


class AnalysisProcess:
    """The analysis of one table of answers, at work."""

    def __init__(self, question: Question) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ecg-analysis-")
        folder = Path(self._folder.name)
        table = folder / "observations.csv"
        table.write_text(question.observations_csv, encoding="utf-8")
        self._answer, self._complaint = folder / "answer.json", folder / "complaint.txt"
        # Files, since nobody empties a pipe while we wait.
        with self._answer.open("wb") as answer, self._complaint.open("wb") as complaint:
            self._process = subprocess.Popen(
                [*COMMAND, "--observations", str(table), "--json", *question.options],
                stdin=subprocess.DEVNULL,
                stdout=answer,
                stderr=complaint,
                cwd=ROOT,
                env={**ENVIRONMENT, **os.environ},
            )

    def result(self) -> str | None:
        """The answer as JSON text, once; None while it works. Raises AnalysisFailed."""
        if self._process.poll() is None:
            return None
        answer = self._answer.read_text(encoding="utf-8", errors="replace")
        complaint = self._complaint.read_text(encoding="utf-8", errors="replace")
        self._folder.cleanup()
        if self._process.returncode != 0:
            last = (complaint.strip().splitlines() or ["no reason given"])[-1]
            raise AnalysisFailed(f"The analysis stopped unexpectedly: {last}")
        return answer


@dataclass
class Analyses:
    """All analyses of this installation: those in `folder`, and those at work. Safe to share between threads."""

    folder: Path
    start: Callable[[Question], Analyst]
    _known: dict[str, Found] = field(default_factory=dict, init=False)
    _failed: dict[str, str] = field(default_factory=dict, init=False)
    _at_work: dict[str, Analyst] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def of(self, question: Question) -> Found | None:
        """The analysis of a closed study; None while it is made, which the first asking begins.

        Raises AnalysisFailed until `forget_failure`.
        """
        file = self.file(question)
        with self._lock:
            if file.name in self._failed:
                raise AnalysisFailed(self._failed[file.name])
            if file.name in self._known:
                return self._known[file.name]
            text = _kept(file) or self._made(file, question)
            if text is not None:
                self._known[file.name] = Found(json.loads(text))
            return self._known.get(file.name)

    def forget_failure(self, question: Question) -> None:
        """Let the next asking begin anew."""
        with self._lock:
            self._failed.pop(self.file(question).name, None)

    def file(self, question: Question) -> Path:
        """Where the analysis of these answers is kept."""
        parts = (question.observations_csv, *question.options, _version())
        digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        return self.folder / f"study-{question.study}-{digest[:24]}.json"

    def _made(self, file: Path, question: Question) -> str | None:
        """The answer of the process for this file, which is kept; None while it works."""
        if file.name not in self._at_work:
            self._at_work[file.name] = self.start(question)
        try:
            text = self._at_work[file.name].result()
        except AnalysisFailed as error:
            del self._at_work[file.name]
            self._failed[file.name] = str(error)
            raise
        if text is not None:
            del self._at_work[file.name]
            _keep(file, text)
        return text


def _version() -> str:
    """A digest of the code of the analysis."""
    sources = sorted(Path(review_db.analysis.__path__[0]).glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


def _kept(file: Path) -> str | None:
    """The text of a file that holds JSON; None if there is none, or it was cut short."""
    try:
        text = file.read_text(encoding="utf-8")
        json.loads(text)
    except (OSError, ValueError):
        return None
    return text


def _keep(file: Path, text: str) -> None:
    """Write it whole or not at all; a folder that cannot be written to costs the next start an analysis."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(f".{os.getpid()}.part")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(file)
    except OSError:
        return
