"""What can be had of a closed study; each verb one transaction. See `review_db.store`."""

from review_db import audit_trail, export_designs, observations, reader_records
from review_db.model import AuditKind
from review_db.observed import GradeObservation, ItemTruth, Observation, PairObservation, ReaderRecord
from review_db.transactions import Transactions


class ResultVerbs(Transactions):
    """Results: the only verbs that hand out the truth."""

    def observations(self, study_id: int) -> list[Observation]:
        """Answers and truth of a closed study; the first call is logged as its unblinding. StillBlinded."""
        with self._write() as session:
            return observations.observations(session, study_id, self._clock())

    def grade_observations(self, study_id: int) -> list[GradeObservation]:
        """The same for a study that graded ECGs. Raises StillBlinded, OtherDesign."""
        with self._write() as session:
            return observations.grades(session, study_id, self._clock())

    def pair_observations(self, study_id: int) -> list[PairObservation]:
        """The same for a study of pairs. Raises StillBlinded, OtherDesign."""
        with self._write() as session:
            return observations.pairs(session, study_id, self._clock())

    def item_payload(self, study_id: int, number: int) -> bytes:
        """One ECG of an unblinded study as readers saw it. Raises StillBlinded or UnknownItem."""
        with self._read() as session:
            return observations.payload(session, study_id, number)

    def items_of(self, study_id: int) -> list[ItemTruth]:
        """All ECGs of an unblinded study that count, answered or not, with their truth. Raises StillBlinded."""
        with self._read() as session:
            return observations.items_of(session, study_id)

    def reader_profiles(self, study_id: int) -> list[ReaderRecord]:
        """Who read a closed study: profile, consent, practice and whether they left; no names. Raises StillBlinded."""
        with self._read() as session:
            return reader_records.of_study(session, study_id)

    def export_csv(self, study_id: int) -> str:
        """The observations as CSV; every export is logged. Raises StillBlinded."""
        with self._write() as session:
            design = observations.design_of(session, study_id)
            rows = observations.BY_DESIGN[design](session, study_id, self._clock())
            audit_trail.log(session, AuditKind.EXPORTED, self._clock(), study_id, f"{len(rows)} observations")
            return export_designs.to_csv(design, rows)
