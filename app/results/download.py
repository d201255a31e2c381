"""What can be taken away from a closed study: the report as PDF and as a page, and a package with all it rests on.

Knows: which files there are, what they are called, and the sentence on how ECGs are shown. Does not know: what stands
in them (`review_db.report`), Streamlit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from app.display.paper import STANDARD
from app.results.items import item_files
from app.results.readme import readme
from engine.harmonise import CUTOFF, MICROVOLTS_PER_UNIT, RATE
from engine.labels import LabelSet
from review_db.report import package
from review_db.report.codebook import codebook_csv
from review_db.report.content import Content
from review_db.report.document import Document, document
from review_db.report.found import Found
from review_db.report.long_table import tables_of
from review_db.report.numbers import analysis_json
from review_db.report.page import report_page
from review_db.report.parquet import to_parquet
from review_db.store import Store

Make = Callable[[], str | bytes]
MIMES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "html": "text/html",
    "zip": "application/zip",
    "csv": "text/csv",
}
DISPLAY = (
    f"All ECGs were brought to {RATE} Hz with a zero-phase {CUTOFF:g} Hz low-pass, centred leads and steps of "
    f"{MICROVOLTS_PER_UNIT} \N{MICRO SIGN}V, and shown for ten seconds as 3x4 leads with a rhythm strip of lead II on "
    f"paper of {STANDARD.speed:g} mm/s and {STANDARD.gain:g} mm/mV."
)


def content_of(store: Store, study: int, observations: Sequence[Any], found: Found, label_set: LabelSet) -> Content:
    """Everything that the report of this study is made of. Raises StillBlinded before it is closed."""
    people, items = store.reader_profiles(study), store.items_of(study)
    codes = {code for item in items for code in item.labels if code in label_set}
    return Content(
        study=store.study(study),
        readers=store.progress(study),
        people=people,
        versions=store.protocol_versions(study),
        observations=observations,
        items=items,
        found=found,
        trail=store.audit_trail(study),
        payload_of=lambda number: store.item_payload(study, number),
        display=DISPLAY,
        label_names={code: label_set[code].plain_name for code in codes},
    )


def file_name(study: int, what: str, day: date) -> str:
    """For example "study-3-report-2026-03-12.pdf" for "report.pdf": no title, no names."""
    stem, _, suffix = what.rpartition(".")
    return f"study-{study}-{stem}-{day:%Y-%m-%d}.{suffix}"


def report(content: Content, observations_csv: str) -> str:
    """The report as one HTML page."""
    return report_page(_document(content, observations_csv))


def report_pdf(content: Content, observations_csv: str) -> bytes:
    """The report as a PDF."""
    return _as_pdf(_document(content, observations_csv))


def data_package(content: Content, observations_csv: str) -> bytes:
    """Answers, codebook, analysis, MRMC tables where the design has them, ECGs, provenance and report as a ZIP."""
    written, design = _document(content, observations_csv), content.found.design
    return package.data_package(
        {
            "README.txt": readme(design),
            "report.pdf": _as_pdf(written),
            "report.html": report_page(written),
            "observations.csv": observations_csv,
            "observations.parquet": to_parquet(content.observations, design),
            "codebook.csv": codebook_csv(design),
            "analysis.json": analysis_json(content, observations_csv),
            **tables_of(design, content.observations),
            **item_files(content.items, content.payload_of),
        }
    )


def _document(content: Content, observations_csv: str) -> Document:
    return document(content, observations_csv, datetime.now(UTC))


def _as_pdf(written: Document) -> bytes:
    from review_db.report import pdf  # a quarter of a second that only printing needs

    return pdf.report_pdf(written)
