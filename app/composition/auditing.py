"""The leak audit of a study on what the app serves: `python -m app.composition.auditing`, or `start_audit`.

Knows: that a reader's browser gets an ECG as the data of a sheet, in JSON. Does not know: what the audit measures.
The process is the engine's; only the times and the bytes come from here, because the engine serves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.display.sheet import on_the_wire, sheet_data
from engine.audit.answering import answer
from engine.audit.checking import AuditProcess
from engine.harmonise import decode
from review_db.measured import Measured


def start_audit(
    real: Sequence[bytes],
    synthetic: Sequence[bytes],
    cases: Sequence[int],
    measured: Sequence[Measured] | None = None,
) -> AuditProcess:
    """Begin to audit two arms of payloads; cases and measured as `AuditProcess` takes them."""
    return AuditProcess(real, synthetic, cases, program=__name__, measured=measured)


def served(payload: bytes) -> bytes:
    """What the server makes of a payload when a reader's page asks for it, as Streamlit puts it on the wire."""
    return on_the_wire(sheet_data(decode(payload)))


if __name__ == "__main__":
    answer(served)
