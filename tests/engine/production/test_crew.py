"""Workers that exist on paper only: every shard is stored once whoever dies when, and nobody tries for ever."""

from collections import Counter, deque
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.production.crew import MOST_DEATHS, Crew, Lost, ProductionError, draw_at

ECGS = 3  # of each shard


@dataclass
class Paper:
    """A site whose workers die when the list of fates says so; without a fate they live."""

    fates: deque[bool] = field(default_factory=deque)  # one for each hearing: does the worker die there?
    absent: frozenset[int] = frozenset()  # places whose workers never come
    begun: Counter[int] = field(default_factory=Counter)
    stored: Counter[int] = field(default_factory=Counter)
    living: int = 0

    def start(self, number):
        self.living += 1
        return PaperWorker(self, number)

    def speaking(self, workers):
        assert workers, "nobody would ever speak"
        return [worker for worker in workers if worker.number not in self.absent]


@dataclass(eq=False)
class PaperWorker:
    site: Paper
    number: int
    shard: int | None = None
    drawn: int = 0

    def begin(self, shard):
        assert self.shard is None
        self.shard, self.drawn = shard, 0
        self.site.begun[shard] += 1

    def hear(self):
        if self.site.fates and self.site.fates.popleft():
            raise Lost("struck by lightning")
        if self.shard is None or self.drawn == ECGS:
            self.site.stored.update([] if self.shard is None else [self.shard])
            self.shard = None
            return None
        self.drawn += 1
        return self.drawn

    def end(self):
        self.site.living -= 1


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 6), st.integers(1, 5))
def test_every_shard_is_stored_once_or_the_run_ends_in_words(fates, shards, workers):
    site = Paper(deque(fates))
    try:
        counts = list(draw_at(site, range(shards), workers))
    except ProductionError as error:
        assert f"killed {MOST_DEATHS} workers (struck by lightning)" in str(error)
        assert sum(fates) >= MOST_DEATHS and max(site.stored.values(), default=1) == 1
    else:
        assert site.stored == Counter(range(shards)) and counts[-1] == shards * ECGS
        assert site.begun.total() - shards <= sum(fates)
    assert site.living == 0


@given(st.integers(1, 30))
def test_a_lost_worker_is_replaced_as_long_as_no_shard_loses_three(period):
    """A worker dies at every so manyth hearing: a shard takes four of them, so it is sure to get through."""
    site = Paper(deque(number % 30 == period % 30 for number in range(300)))
    assert list(draw_at(site, range(40), 3))[-1] == 40 * ECGS
    assert site.stored == Counter(range(40)) and site.begun.total() > 40


@pytest.mark.parametrize(("fates", "what"), [([True] * 3, "Getting ready"), ([False, True] * 3, "Shard 0")])
def test_what_kills_three_workers_is_named(fates, what):
    with pytest.raises(
        ProductionError, match=f"^{what} has killed 3 workers .struck by lightning.; .* goes on from here"
    ):
        list(draw_at(Paper(deque(fates)), [0], 1))


def test_no_shard_waits_for_a_worker_that_never_comes():
    site = Paper(absent=frozenset({0, 2}))
    crew = Crew(site, deque(range(5)))
    crew.hire(4)
    assert list(crew.drawn())[-1] == 5 * ECGS
    assert [post.is_ready for post in crew.posts] == [False, True, False, True]


def test_no_more_workers_are_started_than_there_are_shards():
    crew = Crew(Paper(), deque(range(2)))
    crew.hire(16)
    assert crew.site.living == 2
