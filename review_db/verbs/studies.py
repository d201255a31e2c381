"""What an investigator does with studies; each verb one transaction. See `review_db.store`."""

from review_db import audit_trail, protocols, studies, verification
from review_db.audit_trail import ChainReport
from review_db.model import AuditEvent, ProtocolVersion, StudySummary
from review_db.plan import StudyPlan
from review_db.protocol import StudyProtocol
from review_db.transactions import Transactions


class StudyVerbs(Transactions):
    """Studies from draft to closed, and the audit trail."""

    def create_study(self, plan: StudyPlan) -> int:
        """Store a plan as a draft; returns the study's number."""
        with self._write() as session:
            return studies.create(session, plan, self._clock())

    def holds_ecg(self, payload: bytes) -> bool:
        """Whether this very ECG is in a study: what it is must not be told outside."""
        with self._read() as session:
            return studies.holds(session, payload)

    def open_study(self, study_id: int, reason: str = "") -> None:
        """Draft -> open: readers' links start to work. Raises WrongState; LeakUnexplained where it needs a reason."""
        with self._write() as session:
            studies.open_for_reading(session, study_id, self._clock(), reason)

    def amend_protocol(self, study_id: int, protocol: StudyProtocol, description: str, reason: str) -> int:
        """A new version of an open study's protocol; returns its number. Raises WrongState or InvalidPlan."""
        with self._write() as session:
            study = studies.locked(session, study_id)
            return protocols.amend(session, study, protocol, description, reason, self._clock())

    def protocol_versions(self, study_id: int) -> list[ProtocolVersion]:
        """All versions of a study's protocol, the first one first; none of a draft."""
        with self._read() as session:
            return protocols.versions(session, study_id)

    def close_study(self, study_id: int) -> None:
        """Open -> closed: no more answers, results may be seen. Raises WrongState."""
        with self._write() as session:
            studies.close(session, study_id, self._clock())

    def delete_draft(self, study_id: int) -> None:
        """Remove a study that was never opened. Raises WrongState."""
        with self._write() as session:
            studies.delete_draft(session, study_id, self._clock())

    def studies(self) -> list[StudySummary]:
        """All studies, the newest first."""
        with self._read() as session:
            return studies.summaries(session)

    def study(self, study_id: int) -> StudySummary:
        """One study; raises UnknownStudy."""
        with self._read() as session:
            return studies.summary(session, study_id)

    def audit_trail(self, study_id: int | None = None) -> list[AuditEvent]:
        """What was done and when: in one study, or with None in all; without what readers do at each ECG."""
        with self._read() as session:
            return audit_trail.acts(session, study_id)

    def reading_trail(self, study_id: int) -> list[AuditEvent]:
        """What readers did at each ECG of a study and when: shown, hidden, answered, corrected; never the answer."""
        with self._read() as session:
            return audit_trail.reading(session, study_id)

    def verify_audit_trail(self, noted_head: str | None = None) -> ChainReport:
        """Whether the audit trail is as it was written, and all else as the trail says; `noted_head` is a hash of it
        that was noted down earlier.
        """
        with self._read() as session:
            return verification.verify(session, noted_head)
