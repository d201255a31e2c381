"""The store: every verb of a reader study, each one transaction.

The only door to the database. A verb either happens completely or, if it raises, not at all; what it returns
is plain frozen data that outlives the transaction. Errors are `review_db.errors`, in words.

Knows nothing of screens. The clock is an argument, so that a test can be at any time of day.
Safe to share between threads; several processes may open the same store.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from review_db import audit_trail, credentials, database, export, investigator, observations, readers, reading, studies
from review_db.audit_trail import ChainReport
from review_db.errors import PassphraseAlreadySet, WrongPassphrase
from review_db.model import (
    AuditEvent,
    AuditKind,
    BlindedItem,
    LastAnswer,
    Observation,
    ReaderProgress,
    Reading,
    Recorded,
    StudyPlan,
    StudySummary,
    Submission,
)

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time of day, aware."""
    return datetime.now(UTC)


def migrate(url: str) -> None:
    """Create the store's tables or bring them up to date; safe to call at every start."""
    database.migrate(url)


class Store:
    """The verbs of investigators and readers on one database. Make one with `Store.open`."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._writing_engine = database.for_writing(engine)
        self._clock = clock

    @classmethod
    def open(cls, url: str, clock: Clock = utc_now) -> Self:
        """Open a store that `migrate` has prepared; raises StoreUnavailable or StoreOutOfDate."""
        engine = database.open_engine(url)
        try:
            database.require_current(engine)
        except Exception:
            engine.dispose()
            raise
        return cls(engine, clock)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _read(self) -> Iterator[Session]:
        with database.translated_errors(), Session(self._engine) as session:
            yield session

    @contextmanager
    def _write(self) -> Iterator[Session]:
        with database.translated_errors(), Session(self._writing_engine) as session, session.begin():
            yield session

    # ------------------------------------------------------------------------------- studies (investigator)

    def create_study(self, plan: StudyPlan) -> int:
        """Store a plan as a draft; returns the study's number."""
        with self._write() as session:
            return studies.create(session, plan, self._clock())

    def open_study(self, study_id: int, reason: str = "") -> None:
        """Draft -> open: readers' links start to work. Raises WrongState; LeakUnexplained where it needs a reason."""
        with self._write() as session:
            studies.open_for_reading(session, study_id, self._clock(), reason)

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
        """What was done and when: in one study, or with None in the whole store."""
        with self._read() as session:
            return audit_trail.events(session, study_id)

    def verify_audit_trail(self, noted_head: str | None = None) -> ChainReport:
        """Whether the audit trail is as it was written; `noted_head` is a hash of it that was noted down earlier."""
        with self._read() as session:
            return audit_trail.verify(session, noted_head)

    # ------------------------------------------------------------------------------- readers (investigator)

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

    # --------------------------------------------------------------------------------------- reading (reader)

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

    # ------------------------------------------------------------------------------- results (investigator)

    def observations(self, study_id: int) -> list[Observation]:
        """Answers and truth of a closed study; the first call is logged as its unblinding. StillBlinded."""
        with self._write() as session:
            return observations.unblind(session, study_id, self._clock())

    def item_payload(self, study_id: int, number: int) -> bytes:
        """One ECG of an unblinded study as readers saw it. Raises StillBlinded or UnknownItem."""
        with self._read() as session:
            return observations.payload(session, study_id, number)

    def export_csv(self, study_id: int) -> str:
        """The observations as CSV; every export is logged. Raises StillBlinded."""
        with self._write() as session:
            rows = observations.unblind(session, study_id, self._clock())
            audit_trail.log(session, AuditKind.EXPORTED, self._clock(), study_id, f"{len(rows)} observations")
            return export.to_csv(rows)

    # ------------------------------------------------------------------------------- the investigator's key

    def has_passphrase(self) -> bool:
        """False until the first start is over."""
        with self._read() as session:
            return investigator.has_passphrase(session)

    def set_passphrase(self, passphrase: str) -> None:
        """Set the first passphrase. Raises WeakPassphrase or PassphraseAlreadySet."""
        passphrase_hash = credentials.hash_passphrase(passphrase)
        try:
            with self._write() as session:
                investigator.set_first(session, passphrase_hash, self._clock())
        except IntegrityError as error:
            raise PassphraseAlreadySet("The passphrase has just been set: sign in with it.") from error

    def check_passphrase(self, passphrase: str) -> None:
        """Return if it is right; raises WrongPassphrase, PassphraseNotSet, or TooManyGuesses.

        A guess counts before it is checked, and no transaction is open while it is.
        """
        with self._write() as session:
            stored_hash = investigator.begin_guess(session, self._clock())
        if not credentials.is_passphrase(passphrase, stored_hash):
            raise WrongPassphrase("This is not the passphrase: try again.")
        with self._write() as session:
            investigator.guessed_right(session)

    def change_passphrase(self, present: str, new: str) -> None:
        """Replace the passphrase by one who knows it. Raises what `check_passphrase` does, WeakPassphrase."""
        new_hash = credentials.hash_passphrase(new)
        self.check_passphrase(present)
        with self._write() as session:
            investigator.replace(session, new_hash, self._clock())
