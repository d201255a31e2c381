"""Observations as CSV text: one line per reader and ECG, columns that stay as they are.

Pure. Columns are only ever added at the end, so that an analysis script keeps working. Labels are joined by
";", times are ISO 8601 in UTC, provenance is JSON, an answer that was not asked for is empty.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping

from review_db.model import Observation

# Text that a spreadsheet would run as a formula is led in by an apostrophe, which spreadsheets show as text:
# a comment is typed by strangers and opened by the investigator.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")

COLUMNS: Mapping[str, Callable[[Observation], object]] = {
    "reader": lambda o: _as_text(o.reader),
    "item": lambda o: o.item,
    "arm": lambda o: _as_text(o.arm),
    "origin": lambda o: o.origin.value,
    "labels": lambda o: _as_text(";".join(o.labels)),
    "verdict": lambda o: int(o.verdict),
    "says_synthetic": lambda o: int(o.verdict.says_synthetic),
    "is_correct": lambda o: int(o.is_correct),
    "confidence": lambda o: o.confidence,
    "plausibility": lambda o: "" if o.plausibility is None else int(o.plausibility),
    "seconds": lambda o: f"{o.seconds:.3f}",
    "position": lambda o: o.position,
    "comment": lambda o: _as_text(o.comment),
    "first_verdict": lambda o: int(o.first_verdict),
    "corrections": lambda o: o.corrections,
    "stated": lambda o: _as_text(o.stated),
    "shown_at": lambda o: o.shown_at.isoformat(timespec="milliseconds"),
    "submitted_at": lambda o: o.submitted_at.isoformat(timespec="milliseconds"),
    "provenance": lambda o: json.dumps(dict(o.provenance), sort_keys=True, ensure_ascii=False),
}


def to_csv(observations: Iterable[Observation]) -> str:
    """A header and one line per observation, in the order given; lines end in a line feed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([column(o) for column in COLUMNS.values()] for o in observations)
    return text.getvalue()


def _as_text(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
