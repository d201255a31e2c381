"""What an investigator does with readers; each verb one transaction. See `review_db.store`."""

from review_db import readers
from review_db.model import ReaderProgress
from review_db.transactions import Transactions


class ReaderVerbs(Transactions):
    """Readers: invited, watched, withdrawn."""

    def add_reader(self, study_id: int, name: str) -> str:
        """Add a reader; returns the token of their link, which cannot be had again. DuplicateReader."""
        with self._write() as session:
            return readers.add(session, study_id, name, self._clock())

    def revoke_reader(self, rater_id: int) -> None:
        """Withdraw a reader's link; answers given so far are kept."""
        with self._write() as session:
            readers.revoke(session, rater_id, self._clock())

    def reissue_link(self, rater_id: int) -> str:
        """A new token for the same place in the study; the old link stops working."""
        with self._write() as session:
            return readers.reissue(session, rater_id, self._clock())

    def progress(self, study_id: int) -> list[ReaderProgress]:
        """How far each reader has come, in the order in which they were added."""
        with self._read() as session:
            return readers.progress(session, study_id)
