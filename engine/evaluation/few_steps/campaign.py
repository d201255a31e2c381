"""Drawing everything that is compared, round by round.

Knows: the order of the work, which is such that a table can be made early.  Does not know: distances.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.evaluation.few_steps.sets import Sets
from engine.evaluation.few_steps.variants import VARIANTS, rounds
from engine.evaluation.matched import Artist
from engine.evaluation.progress import watch
from engine.production.backends import Backend

PAIRED = 50  # ECGs that are compared one by one with the limit of the ODE
CONVERGENCE = 25  # of them those for which the limit is taken at half the steps too


def draw_by_rounds(sets: Sets, artist: Artist, until: int, backend: Backend, workers: int | None) -> Iterator[int]:
    """Draw the first `until` ECGs of every variant; yields after each round how many there are of each by now."""
    for count in rounds(len(sets.cohort)):
        if min(count, until) > 0:
            for variant in VARIANTS:
                for _ in watch(sets.draw(variant, min(count, until), backend, workers), f"{variant.name}, {count}"):
                    pass
            for steps, ecgs in paired_at(artist, min(count, until)).items():
                sets.draw_limit(artist, steps, ecgs)
            yield min(count, until)
        if count >= until:
            return


def paired_at(artist: Artist, count: int) -> dict[int, int]:
    """ECGs of the limit by its number of steps, all and half of the schedule's, when there are `count` of each set."""
    steps, most = artist.checkpoint.recipe.make_schedule().steps, max(count // 2, 1)
    return {steps: min(most, PAIRED), steps // 2: min(most, CONVERGENCE)}
