"""The ECGs of a closed study as files: WFDB records, the table of their truth, and how each synthetic one was drawn.

Knows: payloads, record names, provenance. Does not know: answers, reports, Streamlit.

A record's name says nothing: records are numbered in the order of the digests of their payloads, and `items.csv` says
which is which. ECGs that nobody answered are among them, practice is not.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from engine.generators import DrawRequest
from engine.harmonise import decode
from engine.labels import Sex
from engine.records import write_wfdb
from review_db.export import for_spreadsheet
from review_db.observed import ItemTruth
from review_db.report.long_table import csv_text

COLUMNS = ("record", "item", "arm", "origin", "labels", "stated", "payload_sha256", "provenance", "case", "measured")
SOURCES = ("drawn", "completed")  # of a synthetic ECG, as `curate.drawn_truth` and `completed_arm` write them
LIBRARIES = ("torch", "numpy", "neurokit2")
HOW = (
    "Draw ECG number index of the request; harmonised and encoded it is the payload (24,000 bytes: int16, "
    "little endian, 12 leads of 1000 samples in steps of 5 uV). A completed record is filled from the record (of), "
    "the gap, the walk and the seed of its entry. The checkpoint is named by its SHA-256. Another "
    "processor or another version of torch may differ in the last step."
)


@dataclass(frozen=True)
class PackedItem:
    """One ECG with its record's name and its truth."""

    record: str
    payload: bytes
    truth: ItemTruth

    @property
    def digest(self) -> str:
        """SHA-256 of the payload."""
        return hashlib.sha256(self.payload).hexdigest()


def item_files(truths: Sequence[ItemTruth], payload_of: Callable[[int], bytes]) -> dict[str, str | bytes]:
    """All files by name: items/item_001.hea and .dat, items.csv, provenance.json."""
    items = packed_items(truths, payload_of)
    return {**wfdb_files(items), "items.csv": items_csv(items), "provenance.json": provenance_json(items)}


def packed_items(truths: Sequence[ItemTruth], payload_of: Callable[[int], bytes]) -> list[PackedItem]:
    """The ECGs of the study, in an order that tells nothing."""
    payloads = {truth.item: payload_of(truth.item) for truth in truths}
    order = sorted(truths, key=lambda truth: hashlib.sha256(payloads[truth.item]).digest())
    return [PackedItem(f"item_{at:03d}", payloads[truth.item], truth) for at, truth in enumerate(order, start=1)]


def wfdb_files(items: Sequence[PackedItem]) -> dict[str, bytes]:
    """Each ECG as readers saw it; headers hold no comment."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [path for item in items for path in write_wfdb(decode(item.payload), Path(folder), item.record)]
        return {f"items/{path.name}": path.read_bytes() for path in paths}


def items_csv(items: Sequence[PackedItem]) -> str:
    """The truth about each record; text that a spreadsheet would run begins with an apostrophe."""
    rows = [
        (
            item.record,
            item.truth.item,
            for_spreadsheet(item.truth.arm),
            item.truth.origin.value,
            for_spreadsheet(";".join(item.truth.labels)),
            for_spreadsheet(item.truth.stated),
            item.digest,
            json.dumps(dict(item.truth.provenance), sort_keys=True, ensure_ascii=False),
            item.truth.case,
            "" if item.truth.measured is None else json.dumps(dict(item.truth.measured)),
        )
        for item in items
    ]
    return csv_text(COLUMNS, rows)


def provenance_json(items: Sequence[PackedItem]) -> str:
    """From what each synthetic ECG can be made again: its request or its gap, checkpoint, versions of the libraries."""
    made = {source: [_entry(item) for item in items if _source(item) == source] for source in SOURCES}
    libraries = {name: version(name) for name in LIBRARIES}
    return json.dumps({"how": HOW, "versions_at_export": libraries, **made}, indent=1, allow_nan=False)


def _source(item: PackedItem) -> object:
    return item.truth.provenance.get("source")


def _entry(item: PackedItem) -> dict[str, object]:
    name = {"record": item.record, "item": item.truth.item, "payload_sha256": item.digest}
    return name | dict(item.truth.provenance)


def request_of(entry: Mapping[str, object]) -> DrawRequest:
    """The request for the one ECG of an entry of provenance.json. Raises KeyError if one is incomplete."""
    given = {name: entry[name] for name in ("seed", "generator", "sampler", "steps", "guidance", "checkpoint")}
    sex = Sex(entry["sex"]) if entry["sex"] else None
    labels = tuple(entry["labels"])  # type: ignore[arg-type]
    known = {name: value for name, value in given.items() if value is not None}
    known |= {name: entry[name] for name in ("age_band", "share") if entry.get(name) is not None}
    known["towards"] = tuple(entry.get("towards", ()))  # type: ignore[arg-type]
    known["first"] = int(entry["index"])  # type: ignore[call-overload]
    return DrawRequest(labels, sex, **known)  # type: ignore[arg-type]
