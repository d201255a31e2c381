"""Changing a folder of own records: adding to it, taking from it.

Knows: the order of writing that leaves a sound folder wherever it is interrupted: an ECG is in the folder once the
index names it, so its files come first when it is added and go last when it is removed.
Does not know: formats of foreign files, studies. Studies hold copies, so removing a record does not touch them.
"""

from __future__ import annotations

import csv
import fcntl
import io
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from engine.ecg import Ecg
from engine.files.own_records import COLUMNS, INDEX, RECORDS, OwnRecord, OwnRecords
from engine.labels import Labels
from engine.records import write_wfdb

LOCK, HALF_WRITTEN = ".lock", ".index-writing"
SUFFIXES = (".dat", ".hea")
COMMENTED = ("labels", "sex", "age_band", "source")


def keep(folder: Path, ecg: Ecg, record: OwnRecord) -> None:
    """Add one ECG. Raises OSError or RecordError if it cannot be written."""
    row = record.row()
    write_wfdb(ecg, folder / RECORDS, record.code, [f"{key}: {row[key]}" for key in COMMENTED if row[key]])
    with _alone(folder), (folder / INDEX).open("a", newline="", encoding="utf-8") as file:
        file.write(_table([record], with_header=file.tell() == 0))


def adopt(found: OwnRecords, folder: Path, labels: Mapping[str, Labels] | None = None) -> tuple[str, ...]:
    """Copy all records of another folder into this one, all of them or none; returns the codes that are new.

    labels: by code, for records that have none of their own. Raises OSError, OwnRecordsError for a damaged folder.
    """
    with _alone(folder):
        there = _records_of(folder)
        known = {record.code for record in there}
        fresh = [record for record in found.records if record.code not in known]
        new = [_labelled(record, labels or {}) for record in fresh]
        try:
            for before, after in zip(fresh, new, strict=True):
                _copy(found, folder, before)
                if after != before:
                    _write_labels(folder, after)
            _replace_index(folder, [*there, *new])
        except OSError:
            _delete_files(folder, [record.code for record in new])
            raise
    return tuple(record.code for record in new)


def remove(folder: Path, codes: Collection[str]) -> int:
    """Take records out; returns how many were there. Raises OSError, OwnRecordsError for a damaged folder."""
    with _alone(folder):
        there = _records_of(folder)
        staying = [record for record in there if record.code not in codes]
        _replace_index(folder, staying)
        _delete_files(folder, [record.code for record in there if record.code in codes])
    return len(there) - len(staying)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One writer at a time, among processes too; the system ends the lock with its process."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _records_of(folder: Path) -> tuple[OwnRecord, ...]:
    return OwnRecords(folder).records if (folder / INDEX).exists() else ()


def _labelled(record: OwnRecord, labels: Mapping[str, Labels]) -> OwnRecord:
    return record if record.labels.codes else replace(record, labels=labels.get(record.code, record.labels))


def _copy(found: OwnRecords, folder: Path, record: OwnRecord) -> None:
    (folder / RECORDS).mkdir(exist_ok=True)
    for suffix in SUFFIXES:
        shutil.copyfile(found.folder / RECORDS / f"{record.code}{suffix}", _file(folder, record.code, suffix))


def _write_labels(folder: Path, record: OwnRecord) -> None:
    with _file(folder, record.code, ".hea").open("a", encoding="ascii") as header:
        header.write(f"# labels: {record.row()['labels']}\n")


def _file(folder: Path, code: str, suffix: str) -> Path:
    return folder / RECORDS / f"{code}{suffix}"


def _delete_files(folder: Path, codes: Iterable[str]) -> None:
    for code in codes:
        for suffix in SUFFIXES:
            _file(folder, code, suffix).unlink(missing_ok=True)


def _replace_index(folder: Path, records: Sequence[OwnRecord]) -> None:
    with (folder / HALF_WRITTEN).open("w", newline="", encoding="utf-8") as file:
        file.write(_table(records))
        file.flush()
        os.fsync(file.fileno())
    (folder / HALF_WRITTEN).replace(folder / INDEX)


def _table(records: Iterable[OwnRecord], with_header: bool = True) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS)
    if with_header:
        table.writeheader()
    table.writerows(record.row() for record in records)
    return text.getvalue()
