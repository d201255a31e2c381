"""What was registered before the data were seen, and the parts that an analysis is made of.

Knows how parts run and how answers become JSON. Does not know any statistic: each design has parts of its own
(`analyse`, `analyse_pairs`, `analyse_grades`).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Generic, Protocol, Self, TypeVar

import numpy as np

from review_db.analysis.equivalence import DEFAULT_ALPHA, DEFAULT_MARGIN, check_margin
from review_db.analysis.errors import InvalidTest
from review_db.analysis.resampling import DRAWS

FEWEST_DRAWS, MOST_DRAWS = 100, 100_000
Answers = dict[str, object]


@dataclass(frozen=True)
class Plan:
    """What was registered before the data were seen; raises InvalidTest for what no analysis can use.

    `margin` is to either side of one half: of the share of right answers of single ECGs and of pairs, of the AUC of
    grades. `minimum_view_seconds` is how long an ECG had to be looked at before the answer.
    """

    margin: float = DEFAULT_MARGIN
    alpha: float = DEFAULT_ALPHA
    draws: int = DRAWS
    seed: int = 0
    minimum_view_seconds: float = 0.0

    def __post_init__(self) -> None:
        check_margin(self.margin, self.alpha)
        if not FEWEST_DRAWS <= self.draws <= MOST_DRAWS:
            raise InvalidTest(f"The number of bootstrap draws must be between {FEWEST_DRAWS} and {MOST_DRAWS}.")
        if self.seed < 0:
            raise InvalidTest("The seed must be 0 or more.")
        if not self.minimum_view_seconds >= 0:
            raise InvalidTest("The minimum viewing time must be 0 s or more.")

    @property
    def level(self) -> float:
        """Level of the intervals that decide, 1 - alpha."""
        return 1 - self.alpha


class Table(Protocol):
    """What every design's table can do."""

    def first_readings(self) -> Self:
        """Without repeats."""
        ...


T = TypeVar("T", bound=Table)


@dataclass(frozen=True)
class Part(Generic[T]):
    """One part of the analysis: `missing` says what it lacks, or nothing; `answers` are its statistics."""

    missing: Callable[[T], str]
    answers: Callable[[T, Plan], Answers]
    takes_repeats: bool = False


def run_parts(parts: Mapping[str, Part[T]], table: T, plan: Plan) -> tuple[Answers, dict[str, str]]:
    """The answers of all parts that the table allows, and which parts it does not allow, and why."""
    firsts, found, left_out = table.first_readings(), Answers(), dict[str, str]()
    for name, part in parts.items():
        data = table if part.takes_repeats else firsts
        if words := part.missing(data):
            left_out[name] = words
        else:
            found |= part.answers(data, plan)
    return found, left_out


def nothing(_: object) -> str:
    """What a part lacks that needs no more than every table has."""
    return ""


def column(name: str, words: str = "") -> Callable[[object], str]:
    """What a part lacks that needs the column `name`."""
    return lambda table: (words or f"needs the column {name}") if getattr(table, name) is None else ""


def as_json(answers: object) -> object:
    """Estimates as mappings and what JSON can hold; NaN and infinity become None."""
    if is_dataclass(answers) and not isinstance(answers, type):
        return as_json(asdict(answers))
    if isinstance(answers, Mapping):
        return {str(name): as_json(value) for name, value in answers.items()}
    if isinstance(answers, list | tuple):
        return [as_json(value) for value in answers]
    if isinstance(answers, np.generic):
        return as_json(answers.item())
    return None if isinstance(answers, float) and not math.isfinite(answers) else answers
