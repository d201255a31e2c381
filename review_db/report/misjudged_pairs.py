"""The pairs of which readers took the real ECG for the synthetic one, and the catch pairs, where no choice is right.

Knows: how choices are gathered by pair, whichever side an ECG was on: sides change from reader to reader.
Does not know: screens, signals.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from review_db.model import Origin
from review_db.observed import PairObservation
from review_db.report.misjudged import comments_in, gathered, most_first
from review_db.scales import Plausibility

CERTAIN = 3  # size of the signed confidence of "certainly"


@dataclass(frozen=True)
class PairedEcg:
    """One ECG of a pair, and what it is."""

    item: int
    arm: str
    origin: Origin


@dataclass(frozen=True)
class JudgedPair:
    """All choices between two ECGs, and their truth: the real one first; of one origin, the smaller number first."""

    ecgs: tuple[PairedEcg, PairedEcg]
    labels: tuple[str, ...]
    stated: str
    answers: tuple[PairObservation, ...]

    @property
    def items(self) -> tuple[int, int]:
        """Numbers of both ECGs: what names the pair."""
        return self.ecgs[0].item, self.ecgs[1].item

    @property
    def is_catch(self) -> bool:
        """True when both are of one origin, so that no choice is right."""
        return self.ecgs[0].origin is self.ecgs[1].origin

    @property
    def wrong(self) -> int:
        """How often the real ECG was taken for the synthetic one; 0 in a catch pair."""
        return sum(answer.is_correct is False for answer in self.answers)

    @property
    def certain(self) -> int:
        """How often the choice was made with certainty."""
        return sum(abs(answer.confidence) == CERTAIN for answer in self.answers)

    @property
    def comments(self) -> list[tuple[str, str]]:
        """(reader, comment) of those who wrote one."""
        return comments_in(self.answers)


def judged_pairs(observations: Iterable[PairObservation]) -> list[JudgedPair]:
    """Pairs of a real and a synthetic ECG: the largest share of wrong choices first, then the most answers."""
    return sorted(
        (pair for pair in _pairs(observations) if not pair.is_catch),
        key=lambda pair: (*most_first(pair.wrong, len(pair.answers)), pair.items),
    )


def misjudged_pairs(observations: Iterable[PairObservation]) -> list[JudgedPair]:
    """Pairs with a wrong choice, the most misleading first."""
    return [pair for pair in judged_pairs(observations) if pair.wrong]


def catch_pairs(observations: Iterable[PairObservation]) -> list[JudgedPair]:
    """Pairs of one origin: those chosen from with certainty most often first."""
    return sorted(
        (pair for pair in _pairs(observations) if pair.is_catch),
        key=lambda pair: (*most_first(pair.certain, len(pair.answers)), pair.items),
    )


def taken_for_synthetic(answer: PairObservation) -> int:
    """Number of the ECG that the reader chose."""
    return answer.right_item if answer.choice.says_right else answer.left_item


def plausibility_of(answer: PairObservation, item: int) -> Plausibility | None:
    """What the reader said of the finding in this ECG of the pair; None where it was not asked."""
    return answer.left_plausibility if item == answer.left_item else answer.right_plausibility


def _pairs(observations: Iterable[PairObservation]) -> list[JudgedPair]:
    return [_judged(answers) for answers in gathered(observations, lambda o: frozenset((o.left_item, o.right_item)))]


def _judged(answers: tuple[PairObservation, ...]) -> JudgedPair:
    one = answers[0]
    left = PairedEcg(one.left_item, one.left_arm, one.left)
    right = PairedEcg(one.right_item, one.right_arm, one.right)
    first, second = sorted((left, right), key=lambda ecg: (ecg.origin is Origin.SYNTHETIC, ecg.item))
    return JudgedPair((first, second), one.labels, one.stated, answers)
