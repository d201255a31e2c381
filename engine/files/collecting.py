"""Many foreign files become one folder of records: what is sound goes in, the rest is named with its reason.

Knows: the order of work. Does not know: formats (reading), layout of the folder (own_records).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.ecg import EcgError
from engine.files.about import About
from engine.files.duplicates import SeenEcgs, code_of
from engine.files.excerpt import Excerpt, excerpt
from engine.files.keeping import keep
from engine.files.own_records import INDEX, OwnRecord, OwnRecords
from engine.files.reading import FileError, format_of, read_recording
from engine.files.sidecar import NOTHING_BESIDE, Sidecar
from engine.harmonise import encode, harmonise
from engine.labels import Labels


class Repeated(FileError):
    """An ECG that was met before."""


@dataclass(frozen=True)
class Outcome:
    """What became of a file: the code of its record, or the reason why it did not go in.

    unknown_labels: declared labels that are no statement of the label set, and were dropped. remark: what could give
    a record away that went in. labels: the statements of the record. payload: its harmonised signal. repeated: the
    file is sound, but its ECG is there already.
    """

    file: Path
    code: str | None = None
    reason: str = ""
    unknown_labels: int = 0
    remark: str = ""
    labels: tuple[str, ...] = ()
    payload: bytes = field(default=b"", repr=False)
    repeated: bool = False


def read_ecg(path: Path, otherwise: Sidecar = NOTHING_BESIDE) -> tuple[Excerpt, About]:
    """The ten seconds of one file that a study would show. Raises FileError or EcgError, in words."""
    recording, about = read_recording(path, otherwise)
    return excerpt(recording.ecg()), about


def collect(
    files: Iterable[Path],
    folder: Path,
    declared: Mapping[str, About] | None = None,
    otherwise: Sidecar = NOTHING_BESIDE,
    besides: Iterable[Path] = (),
) -> Iterator[Outcome]:
    """Add the files to the folder, yielding each one's outcome as it is known.

    declared: what a table says of files, by name; it comes before what a file says. otherwise: leads, unit and rate
    of CSV and NPY files that do not state them. An ECG that comes twice, is in the folder already, or in one of the
    folders `besides`, is refused. Raises OwnRecordsError for a damaged folder, OSError or RecordError if it cannot
    be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    seen = _seen_in([folder, *besides])
    for file in files:
        try:
            yield _take(file, folder, seen, _declaration(file, declared or {}), otherwise)
        except (FileError, EcgError) as error:
            yield Outcome(file, reason=str(error), repeated=isinstance(error, Repeated))


def _seen_in(folders: Iterable[Path]) -> SeenEcgs:
    seen = SeenEcgs()
    for own in (OwnRecords(folder) for folder in folders if (folder / INDEX).exists()):
        for record in own.records:
            seen.add(encode(harmonise(own.read(record))), record.code)
    return seen


def _declaration(file: Path, declared: Mapping[str, About]) -> About:
    return declared.get(file.name) or declared.get(file.stem) or About()


def _take(file: Path, folder: Path, seen: SeenEcgs, declaration: About, otherwise: Sidecar) -> Outcome:
    taken, said = read_ecg(file, otherwise)
    if said.synthetic:
        raise FileError("It says that it is a synthetic ECG; own records are those of patients.")
    payload = encode(harmonise(taken.ecg))
    if (known := seen.find(payload)) is not None:
        raise Repeated(f"The same ECG is there already, as {known}.")
    about, code = declaration.completed_by(said), code_of(payload)
    kind = format_of(file)
    source = f"{kind.name if kind else 'file'}, {taken}"
    keep(folder, taken.ecg, OwnRecord(code, Labels(about.codes), about.sex, about.age_band, source))
    seen.add(payload, code)
    return Outcome(file, code, "", about.unknown_labels, taken.remark, about.codes, payload)
