"""What one reader reads, and in which order: blocks, pairs, sides, practice, repeats.

Pure: the composition of a study, its protocol, its seed and the reader's number go in, presentations come out. The
store keeps them as rows, so nothing is ever computed again. Knows nothing of ECGs, readers' names, or SQL.

- Every reader gets another order, without long runs of one origin (in pairs: of one side).
- Readers who see a part of the study see blocks of whole cases, handed round in a circle in which the statements are
  spread evenly: after any number of readers no case was read more than once oftener than another, and each block has
  its share of each statement.
- A repeat comes at least `repeat_distance` presentations after the first reading; in pairs with the sides swapped.
- Catch pairs are made of two ECGs of one origin from two cases with the same statement; their partners are left out.
"""

import math
import random
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from review_db.errors import InvalidPlan
from review_db.model import Origin
from review_db.protocol import Design, StudyProtocol
from review_db.reading_order import Places, longest_run, places_for, shortest_possible_run, without_long_runs

ATTEMPTS = 100  # to draw an order with repeats that has no longer runs than it must


@dataclass(frozen=True)
class Component:
    """One item of a study, as allocation sees it."""

    item: int
    origin: Origin
    case: int
    stated: str
    is_practice: bool = False


@dataclass(frozen=True)
class Presentation:
    """One item, or in pairs two, left and right, at one place in a reader's order. `repeat` 0 is the first reading."""

    item: int
    beside: int | None = None
    repeat: int = 0
    is_practice: bool = False
    kind: Hashable = None  # what must not come too often in a row; None for a catch pair

    def repeated(self) -> "Presentation":
        """The same again; a pair with its sides swapped."""
        if self.beside is None:
            return replace(self, repeat=self.repeat + 1)
        kind = None if self.kind is None else not self.kind
        return replace(self, item=self.beside, beside=self.item, repeat=self.repeat + 1, kind=kind)


def presentations(
    components: Sequence[Component], protocol: StudyProtocol, seed: int, reader_number: int
) -> tuple[Presentation, ...]:
    """All that reader `reader_number` (0, 1, ..) of this study reads: practice first. Raises InvalidPlan."""
    # A text seed goes through SHA-512: neighbouring seeds or readers share nothing.
    draw = random.Random(f"allocation/{seed}/{reader_number}")
    practice = [replace(shown, is_practice=True) for shown in _practice(components, protocol, draw)]
    block = _block([c for c in components if not c.is_practice], protocol, seed, reader_number)
    return (*practice, *_without_series(_shown(block, protocol, draw), protocol, draw))


# ------------------------------------------------------------------------------------------------ which cases


def _practice(components: Sequence[Component], protocol: StudyProtocol, draw: random.Random) -> list[Presentation]:
    """As many as the protocol asks for, the same ones for every reader, in an order of their own."""
    ready = _shown(
        [c for c in components if c.is_practice], replace(protocol, catch_pairs=0), random.Random("practice")
    )
    chosen = [shown for both in zip_longest(*_by_kind(ready)) for shown in both if shown][: protocol.practice]
    return _in_order(chosen, protocol.longest_run, draw)


def _by_kind(shown: Iterable[Presentation]) -> list[list[Presentation]]:
    kinds: dict[Hashable, list[Presentation]] = {}
    for one in shown:
        kinds.setdefault(one.kind, []).append(one)
    return list(kinds.values())


def _block(components: Sequence[Component], protocol: StudyProtocol, seed: int, reader_number: int) -> list[Component]:
    """The part of a study that one reader sees: all of it, or a stretch of the circle of cases."""
    circle = circle_of_cases(components, seed)
    if protocol.items_per_reader is None:
        return list(components)
    arms = max(1, round(len(components) / len(circle))) if protocol.design.ecgs == 1 else 1
    size = min(len(circle), max(1, protocol.items_per_reader // arms))
    mine = {circle[(reader_number * size + step) % len(circle)] for step in range(size)}
    return [component for component in components if component.case in mine]


def circle_of_cases(components: Sequence[Component], seed: int) -> list[int]:
    """All cases by lot, with the cases of each statement spread evenly round the circle."""
    draw = random.Random(f"circle/{seed}")
    alike: dict[str, list[int]] = {}
    for case, stated in dict(sorted((c.case, c.stated) for c in components)).items():
        alike.setdefault(stated, []).append(case)
    places: list[tuple[float, int]] = []
    for cases in alike.values():
        draw.shuffle(cases)
        start = draw.random()
        places += [((at + start) / len(cases), case) for at, case in enumerate(cases)]
    return [case for _, case in sorted(places)]


# ------------------------------------------------------------------------------------------------ what is shown


def _shown(block: Sequence[Component], protocol: StudyProtocol, draw: random.Random) -> list[Presentation]:
    if protocol.design is not Design.PAIRS:
        return [Presentation(c.item, kind=c.origin) for c in block]
    return _pairs(block, protocol.catch_pairs, draw)


def _pairs(block: Sequence[Component], catch: int, draw: random.Random) -> list[Presentation]:
    cases: dict[int, dict[Origin, Component]] = {}
    for component in block:
        cases.setdefault(component.case, {})[component.origin] = component
    whole = {case: both for case, both in cases.items() if len(both) == len(Origin)}
    caught = _catch_pairs(whole, catch, draw)
    rest = [both for case, both in whole.items() if case not in {case for pair in caught for case in pair}]
    draw.shuffle(rest)
    told = [_side_by_side(both, synthetic_right=at % 2 == 0) for at, both in enumerate(rest)]
    return told + [_of_one_origin(whole[a], whole[b], at, draw) for at, (a, b) in enumerate(caught)]


def _side_by_side(both: dict[Origin, Component], synthetic_right: bool) -> Presentation:
    real, synthetic = both[Origin.REAL].item, both[Origin.SYNTHETIC].item
    left, right = (real, synthetic) if synthetic_right else (synthetic, real)
    return Presentation(left, right, kind=synthetic_right)


def _catch_pairs(cases: dict[int, dict[Origin, Component]], wanted: int, draw: random.Random) -> list[tuple[int, int]]:
    """Pairs of cases with the same statement, no case twice. Raises InvalidPlan."""
    alike: dict[str, list[int]] = {}
    for case, both in cases.items():
        alike.setdefault(both[Origin.REAL].stated, []).append(case)
    possible: list[tuple[int, int]] = []
    for group in alike.values():
        draw.shuffle(group)
        possible += list(zip(group[::2], group[1::2], strict=False))
    if len(possible) < wanted:
        raise InvalidPlan(
            f"The ECGs of one reader allow {len(possible)} catch pairs, {wanted} are asked for: each takes two cases "
            "with the same statement. Ask for fewer, or add ECGs per finding."
        )
    return draw.sample(possible, wanted)


def _of_one_origin(
    a: dict[Origin, Component], b: dict[Origin, Component], at: int, draw: random.Random
) -> Presentation:
    origin = Origin.REAL if at % 2 == 0 else Origin.SYNTHETIC
    left, right = draw.sample([a[origin].item, b[origin].item], 2)
    return Presentation(left, right)


# ------------------------------------------------------------------------------------------------ the order


def _in_order(shown: Sequence[Presentation], limit: int, draw: random.Random) -> list[Presentation]:
    told = [one for one in shown if one.kind is not None]
    order = [told[at] for at in without_long_runs([one.kind for one in told], limit, draw)]
    for one in shown:
        if one.kind is None:
            order.insert(draw.randint(0, len(order)), one)
    return order


def _without_series(shown: Sequence[Presentation], protocol: StudyProtocol, draw: random.Random) -> list[Presentation]:
    """An order with its repeats, drawn again while runs are longer than they need be; the best of ATTEMPTS at worst.

    Repeats go in one by one, and the last of them may find no place that makes no long run. Raises InvalidPlan.
    """
    best, shortest = list[Presentation](), math.inf
    for order in _attempts(shown, protocol, draw):
        kinds = [one.kind for one in order if one.kind is not None]
        if (run := longest_run(kinds)) < shortest:
            best, shortest = order, run
        if run <= max(protocol.longest_run, shortest_possible_run(Counter(kinds))):
            break
    return best


def _attempts(
    shown: Sequence[Presentation], protocol: StudyProtocol, draw: random.Random
) -> Iterator[list[Presentation]]:
    """Orders with repeats by lot; those that leave no place for a repeat are passed over. Raises InvalidPlan."""
    failed, drawn = None, 0
    for _ in range(ATTEMPTS):
        try:
            order = _in_order(shown, protocol.longest_run, draw)
            for _ in range(protocol.repeats):
                order = _with_a_repeat(order, protocol, draw)
        except InvalidPlan as error:
            failed = error
            continue
        drawn += 1
        yield order
    if failed and not drawn:
        raise failed


def _with_a_repeat(order: Sequence[Presentation], protocol: StudyProtocol, draw: random.Random) -> list[Presentation]:
    """Put in the second reading of a presentation that has none yet, where distance and runs allow it."""
    kinds, distance = [one.kind for one in order], protocol.repeat_distance

    def ways(chosen: int) -> Places:
        return places_for(kinds, order[chosen].repeated().kind, protocol.longest_run, chosen + distance + 1)

    possible = _repeatable(order, distance)
    draw.shuffle(possible)
    chosen = next((chosen for chosen in possible if ways(chosen).run <= protocol.longest_run), possible[0])
    at = draw.choice(ways(chosen).places)
    return [*order[:at], order[chosen].repeated(), *order[at:]]


def _repeatable(order: Sequence[Presentation], distance: int) -> list[int]:
    """Where first readings stand that are far enough from the end; of those the kind that has fewer repeats."""
    again = {frozenset((one.item, one.beside)) for one in order if one.repeat}
    free = [
        at
        for at, one in enumerate(order[: max(0, len(order) - distance)])
        if not one.repeat and frozenset((one.item, one.beside)) not in again
    ]
    if not free:
        raise InvalidPlan("There are too few ECGs for so many repeats so far apart: ask for fewer.")
    repeats = [one.kind for one in order if one.repeat]
    fewest = min(repeats.count(order[at].kind) for at in free)
    return [at for at in free if repeats.count(order[at].kind) == fewest]
