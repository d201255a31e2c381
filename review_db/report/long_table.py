"""The answers in the long formats of two programs for multi-reader multi-case (MRMC) analysis.

Knows: their columns. Does not know: what the programs compute.

iMRMC: FDA's R package, 2.1.0 (help page `dfMRMC_example`): columns readerID, caseID, modalityID, score; one row per
reading, and for every case one row with readerID and modalityID "truth" and score 0 (no signal) or 1 (signal).

MRMCaov: R package, 0.3.1, Smith & Hillis, Proc. SPIE 11316 (2020) 113160K (help pages `mrmc`, `VanDyke`): columns
reader, treatment, case, truth (1 positive, 0 negative) and rating; one row per reading. For example
mrmc(empirical_auc(truth, rating), treatment, reader, case, data).

The signal is "synthetic"; the score is the signed confidence, of graded ECGs minus the grade, so that more means more
like synthetic; there is one modality, "reading". A choice between two ECGs is no score of one. Neither program takes
several readings of the same case by the same reader (DIDSR/iMRMC issue 191), so repeats have tables of their own with
the same columns.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence

from review_db.export import for_spreadsheet
from review_db.model import Origin
from review_db.observed import AnyObservation, GradeObservation, Observation
from review_db.protocol import Design

IMRMC_COLUMNS = ("readerID", "caseID", "modalityID", "score")
MRMCAOV_COLUMNS = ("reader", "treatment", "case", "truth", "rating")
TRUTH, MODALITY = "truth", "reading"

MRMC_NOTES: Mapping[Design, str] = {
    Design.SINGLE: "In imrmc*.csv and mrmcaov*.csv the signal is synthetic, the score is the signed confidence.",
    Design.GRADED: "In imrmc*.csv and mrmcaov*.csv the signal is synthetic, the score is minus the grade (-4 good to "
    "-1 unusable). Their AUC is one minus that of the report: above 0.5, synthetic ECGs were graded worse.",
    Design.PAIRS: "There is no table for MRMC programs: they take one score per reader and ECG, and a choice between "
    "two ECGs is none.",
}
"""What stands in the tables of a design."""

Scored = Observation | GradeObservation
Readings = Sequence[Scored]


def tables_of(design: Design, observations: Sequence[AnyObservation]) -> dict[str, str]:
    """The tables that a design has; none of pairs."""
    return mrmc_tables([o for o in observations if isinstance(o, Scored)]) if design is not Design.PAIRS else {}


def mrmc_tables(observations: Readings) -> dict[str, str]:
    """All tables by file name: first readings, repeats, and the names of the numbered readers."""
    numbers = _numbers(observations)
    parts = {"": [o for o in observations if not o.repeat], "_repeats": [o for o in observations if o.repeat]}
    tables = {f"{name}{of}.csv": table(part, numbers) for name, table in TABLES.items() for of, part in parts.items()}
    return tables | {"readers.csv": readers_csv(observations)}


def imrmc_csv(readings: Readings, numbers: Mapping[str, str]) -> str:
    """The layout of iMRMC; `numbers` says what a reader is called."""
    truth = {o.item: _truth(o) for o in readings}
    rows: list[tuple[object, ...]] = [(TRUTH, f"case{item}", TRUTH, score) for item, score in sorted(truth.items())]
    rows += [(numbers[o.reader], f"case{o.item}", MODALITY, _score(o)) for o in readings]
    return csv_text(IMRMC_COLUMNS, rows)


def mrmcaov_csv(readings: Readings, numbers: Mapping[str, str]) -> str:
    """The layout of MRMCaov; `numbers` says what a reader is called."""
    rows = [(numbers[o.reader], MODALITY, f"case{o.item}", _truth(o), _score(o)) for o in readings]
    return csv_text(MRMCAOV_COLUMNS, rows)


def readers_csv(observations: Readings) -> str:
    """The numbers of the tables with the readers' names."""
    names = [(number, for_spreadsheet(name)) for name, number in _numbers(observations).items()]
    return csv_text(("readerID", "reader"), names)


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A header and the rows; lines end in a line feed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([columns, *rows])
    return text.getvalue()


def _truth(o: Scored) -> int:
    return int(o.origin is Origin.SYNTHETIC)


def _score(o: Scored) -> int:
    """More is more like synthetic."""
    return o.confidence if isinstance(o, Observation) else -int(o.grade)


def _numbers(observations: Iterable[Scored]) -> dict[str, str]:
    return {name: f"reader{at}" for at, name in enumerate(dict.fromkeys(o.reader for o in observations), start=1)}


TABLES: Mapping[str, Callable[[Readings, Mapping[str, str]], str]] = {"imrmc": imrmc_csv, "mrmcaov": mrmcaov_csv}
