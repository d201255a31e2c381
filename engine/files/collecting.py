"""Many foreign files become one folder of records: what is sound goes in, the rest is named with its reason.

Knows: the order of work. Does not know: formats (reading), layout of the folder (own_records).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.ecg import EcgError
from engine.files.about import About
from engine.files.duplicates import SeenEcgs, code_of
from engine.files.excerpt import Excerpt, excerpt
from engine.files.own_records import COLUMNS, INDEX, RECORDS, OwnRecord, OwnRecords
from engine.files.reading import FileError, format_of, read_recording
from engine.harmonise import encode, harmonise
from engine.labels import Labels
from engine.records import write_wfdb


@dataclass(frozen=True)
class Outcome:
    """What became of a file: the code of its record, or the reason why it did not go in.

    unknown_labels: declared labels that are no statement of the label set, and were dropped. remark: what could give
    a record away that went in.
    """

    file: Path
    code: str | None = None
    reason: str = ""
    unknown_labels: int = 0
    remark: str = ""


def read_ecg(path: Path) -> tuple[Excerpt, About]:
    """The ten seconds of one file that a study would show. Raises FileError or EcgError, in words."""
    recording, about = read_recording(path)
    return excerpt(recording.ecg()), about


def collect(files: Iterable[Path], folder: Path, declared: Mapping[str, About] | None = None) -> Iterator[Outcome]:
    """Add the files to the folder, yielding each one's outcome as it is known.

    declared: what a table says of files, by name; it comes before what a file says. An ECG that is in the folder
    already, or comes twice, is refused. Raises OwnRecordsError for a damaged folder, OSError or RecordError if it
    cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    seen = _seen_in(folder)
    for file in files:
        try:
            yield _take(file, folder, seen, _declaration(file, declared or {}))
        except (FileError, EcgError) as error:
            yield Outcome(file, reason=str(error))


def _seen_in(folder: Path) -> SeenEcgs:
    seen = SeenEcgs()
    if (folder / INDEX).exists():
        own = OwnRecords(folder)
        for record in own.records:
            seen.add(encode(harmonise(own.read(record))), record.code)
    return seen


def _declaration(file: Path, declared: Mapping[str, About]) -> About:
    return declared.get(file.name) or declared.get(file.stem) or About()


def _take(file: Path, folder: Path, seen: SeenEcgs, declaration: About) -> Outcome:
    taken, said = read_ecg(file)
    if said.synthetic:
        raise FileError("It says that it is a synthetic ECG; own records are those of patients.")
    payload = encode(harmonise(taken.ecg))
    if (known := seen.find(payload)) is not None:
        raise FileError(f"The same ECG is there already, as {known}.")
    about, code = declaration.completed_by(said), code_of(payload)
    kind = format_of(file)
    source = f"{kind.name if kind else 'file'}, {taken}"
    _write(folder, taken, OwnRecord(code, Labels(about.codes), about.sex, about.age_band, source))
    seen.add(payload, code)
    return Outcome(file, code, unknown_labels=about.unknown_labels, remark=taken.remark)


def _write(folder: Path, taken: Excerpt, record: OwnRecord) -> None:
    row = record.row()
    comments = [f"{key}: {row[key]}" for key in ("labels", "sex", "age_band", "source") if row[key]]
    write_wfdb(taken.ecg, folder / RECORDS, record.code, comments)
    index = folder / INDEX
    is_new = not index.exists()
    with index.open("a", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS)
        if is_new:
            table.writeheader()
        table.writerow(row)
