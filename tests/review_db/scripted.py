"""Readers that follow a script and read a whole study through the store: what its analysis must find is known.

A script knows which half of the scale is right (`high`: the synthetic verdict, the right side of a pair, the good
grade), how far through the study it is (0 .. 1) and how many steps the scale has.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from review_db.blinded import BlindedItem
from review_db.model import Origin
from review_db.monitoring import ReaderPace
from review_db.observed import AnyObservation
from review_db.plan import StudyPlan
from review_db.protocol import Design, StudyProtocol
from review_db.store import Store
from tests.review_db.scenario import Clock, Reader, Script, make_plan

Step = Callable[[random.Random, bool, float, int], int]


def perfect(chance: random.Random, high: bool, way: float, steps: int) -> int:
    return steps if high else 1


def guessing(chance: random.Random, high: bool, way: float, steps: int) -> int:
    return chance.randint(1, steps)


def leaning(chance: random.Random, high: bool, way: float, steps: int) -> int:
    """To the low half: to "real", to the left, to poor grades."""
    return _half(chance, chance.random() > 0.85, steps)


def drifting(chance: random.Random, high: bool, way: float, steps: int) -> int:
    """From the low half to the high one."""
    return _half(chance, chance.random() < 1.4 * way - 0.2, steps)


def tiring(chance: random.Random, high: bool, way: float, steps: int) -> int:
    """Right at first, wrong in more than half at last."""
    return _half(chance, high == (chance.random() < 1.1 - 0.7 * way), steps)


def straight_lining(chance: random.Random, high: bool, way: float, steps: int) -> int:
    return 2


def _half(chance: random.Random, high: bool, steps: int) -> int:
    half = steps // 2
    return chance.randint(half + 1, steps) if high else chance.randint(1, half)


@dataclass(frozen=True)
class Character:
    """How somebody answers, and how long they look."""

    step: Step
    seconds: tuple[float, float] = (5.0, 20.0)


CHARACTERS: Mapping[str, Character] = {
    "perfect": Character(perfect),
    "guessing": Character(guessing),
    "leaning": Character(leaning),
    "drifting": Character(drifting),
    "tiring": Character(tiring),
    "straight-liner": Character(straight_lining),
    "hasty": Character(perfect, (1.1, 1.9)),
}
FLAGGED = {"drifting": "drift", "straight-liner": "straight_lining", "hasty": "too_fast"}


@dataclass(frozen=True)
class ReadStudy:
    """What the store says of a study that all characters have read: while it was open, and unblinded."""

    design: Design
    paces: Mapping[str, ReaderPace]
    observations: Sequence[AnyObservation]

    def of(self, name: str) -> list[AnyObservation]:
        return [o for o in self.observations if o.reader == name]


PROTOCOLS = {
    Design.SINGLE: StudyProtocol(repeats=16, repeat_distance=10),
    Design.PAIRS: StudyProtocol(design=Design.PAIRS, catch_pairs=4, repeats=16, repeat_distance=10),
    Design.GRADED: StudyProtocol(design=Design.GRADED, repeats=16, repeat_distance=10),
}
CASES = {Design.SINGLE: 30, Design.PAIRS: 60, Design.GRADED: 30}


def read_by_all(store: Store, clock: Clock, design: Design) -> ReadStudy:
    """Compose, invite, read to the end, look at the monitoring, close, unblind."""
    plan = make_plan(per_arm=CASES[design], protocol=PROTOCOLS[design])
    study = store.create_study(plan)
    tokens = {name: store.add_reader(study, name) for name in CHARACTERS}
    store.open_study(study)
    for name, token in tokens.items():
        script = script_of(CHARACTERS[name], plan, random.Random(f"{design} {name}"))
        Reader(store, clock, token).follow(script)
    paces = {pace.name: pace for pace in store.monitoring(study)}
    store.close_study(study)
    unblind = {
        Design.SINGLE: store.observations,
        Design.PAIRS: store.pair_observations,
        Design.GRADED: store.grade_observations,
    }
    return ReadStudy(design, paces, unblind[design](study))  # type: ignore[operator]


def script_of(
    character: Character, plan: StudyPlan, chance: random.Random
) -> Callable[[BlindedItem], tuple[int, float]]:
    """The character reading this plan, whose truth it knows by heart."""
    synthetic = {arm.name for arm in plan.arms if arm.origin is Origin.SYNTHETIC}
    known = {item.payload: item.arm in synthetic for item in plan.items}

    def answer(item: BlindedItem) -> tuple[int, float]:
        way = (item.position - 1) / (item.total - 1)
        high = _high(item, known, chance)
        return character.step(chance, high, way, len(item.rules.design.scale)), chance.uniform(*character.seconds)

    return answer


def _high(item: BlindedItem, is_synthetic: Mapping[bytes, bool], chance: random.Random) -> bool:
    if item.rules.design is Design.GRADED:
        return not is_synthetic[item.payload]
    if item.beside is None:
        return is_synthetic[item.payload]
    is_catch = is_synthetic[item.payload] == is_synthetic[item.beside]
    return chance.random() < 0.5 if is_catch else is_synthetic[item.beside]


def mirrored(script: Script) -> Script:
    """The same with the scale turned round."""

    def answer(item: BlindedItem) -> tuple[int, float]:
        step, seconds = script(item)
        return len(item.rules.design.scale) + 1 - step, seconds

    return answer
