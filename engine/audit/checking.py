"""An audit at work in a process of its own.

Knows: how to start one, ask whether it is done, and stop it. Does not know: what is measured, studies.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.native import ENVIRONMENT

if TYPE_CHECKING:
    from engine.audit.received import Measured

FEWEST = 10  # ECGs per arm, below which nothing can be said


class AuditFailed(RuntimeError):
    """The audit's process ended without an answer; the message says why."""


class AuditProcess:
    """The audit of two arms as a browser receives them: payloads of harmonised ECGs.

    cases: what ECGs have in common, numbers for the real ones and then for the synthetic ones; for the machine reader.
    measured: what stands below each ECG, in the same order; None in a study that shows no measurements.
    program: the module that is run: one that knows how ECGs are served measures their times too.
    """

    def __init__(
        self,
        real: Sequence[bytes],
        synthetic: Sequence[bytes],
        cases: Sequence[int] | None = None,
        program: str = "engine.audit",
        measured: Sequence[Measured] | None = None,
    ) -> None:
        # Files, since nobody empties a pipe while we wait.
        self._answer, self._complaint = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        with tempfile.TemporaryFile() as question:
            head = {"real": len(real), "synthetic": len(synthetic), **_known(cases, measured)}
            question.write(json.dumps(head).encode() + b"\n")
            question.writelines((*real, *synthetic))
            question.seek(0)
            self._process = subprocess.Popen(
                [sys.executable, "-m", program],
                stdin=question,
                stdout=self._answer,
                stderr=self._complaint,
                env={**ENVIRONMENT, **os.environ},
            )

    def result(self) -> dict[str, Any] | None:
        """The audit as `LeakAudit.asdict` gives it, and the "machine_reader", once; None while it works.

        Raises AuditFailed.
        """
        if self._process.poll() is None:
            return None
        text, complaint = self._read()
        if self._process.returncode != 0:
            last = (complaint.splitlines() or ["no reason given"])[-1]
            raise AuditFailed(f"The leak audit stopped unexpectedly: {last}")
        found: dict[str, Any] = json.loads(text)
        if "error" in found:
            raise AuditFailed(found["error"])
        return found

    def stop(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._read()

    def _read(self) -> tuple[str, str]:
        """What it answered and what it complained of, once it has ended."""
        texts = []
        for file in (self._answer, self._complaint):
            with file:
                file.seek(0)
                texts.append(file.read().decode(errors="replace").strip())
        return texts[0], texts[1]


def _known(cases: Sequence[int] | None, measured: Sequence[Measured] | None) -> dict[str, Any]:
    """What is known of the ECGs, for JSON."""
    return {
        "cases": None if cases is None else list(cases),
        "measured": None if measured is None else [dict(below) for below in measured],
    }
