"""What can be taken away from a closed study: the report as a page, and a package with everything it rests on.

Knows: which files there are, and the sentence on how ECGs are shown. Does not know: what stands in them
(`review_db.report`), Streamlit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from app.paper import STANDARD
from engine.harmonise import CUTOFF, MICROVOLTS_PER_UNIT, RATE
from engine.labels import LabelSet
from review_db.model import Observation
from review_db.report import package
from review_db.report.content import Content
from review_db.report.found import Found
from review_db.report.page import report_page
from review_db.store import Store

Make = Callable[[], str | bytes]
DISPLAY = (
    f"All ECGs were brought to {RATE} Hz with a zero-phase {CUTOFF:g} Hz low-pass, centred leads and steps of "
    f"{MICROVOLTS_PER_UNIT} \N{MICRO SIGN}V, and shown for ten seconds as 3x4 leads with a rhythm strip of lead II on "
    f"paper of {STANDARD.speed:g} mm/s and {STANDARD.gain:g} mm/mV."
)
README = """Data package of a reader study

report.html       the report; a browser prints it as PDF
observations.csv  one line per reader and ECG, with the truth; codebook.csv explains its columns
analysis.json     every statistic with value, low, high, n and method
imrmc.csv         the answers in the layout of the R package iMRMC (help page dfMRMC_example); signal = synthetic
readers.csv       the readers' names for the numbers in imrmc.csv
SHA256SUMS        check with: sha256sum --check SHA256SUMS

The analysis can be made again: python -m review_db analyse --observations observations.csv --json
"""


def content_of(
    store: Store, study: int, observations: Sequence[Observation], found: Found, label_set: LabelSet
) -> Content:
    """Everything that the report of this study is made of. Raises StillBlinded before it is closed."""
    codes = {code for o in observations for code in o.labels if code in label_set}
    names = {code: label_set[code].plain_name for code in codes}
    return Content(
        store.study(study), store.progress(study), observations, found, store.audit_trail(study), DISPLAY, names
    )


def report(content: Content, observations_csv: str) -> str:
    """The report as one HTML page."""
    return report_page(content, observations_csv, datetime.now(UTC))


def data_package(content: Content, observations_csv: str) -> bytes:
    """Answers, codebook, analysis, MRMC table and report as a ZIP."""
    return package.data_package(
        {
            "README.txt": README,
            "report.html": report(content, observations_csv),
            "observations.csv": observations_csv,
            "codebook.csv": package.codebook_csv(),
            "analysis.json": json.dumps(content.found.answers, indent=1, allow_nan=False),
            "imrmc.csv": package.imrmc_csv(content.observations),
            "readers.csv": package.readers_csv(content.observations),
        }
    )
