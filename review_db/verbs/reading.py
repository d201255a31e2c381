"""What a reader's link can do; each verb one transaction. See `review_db.store`."""

from collections.abc import Collection

from review_db import admission, practice, reading, score, withdrawal
from review_db.blinded import BlindedItem, Caliper, Feedback, LastAnswer, Profile, Reading, Recorded, Score, Submission
from review_db.verbs.links import LinkVerbs


class ReadingVerbs(LinkVerbs):
    """Reading: every verb takes the token of a reader's link."""

    def reading(self, token: str) -> Reading:
        """What this link opens; raises UnknownLink (or its StudyNotOpen, LinkExpired, TooManyWrongLinks), like all
        verbs of readers.
        """
        with self._opening(token), self._read() as session:
            return reading.reading(session, token, self._clock())

    def next_item(self, token: str) -> BlindedItem | None:
        """The ECG to read now: the same one until it is answered, None at the end. Starts no clock."""
        with self._opening(token), self._read() as session:
            return reading.next_item(session, token, self._clock())

    def mark_shown(self, token: str, presentation: str) -> None:
        """The ECG is on screen: start its clock, or go on after a pause; a reload changes nothing."""
        with self._opening(token), self._write() as session:
            reading.mark_shown(session, token, presentation, self._clock())

    def pause(self, token: str, presentation: str) -> None:
        """The ECG is off the screen: its clock stands still until `mark_shown`."""
        with self._opening(token), self._write() as session:
            reading.pause(session, token, presentation, self._clock())

    def measure(self, token: str, presentation: str, spanned: Collection[Caliper]) -> int:
        """Keep what calipers span now, in studies that keep it; what each spanned last is not stored again. Returns how
        many measurements are new; raises the SubmissionRefused that says why not.
        """
        with self._opening(token), self._write() as session:
            return reading.measure(session, token, presentation, spanned, self._clock())

    def record(self, token: str, submission: Submission) -> Recorded:
        """Store an answer exactly once. `is_new` is False for a repeat of the same submission; raises
        AlreadyRated for another one, and otherwise the SubmissionRefused that says why.
        """
        with self._opening(token), self._write() as session:
            return reading.record(session, token, submission, self._clock())

    def last_answer(self, token: str) -> LastAnswer | None:
        """The reader's most recent answer with its ECG, for `correct`; None before the first."""
        with self._opening(token), self._read() as session:
            return reading.last_answer(session, token, self._clock())

    def practice_to_explain(self, token: str) -> LastAnswer | None:
        """The practice answer whose feedback has yet to be seen, for a page that was reloaded; None if none has."""
        with self._opening(token), self._read() as session:
            return reading.practice_to_explain(session, token, self._clock())

    def correct(self, token: str, submission: Submission) -> Recorded:
        """Add another answer to the most recently answered ECG; raises NotCorrectable for any other."""
        with self._opening(token), self._write() as session:
            return reading.correct(session, token, submission, self._clock())

    def consent(self, token: str, version: str) -> None:
        """Agree to this version of the study's text. Raises ConsentMissing if another one is in force by now."""
        with self._opening(token), self._write() as session:
            admission.consent(session, token, version, self._clock())

    def introduce(self, token: str, profile: Profile) -> None:
        """Say who reads: specialty, years, ECGs per week."""
        with self._opening(token), self._write() as session:
            admission.introduce(session, token, profile, self._clock())

    def feedback(self, token: str, presentation: str) -> Feedback:
        """What an answered practice presentation was. Raises UnknownPresentation for anything that counts."""
        with self._opening(token), self._read() as session:
            return practice.feedback(session, token, presentation, self._clock())

    def score(self, token: str) -> Score | None:
        """How many of this reader's answers were right; None until the study is unblinded or where none is promised."""
        with self._opening(token), self._write() as session:
            return score.score(session, token, self._clock())

    def erases_on_withdrawal(self, token: str) -> bool:
        """What becomes of the answers when the reader leaves: erased, or kept in the study."""
        with self._opening(token), self._read() as session:
            return withdrawal.erases(session, token, self._clock())

    def withdraw(self, token: str) -> None:
        """Leave the study; answers stay or are erased as the consent text says. The link stops working."""
        with self._opening(token), self._write() as session:
            withdrawal.by_link(session, token, self._clock())
