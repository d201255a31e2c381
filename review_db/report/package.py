"""The data package of a study: answers, codebook, analysis and report in one ZIP, and the answers for MRMC software.

Knows: names and layout of the files. Does not know: how the texts come about.

The long table for MRMC software is that of FDA's R package iMRMC 2.1.0 (help page `dfMRMC_example`): columns readerID,
caseID, modalityID, score; one row per reading, and for every case one row with readerID and modalityID "truth" and
score 0 (no signal) or 1 (signal). The signal is "synthetic", the score the signed confidence, the only modality
"reading". iMRMC cannot take several readings of the same case by the same reader, so only the first would be written;
the store knows no others.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence

from review_db.export import COLUMNS, FORMULA_SIGNS
from review_db.model import Observation, Origin

ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the same study gives the same file
IMRMC_COLUMNS = ("readerID", "caseID", "modalityID", "score")
TRUTH, MODALITY = "truth", "reading"

CODEBOOK: Mapping[str, str] = {
    "reader": "Name of the reader, as the investigator typed it",
    "item": "Number of the ECG in the study's plan, from 1",
    "arm": "Source of the ECG",
    "origin": "Truth: real or synthetic",
    "labels": "SCP-ECG statements that the ECG was chosen or drawn for, joined by semicolons",
    "verdict": "Last answer: 1 certainly, 2 probably, 3 possibly real; 4 possibly, 5 probably, 6 certainly synthetic",
    "says_synthetic": "1 if the verdict is 4 or more",
    "is_correct": "1 if the side of the verdict is the truth",
    "confidence": "Signed confidence: -3 (certainly real), -2, -1, 1, 2, 3 (certainly synthetic)",
    "plausibility": "Does the ECG show what is stated? 1 implausible to 5 plausible; empty if not asked",
    "seconds": "Time the ECG was on screen until the first answer, without pauses, in s",
    "position": "Place of the ECG in this reader's order, from 1",
    "comment": "Free text of the reader",
    "first_verdict": "Verdict before any correction, 1 to 6",
    "corrections": "How often the reader changed the answer",
    "stated": "What the reader was told that the ECG shows",
    "shown_at": "When the ECG was first on screen, ISO 8601, UTC",
    "submitted_at": "When the first answer was stored, ISO 8601, UTC",
    "provenance": "Origin of the ECG as JSON: record, or checkpoint, sampler and seed, from which it is drawn again",
}
FORMULA_NOTE = "Text that a spreadsheet would run as a formula begins with an apostrophe."


def data_package(files: Mapping[str, str]) -> bytes:
    """The files (name: text) as a ZIP, with a list of their SHA-256."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**files, "SHA256SUMS": checksums(files)}.items():
            archive.writestr(zipfile.ZipInfo(name, ZIP_TIME), text.encode(), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def checksums(files: Mapping[str, str]) -> str:
    """One line per file, as `sha256sum --check` reads it."""
    return "".join(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in files.items())


def codebook_csv() -> str:
    """Every column of the observations and its meaning."""
    rows = [(name, CODEBOOK[name]) for name in COLUMNS]
    return _csv(("column", "meaning"), [*rows, ("(all text)", FORMULA_NOTE)])


def imrmc_csv(observations: Sequence[Observation]) -> str:
    """The answers in the layout of iMRMC; readers are numbered, see `readers_csv`."""
    number = {name: f"reader{at}" for name, at in _numbered(observations)}
    truth = {o.item: int(o.origin is Origin.SYNTHETIC) for o in observations}
    rows: list[tuple[object, ...]] = [(TRUTH, f"case{item}", TRUTH, score) for item, score in sorted(truth.items())]
    rows += [(number[o.reader], f"case{o.item}", MODALITY, o.confidence) for o in observations]
    return _csv(IMRMC_COLUMNS, rows)


def readers_csv(observations: Sequence[Observation]) -> str:
    """The numbers of `imrmc_csv` with the readers' names."""
    numbered = _numbered(observations)
    names = [(f"reader{at}", f"'{name}" if name.startswith(FORMULA_SIGNS) else name) for name, at in numbered]
    return _csv(("readerID", "reader"), names)


def _numbered(observations: Iterable[Observation]) -> list[tuple[str, int]]:
    return [(name, at) for at, name in enumerate(dict.fromkeys(o.reader for o in observations), start=1)]


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([columns, *rows])
    return text.getvalue()
