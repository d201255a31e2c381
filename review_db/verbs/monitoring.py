"""What those see who watch a study while it is read; each verb one transaction. See `review_db.store`."""

from review_db import monitoring
from review_db.monitoring import MonitoredStudy, ReaderPace
from review_db.transactions import Transactions


class MonitoringVerbs(Transactions):
    """Monitoring: progress and pace, never truth or answers."""

    def monitored_studies(self) -> list[MonitoredStudy]:
        """All studies that were opened: the open ones first, then the newest first."""
        with self._read() as session:
            return monitoring.watched(session)

    def monitoring(self, study_id: int) -> list[ReaderPace]:
        """How all readers of a study get on, in the order in which they were added. Raises UnknownStudy."""
        with self._read() as session:
            return monitoring.paces(session, study_id, self._clock())
