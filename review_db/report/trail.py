"""The audit trail as it is shown: with who acted, and without the names of readers whose answers were erased.

Knows: which events carried a reader's name. Does not know: tables, screens. The trail calls readers by number, but used
to call them by name, and an event stays as it was written, for its hash covers it.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from review_db.model import AuditEvent, AuditKind

NAMING = frozenset(
    {
        AuditKind.READER_ADDED,
        AuditKind.READER_REVOKED,
        AuditKind.READER_PAUSED,
        AuditKind.READER_RESUMED,
        AuditKind.READER_REMINDED,
        AuditKind.LINK_REISSUED,
    }
)
LEFT_OUT = "(name left out: this reader's answers were erased)"


def without_erased_names(trail: Sequence[AuditEvent]) -> list[AuditEvent]:
    """The trail of one study; readers were added in the order of their numbers, which the erasure names."""
    added = [event.detail for event in trail if event.kind is AuditKind.READER_ADDED]
    erased = {_number(event) for event in trail if event.kind is AuditKind.READER_ERASED}
    names = {name for at, name in enumerate(added, start=1) if at in erased and name != f"reader {at}"}
    return [replace(e, detail=LEFT_OUT) if e.kind in NAMING and e.detail in names else e for e in trail]


def _number(event: AuditEvent) -> int:
    found = re.match(r"reader (\d+)", event.detail)
    return int(found[1]) if found else 0
