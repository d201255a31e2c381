"""What the data package says of its own files.

Knows: a line per file, and which designs have which. Does not know: what stands in the files.
"""

from __future__ import annotations

from collections.abc import Mapping

from review_db.protocol import Design
from review_db.report.long_table import MRMC_NOTES

OBSERVATIONS: Mapping[Design, str] = {
    Design.SINGLE: "one line per reader and ECG, with the truth",
    Design.PAIRS: "one line per reader and pair, with the truth of both ECGs",
    Design.GRADED: "one line per reader and ECG, with the grade and the truth",
}
WIDTH = 22  # of the names
BEFORE: Mapping[str, str] = {
    "report.pdf": "the report, to read and to print",
    "report.html": "the same for a browser",
    "observations.csv": "{observations}",
    "codebook.csv": "what the columns of the observations mean",
    "observations.parquet": "the same with types, and the meaning of each column in its metadata",
    "analysis.json": "every number of the report and of the results screen: the statistics with value, low, high, n\n"
    'and method, and under "report" what is counted beside them',
}
MRMC: Mapping[str, str] = {
    "imrmc.csv": "first readings in the layout of the R package iMRMC (help page dfMRMC_example)",
    "imrmc_repeats.csv": "second readings of an ECG by the same reader in that layout",
    "mrmcaov.csv": "first readings in the layout of the R package MRMCaov (help pages mrmc, VanDyke)",
    "mrmcaov_repeats.csv": "second readings in that layout",
    "readers.csv": "the readers' names for the numbers in these tables",
}
AFTER: Mapping[str, str] = {
    "items/": "all ECGs of the study but practice, as readers saw them, as WFDB records whose names say nothing",
    "items.csv": "what each record is: number in the other tables, arm, labels, provenance, case; and as JSON the\n"
    "measurements below it, where the protocol shows any",
    "provenance.json": "from what each synthetic ECG can be drawn again, or completed from its record",
    "SHA256SUMS": "check with: sha256sum --check SHA256SUMS",
}
AGAIN = "The analysis can be made again: python -m review_db analyse --observations observations.csv --json"


def readme(design: Design) -> str:
    """The text of README.txt in the package of a study of this design."""
    files = {**BEFORE, **({} if design is Design.PAIRS else MRMC), **AFTER}
    lines = [_line(name, words.format(observations=OBSERVATIONS[design])) for name, words in files.items()]
    return "\n".join(["Data package of a reader study", "", *lines, "", MRMC_NOTES[design], "", AGAIN, ""])


def _line(name: str, words: str) -> str:
    first, *more = words.split("\n")
    return "\n".join([f"{name:{WIDTH}}{first}", *(" " * WIDTH + rest for rest in more)])
