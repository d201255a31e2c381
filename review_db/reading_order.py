"""Orders without long runs: nothing of one kind too often in a row, and second readings far from the first.

Pure. Of two kinds (real and synthetic, or the synthetic one left and right) none comes more than `limit` times in a
row, because a reader who saw seven "real" ones starts to answer the series instead of the ECG. Where one kind is too
rare for that, the longest run is the shortest possible. Knows nothing of ECGs, readers, or SQL.
"""

import random
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple


def without_long_runs(kinds: Sequence[Hashable], limit: int, draw: random.Random) -> list[int]:
    """Indices into `kinds`, of which there are two at most, by lot but without runs longer than `limit`."""
    decks = {kind: [i for i, other in enumerate(kinds) if other == kind] for kind in dict.fromkeys(kinds)}
    for deck in decks.values():
        draw.shuffle(deck)
    counts = {kind: len(deck) for kind, deck in decks.items()}
    return [decks[kind].pop() for kind in _alternation(counts, limit, draw)]


def longest_run(values: Iterable[Hashable]) -> int:
    """Length of the longest stretch of one kind."""
    longest = run = 0
    last: Hashable = None
    for value in values:
        run = run + 1 if value == last else 1
        last, longest = value, max(longest, run)
    return longest


def shortest_possible_run(counts: Mapping[Hashable, int]) -> int:
    """The longest run that the best order of two kinds cannot avoid: the rarer one cuts the other into one more piece
    than it has members.
    """
    rare, common = sorted((0, 0, *counts.values()))[-2:]
    return -(-common // (rare + 1))


def _alternation(counts: Mapping[Hashable, int], longest: int, draw: random.Random) -> list[Hashable]:
    """Draw kinds as from an urn, passing over a draw only where the run limit leaves no choice."""
    limit = max(longest, shortest_possible_run(counts))
    left, drawn = dict(counts), list[Hashable]()
    run = 0
    while any(left.values()):
        last = drawn[-1] if drawn else None
        allowed = [kind for kind in left if left[kind] and _leaves_a_way(kind, left, last, run, limit)]
        (kind,) = draw.choices(allowed, weights=[left[kind] for kind in allowed])
        run = run + 1 if kind == last else 1
        left[kind] -= 1
        drawn.append(kind)
    return drawn


def _leaves_a_way(kind: Hashable, left: Mapping[Hashable, int], last: Hashable, run: int, limit: int) -> bool:
    """Can the rest be laid out within the limit if `kind` comes next?

    After it the same kind still fits (limit - run) times here and `limit` times behind each of the
    others; the others fit `limit` times at once and behind each of the same that remain.
    """
    run_after = run + 1 if kind == last else 1
    same = left[kind] - 1
    others = sum(left.values()) - left[kind]
    return run_after <= limit and same <= (limit - run_after) + limit * others and others <= limit * (same + 1)


class Places(NamedTuple):
    """Indices at which one more of a kind may be put in, and the longest run that results."""

    places: list[int]
    run: int


def places_for(kinds: Sequence[Hashable], kind: Hashable, limit: int, earliest: int = 0) -> Places:
    """Where one more of `kind` may be put in without a run longer than `limit`: indices from `earliest` on; where
    none is, those that make the shortest run. A kind of None is of no kind and makes no run.
    """
    before, after = _runs_before(kinds, kind), _runs_before(kinds[::-1], kind)[::-1]
    runs = {at: 0 if kind is None else 1 + before[at] + after[at] for at in range(earliest, len(kinds) + 1)}
    allowed = max(limit, min(runs.values(), default=0))
    places = [at for at, run in runs.items() if run <= allowed]
    return Places(places, max((runs[at] for at in places), default=0))


def _runs_before(kinds: Sequence[Hashable], kind: Hashable) -> list[int]:
    """How many of `kind` in a row end before each index; None does not end a run."""
    runs = [0]
    for other in kinds:
        runs.append(runs[-1] + (other == kind) if other in (kind, None) else 0)
    return runs
