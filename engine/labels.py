"""What an ECG shows, in SCP-ECG statements: an ordered set of statements and the labels of one record.

Knows: codes, descriptions, kinds, the order that turns labels into a vector.
Does not know: ECGs, files of PTB-XL, how a network embeds a label.
Source: Wagner et al., PTB-XL (Scientific Data 2020), scp_statements.csv; SCP-ECG, EN 1064.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

KINDS = ("diagnostic", "form", "rhythm")
PTBXL_STATEMENTS = Path(__file__).parent.parent / "assets" / "ptbxl_statements.toml"


class Sex(StrEnum):
    """Sex as recorded with the ECG."""

    FEMALE = "female"
    MALE = "male"


class UnknownLabel(ValueError):
    """A code that the label set does not have; the message names the nearest codes."""


class LabelSetError(ValueError):
    """A file that is no label set; the message says why."""


@dataclass(frozen=True)
class Statement:
    """One SCP-ECG statement.

    plain_name: for a reader who is no cardiologist. kinds: of KINDS, at least one.
    superclass, subclass: of diagnostic statements, such as "MI" and "IMI"; None for the others.
    """

    code: str
    description: str
    plain_name: str
    kinds: tuple[str, ...]
    superclass: str | None = None
    subclass: str | None = None


@dataclass(frozen=True)
class Labels:
    """The statements that hold for one record: codes in the order of their label set."""

    codes: tuple[str, ...]

    def __str__(self) -> str:
        return " + ".join(self.codes) if self.codes else "no label"


@dataclass(frozen=True)
class LabelSet:
    """Statements in a fixed order; position k of a label vector is statements[k]."""

    statements: tuple[Statement, ...]
    codes: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _position: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        codes = tuple(statement.code for statement in self.statements)
        repeated = sorted({code for code in codes if codes.count(code) > 1})
        if repeated:
            raise LabelSetError(f"A label set names {', '.join(repeated)} more than once.")
        if not codes:
            raise LabelSetError("A label set needs at least one statement.")
        object.__setattr__(self, "codes", codes)
        object.__setattr__(self, "_position", {code: position for position, code in enumerate(codes)})

    @classmethod
    def load(cls, path: Path | str) -> LabelSet:
        """Read a label set from TOML, an array of tables `statement`. Raises LabelSetError naming file and
        reason.
        """
        try:
            content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise LabelSetError(f"Cannot read the label set {path}: {error}.") from error
        try:
            return cls(tuple(_statement(entry) for entry in content.get("statement", [])))
        except LabelSetError as error:
            raise LabelSetError(f"{path}: {error}") from error

    def __len__(self) -> int:
        return len(self.statements)

    def __contains__(self, code: object) -> bool:
        return code in self._position

    def __getitem__(self, code: str) -> Statement:
        return self.statements[self.index(code)]

    def index(self, code: str) -> int:
        """Position of a code. Raises UnknownLabel naming the nearest codes."""
        if code not in self._position:
            raise UnknownLabel(_unknown_message(code, self))
        return self._position[code]

    def select(self, codes: Iterable[str]) -> Labels:
        """Labels from codes in any order, repeated or not. Raises UnknownLabel for a code that is not in the
        set.
        """
        return Labels(tuple(self.codes[position] for position in sorted({self.index(code) for code in codes})))

    def encode(self, codes: Iterable[str] | Labels) -> NDArray[np.uint8]:
        """uint8 (n_labels,): 1 where a statement holds. Raises UnknownLabel."""
        vector = np.zeros(len(self), dtype=np.uint8)
        for code in codes.codes if isinstance(codes, Labels) else codes:
            vector[self.index(code)] = 1
        return vector

    def decode(self, vector: ArrayLike) -> Labels:
        """Labels from a vector (n_labels,) of 0 and 1. Raises ValueError for another shape or value."""
        array = np.asarray(vector)
        if array.shape != (len(self),) or not np.isin(array, (0, 1)).all():
            raise ValueError(f"A label vector holds {len(self)} values of 0 or 1; got shape {array.shape}.")
        return Labels(tuple(self.codes[position] for position in np.flatnonzero(array)))

    @property
    def digest(self) -> str:
        """sha256 (hex) of codes and descriptions in order: what a label vector means, whatever the plain
        wording.
        """
        meaning = [[statement.code, statement.description] for statement in self.statements]
        canonical = json.dumps(meaning, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()


@cache
def ptbxl_statements() -> LabelSet:
    """The 71 statements of PTB-XL, in the order of its scp_statements.csv."""
    return LabelSet.load(PTBXL_STATEMENTS)


def _statement(entry: dict[str, Any]) -> Statement:
    code = entry.get("code")
    absent = [name for name in ("code", "description", "plain_name", "kinds") if not entry.get(name)]
    if absent:
        raise LabelSetError(f"statement {code or '(without code)'} has no {', '.join(absent)}.")
    wrong = [kind for kind in entry["kinds"] if kind not in KINDS]
    if wrong:
        raise LabelSetError(f"statement {code} has the kind {wrong[0]!r}; kinds are {', '.join(KINDS)}.")
    unknown = sorted(set(entry) - set(Statement.__dataclass_fields__))
    if unknown:
        raise LabelSetError(f"statement {code} has the unknown entry {unknown[0]!r}.")
    return Statement(**{**entry, "kinds": tuple(entry["kinds"])})


def _unknown_message(code: str, label_set: LabelSet) -> str:
    upper = code.upper()
    near = difflib.get_close_matches(upper, label_set.codes, n=3, cutoff=0.5)
    near += [s.code for s in label_set.statements if code.strip() and code.lower() in s.plain_name.lower()]
    near = list(dict.fromkeys(near))[:3]
    advice = f"nearest: {', '.join(near)}" if near else f"labels are {', '.join(label_set.codes[:5])}, ..."
    return f"Unknown label {code!r}; {advice}."
