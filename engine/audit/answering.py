"""The answer of an audit's process: payloads of two arms on standard input, the audit as JSON on standard output.

The first line says how many payloads follow, {"real": 2, "synthetic": 2, "cases": [1, 2, 1, 2]}, and to which case each
belongs; without cases nothing is known to match. "measured" has what stands below each ECG, where anything does. The
machine reader is part of the answer, under its name.

Knows: how question and answer are written. Does not know: how ECGs are served; a program that does says so, or no
times are measured. For a process that must stay quick while scikit-learn works; see `checking`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from engine.audit.classify import AuditError
from engine.audit.machine import measured
from engine.audit.received import Arm, from_payloads
from engine.audit.report import audit
from engine.audit.serving import Serve, as_served
from engine.harmonise import PAYLOAD_BYTES


def answer(serve: Serve | None = None) -> None:
    """Answer with the audit, or with {"error": sentence}. serve: the bytes that a browser gets for a payload."""
    question = json.loads(sys.stdin.buffer.readline())
    payloads = [sys.stdin.buffer.read(PAYLOAD_BYTES) for _ in range(question["real"] + question["synthetic"])]
    real, synthetic = _arms(question, payloads)
    if serve is not None:
        real, synthetic = as_served(real, synthetic, payloads, serve)
    try:
        found = audit(real, synthetic).asdict()
        result = {**found, "machine_reader": measured(real, synthetic, cases=question["cases"])}
    except AuditError as error:
        result = {"error": str(error)}
    json.dump(result, sys.stdout)


def _arms(question: Mapping[str, Any], payloads: Sequence[bytes]) -> tuple[Arm, Arm]:
    """The ECGs that follow a question: first the real ones."""
    number, measured = question["real"], question.get("measured")
    parts = (slice(None, number), slice(number, None))
    real, synthetic = (
        from_payloads(payloads[part], measured=None if measured is None else measured[part]) for part in parts
    )
    return real, synthetic
