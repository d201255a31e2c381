"""Observations as Parquet: the columns of the CSV with types, their meaning as metadata of the fields.

Knows: the type of each column. Does not know: what the answers say. Labels and reasons are lists, times are in UTC, an
answer that was not asked for is null, and text is as it was typed.
"""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from review_db import export_designs
from review_db.export import measurements_json
from review_db.observed import AnyObservation
from review_db.protocol import Design
from review_db.report.codebook import CODEBOOKS
from review_db.scales import Plausibility

TIME, WORDS = "timestamp[us, UTC]", "list of string"
Column = tuple[str, Callable[[Any], object]]

_OF_ECG: Mapping[str, Column] = {
    "item": ("int32", lambda o: o.item),
    "arm": ("string", lambda o: o.arm),
    "origin": ("string", lambda o: o.origin.value),
    "plausibility": ("int8", lambda o: _step(o.plausibility)),
    "provenance": ("string", lambda o: _json(o.provenance)),
    "measurements": ("string", lambda o: measurements_json(o) or None),
}
_OF_ALL: Mapping[str, Column] = {
    "reader": ("string", lambda o: o.reader),
    "labels": (WORDS, lambda o: list(o.labels)),
    "seconds": ("double", lambda o: o.seconds),
    "position": ("int32", lambda o: o.position),
    "comment": ("string", lambda o: o.comment),
    "corrections": ("int32", lambda o: o.corrections),
    "stated": ("string", lambda o: o.stated),
    "shown_at": (TIME, lambda o: o.shown_at),
    "submitted_at": (TIME, lambda o: o.submitted_at),
    "repeat": ("int32", lambda o: o.repeat),
    "reasons": (WORDS, lambda o: [reason.value for reason in o.reasons]),
}
_OF_VERDICTS: Mapping[str, Column] = {
    "verdict": ("int8", lambda o: int(o.verdict)),
    "says_synthetic": ("bool", lambda o: o.verdict.says_synthetic),
    "is_correct": ("bool", lambda o: o.is_correct),
    "confidence": ("int8", lambda o: o.confidence),
    "first_verdict": ("int8", lambda o: int(o.first_verdict)),
}
_OF_PAIRS: Mapping[str, Column] = {
    "case": ("int32", lambda o: o.case),
    "left_item": ("int32", lambda o: o.left_item),
    "right_item": ("int32", lambda o: o.right_item),
    "left_arm": ("string", lambda o: o.left_arm),
    "right_arm": ("string", lambda o: o.right_arm),
    "left": ("string", lambda o: o.left.value),
    "right": ("string", lambda o: o.right.value),
    "choice": ("int8", lambda o: int(o.choice)),
    "says_right": ("bool", lambda o: o.choice.says_right),
    "is_catch": ("bool", lambda o: o.is_catch),
    "is_correct": ("bool", lambda o: o.is_correct),
    "confidence": ("int8", lambda o: o.confidence),
    "left_plausibility": ("int8", lambda o: _step(o.left_plausibility)),
    "right_plausibility": ("int8", lambda o: _step(o.right_plausibility)),
    "first_choice": ("int8", lambda o: int(o.first_choice)),
    "left_provenance": ("string", lambda o: _json(o.left_provenance)),
    "right_provenance": ("string", lambda o: _json(o.right_provenance)),
    "left_measurements": ("string", lambda o: measurements_json(o) or None),
    "right_measurements": ("string", lambda o: measurements_json(o, is_beside=True) or None),
}
_OF_GRADES: Mapping[str, Column] = {
    "grade": ("int8", lambda o: int(o.grade)),
    "first_grade": ("int8", lambda o: int(o.first_grade)),
}
COLUMNS: Mapping[Design, Mapping[str, Column]] = {
    Design.SINGLE: {**_OF_ALL, **_OF_ECG, **_OF_VERDICTS},
    Design.PAIRS: {**_OF_ALL, **_OF_PAIRS},
    Design.GRADED: {**_OF_ALL, **_OF_ECG, **_OF_GRADES},
}
"""Type and value of each column, by design; their order is that of the CSV."""


def to_parquet(observations: Sequence[AnyObservation], design: Design = Design.SINGLE) -> bytes:
    """The file, rows in the order given, columns in that of the CSV."""
    import pyarrow  # type: ignore[import-untyped]
    from pyarrow import parquet

    order, meanings = export_designs.COLUMNS[design], CODEBOOKS[design]
    types = {TIME: pyarrow.timestamp("us", "UTC"), WORDS: pyarrow.list_(pyarrow.string())}
    fields = [
        pyarrow.field(name, _type(pyarrow, types, COLUMNS[design][name][0]), metadata={"meaning": meanings[name]})
        for name in order
    ]
    columns = [[COLUMNS[design][name][1](o) for o in observations] for name in order]
    file = io.BytesIO()
    parquet.write_table(pyarrow.table(columns, schema=pyarrow.schema(fields)), file, compression="zstd")
    return file.getvalue()


def _step(plausibility: Plausibility | None) -> int | None:
    return None if plausibility is None else int(plausibility)


def _json(provenance: Mapping[str, object]) -> str:
    return json.dumps(dict(provenance), sort_keys=True, ensure_ascii=False)


def _type(pyarrow: Any, types: Mapping[str, Any], kind: str) -> Any:
    return types[kind] if kind in types else pyarrow.type_for_alias(kind)
