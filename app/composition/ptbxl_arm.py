"""PTB-XL as a source of real ECGs.

Knows: which records training has not seen, at which rate a record is there, what its truth says.
Does not know: how many are wanted, what becomes of them. Counterpart for a hospital's own records: `own_arm`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from app.composition.curate import ARMS, REAL
from app.composition.real_arm import OLDEST, UnusableRecord, by_lot
from engine.age import age_band_of
from engine.ecg import Ecg
from engine.labels import Labels, LabelSet
from engine.ptbxl import PtbXl, PtbXlError, PtbxlRecord, Rate

HELD_OUT = (9, 10)  # folds of PTB-XL that no weights are trained on


class PtbXlSource:
    """The records of a PTB-XL folder, each patient once."""

    arm = ARMS[REAL]

    def __init__(self, ptbxl: PtbXl) -> None:
        self._ptbxl = ptbxl
        self.label_set: LabelSet = ptbxl.label_set

    @property
    def records(self) -> Sequence[PtbxlRecord]:
        """All that are present."""
        return self._ptbxl.records

    def candidates(self, finding: Labels, seed: int) -> list[PtbxlRecord]:
        """First those that no training has seen, of these first those with no other label; otherwise by lot."""
        tried = by_lot(self._ptbxl.with_labels(finding.codes), finding, seed)
        return sorted(tried, key=lambda record: record.fold not in HELD_OUT)

    def ages(self, record: PtbxlRecord) -> tuple[float, float] | None:
        """In whole years, save for the oldest."""
        if record.age is None:
            return None
        return record.age, OLDEST if record.age_over_89 else record.age

    def age_band(self, record: PtbxlRecord) -> str | None:
        """The band that holds the age; "over 89" is the oldest one."""
        return age_band_of(record.age)

    def person(self, record: PtbxlRecord) -> int | None:
        """The patient's number."""
        return record.patient_id

    def name(self, record: PtbxlRecord) -> str:
        """Its ecg_id."""
        return str(record.ecg_id)

    def read(self, record: PtbxlRecord) -> Ecg:
        """At 100 Hz where it is there, else at 500 Hz. Raises UnusableRecord or EcgError."""
        rate: Rate = 100 if record in self._at_100 else 500
        try:
            return Ecg(self._ptbxl.read_many([record], rate)[0], rate)
        except PtbXlError as error:
            raise UnusableRecord(str(error)) from error

    @cached_property
    def _at_100(self) -> frozenset[PtbxlRecord]:
        return frozenset(self._ptbxl.at_rate(100))

    def truth(self, record: PtbxlRecord) -> Mapping[str, object]:
        """Number, fold, sex and age."""
        sex = record.sex.value if record.sex else None
        return {"source": "PTB-XL", "ecg_id": record.ecg_id, "fold": record.fold, "sex": sex, "age": record.age}

    def remark(self, records: Sequence[PtbxlRecord]) -> str:
        """How many are from the folds on which weights are trained."""
        trained = sum(record.fold not in HELD_OUT for record in records)
        if not trained:
            return f"All {len(records)} real ECGs come from folds 9 and 10 of PTB-XL, which training leaves out."
        return (
            f"{trained} of {len(records)} real ECGs come from folds 1 to 8 of PTB-XL, which are used for training, "
            "because folds 9 and 10 have no more with these findings."
        )
