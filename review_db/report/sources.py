"""Where the ECGs of a study come from, and with which versions it was analysed.

Knows: how the provenance of many ECGs becomes a few lines. Does not know: what the entries of a provenance mean;
it is whatever JSON the arm was stored with, such as a checkpoint's digest, a sampler, a record's number.
"""

import json
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version

from review_db.observed import AnyObservation
from review_db.report.ecgs import EcgRead, ecgs_read
from review_db.version import product

FEW = 3  # values of one entry that are listed; more are counted
LIBRARIES = (
    "numpy",
    "scipy",
    "statsmodels",
    "sqlalchemy",
    "streamlit",
    "plotly",
    "reportlab",
    "pyarrow",
    "torch",
    "wfdb",
)


def provenance_rows(observations: Sequence[AnyObservation]) -> list[tuple[str, str, str]]:
    """(arm, entry, value) for all that was stored of the origin of the ECGs that were read."""
    read = ecgs_read(observations)
    return [
        (arm, entry, _listed(values))
        for arm in dict.fromkeys(ecg.arm for ecg in read)
        for entry, values in _entries(ecg for ecg in read if ecg.arm == arm).items()
    ]


def software() -> list[tuple[str, str]]:
    """This program, Python and the libraries that are installed, with their versions."""
    libraries = [(name, of) for name in LIBRARIES if (of := _version(name))]
    return [("ECG Turing test", product()), ("Python", platform.python_version()), *libraries]


def _entries(ecgs: Iterable[EcgRead]) -> dict[str, dict[str, int]]:
    """How often each value of each entry occurs, values as JSON."""
    entries: dict[str, dict[str, int]] = {}
    for ecg in ecgs:
        for entry, value in ecg.provenance.items():
            counts = entries.setdefault(entry, {})
            words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            counts[words] = counts.get(words, 0) + 1
    return entries


def _listed(counts: dict[str, int]) -> str:
    if len(counts) > FEW:
        return f"{len(counts)} different values, see the data package"
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{value} ({count})" for value, count in counts.items())


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
