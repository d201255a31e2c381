"""The order in which one reader sees the ECGs of a study.

Pure: origins, the study's seed and the reader's number go in, an order comes out. The store keeps the order
as rows, so nothing is ever computed again. Knows nothing of ECGs, readers' names, or SQL.

Each reader gets another order. Within it no origin comes more than `LONGEST_RUN` times in a row, because a
reader who saw seven "real" ones starts to answer the series instead of the ECG. Where one origin is too
rare for that, the longest run is the shortest possible.
"""

import random
from collections.abc import Iterable, Sequence

from review_db.model import Origin

LONGEST_RUN = 4


def reading_order(origins: Sequence[Origin], seed: int, reader_number: int) -> tuple[int, ...]:
    """Indices into `origins`, in the order in which reader `reader_number` (0, 1, ..) of this study reads."""
    # A text seed goes through SHA-512: neighbouring seeds or readers share nothing.
    draw = random.Random(f"reading order/{seed}/{reader_number}")
    decks = {origin: [i for i, o in enumerate(origins) if o is origin] for origin in Origin}
    for deck in decks.values():
        draw.shuffle(deck)
    counts = {origin: len(deck) for origin, deck in decks.items()}
    return tuple(decks[origin].pop() for origin in _alternation(counts, draw))


def longest_run(values: Iterable[Origin]) -> int:
    """Length of the longest stretch of one origin."""
    longest = run = 0
    last: Origin | None = None
    for value in values:
        run = run + 1 if value is last else 1
        last, longest = value, max(longest, run)
    return longest


def shortest_possible_run(counts: dict[Origin, int]) -> int:
    """The longest run that the best order of `counts` cannot avoid: the rarer origin cuts the other
    into one more piece than it has members.
    """
    rare, common = sorted(counts[origin] for origin in Origin)
    return -(-common // (rare + 1))


def _alternation(counts: dict[Origin, int], draw: random.Random) -> list[Origin]:
    """Draw origins as from an urn, passing over a draw only where the run limit leaves no choice."""
    limit = max(LONGEST_RUN, shortest_possible_run(counts))
    left, drawn = dict(counts), list[Origin]()
    run = 0
    while any(left.values()):
        last = drawn[-1] if drawn else None
        allowed = [o for o in Origin if left[o] and _leaves_a_way(o, left, last, run, limit)]
        (origin,) = draw.choices(allowed, weights=[left[o] for o in allowed])
        run = run + 1 if origin is last else 1
        left[origin] -= 1
        drawn.append(origin)
    return drawn


def _leaves_a_way(origin: Origin, left: dict[Origin, int], last: Origin | None, run: int, limit: int) -> bool:
    """Can the rest be laid out within the limit if `origin` comes next?

    After it the same origin still fits (limit - run) times here and `limit` times behind each of the
    others; the others fit `limit` times at once and behind each of the same that remain.
    """
    run_after = run + 1 if origin is last else 1
    same = left[origin] - 1
    others = sum(left.values()) - left[origin]
    return run_after <= limit and same <= (limit - run_after) + limit * others and others <= limit * (same + 1)
