"""What stands beside an array: NAME.json with leads, unit and rate, NAME.txt with comments, "# key: value" lines.

Knows: these small texts. Does not know: arrays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.ecg import STANDARD_LEADS
from engine.files.about import About, about, entries, from_lines
from engine.files.recording import FileError, lead_name, millivolts_per

ADVICE = 'write NAME.json beside it: {"leads": ["I", ...], "unit": "mV", "rate": 500, "labels": ["AFIB"]}'


@dataclass(frozen=True)
class Sidecar:
    """What is stated beside the samples, or for all files that state less; None or empty where nothing is."""

    leads: tuple[str, ...] = ()
    unit: str = ""
    rate: float | None = None
    about: About = About()


NOTHING_BESIDE = Sidecar()


def stated_for_all(rate: float | None, unit: str, leads: str) -> Sidecar:
    """What a person says of the files that do not say it themselves; leads: names with commas or spaces between.

    Raises FileError for a unit that is no voltage, a name that is no standard lead, or a rate that is not positive.
    """
    names = tuple(leads.replace(",", " ").replace(";", " ").split())
    strange = [name for name in names if lead_name(name) is None]
    if strange:
        raise FileError(f"{strange[0]!r} is no standard lead; leads are {', '.join(STANDARD_LEADS)}.")
    if rate is not None and not rate > 0:
        raise FileError(f"The sampling rate must be a positive number of Hz, not {rate:g}.")
    if unit:
        millivolts_per(unit, "I")
    return Sidecar(names, unit, rate)


def read_sidecar(path: Path, lines: Iterable[str] = ()) -> Sidecar:
    """What NAME.json, NAME.txt and the given comment lines state of the file NAME. Raises FileError."""
    stated = _from_json(path.with_suffix(".json"))
    said = entries(lines) | {key.lower(): _plain(value) for key, value in stated.items()}
    leads = stated.get("leads", ())
    if not isinstance(leads, list | tuple):
        raise FileError(f'In {path.stem}.json "leads" must be a list of names.')
    return Sidecar(
        leads=tuple(map(str, leads)),
        unit=said.get("unit", ""),
        rate=_rate(said.get("rate", "")),
        about=about(said).completed_by(_from_text(path.with_suffix(".txt"))),
    )


def _plain(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _rate(text: str) -> float | None:
    try:
        return float(text.lower().removesuffix("hz")) if text else None
    except ValueError as error:
        raise FileError(f"The sampling rate {text!r} is no number of Hz.") from error


def _from_json(path: Path) -> dict[str, object]:
    if not path.is_file():
        return {}
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FileError(f"{path.name} is not JSON: {error}.") from error
    if not isinstance(stated, dict):
        raise FileError(f"{path.name} must hold one object with leads, unit and rate.")
    return stated


def _from_text(path: Path) -> About:
    return from_lines(path.read_text(encoding="utf-8", errors="replace").splitlines()) if path.is_file() else About()
