"""The protocol of a study: what is fixed before the first reader reads, and hashed when the study opens.

Knows the designs and the rules of reading. Knows nothing of ECGs, readers, tables or screens. It is stored as JSON
and, in templates, written as TOML: both are the fields of `StudyProtocol`, by name.

Designs: *single* shows one ECG and asks for a six-step verdict; *pairs* shows a real and a synthetic ECG of the same
case side by side (two-alternative forced choice) and asks which is the synthetic one; *graded* shows one ECG and asks
for its quality in four classes.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from functools import cache, lru_cache
from types import MappingProxyType

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from review_db.errors import InvalidProtocol
from review_db.scales import Answer, Choice, Grade, Verdict

LONGEST_MINIMUM_VIEW = 600.0  # s
LONGEST_CONSENT = 20_000
MOST_PER_READER = 2000
LATER = frozenset({"keeps_calipers", "shows_measurements"})  # fields that protocols did not have at first


class Design(StrEnum):
    """What one presentation shows and asks."""

    SINGLE = "single"
    PAIRS = "pairs"
    GRADED = "graded"

    @property
    def scale(self) -> type[Answer]:
        """The scale of its main question."""
        return SCALES[self]

    @property
    def ecgs(self) -> int:
        """How many ECGs one presentation shows."""
        return 2 if self is Design.PAIRS else 1


SCALES: Mapping[Design, type[Answer]] = MappingProxyType(
    {Design.SINGLE: Verdict, Design.PAIRS: Choice, Design.GRADED: Grade}
)


@dataclass(frozen=True)
class StudyProtocol:
    """How a study is read and judged. Raises InvalidProtocol, naming all that is wrong.

    `items_per_reader` counts first readings of ECGs (in pairs: pairs); None means all. Readers who see a part see
    balanced blocks. `repeats` are shown again, at least `repeat_distance` presentations later. `practice` ECGs
    (pairs) come first, with feedback, and never count. `catch_pairs` show two ECGs of one origin.
    `break_every`: a break is suggested after so many presentations. `margin` is the registered equivalence
    margin to either side of one half: of the share of right answers in single ECGs and pairs, of the AUC of grades
    (P(synthetic graded better), ties half) in graded ECGs. The two are different scales. `alpha` is the level.
    A leak audit with an AUC above `leak_threshold` needs a written reason to open the study. `keeps_calipers`: what
    readers measure on the sheet is stored. `shows_measurements`: heart rate, intervals and axes stand below each ECG.
    """

    design: Design = Design.SINGLE
    asks_plausibility: bool = True
    asks_reasons: bool = False
    asks_comment: bool = True
    asks_profile: bool = False
    items_per_reader: int | None = None
    repeats: int = 0
    repeat_distance: int = 10
    practice: int = 0
    catch_pairs: int = 0
    longest_run: int = 4
    minimum_view_seconds: float = 1.0
    maximum_view_seconds: float | None = None
    break_every: int | None = None
    shows_score_after_closing: bool = False
    margin: float = 0.1
    alpha: float = 0.05
    leak_threshold: float = 0.7
    consent: str = ""
    consent_version: str = ""
    erases_on_withdrawal: bool = False
    keeps_calipers: bool = False
    shows_measurements: bool = False

    def __post_init__(self) -> None:
        if problems := " ".join(sentence for sentence, holds in _rules(self).items() if not holds):
            raise InvalidProtocol(problems)

    def asdict(self) -> dict[str, object]:
        """As JSON or TOML hold it. What came later is left out while it is off, so that a protocol without it has the
        hash that it always had.
        """
        return {
            name: value for name, value in asdict(self).items() if value is not None and (value or name not in LATER)
        }


def from_mapping(values: Mapping[str, object]) -> StudyProtocol:
    """The protocol of a JSON or TOML table; what is left out has its default. Raises InvalidProtocol."""
    if unknown := sorted(set(values) - FIELDS):
        raise InvalidProtocol(f"A protocol has no {', '.join(unknown)}; it may have {', '.join(sorted(FIELDS))}.")
    try:
        return _validated(json.dumps(dict(values), default=str))
    except ValidationError as error:
        raise InvalidProtocol(" ".join(map(_in_words, error.errors()))) from error


@lru_cache(maxsize=64)
def _validated(written: str) -> StudyProtocol:
    """The same protocol is asked for with every click of every reader."""
    return _reader().validate_json(written, strict=True)


@cache
def _reader() -> TypeAdapter[StudyProtocol]:
    return TypeAdapter(StudyProtocol)


def _in_words(error: ErrorDetails) -> str:
    return f"{'.'.join(map(str, error['loc']))} = {error['input']!r}: {error['msg'].removesuffix('.')}."


def _rules(protocol: StudyProtocol) -> dict[str, bool]:
    """Each rule as the sentence that is said when it is broken."""
    return _rules_of_order(protocol) | _rules_of_viewing(protocol) | _rules_of_judging(protocol)


def _rules_of_order(protocol: StudyProtocol) -> dict[str, bool]:
    counts = (protocol.repeats, protocol.repeat_distance, protocol.practice, protocol.catch_pairs)
    is_pairs = protocol.design is Design.PAIRS
    return {
        f"Ask for 1 to {MOST_PER_READER} ECGs per reader, or leave it open for all.": (
            protocol.items_per_reader is None or 1 <= protocol.items_per_reader <= MOST_PER_READER
        ),
        f"Repeats, their distance, practice and catch pairs are numbers from 0 to {MOST_PER_READER}.": all(
            0 <= count <= MOST_PER_READER for count in counts
        ),
        "Catch pairs belong to the design of pairs: set them to 0.": is_pairs or protocol.catch_pairs == 0,
        "Allow at least two ECGs of the same origin in a row.": protocol.longest_run >= 2,
    }


def _rules_of_viewing(protocol: StudyProtocol) -> dict[str, bool]:
    shortest, longest = protocol.minimum_view_seconds, protocol.maximum_view_seconds
    return {
        f"The minimum viewing time must be between 0 and {LONGEST_MINIMUM_VIEW:g} s.": (
            0 <= shortest <= LONGEST_MINIMUM_VIEW
        ),
        "The maximum viewing time must be longer than the minimum, and at least 1 s.": (
            longest is None or max(shortest, 1.0) <= longest < math.inf
        ),
        "Suggest a break after 1 ECG or more, or never.": protocol.break_every is None or protocol.break_every >= 1,
    }


def _rules_of_judging(protocol: StudyProtocol) -> dict[str, bool]:
    return {
        "The equivalence margin of the accuracy (of grades: of the AUC) must lie between 0 and 0.5.": 0
        < protocol.margin
        < 0.5,
        "The level alpha must lie between 0 and 0.5.": 0 < protocol.alpha < 0.5,
        "The threshold of the leak audit is an AUC: from 0.5, chance, to 1.": 0.5 <= protocol.leak_threshold <= 1,
        f"Keep the consent text under {LONGEST_CONSENT} characters.": len(protocol.consent) <= LONGEST_CONSENT,
        "A consent text needs a version, and a version a text.": (
            bool(protocol.consent.strip()) == bool(protocol.consent_version.strip())
        ),
    }


FIELDS = frozenset(field.name for field in fields(StudyProtocol))
