"""A study rehearsed before any ECG is drawn: can it be read as asked, and what does a reader's order look like?

Knows: cases and their statements. Does not know: ECGs; payloads are stand-ins. No origin leaves this module, so the
order that it shows gives nothing away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from app.composition.curate import ARMS, Case, planned_cases, stated
from app.composition.order import StudyOrder
from engine.labels import LabelSet
from review_db.allocation import Presentation, presentations
from review_db.measured import NOTHING
from review_db.plan import NewItem, StudyPlan

READERS = 12  # so many readers' blocks are tried where readers see a part


@dataclass(frozen=True)
class Step:
    """One presentation of a reader's order, without its truth. `first_seen`: where it was read before, from 1."""

    position: int
    stated: str
    is_practice: bool
    first_seen: int | None = None


def rehearse(order: StudyOrder, cases: Sequence[Case], label_set: LabelSet) -> None:
    """Raise InvalidPlan, in words, if these cases cannot be read as the protocol asks."""
    components = _stand_in(order, cases, label_set).components()  # a plan tries the order of its first reader
    others = range(1, READERS) if order.protocol.items_per_reader else ()
    for reader in others:
        presentations(components, order.protocol, order.seed, reader)


@lru_cache(maxsize=4)  # a form asks for the same order again and again
def reading_order(order: StudyOrder, label_set: LabelSet) -> tuple[Step, ...]:
    """What the first reader would see if real records had no labels beyond the findings. Raises InvalidPlan."""
    components = _stand_in(order, expected_cases(order), label_set).components()
    shown = presentations(components, order.protocol, order.seed, 0)
    return tuple(_steps(shown, [component.stated for component in components]))


def expected_cases(order: StudyOrder) -> tuple[Case, ...]:
    """The cases of a study if its ECGs show the findings and nothing else."""
    findings, numbers = zip(*order.wanted, strict=True)
    return planned_cases(findings, numbers)


def _stand_in(order: StudyOrder, cases: Sequence[Case], label_set: LabelSet) -> StudyPlan:
    items = [
        order.placed(_stand_in_item(key, at, case, label_set), at)
        for key in order.arms
        for at, case in enumerate(cases)
        if key in order.arms_of(at)
    ]
    if order.protocol.shows_measurements:
        items = [replace(item, measured=NOTHING) for item in items]
    return StudyPlan(order.title, [ARMS[key] for key in order.arms], items, order.seed, order.protocol)


def _stand_in_item(arm: str, at: int, case: Case, label_set: LabelSet) -> NewItem:
    payload = f"{arm:>20}{at:08}".encode()
    return NewItem(payload, ARMS[arm].name, case.labels.codes, stated(case.labels, label_set))


def _steps(shown: Sequence[Presentation], statements: Sequence[str]) -> list[Step]:
    places: dict[frozenset[int | None], int] = {}
    steps = []
    for at, one in enumerate(shown, start=1):
        what = frozenset((one.item, one.beside))
        steps.append(Step(at, statements[one.item], one.is_practice, places.get(what)))
        places.setdefault(what, at)
    return steps
