"""The hospital's own records: they lie in a folder outside of the store, what was done to it is in the audit trail."""

from review_db import audit_trail
from review_db.model import AuditKind
from review_db.transactions import Transactions


class RecordVerbs(Transactions):
    """Notes of acts that are done already; each one transaction. See `review_db.store`."""

    def note_records_added(self, number: int) -> None:
        """So many ECGs were added to the own records."""
        self._note(AuditKind.RECORDS_ADDED, number)

    def note_records_removed(self, number: int) -> None:
        """So many ECGs were deleted from the own records."""
        self._note(AuditKind.RECORDS_REMOVED, number)

    def _note(self, kind: AuditKind, number: int) -> None:
        with self._write() as session:
            audit_trail.log(session, kind, self._clock(), detail=str(number))
