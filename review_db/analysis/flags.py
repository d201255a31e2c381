"""Readers whose answers look careless, found without the truth: verdicts, times and positions only.

So it may be computed while a study is open. A flag is a reason to ask the reader, not to leave answers out.
Thresholds are arguments; the defaults are conventions of this program, not published limits.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from review_db.analysis.order import longest_run
from review_db.analysis.table import Floats, Ints, Readings

FEWEST_READINGS = 10


@dataclass(frozen=True)
class Answers:
    """What is known of one reader's answers while the study is blinded, in the order of reading.

    `verdict` (n): steps of a scale, or 0 and 1; `ends` name its ends; `seconds` (n) and `position` (n) may be None.
    """

    verdict: Ints
    seconds: Floats | None = None
    position: Floats | None = None
    ends: tuple[str, str] = ("real", "synthetic")


@dataclass(frozen=True)
class Flag:
    """One reader, one kind of carelessness (a name of RULES), and the evidence in words."""

    reader: str
    kind: str
    words: str


def too_fast(answers: Answers, fastest: float = 2.0, share: float = 0.2) -> str:
    """Evidence that more than `share` of the readings took less than `fastest` seconds, or ""."""
    if answers.seconds is None:
        return ""
    seconds = answers.seconds[np.isfinite(answers.seconds)]
    hasty = int((seconds < fastest).sum())
    if len(seconds) < FEWEST_READINGS or hasty <= share * len(seconds):
        return ""
    return f"{hasty} of {len(seconds)} readings took less than {fastest:g} s"


def straight_lining(answers: Answers, share: float = 0.9, run: int = 30) -> str:
    """Evidence that one answer makes up `share` of all, or that `run` answers in a row are the same, or ""."""
    n = len(answers.verdict)
    if n < FEWEST_READINGS:
        return ""
    commonest = int(np.unique(answers.verdict, return_counts=True)[1].max())
    if commonest >= share * n:
        return f"{commonest} of {n} answers are the same"
    in_a_row = longest_run(answers.verdict.astype(np.float64))
    return f"{in_a_row} answers in a row are the same" if in_a_row >= run else ""


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


def flags(table: Readings, verdict: Ints, ends: tuple[str, str]) -> list[Flag]:
    """All flags of all readers, from their answers (n) on a scale between two ends; looks at no truth."""
    found = list[Flag]()
    for at, name in enumerate(table.readers):
        rows = table.reader == at
        found += flags_of(name, _answers(table.where(rows), verdict[rows], ends))
    return found


def _answers(of_reader: Readings, verdict: Ints, ends: tuple[str, str]) -> Answers:
    position = of_reader.position
    order = np.arange(of_reader.n) if position is None else np.argsort(position, kind="stable")
    seconds = None if of_reader.seconds is None else of_reader.seconds[order]
    return Answers(verdict[order], seconds, None if position is None else position[order], ends)
