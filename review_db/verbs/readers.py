"""What an investigator does with readers; each verb one transaction. See `review_db.store`."""

from review_db import readers, withdrawal
from review_db.model import ReaderProgress
from review_db.readers import LINK_DAYS
from review_db.transactions import Transactions


class ReaderVerbs(Transactions):
    """Readers: invited, watched, withdrawn."""

    def add_reader(self, study_id: int, name: str, days_valid: int | None = LINK_DAYS) -> str:
        """Add a reader; returns the token of their link, which cannot be had again. It expires after so many days, or
        with None not before the study closes. Raises DuplicateReader or InvalidReader.
        """
        with self._write() as session:
            return readers.add(session, study_id, name, days_valid, self._clock())

    def revoke_reader(self, rater_id: int) -> None:
        """Withdraw a reader's link; answers given so far are kept."""
        with self._write() as session:
            readers.revoke(session, rater_id, self._clock())

    def reissue_link(self, rater_id: int, days_valid: int | None = LINK_DAYS) -> str:
        """A new token for the same place in the study, for so many days; the old link stops working."""
        with self._write() as session:
            return readers.reissue(session, rater_id, days_valid, self._clock())

    def progress(self, study_id: int) -> list[ReaderProgress]:
        """How far each reader has come, in the order in which they were added."""
        with self._read() as session:
            return readers.progress(session, study_id)

    def pause_reader(self, rater_id: int) -> None:
        """Let a reader wait; the link says so."""
        with self._write() as session:
            readers.pause(session, rater_id, self._clock())

    def resume_reader(self, rater_id: int) -> None:
        """Let a paused reader go on."""
        with self._write() as session:
            readers.resume(session, rater_id, self._clock())

    def note_reminder(self, rater_id: int) -> None:
        """Write down that a reader was reminded."""
        with self._write() as session:
            readers.note_reminder(session, rater_id, self._clock())

    def withdraw_reader(self, rater_id: int) -> None:
        """A reader leaves the study; answers stay or are erased as the consent text says. Raises WrongState."""
        with self._write() as session:
            withdrawal.by_number(session, rater_id, self._clock())
