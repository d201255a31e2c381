"""What a file may say about the person: labels, sex, age band. All else is left behind here.

Knows: the words by which headers and tables name these three. Does not know: formats, signals.

Nothing passes as text: labels are statements of the label set, sex is one of two words, age becomes a band of ten
years. Names, dates, identifiers and comments have no field to pass through.
Source of the SNOMED CT codes: physionetchallenges/evaluation-2021, dx_mapping_scored.csv and dx_mapping_unscored.csv;
they score 59118001 as 713427006 and 164909002 as 733534002.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from engine.age import AGE_BANDS, age_band_of
from engine.files.recording import FileError
from engine.labels import LabelSet, Sex, ptbxl_statements

SNOMED: Mapping[str, str] = MappingProxyType(
    {
        "426783006": "SR", "164889003": "AFIB", "164890007": "AFLT", "427084000": "STACH", "426177001": "SBRAD",
        "427393009": "SARRH", "426761007": "SVTAC", "67198005": "PSVT", "10370003": "PACE", "270492004": "1AVB",
        "195042002": "2AVB", "27885002": "3AVB", "713427006": "CRBBB", "59118001": "CRBBB", "713426002": "IRBBB",
        "733534002": "CLBBB", "164909002": "CLBBB", "251120003": "ILBBB", "445118002": "LAFB", "445211001": "LPFB",
        "698252002": "IVCD", "164873001": "LVH", "89792004": "RVH", "74390002": "WPW", "111975006": "LNGQT",
        "164947007": "LPR", "284470004": "PAC", "427172004": "PVC", "17338001": "PVC", "164951009": "ABQRS",
        "164917005": "QWAVE", "251146004": "LVOLT", "59931005": "INVT", "164934002": "NT_",
    }
)  # fmt: skip
SEX_WORDS = {"m": Sex.MALE, "male": Sex.MALE, "f": Sex.FEMALE, "female": Sex.FEMALE, "w": Sex.FEMALE}
NOTHING_STATED = {"", "unknown", "nan", "none", "n/a", "na"}
SYNTHETIC_MARK = "synthetic ecg"  # begins a comment in every file that this program draws


@dataclass(frozen=True)
class About:
    """Codes of the label set, sex, age band such as "70-79".

    unknown_labels: how many declared labels were no such code. synthetic: the file says that it is of no patient.
    """

    codes: tuple[str, ...] = ()
    sex: Sex | None = None
    age_band: str | None = None
    unknown_labels: int = 0
    synthetic: bool = False

    def completed_by(self, other: About) -> About:
        """What is known here first, then what the other one knows."""
        return About(
            codes=self.codes or other.codes,
            sex=self.sex or other.sex,
            age_band=self.age_band or other.age_band,
            unknown_labels=self.unknown_labels + (0 if self.codes else other.unknown_labels),
            synthetic=self.synthetic or other.synthetic,
        )


def about(said: Mapping[str, str], label_set: LabelSet | None = None) -> About:
    """What entries such as {"Dx": "164889003", "Sex": "Female", "Age": "74"} say; others are ignored."""
    known = {key.strip().lower(): value.strip() for key, value in said.items()}
    codes, unknown = _codes(known.get("labels") or known.get("dx") or "", label_set or ptbxl_statements())
    sex = SEX_WORDS.get((known.get("sex") or known.get("gender") or "").lower())
    band = known.get("age_band", "")
    return About(codes, sex, band if band in AGE_BANDS else age_band(known.get("age", "")), unknown)


def from_lines(lines: Iterable[str]) -> About:
    """What lines such as "Dx: 164889003" or "synthetic ECG, not of a patient" say; others are ignored."""
    given = [line.lstrip("# ") for line in lines]
    drawn = any(line.lower().startswith(SYNTHETIC_MARK) for line in given)
    return replace(about(entries(given)), synthetic=drawn)


def entries(lines: Iterable[str]) -> dict[str, str]:
    """The lines "key: value", perhaps behind a #, as a mapping with keys in lower case."""
    pairs = (line.lstrip("# ").split(":", 1) for line in lines if ":" in line)
    return {key.strip().lower(): value.strip() for key, value in pairs}


def age_band(text: str) -> str | None:
    """The decade of an age in years, "74", "074Y" or "74.0": "70-79"; "90+" above; None if it is no age."""
    found = re.fullmatch(r"0*(\d{1,3})(?:\.\d+)?\s*[yY]?", text.strip())
    if not found or int(found[1]) > 130:
        return None
    return age_band_of(int(found[1]))


def read_declarations(table: Path) -> dict[str, About]:
    """What a CSV with the columns file and labels, perhaps sex and age, says of each file; keys as in the column.

    Raises FileError if the columns are not there.
    """
    with table.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        columns = [column.strip().lower() for column in rows.fieldnames or ()]
        if not {"file", "labels"} <= set(columns):
            raise FileError(f"{table} needs the columns file and labels, perhaps sex and age; it has {columns}.")
        rows.fieldnames = columns
        return {(row["file"] or "").strip(): about(_text_only(row)) for row in rows}


def _text_only(row: Mapping[str | None, object]) -> dict[str, str]:
    return {key: value for key, value in row.items() if isinstance(key, str) and isinstance(value, str)}


def _codes(text: str, label_set: LabelSet) -> tuple[tuple[str, ...], int]:
    words = [word for word in re.split(r"[\s,;|+'\"\[\]]+", text) if word.lower() not in NOTHING_STATED]
    codes = [SNOMED.get(word, word.upper()) for word in words]
    known = [code for code in codes if code in label_set]
    return label_set.select(known).codes, len(codes) - len(known)
