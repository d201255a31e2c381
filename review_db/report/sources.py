"""Where the ECGs of a study come from, and with which versions it was analysed.

Knows: how the provenance of many ECGs becomes a few lines. Does not know: what the entries of a provenance mean;
it is whatever JSON the arm was stored with, such as a checkpoint's digest, a sampler, a record's number.
"""

import json
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version

from review_db.model import Observation

FEW = 3  # values of one entry that are listed; more are counted
LIBRARIES = ("numpy", "scipy", "statsmodels", "sqlalchemy", "streamlit", "plotly", "torch", "wfdb")


def provenance_rows(observations: Sequence[Observation]) -> list[tuple[str, str, str]]:
    """(arm, entry, value) for all that was stored of the origin of the ECGs that were read."""
    of_item = {o.item: o for o in observations}
    arms = dict.fromkeys(o.arm for o in observations)
    return [
        (arm, entry, _listed(values))
        for arm in arms
        for entry, values in _entries(o for o in of_item.values() if o.arm == arm).items()
    ]


def software() -> list[tuple[str, str]]:
    """Python and the libraries that are installed, with their versions."""
    return [("Python", platform.python_version()), *((name, of) for name in LIBRARIES if (of := _version(name)))]


def _entries(observations: Iterable[Observation]) -> dict[str, dict[str, int]]:
    """How often each value of each entry occurs, values as JSON."""
    entries: dict[str, dict[str, int]] = {}
    for o in observations:
        for entry, value in o.provenance.items():
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
