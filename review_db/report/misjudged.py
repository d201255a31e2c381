"""The ECGs that readers got wrong: which, how often, and what they said of them.

Knows: how answers are gathered by ECG. Does not know: screens, signals.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from review_db.model import Origin
from review_db.observed import Observation


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
        return [(answer.reader, answer.comment) for answer in self.answers if answer.comment]


def misjudged(observations: Iterable[Observation]) -> list[JudgedItem]:
    """ECGs with a wrong verdict: the largest share first, then the most answers, then the order of the study."""
    wrong = [item for item in _by_item(observations) if item.wrong]
    return sorted(wrong, key=lambda item: (-item.wrong / len(item.answers), -len(item.answers), item.item))


def _by_item(observations: Iterable[Observation]) -> list[JudgedItem]:
    answers: dict[int, list[Observation]] = {}
    for o in observations:
        answers.setdefault(o.item, []).append(o)
    return [_judged(of_item) for of_item in answers.values()]


def _judged(answers: Sequence[Observation]) -> JudgedItem:
    one = answers[0]
    return JudgedItem(one.item, one.arm, one.origin, one.labels, one.stated, tuple(answers))
