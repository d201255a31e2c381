"""The hospital's own records as a source of real ECGs.

Knows: which collected records show a finding. Does not know: where they were collected from; nothing of that is kept.
Counterpart for PTB-XL: `ptbxl_arm`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from app.composition.curate import ARMS, OWN
from app.composition.real_arm import OLDEST, UnusableRecord, by_lot
from engine.age import AGE_BANDS
from engine.ecg import Ecg
from engine.files.own_records import OwnRecord, OwnRecords, OwnRecordsError
from engine.labels import Labels, LabelSet


def own_at_hand(own: Callable[[], OwnRecords | None]) -> OwnRecords | None:
    """The own records that are there now; None if there are none, or their folder is damaged."""
    try:
        return own()
    except OwnRecordsError:
        return None


def why_not_at_hand(own: Callable[[], OwnRecords | None]) -> str:
    """What to do where there are none."""
    try:
        own()
    except OwnRecordsError as error:
        return str(error)
    return "No own records yet. Add ECG files on the page Records."


class OwnSource:
    """The records of a collected folder, each once: nothing says whose they are."""

    arm = ARMS[OWN]

    def __init__(self, own: OwnRecords) -> None:
        self._own = own
        self.label_set: LabelSet = own.label_set

    @property
    def records(self) -> Sequence[OwnRecord]:
        """All of them."""
        return self._own.records

    def candidates(self, finding: Labels, seed: int) -> list[OwnRecord]:
        """By lot, those with no other label first."""
        return by_lot(self._own.with_labels(finding.codes), finding, seed)

    def ages(self, record: OwnRecord) -> tuple[float, float] | None:
        """The ends of its band of ten years; the oldest band, such as "90+", has none."""
        if not record.age_band:
            return None
        youngest, _, oldest = record.age_band.rstrip("+").partition("-")
        return float(youngest), float(oldest) if oldest else OLDEST

    def age_band(self, record: OwnRecord) -> str | None:
        """As it was collected."""
        return record.age_band if record.age_band in AGE_BANDS else None

    def person(self, record: OwnRecord) -> str:
        """Its code, as a person of its own."""
        return record.code

    def name(self, record: OwnRecord) -> str:
        """Its code."""
        return record.code

    def read(self, record: OwnRecord) -> Ecg:
        """Raises UnusableRecord or EcgError."""
        try:
            return self._own.read(record)
        except OwnRecordsError as error:
            raise UnusableRecord(str(error)) from error

    def truth(self, record: OwnRecord) -> Mapping[str, object]:
        """Code, format of the file it was taken from, sex and age band."""
        sex = record.sex.value if record.sex else None
        return {"source": "own records", "code": record.code, "taken_from": record.source, "sex": sex,
                "age_band": record.age_band}  # fmt: skip

    def remark(self, records: Sequence[OwnRecord]) -> str:
        """No checkpoint of this program knows them."""
        del records
        return "No checkpoint of this program was trained on own records, unless you did so yourself."
