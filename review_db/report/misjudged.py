"""The ECGs that readers got wrong: which, how often, and what they said of them.

Knows: how answers are gathered by ECG. Does not know: screens, signals. Pairs and grades have modules of their own.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from review_db.model import Origin
from review_db.observed import GradeObservation, Observation, PairObservation

A = TypeVar("A", Observation, GradeObservation, PairObservation)


@dataclass(frozen=True)
class JudgedItem:
    """All answers to one ECG, and its truth."""

    item: int
    arm: str
    origin: Origin
    labels: tuple[str, ...]
    stated: str
    answers: tuple[Observation, ...]

    @property
    def wrong(self) -> int:
        """Number of wrong verdicts."""
        return sum(not answer.is_correct for answer in self.answers)

    @property
    def comments(self) -> list[tuple[str, str]]:
        """(reader, comment) of those who wrote one."""
        return comments_in(self.answers)


def judged(observations: Iterable[Observation]) -> list[JudgedItem]:
    """All ECGs that were read: the largest share of wrong verdicts first, then the most answers, then the number."""
    items = [_judged(answers) for answers in gathered(observations, lambda o: o.item)]
    return sorted(items, key=lambda item: (*most_first(item.wrong, len(item.answers)), item.item))


def misjudged(observations: Iterable[Observation]) -> list[JudgedItem]:
    """ECGs with a wrong verdict, the most misleading first."""
    return [item for item in judged(observations) if item.wrong]


def gathered(observations: Iterable[A], key: Callable[[A], Hashable]) -> list[tuple[A, ...]]:
    """The answers with the same key together, in the order in which keys appear."""
    answers: dict[Hashable, list[A]] = {}
    for o in observations:
        answers.setdefault(key(o), []).append(o)
    return [tuple(together) for together in answers.values()]


def comments_in(answers: Iterable[A]) -> list[tuple[str, str]]:
    """(reader, comment) of those who wrote one."""
    return [(answer.reader, answer.comment) for answer in answers if answer.comment]


def most_first(count: int, answers: int) -> tuple[float, int]:
    """A key for sorting: the largest share of the answers first, then the most answers."""
    return -count / answers, -answers


def _judged(answers: tuple[Observation, ...]) -> JudgedItem:
    one = answers[0]
    return JudgedItem(one.item, one.arm, one.origin, one.labels, one.stated, answers)
