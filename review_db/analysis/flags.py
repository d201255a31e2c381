"""Readers whose answers look careless, found without the truth: verdicts, times and positions only.

So it may be computed while a study is open. A flag is a reason to ask the reader, not to leave answers out.
Thresholds are arguments; the defaults are conventions of this program, not published limits.

Where a protocol has a minimum viewing time no answer can be faster. So hasty is also who answers most ECGs within a
second of the earliest moment: time enough to press, not to look on. Readers who look are there with few ECGs.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from review_db.analysis.table import Bools, Floats, Ints, Readings

FEWEST_READINGS = 10
FEWEST_ON_ONE_SIDE = 20
LONGEST_PATTERN = 6  # answers after which a pattern begins anew: as many as the scale has steps


@dataclass(frozen=True)
class Answers:
    """What is known of one reader's answers while the study is blinded, in the order of reading.

    `verdict` (n): steps of a scale, or 0 and 1; `ends` name its ends; `seconds` (n) and `position` (n) may be None.
    `side` (n) is the half of the scale that was answered, None for a scale without sides. `minimum` is how many
    seconds an ECG had to be looked at.
    """

    verdict: Ints
    seconds: Floats | None = None
    position: Floats | None = None
    ends: tuple[str, str] = ("real", "synthetic")
    side: Bools | None = None
    minimum: float = 0.0


@dataclass(frozen=True)
class Flag:
    """One reader, one kind of carelessness (a name of RULES), and the evidence in words."""

    reader: str
    kind: str
    words: str


def too_fast(answers: Answers, fastest: float = 2.0, share: float = 0.2, hurry: float = 1.0, most: float = 0.5) -> str:
    """Evidence that more than `share` of the readings took less than `fastest` seconds, or more than `most` of them
    less than `hurry` seconds beyond the minimum, or "".
    """
    if answers.seconds is None:
        return ""
    seconds = answers.seconds[np.isfinite(answers.seconds)]
    if len(seconds) < FEWEST_READINGS:
        return ""
    for limit, allowed in ((fastest, share), (answers.minimum + hurry, most)):
        hasty = int((seconds < limit).sum())
        if hasty > allowed * len(seconds):
            return f"{hasty} of {len(seconds)} readings took less than {limit:g} s"
    return ""


def straight_lining(answers: Answers, share: float = 0.9, run: int = 30, one_side: float = 0.95) -> str:
    """Evidence that one answer makes up `share` of all, that `run` answers in a row are the same or repeat a pattern,
    or that answers on one side of the scale make up `one_side` of all, or "".
    """
    n = len(answers.verdict)
    if n < FEWEST_READINGS:
        return ""
    commonest = int(np.unique(answers.verdict, return_counts=True)[1].max())
    if commonest >= share * n:
        return f"{commonest} of {n} answers are the same"
    return _in_a_row(answers.verdict, run) or _on_one_side(answers, one_side)


def _in_a_row(verdict: Ints, run: int) -> str:
    for period in range(1, LONGEST_PATTERN + 1):
        in_a_row = period + longest_stretch(verdict[period:] == verdict[:-period])
        if in_a_row >= run:
            pattern = "are the same" if period == 1 else f"repeat a pattern of {period}"
            return f"{in_a_row} answers in a row {pattern}"
    return ""


def longest_stretch(holds: Bools) -> int:
    """Length of the longest stretch that is true."""
    ends = np.flatnonzero(~np.concatenate([[False], holds, [False]]))
    return int(np.diff(ends).max()) - 1


def _on_one_side(answers: Answers, share: float) -> str:
    if answers.side is None or len(answers.side) < FEWEST_ON_ONE_SIDE:
        return ""
    there, n = int(answers.side.sum()), len(answers.side)
    larger = max(there, n - there)
    return f"{larger} of {n} answers are on the same side" if larger >= share * n else ""


def drift(answers: Answers, strongest: float = 0.3, alpha: float = 0.001) -> str:
    """Evidence that verdicts go up or down with position (Spearman's rho beyond `strongest`, p < `alpha`), or ""."""
    if answers.position is None:
        return ""
    known = np.isfinite(answers.position)
    position, verdict = answers.position[known], answers.verdict[known]
    if len(verdict) < FEWEST_READINGS or min(len(np.unique(position)), len(np.unique(verdict))) < 2:
        return ""
    from scipy.stats import spearmanr

    rho, p_value = (float(number) for number in spearmanr(position, verdict))
    if abs(rho) < strongest or p_value >= alpha:
        return ""
    towards = answers.ends[rho > 0]
    return f"verdicts move towards {towards} with position (rank correlation {rho:+.2f})"


RULES: Mapping[str, Callable[[Answers], str]] = {
    "too_fast": too_fast,
    "straight_lining": straight_lining,
    "drift": drift,
}
"""Kinds of flags: evidence in words, or an empty text."""


def flags_of(reader: str, answers: Answers) -> Iterator[Flag]:
    """All flags of one reader."""
    for kind, rule in RULES.items():
        if words := rule(answers):
            yield Flag(reader, kind, words)


@dataclass(frozen=True)
class Question:
    """What was asked: the ends of the scale, and how many seconds an ECG had to be looked at before the answer."""

    ends: tuple[str, str]
    minimum: float = 0.0


def flags(table: Readings, verdict: Ints, asked: Question, side: Bools | None = None) -> list[Flag]:
    """All flags of all readers, from answers (n) and the half of the scale (n) they fall in; looks at no truth."""
    found = list[Flag]()
    for at, name in enumerate(table.readers):
        rows = table.reader == at
        found += flags_of(name, _answers(table.where(rows), verdict[rows], asked, None if side is None else side[rows]))
    return found


def _answers(of_reader: Readings, verdict: Ints, asked: Question, side: Bools | None) -> Answers:
    position = of_reader.position
    order = np.arange(of_reader.n) if position is None else np.argsort(position, kind="stable")
    return Answers(
        verdict=verdict[order],
        seconds=None if of_reader.seconds is None else of_reader.seconds[order],
        position=None if position is None else position[order],
        ends=asked.ends,
        side=None if side is None else side[order],
        minimum=asked.minimum,
    )
