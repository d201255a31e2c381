"""Which labels go together: contradictions with their reason, and label sets to start from.

Knows: assets/label_contradictions.toml and assets/label_presets.toml.
Does not know: how often labels were seen in training (engine.label_counts), widgets.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import Any

from engine.labels import UnknownLabel, ptbxl_statements

ASSETS = Path(__file__).parent.parent / "assets"
CONTRADICTIONS, PRESETS = ASSETS / "label_contradictions.toml", ASSETS / "label_presets.toml"


class Weight(StrEnum):
    """How much speaks against a pair."""

    CONTRADICTION = "contradiction"  # by what the statements mean
    RARE = "rare"  # possible, but hardly ever seen


@dataclass(frozen=True)
class Contradiction:
    """Two statements that do not go together, and one sentence why."""

    first: str
    second: str
    why: str
    weight: Weight


@dataclass(frozen=True)
class Preset:
    """A label set by name, with one sentence about what it shows.  codes in the order of the statements."""

    title: str
    codes: tuple[str, ...]
    explanation: str


def contradictions(codes: Iterable[str]) -> tuple[Contradiction, ...]:
    """The pairs among these codes that do not go together, real contradictions first, each once.

    Codes that PTB-XL does not have contradict nothing: nothing is known of them.
    """
    chosen = sorted(set(codes))
    known = known_contradictions()
    found = [known[frozenset(pair)] for pair in combinations(chosen, 2) if frozenset(pair) in known]
    return tuple(sorted(found, key=lambda pair: (pair.weight is Weight.RARE, pair.first, pair.second)))


@cache
def known_contradictions() -> Mapping[frozenset[str], Contradiction]:
    """All pairs that do not go together.  Raises UnknownLabel for a code that is none."""
    content = tomllib.loads(CONTRADICTIONS.read_text(encoding="utf-8"))
    return {frozenset((pair.first, pair.second)): pair for pair in _pairs(content)}


@cache
def presets() -> tuple[Preset, ...]:
    """The named label sets in the order of their file.  Raises UnknownLabel for a code that is none."""
    content = tomllib.loads(PRESETS.read_text(encoding="utf-8"))
    return tuple(
        Preset(entry["title"], ptbxl_statements().select(entry["codes"]).codes, entry["explanation"])
        for entry in content["preset"]
    )


def _pairs(content: Mapping[str, Any]) -> Iterator[Contradiction]:
    for entry in content["pair"]:
        pairs = combinations(entry["among"], 2) if "among" in entry else product(entry["one"], entry["other"])
        for first, second in pairs:
            _check(first, second)
            yield Contradiction(first, second, entry["why"], Weight(entry["weight"]))


def _check(*codes: str) -> None:
    unknown = [code for code in codes if code not in ptbxl_statements()]
    if unknown:
        raise UnknownLabel(f"{CONTRADICTIONS.name} names {unknown[0]}, which is no statement of PTB-XL; correct it.")
