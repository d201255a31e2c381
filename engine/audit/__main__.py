"""`python -m engine.audit`: payloads of two arms on standard input, the audit as JSON on standard output.

For a process that must stay quick while scikit-learn works; see `checking`. A person uses `python -m engine audit`.
"""

from __future__ import annotations

import json
import sys

from engine.audit.classify import AuditError
from engine.audit.received import from_payloads
from engine.audit.report import audit
from engine.harmonise import PAYLOAD_BYTES


def main() -> None:
    """Answer with the audit, or with {"error": sentence}."""
    counts = json.loads(sys.stdin.buffer.readline())
    real, synthetic = (
        [sys.stdin.buffer.read(PAYLOAD_BYTES) for _ in range(counts[arm])] for arm in ("real", "synthetic")
    )
    try:
        answer = audit(from_payloads(real), from_payloads(synthetic)).asdict()
    except AuditError as error:
        answer = {"error": str(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
