"""Observations as CSV text: one line per reader and ECG, columns that stay as they are.

Pure. Columns are only ever added at the end, so that an analysis script keeps working. Labels are joined by
";", times are ISO 8601 in UTC, provenance and measurements are JSON, an answer that was not asked for is empty.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping

from review_db.blinded import CaliperKind
from review_db.observed import Observation, OfPresentation, PlacedCaliper

# Text that a spreadsheet would run as a formula is led in by an apostrophe, which spreadsheets show as text:
# a comment is typed by strangers and opened by the investigator.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_JSON = json.JSONEncoder(sort_keys=True, ensure_ascii=False)  # made once: json.dumps would make one for every row
UNITS: Mapping[CaliperKind, str] = {CaliperKind.TIME: "ms", CaliperKind.AMPLITUDE: "mV"}

COLUMNS: Mapping[str, Callable[[Observation], object]] = {
    "reader": lambda o: for_spreadsheet(o.reader),
    "item": lambda o: o.item,
    "arm": lambda o: for_spreadsheet(o.arm),
    "origin": lambda o: o.origin.value,
    "labels": lambda o: for_spreadsheet(";".join(o.labels)),
    "verdict": lambda o: int(o.verdict),
    "says_synthetic": lambda o: int(o.verdict.says_synthetic),
    "is_correct": lambda o: int(o.is_correct),
    "confidence": lambda o: o.confidence,
    "plausibility": lambda o: "" if o.plausibility is None else int(o.plausibility),
    "seconds": lambda o: f"{o.seconds:.3f}",
    "position": lambda o: o.position,
    "comment": lambda o: for_spreadsheet(o.comment),
    "first_verdict": lambda o: int(o.first_verdict),
    "corrections": lambda o: o.corrections,
    "stated": lambda o: for_spreadsheet(o.stated),
    "shown_at": lambda o: o.shown_at.isoformat(timespec="milliseconds"),
    "submitted_at": lambda o: o.submitted_at.isoformat(timespec="milliseconds"),
    "provenance": lambda o: _JSON.encode(dict(o.provenance)),
    "repeat": lambda o: o.repeat,
    "reasons": lambda o: ";".join(o.reasons),
    "measurements": lambda o: measurements_json(o),
}


def to_csv(observations: Iterable[Observation]) -> str:
    """A header and one line per observation, in the order given; lines end in a line feed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([column(o) for column in COLUMNS.values()] for o in observations)
    return text.getvalue()


def for_spreadsheet(text: str) -> str:
    """Typed text as a field: never a formula, every line end a line feed, as a bare carriage return is not quoted."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{plain}" if text.startswith(FORMULA_SIGNS) else plain


def measurements_json(o: OfPresentation, is_beside: bool = False) -> str:
    """What was measured on an ECG as a JSON list, in the order of measuring; empty if nothing was kept."""
    placed = [_facts(one) for one in o.measurements if one.caliper.is_beside == is_beside]
    return _JSON.encode(placed) if placed else ""


def _facts(placed: PlacedCaliper) -> dict[str, object]:
    """Of a caliper that was taken off the sheet only which and when."""
    one, unit, at = placed.caliper, UNITS[placed.caliper.kind], placed.at.isoformat()
    place = {"value": one.value, "lead": one.lead, "seconds": one.seconds, "millivolts": one.millivolts}
    return {"kind": one.kind.value, "unit": unit, "at": at, **(dict.fromkeys(place) if one.is_cleared else place)}
