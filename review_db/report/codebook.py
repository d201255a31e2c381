"""What the columns of the observations mean: for the CSV as a table, for Parquet as metadata of the fields.

Knows: one sentence per column of `review_db.export`; those of pairs and grades are in `review_db.export_designs`.
Does not know: files.
"""

from collections.abc import Mapping
from types import MappingProxyType

from review_db import export_designs
from review_db.protocol import Design
from review_db.report.long_table import MRMC_NOTES, csv_text

FORMULA_NOTE = "Text that a spreadsheet would run as a formula begins with an apostrophe (in the CSV only)."
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
    "seconds": (
        "Time from the showing of the ECG to the first answer, without pauses, in s;"
        " after a maximum viewing time the ECG is gone and the time runs on"
    ),
    "position": "Place of the ECG in this reader's order, from 1",
    "comment": "Free text of the reader",
    "first_verdict": "Verdict before any correction, 1 to 6",
    "corrections": "How often the reader changed the answer",
    "stated": "What the reader was told that the ECG shows",
    "shown_at": "When the ECG was first on screen, ISO 8601, UTC",
    "submitted_at": "When the first answer was stored, ISO 8601, UTC",
    "provenance": "Origin of the ECG as JSON: record, or checkpoint, sampler and seed, from which it is drawn again",
    "repeat": "0 for the first reading of an ECG by this reader, 1 for the next one",
    "reasons": "What gave the ECG away, joined by semicolons; empty if none was named or it was not asked",
    "measurements": export_designs.MEASUREMENTS_MEANING,
}


CODEBOOKS: Mapping[Design, Mapping[str, str]] = MappingProxyType({Design.SINGLE: CODEBOOK, **export_designs.CODEBOOKS})
"""What each column means, by design."""


def codebook_csv(design: Design = Design.SINGLE) -> str:
    """Every column of the observations and its meaning, in their order; then what is said of all tables."""
    rows = [(name, CODEBOOKS[design][name]) for name in export_designs.COLUMNS[design]]
    notes = [("(all text)", FORMULA_NOTE), ("(MRMC tables)", MRMC_NOTES[design])]
    return csv_text(("column", "meaning"), [*rows, *notes])
