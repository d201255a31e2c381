"""A study before it is stored: its ECGs with their truth, and the protocol by which they are read.

Knows what cannot be read blind. Knows nothing of SQL, of screens, or of what a payload means.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from review_db.allocation import Component, presentations
from review_db.errors import InvalidPlan
from review_db.measured import Measured, is_whole
from review_db.model import LARGEST_SEED, LONGEST_TITLE, Arm, Origin, broken, is_storable
from review_db.protocol import Design, StudyProtocol


@dataclass(frozen=True)
class NewItem:
    """One ECG of a planned study: what readers see, and the truth about it.

    `payload` and `stated` are shown to readers and must not depend on the arm; `arm`, `labels` and
    `provenance` (anything JSON can hold) are the truth and go to a table of their own. `case` numbers what the arms
    have in common: the items of a case match each other, and in pairs they stand side by side. None: the plan's
    n-th item of each arm belongs to case n. Practice items are shown before the study, with feedback. `measured` stands
    below the ECG in studies that show measurements.
    """

    payload: bytes = field(repr=False)
    arm: str
    labels: tuple[str, ...]
    stated: str
    provenance: Mapping[str, object] = field(default_factory=dict)
    case: int | None = None
    is_practice: bool = False
    measured: Measured | None = None


@dataclass(frozen=True)
class StudyPlan:
    """A study before it is stored. `title` and `description` are shown to readers.
    Raises InvalidPlan for anything that could not be read blind or handed out to a reader, naming all that is wrong.
    """

    title: str
    arms: Sequence[Arm]
    items: Sequence[NewItem]
    seed: int
    protocol: StudyProtocol = field(default_factory=StudyProtocol)
    description: str = ""
    leak_audit: Mapping[str, object] | None = None  # LeakAudit.asdict of the engine; None where none was possible

    def __post_init__(self) -> None:
        if problems := broken(_plan_rules(self) | _item_rules(self) | _design_rules(self)):
            raise InvalidPlan(problems)
        presentations(self.components(), self.protocol, self.seed, 0)

    def components(self) -> list[Component]:
        """The items as allocation sees them, numbered by their place in the plan."""
        origins = {arm.name: arm.origin for arm in self.arms}
        return [
            Component(at, origins[item.arm], case, item.stated, item.is_practice)
            for at, (item, case) in enumerate(zip(self.items, self.cases(), strict=True))
        ]

    def cases(self) -> list[int]:
        """The case of each item."""
        counts, found = Counter[str](), list[int]()
        for item in self.items:
            counts[item.arm] += 1
            found.append(counts[item.arm] if item.case is None else item.case)
        return found


def _plan_rules(plan: StudyPlan) -> dict[str, bool]:
    names, length = [arm.name for arm in plan.arms], len(plan.title.strip())
    return {
        f"Give the study a title of 1 to {LONGEST_TITLE} characters.": length in range(1, LONGEST_TITLE + 1),
        "Give every arm a name, each a different one.": all(names) and len(set(names)) == len(names) > 0,
        f"The seed must be between 0 and {LARGEST_SEED}.": 0 <= plan.seed <= LARGEST_SEED,
        "Remove what is not text from title, arms or statements.": all(map(is_storable, _texts(plan))),
    }


def _texts(plan: StudyPlan) -> list[str]:
    arms = [text for arm in plan.arms for text in (arm.name, arm.description)]
    items = [text for item in plan.items for text in (item.stated, *item.labels)]
    return [plan.title, plan.description, plan.protocol.consent, plan.protocol.consent_version, *arms, *items]


def _item_rules(plan: StudyPlan) -> dict[str, bool]:
    payloads = [item.payload for item in plan.items]
    used = {item.arm for item in plan.items}
    known = {arm.name for arm in plan.arms}
    return {
        "A study needs at least one ECG: add items.": any(not item.is_practice for item in plan.items),
        "All ECGs must be of the same size, or the size would tell the arms apart: harmonise them first.": (
            len({len(payload) for payload in payloads}) <= 1 and all(payloads)
        ),
        "The same ECG is in the plan twice and readers would recognise it: remove one.": (
            len(set(payloads)) == len(payloads)
        ),
        f"Items and arms do not match: {', '.join(sorted(used ^ known))}.": used == known or not payloads,
        "The provenance of every item must be JSON without NaN: convert it before.": all(
            _is_json(item.provenance) for item in plan.items
        ),
        "Measurements are whole numbers, of all ECGs where the protocol shows them and of none where not.": all(
            _is_measured_as_asked(item, plan.protocol) for item in plan.items
        ),
    }


def _is_measured_as_asked(item: NewItem, protocol: StudyProtocol) -> bool:
    if item.measured is None:
        return not protocol.shows_measurements
    return protocol.shows_measurements and is_whole(item.measured)


def _design_rules(plan: StudyPlan) -> dict[str, bool]:
    protocol = plan.protocol
    counts = Counter((item.arm, item.is_practice) for item in plan.items)
    shown = max((count for (_, is_practice), count in counts.items() if not is_practice), default=0)
    return {
        "Pairs need one real and one synthetic arm.": (
            protocol.design is not Design.PAIRS or sorted(arm.origin for arm in plan.arms) == sorted(Origin)
        ),
        "In pairs both ECGs of a case must be said to show the same.": (
            protocol.design is not Design.PAIRS or _cases_state_one_thing(plan)
        ),
        "There are fewer practice ECGs in the plan than the protocol asks for.": (
            sum(item.is_practice for item in plan.items) >= protocol.practice * protocol.design.ecgs
        ),
        "There are too few ECGs for so many repeats so far apart: ask for fewer or a shorter distance.": (
            protocol.repeats == 0 or protocol.repeats + protocol.repeat_distance <= _first_readings(plan, shown)
        ),
    }


def _first_readings(plan: StudyPlan, cases: int) -> int:
    """Presentations that one reader sees for the first time, at least."""
    is_pairs = plan.protocol.design is Design.PAIRS
    whole = cases if is_pairs else sum(not item.is_practice for item in plan.items)
    asked = plan.protocol.items_per_reader
    shown = whole if asked is None else min(whole, asked)
    return shown - plan.protocol.catch_pairs  # each takes the place of two pairs


def _cases_state_one_thing(plan: StudyPlan) -> bool:
    stated = {(case, item.is_practice, item.stated) for case, item in zip(plan.cases(), plan.items, strict=True)}
    return len({(case, is_practice) for case, is_practice, _ in stated}) == len(stated)


def _is_json(provenance: Mapping[str, object]) -> bool:
    try:
        json.dumps(dict(provenance), allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True
