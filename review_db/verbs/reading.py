"""What a reader's link can do; each verb one transaction. See `review_db.store`."""

from review_db import reading
from review_db.model import BlindedItem, LastAnswer, Reading, Recorded, Submission
from review_db.transactions import Transactions


class ReadingVerbs(Transactions):
    """Reading: every verb takes the token of a reader's link."""

    def reading(self, token: str) -> Reading:
        """What this link opens; raises UnknownLink (or its StudyNotOpen), like all verbs of readers."""
        with self._read() as session:
            return reading.reading(session, token)

    def next_item(self, token: str) -> BlindedItem | None:
        """The ECG to read now: the same one until it is answered, None at the end. Starts no clock."""
        with self._read() as session:
            return reading.next_item(session, token)

    def mark_shown(self, token: str, presentation: str) -> None:
        """The ECG is on screen: start its clock, or go on after a pause; a reload changes nothing."""
        with self._write() as session:
            reading.mark_shown(session, token, presentation, self._clock())

    def pause(self, token: str, presentation: str) -> None:
        """The ECG is off the screen: its clock stands still until `mark_shown`."""
        with self._write() as session:
            reading.pause(session, token, presentation, self._clock())

    def record(self, token: str, submission: Submission) -> Recorded:
        """Store an answer exactly once. `is_new` is False for a repeat of the same submission; raises
        AlreadyRated for another one, and otherwise the SubmissionRefused that says why.
        """
        with self._write() as session:
            return reading.record(session, token, submission, self._clock())

    def last_answer(self, token: str) -> LastAnswer | None:
        """The reader's most recent answer with its ECG, for `correct`; None before the first."""
        with self._read() as session:
            return reading.last_answer(session, token)

    def correct(self, token: str, submission: Submission) -> Recorded:
        """Add another answer to the most recently answered ECG; raises NotCorrectable for any other."""
        with self._write() as session:
            return reading.correct(session, token, submission, self._clock())
