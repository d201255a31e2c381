"""PTB-XL in PhysioNet's layout: ptbxl_database.csv, records100/ and records500/.

Knows: the columns and codings of the database, file names, which records are present.
Does not know: downloading (engine.download), filters, training.

Codings: age 300 stands for "over 89"; sex 0 is male and 1 female (median height and weight by code, in the
3,847 records looked at: 0: 174 cm, 77.5 kg; 1: 161 cm, 63 kg); a statement in scp_codes holds whatever its
likelihood, because likelihood 0 means "unknown", not "absent".
Source: Wagner et al., PTB-XL, Scientific Data 2020; https://physionet.org/content/ptb-xl/1.0.3/
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.ecg import STANDARD_LEADS, Ecg, EcgError, canonical_leads
from engine.labels import Labels, LabelSet, Sex, ptbxl_statements

DATABASE = "ptbxl_database.csv"
SECONDS = 10
OVER_89 = 300
COLUMNS = ("ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold", "filename_lr", "filename_hr")
SEXES = {0: Sex.MALE, 1: Sex.FEMALE}
Rate = Literal[100, 500]


class PtbXlError(Exception):
    """The folder is not PTB-XL, or a record of it is missing or damaged; the message says what to do."""


@dataclass(frozen=True)
class PtbxlRecord:
    """One row of the database.

    age in years, None if unknown; 90 with age_over_89 for "over 89". likelihoods: statement -> 0..100, 0 =
    unknown.
    fold: 1..10, patients do not straddle folds. path100, path500: relative to the folder, without suffix.
    """

    ecg_id: int
    patient_id: int | None
    age: float | None
    age_over_89: bool
    sex: Sex | None
    labels: Labels
    likelihoods: Mapping[str, float] = field(hash=False)
    fold: int
    path100: str
    path500: str

    def path(self, rate: Rate) -> str:
        """Path of the record at 100 or 500 Hz. Raises ValueError for another rate."""
        if rate not in (100, 500):
            raise ValueError(f"PTB-XL has records at 100 and 500 Hz, not at {rate} Hz.")
        return self.path100 if rate == 100 else self.path500


class PtbXl:
    """The database in a folder.

    records: the rows whose signal file is present, at 100 Hz or at 500 Hz, in the order of the database; a
    folder with the whole database file and a few records (as the downloader leaves it) is valid. Statements
    outside the label set are left out of a record's labels and kept in its likelihoods.
    Raises PtbXlError if the folder is not PTB-XL or holds no record.
    """

    def __init__(self, folder: Path | str, label_set: LabelSet | None = None) -> None:
        self.folder = Path(folder)
        self.label_set = label_set or ptbxl_statements()
        present = {rate: _present_paths(self.folder, rate) for rate in (100, 500)}
        rows = read_database(self.folder / DATABASE, self.label_set)
        self._present = present
        self.records = tuple(r for r in rows if r.path100 in present[100] or r.path500 in present[500])
        if not self.records:
            raise PtbXlError(
                f"{self.folder} holds {DATABASE} but none of its records; expected files such as "
                f"{rows[0].path100}.hea below. Download some: python -m engine download ptb-xl --records 200"
            )

    def __len__(self) -> int:
        return len(self.records)

    def at_rate(self, rate: Rate) -> tuple[PtbxlRecord, ...]:
        """The records present at 100 or at 500 Hz."""
        return tuple(r for r in self.records if r.path(rate) in self._present[rate])

    def in_folds(self, folds: Iterable[int]) -> tuple[PtbxlRecord, ...]:
        """The records of the given folds, such as range(1, 9) for training."""
        wanted = set(folds)
        return tuple(r for r in self.records if r.fold in wanted)

    def with_labels(self, codes: Iterable[str]) -> tuple[PtbxlRecord, ...]:
        """The records that carry all given statements. Raises UnknownLabel."""
        wanted = set(self.label_set.select(codes).codes)
        return tuple(r for r in self.records if wanted <= set(r.labels.codes))

    def read(self, record: PtbxlRecord, rate: Rate = 100) -> Ecg:
        """The signal of one record, NaN where samples are missing. Raises PtbXlError naming the file."""
        from engine.records import (
            RecordError,
            read_wfdb,
        )  # wfdb stays out of the web process until a record is read

        path = self.folder / record.path(rate)
        try:
            return read_wfdb(path)
        except (RecordError, EcgError) as error:
            raise PtbXlError(f"Record {record.ecg_id} of PTB-XL cannot be read at {rate} Hz: {error}") from error

    def read_many(self, records: Sequence[PtbxlRecord], rate: Rate = 100) -> NDArray[np.float32]:
        """The signals of many records: float32 (len(records), 12, 10 * rate) in mV, NaN where samples are
        missing.

        Reads the 16-bit files directly, which is many times faster than one `read` per record and gives the
        same numbers; a record in another WFDB format than PTB-XL's own goes through `read`.
        Raises PtbXlError for a missing or damaged file or another length.
        """
        signals = np.empty((len(records), 12, SECONDS * rate), dtype=np.float32)
        for row, record in enumerate(records):
            plain = _read_plain(self.folder / record.path(rate), rate)
            signal = self.read(record, rate).signal if plain is None else plain
            if signal.shape != signals.shape[1:]:
                raise PtbXlError(f"Record {record.ecg_id} has {signal.shape[1]} samples instead of {SECONDS * rate}.")
            signals[row] = signal
        return signals


def read_database(path: Path, label_set: LabelSet) -> tuple[PtbxlRecord, ...]:
    """All rows of ptbxl_database.csv, whether their signals are present or not. Raises PtbXlError."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            lines = csv.reader(file)
            columns = _columns(path, next(lines, []))
            parse = _row_parser(columns, label_set)
            rows = tuple(_parse_line(parse, line, path, lines.line_num) for line in lines)
    except OSError as error:
        raise PtbXlError(
            f"{path.parent} is not a PTB-XL folder: {DATABASE} cannot be read ({error.strerror}). "
            "Point to the folder that holds it, or download PTB-XL."
        ) from error
    if not rows:
        raise PtbXlError(f"{path} holds no record; download it again.")
    return rows


def _columns(path: Path, header: Sequence[str]) -> list[int]:
    absent = [name for name in COLUMNS if name not in header]
    if absent:
        raise PtbXlError(f"{path} is not PTB-XL's database: it lacks the column {', '.join(absent)}.")
    return [header.index(name) for name in COLUMNS]


def _parse_line(
    parse: Callable[[Sequence[str]], PtbxlRecord], line: Sequence[str], path: Path, number: int
) -> PtbxlRecord:
    try:
        return parse(line)
    except (ValueError, IndexError, SyntaxError, AttributeError, TypeError, KeyError) as error:
        raise PtbXlError(f"{path}, line {number}, is damaged ({error}); download it again.") from error


def _row_parser(columns: Sequence[int], label_set: LabelSet) -> Callable[[Sequence[str]], PtbxlRecord]:
    # Many rows share the same text of statements; each is parsed once, to load 21,799 rows below a second.
    parsed: dict[str, tuple[Labels, dict[str, float]]] = {}

    def parse(line: Sequence[str]) -> PtbxlRecord:
        ecg_id, patient, age, sex, scp_codes, fold, path100, path500 = (line[column] for column in columns)
        if scp_codes not in parsed:
            parsed[scp_codes] = _statements(scp_codes, label_set)
        labels, likelihoods = parsed[scp_codes]
        years = float(age) if age else None
        over_89 = years == OVER_89
        return PtbxlRecord(
            ecg_id=int(float(ecg_id)),
            patient_id=int(float(patient)) if patient else None,
            age=90.0 if over_89 else years,
            age_over_89=over_89,
            sex=SEXES[int(float(sex))] if sex else None,
            labels=labels,
            likelihoods=likelihoods.copy(),
            fold=int(float(fold)),
            path100=path100,
            path500=path500,
        )

    return parse


def _statements(scp_codes: str, label_set: LabelSet) -> tuple[Labels, dict[str, float]]:
    likelihoods = {str(code): float(value) for code, value in ast.literal_eval(scp_codes).items()}
    return label_set.select(code for code in likelihoods if code in label_set), likelihoods


def _present_paths(folder: Path, rate: int) -> frozenset[str]:
    """Paths, as in the database, of the records that have header and signal below records<rate>/.

    Lists directories instead of asking for each of 21,799 files, which is slow on network drives.
    """
    top = folder / f"records{rate}"
    names = {f"{top.name}/{file.parent.name}/{file.name}" for file in top.glob("*/*.*")}
    return frozenset(n[:-4] for n in names if n.endswith(".hea") and f"{n[:-4]}.dat" in names)


_PLAIN_LEAD = re.compile(r"^(?P<file>\S+\.dat) 16 1000(?:\.0)?(?:\(0\))?/mV 16 0 \S+ \S+ 0 (?P<lead>\S+)$")


def _read_plain(path: Path, rate: int) -> NDArray[np.float32] | None:
    """The signal (12, n) of a record in PTB-XL's own format (16 bit, 1 uV, one file), None for any other
    format.
    """
    try:
        leads = _plain_leads(path.with_name(path.name + ".hea"), rate)
        if leads is None:
            return None
        raw = np.fromfile(path.with_name(path.name + ".dat"), dtype="<i2")
    except OSError as error:
        raise PtbXlError(f"{error.filename} of PTB-XL cannot be read ({error.strerror}); download it again.") from error
    if raw.size != 12 * SECONDS * rate:
        raise PtbXlError(f"{path}.dat is incomplete ({raw.nbytes} bytes); download it again.")
    millivolts = (raw.reshape(-1, 12).T[leads] / 1000.0).astype(np.float32)
    millivolts[raw.reshape(-1, 12).T[leads] == np.iinfo(np.int16).min] = np.nan  # WFDB's invalid value
    return millivolts


def _plain_leads(header: Path, rate: int) -> list[int] | None:
    """Columns of the standard leads in the signal file, None if the header is not of PTB-XL's own format."""
    lines = [
        line for line in header.read_text(encoding="utf-8", errors="replace").splitlines() if not line.startswith("#")
    ]
    matches = [_PLAIN_LEAD.match(line.strip()) for line in lines[1:]]
    if not lines or lines[0].split()[1:] != ["12", str(rate), str(SECONDS * rate)] or len(matches) != 12:
        return None
    found = [match for match in matches if match]
    if len(found) != 12 or {match["file"] for match in found} != {f"{header.stem}.dat"}:
        return None
    names = canonical_leads([match["lead"] for match in found])
    return [names.index(lead) for lead in STANDARD_LEADS]
