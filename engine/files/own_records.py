"""The hospital's own ECGs: a folder of WFDB records under content-derived codes, with an index.

Knows: the layout that collecting writes. Does not know: the files that the records came from; the folder holds no
trace of them: no file name, no date, no identifier.

Layout: own_records.csv, one row per record; records/CODE.hea and .dat, 10 s at 100 Hz in mV.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.ecg import Ecg, EcgError
from engine.harmonise import RATE, SAMPLES
from engine.labels import Labels, LabelSet, Sex, ptbxl_statements

INDEX = "own_records.csv"
RECORDS = "records"


class OwnRecordsError(ValueError):
    """A folder that holds no collected records, or a damaged one; the message says what to do."""


@dataclass(frozen=True)
class OwnRecord:
    """One row of the index. code: derived from the signal. source: format and stretch of the recording it is from."""

    code: str
    labels: Labels
    sex: Sex | None
    age_band: str | None
    source: str

    def row(self) -> dict[str, str]:
        """As the index holds it."""
        plain = {key: value or "" for key, value in asdict(self).items()}
        return {**plain, "labels": " ".join(self.labels.codes), "sex": self.sex.value if self.sex else ""}


COLUMNS = tuple(field.name for field in fields(OwnRecord))


class OwnRecords:
    """The records of a folder, with the look of engine.ptbxl.PtbXl. Raises OwnRecordsError."""

    def __init__(self, folder: Path | str, label_set: LabelSet | None = None) -> None:
        self.folder = Path(folder)
        self.label_set = label_set or ptbxl_statements()
        self.records = _read_index(self.folder / INDEX, self.label_set)

    def __len__(self) -> int:
        return len(self.records)

    def with_labels(self, codes: Iterable[str]) -> tuple[OwnRecord, ...]:
        """The records that carry all given statements. Raises UnknownLabel."""
        wanted = set(self.label_set.select(codes).codes)
        return tuple(record for record in self.records if wanted <= set(record.labels.codes))

    def read(self, record: OwnRecord) -> Ecg:
        """The signal of one record: 10 s at 100 Hz. Raises OwnRecordsError naming the record."""
        from engine.records import RecordError, read_wfdb

        try:
            return read_wfdb(self.folder / RECORDS / record.code)
        except (RecordError, EcgError) as error:
            raise OwnRecordsError(f"Record {record.code} cannot be read: {error} Collect it again.") from error

    def read_many(self, records: Sequence[OwnRecord]) -> NDArray[np.float32]:
        """The signals of many records: float32 (len(records), 12, 1000) in mV. Raises OwnRecordsError."""
        signals = np.empty((len(records), 12, SAMPLES), dtype=np.float32)
        for row, record in enumerate(records):
            ecg = self.read(record)
            if ecg.rate != RATE or ecg.samples != SAMPLES:
                raise OwnRecordsError(f"Record {record.code} is not 10 s at {RATE} Hz; collect it again.")
            signals[row] = ecg.signal
        return signals


def own_records_in(folder: Path, label_set: LabelSet | None = None) -> OwnRecords | None:
    """The records that the folder holds now; None where there are none. Raises OwnRecordsError for a damaged index."""
    try:
        found = (folder / INDEX).stat()
    except OSError:
        return None
    return _opened(folder, label_set or ptbxl_statements(), found.st_mtime_ns, found.st_ino) or None


@lru_cache(maxsize=2)
def _opened(folder: Path, label_set: LabelSet, _changed: int, _number: int) -> OwnRecords:
    """Read again only once the index was written again."""
    return OwnRecords(folder, label_set)


def _read_index(path: Path, label_set: LabelSet) -> tuple[OwnRecord, ...]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return tuple(_record(row, label_set) for row in csv.DictReader(file))
    except OSError as error:
        raise OwnRecordsError(
            f"{path.parent} holds no {INDEX}; collect records: python -m engine collect FILES --out {path.parent}"
        ) from error
    except (KeyError, ValueError, AttributeError) as error:
        raise OwnRecordsError(f"{path} is damaged ({error}); collect the records again.") from error


def _record(row: dict[str, str], label_set: LabelSet) -> OwnRecord:
    labels = label_set.select(row["labels"].split())
    sex = Sex(row["sex"]) if row["sex"] else None
    return OwnRecord(row["code"], labels, sex, row["age_band"] or None, row["source"])
