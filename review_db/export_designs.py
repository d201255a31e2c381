"""Observations of pairs and of grades as columns, with what each column means; the design *single* is in `export`.

Pure. Columns are only ever added at the end, so that an analysis script keeps working. `python -m review_db analyse`
reads these tables again.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from review_db import export
from review_db.export import for_spreadsheet, measurements_json
from review_db.observed import GradeObservation, PairObservation
from review_db.protocol import Design
from review_db.scales import Plausibility

_JSON = json.JSONEncoder(sort_keys=True, ensure_ascii=False)

PAIR_COLUMNS: Mapping[str, Callable[[PairObservation], object]] = {
    "reader": lambda o: for_spreadsheet(o.reader),
    "case": lambda o: o.case,
    "left_item": lambda o: o.left_item,
    "right_item": lambda o: o.right_item,
    "left_arm": lambda o: for_spreadsheet(o.left_arm),
    "right_arm": lambda o: for_spreadsheet(o.right_arm),
    "left": lambda o: o.left.value,
    "right": lambda o: o.right.value,
    "labels": lambda o: for_spreadsheet(";".join(o.labels)),
    "choice": lambda o: int(o.choice),
    "says_right": lambda o: int(o.choice.says_right),
    "is_catch": lambda o: int(o.is_catch),
    "is_correct": lambda o: "" if o.is_correct is None else int(o.is_correct),
    "confidence": lambda o: o.confidence,
    "left_plausibility": lambda o: _step(o.left_plausibility),
    "right_plausibility": lambda o: _step(o.right_plausibility),
    "seconds": lambda o: f"{o.seconds:.3f}",
    "position": lambda o: o.position,
    "comment": lambda o: for_spreadsheet(o.comment),
    "first_choice": lambda o: int(o.first_choice),
    "corrections": lambda o: o.corrections,
    "stated": lambda o: for_spreadsheet(o.stated),
    "shown_at": lambda o: o.shown_at.isoformat(timespec="milliseconds"),
    "submitted_at": lambda o: o.submitted_at.isoformat(timespec="milliseconds"),
    "repeat": lambda o: o.repeat,
    "reasons": lambda o: ";".join(o.reasons),
    "left_provenance": lambda o: _JSON.encode(dict(o.left_provenance)),
    "right_provenance": lambda o: _JSON.encode(dict(o.right_provenance)),
    "left_measurements": lambda o: measurements_json(o),
    "right_measurements": lambda o: measurements_json(o, is_beside=True),
}

GRADE_COLUMNS: Mapping[str, Callable[[GradeObservation], object]] = {
    "reader": lambda o: for_spreadsheet(o.reader),
    "item": lambda o: o.item,
    "arm": lambda o: for_spreadsheet(o.arm),
    "origin": lambda o: o.origin.value,
    "labels": lambda o: for_spreadsheet(";".join(o.labels)),
    "grade": lambda o: int(o.grade),
    "plausibility": lambda o: _step(o.plausibility),
    "seconds": lambda o: f"{o.seconds:.3f}",
    "position": lambda o: o.position,
    "comment": lambda o: for_spreadsheet(o.comment),
    "first_grade": lambda o: int(o.first_grade),
    "corrections": lambda o: o.corrections,
    "stated": lambda o: for_spreadsheet(o.stated),
    "shown_at": lambda o: o.shown_at.isoformat(timespec="milliseconds"),
    "submitted_at": lambda o: o.submitted_at.isoformat(timespec="milliseconds"),
    "provenance": lambda o: _JSON.encode(dict(o.provenance)),
    "repeat": lambda o: o.repeat,
    "reasons": lambda o: ";".join(o.reasons),
    "measurements": lambda o: measurements_json(o),
}

MEASUREMENTS_MEANING = (
    "What the reader measured with the calipers, as a JSON list in the order of measuring: kind time with a value in ms"
    " or amplitude with one in mV; lead, seconds from the start and millivolts above the baseline of the left or upper"
    " end; at, ISO 8601, UTC. A value and a place of null: the caliper was taken off the ECG then. Empty if nothing was"
    " measured or the protocol does not keep it"
)
_SHARED_MEANINGS: Mapping[str, str] = {
    "reader": "Name of the reader, as the investigator typed it",
    "seconds": (
        "Time from the showing to the first answer, without pauses, in s;"
        " after a maximum viewing time the ECG is gone and the time runs on"
    ),
    "position": "Place in this reader's order, from 1",
    "comment": "Free text of the reader",
    "corrections": "How often the reader changed the answer",
    "stated": "What the reader was told that the ECG shows",
    "shown_at": "When it was first on screen, ISO 8601, UTC",
    "submitted_at": "When the first answer was stored, ISO 8601, UTC",
}
PAIR_CODEBOOK: Mapping[str, str] = {
    **_SHARED_MEANINGS,
    "case": "Number of the pair: the case that both ECGs belong to (catch pairs: the case of the left ECG)",
    "left_item": "Number of the left ECG in the study's plan, from 1",
    "right_item": "Number of the right ECG in the study's plan, from 1",
    "left_arm": "Source of the left ECG",
    "right_arm": "Source of the right ECG",
    "left": "Truth of the left ECG: real or synthetic",
    "right": "Truth of the right ECG: real or synthetic",
    "labels": "SCP-ECG statements of the left ECG (but in a catch pair those of both), joined by semicolons",
    "choice": "Which is the synthetic one? 1 certainly, 2 probably, 3 possibly left; 4 possibly, 5 probably, "
    "6 certainly right",
    "says_right": "1 if the choice is 4 or more",
    "is_catch": "1 if both ECGs are of one origin, so that no choice is right",
    "is_correct": "1 if the synthetic ECG was chosen; empty in catch pairs",
    "confidence": "Signed confidence: -3 (certainly left), -2, -1, 1, 2, 3 (certainly right)",
    "left_plausibility": "Does the left ECG show what is stated? 1 implausible to 5 plausible; empty if not asked",
    "right_plausibility": "The same for the right ECG",
    "first_choice": "Choice before any correction, 1 to 6",
    "repeat": "0 for the first time this reader saw the pair, 1 for the next one, with the sides swapped",
    "reasons": "What gave the chosen ECG away, joined by semicolons; empty if none was named or it was not asked",
    "left_provenance": "Origin of the left ECG as JSON: record, or checkpoint, sampler and seed",
    "right_provenance": "The same of the right ECG",
    "left_measurements": f"Of the left ECG. {MEASUREMENTS_MEANING}",
    "right_measurements": "The same of the right ECG",
}
GRADE_CODEBOOK: Mapping[str, str] = {
    **_SHARED_MEANINGS,
    "item": "Number of the ECG in the study's plan, from 1",
    "arm": "Source of the ECG",
    "origin": "Truth: real or synthetic",
    "labels": "SCP-ECG statements that the ECG was chosen or drawn for, joined by semicolons",
    "grade": "Last grade: 1 unusable, 2 poor, 3 acceptable, 4 good",
    "plausibility": "Does the ECG show what is stated? 1 implausible to 5 plausible; empty if not asked",
    "first_grade": "Grade before any correction, 1 to 4",
    "provenance": "Origin of the ECG as JSON: record, or checkpoint, sampler and seed, from which it is drawn again",
    "repeat": "0 for the first reading of an ECG by this reader, 1 for the next one",
    "reasons": "What made the ECG look poor, joined by semicolons; empty if none was named or it was not asked",
    "measurements": MEASUREMENTS_MEANING,
}

COLUMNS: Mapping[Design, Mapping[str, Callable[[Any], object]]] = {
    Design.SINGLE: export.COLUMNS,
    Design.PAIRS: PAIR_COLUMNS,
    Design.GRADED: GRADE_COLUMNS,
}
"""The columns of the export, by design."""

CODEBOOKS: Mapping[Design, Mapping[str, str]] = {Design.PAIRS: PAIR_CODEBOOK, Design.GRADED: GRADE_CODEBOOK}
"""What each column means; that of the design single is in `report.codebook`."""


def to_csv(design: Design, observations: Iterable[Any]) -> str:
    """A header and one line per observation of this design, in the order given; lines end in a line feed."""
    columns = COLUMNS[design]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([column(o) for column in columns.values()] for o in observations)
    return text.getvalue()


def _step(plausibility: Plausibility | None) -> object:
    return "" if plausibility is None else int(plausibility)
