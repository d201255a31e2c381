"""Shards handed to workers, and to another worker when one dies, wherever they work.

Knows: who is at which shard, the count of ECGs, how many deaths are too many. Does not know: processes, clusters, what
a shard holds. A shard is given out when a worker is ready for it, so that none waits for a worker that never comes. A
worker that dies takes nothing with it but its unfinished shard.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

MOST_DEATHS = 3  # of workers over one shard: then it is the shard


class ProductionError(ValueError):
    """Drawing can't go on; what is stored stays, and the same command goes on from there."""


class Lost(Exception):
    """A worker is gone; says how."""


class Worker(Protocol):
    """Somebody who gets ready, then draws one shard after another."""

    def begin(self, shard: int) -> None:
        """Hand it a shard. One that has just died shows it at the next hearing."""

    def hear(self) -> int | None:
        """How many ECGs of its shard are drawn; None: it is ready for a shard, the one before is stored.

        Raises Lost where it has died, ProductionError where nobody can go on.
        """

    def end(self) -> None:
        """At once: a shard that is not stored yet is lost, one that is stored stays."""


class Site(Protocol):
    """Where workers are found."""

    def start(self, number: int) -> Worker:
        """A fresh worker, in the place of the `number`th."""

    def speaking(self, workers: Sequence[Worker]) -> Sequence[Worker]:
        """Wait until some of them have something to say; those."""


@dataclass
class Post:
    """A worker's place, and the shard it is at."""

    number: int
    worker: Worker
    is_ready: bool = False
    shard: int | None = None
    drawn: int = 0  # ECGs of that shard

    @property
    def is_idle(self) -> bool:
        """Nothing is to be heard from there."""
        return self.is_ready and self.shard is None


@dataclass
class Crew:
    """Workers, the shards that wait, and the count of ECGs."""

    site: Site
    waiting: deque[int]
    posts: list[Post] = field(default_factory=list)
    stored: int = 0  # ECGs of finished shards
    deaths: Counter[int | None] = field(default_factory=Counter)  # by shard; None: while getting ready, in a row

    def hire(self, count: int) -> None:
        """Start workers, as many as there are shards at most."""
        for number in range(min(count, len(self.waiting))):
            self.posts.append(Post(number, self.site.start(number)))

    def drawn(self) -> Iterator[int]:
        """How many ECGs are drawn, whenever that changes, until every shard is stored. Raises ProductionError."""
        told = 0
        while self.waiting or any(post.shard is not None for post in self.posts):
            busy = {post.worker: post for post in self.posts if not post.is_idle}
            for worker in self.site.speaking(list(busy)):
                self._hear(busy[worker])
            self._hand_out()
            drawn = self.stored + sum(post.drawn for post in self.posts)
            if drawn != told:
                yield drawn
            told = drawn

    def dismiss(self) -> None:
        """End all workers."""
        for post in self.posts:
            post.worker.end()

    def _hand_out(self) -> None:
        for post in self.posts:
            if post.is_idle and self.waiting:
                post.shard = self.waiting.popleft()
                post.worker.begin(post.shard)

    def _hear(self, post: Post) -> None:
        try:
            drawn = post.worker.hear()
        except Lost as loss:
            return self._replace(post, loss)
        if drawn is not None:
            post.drawn = drawn
            return None
        if post.shard is None:
            self.deaths[None] = 0
        self.stored += post.drawn
        post.is_ready, post.shard, post.drawn = True, None, 0
        return None

    def _replace(self, post: Post, loss: Lost) -> None:
        self.deaths[post.shard] += 1
        if self.deaths[post.shard] >= MOST_DEATHS:
            what = "Getting ready" if post.shard is None else f"Shard {post.shard}"
            raise ProductionError(
                f"{what} has killed {MOST_DEATHS} workers ({loss}); "
                "give less work to a batch, or see whether memory runs out. The same command goes on from here."
            )
        if post.shard is not None:
            self.waiting.appendleft(post.shard)
        post.worker.end()
        post.worker = self.site.start(post.number)
        post.is_ready, post.shard, post.drawn = False, None, 0


def draw_at(site: Site, shards: Sequence[int], workers: int) -> Iterator[int]:
    """Draw and store shards; yields how many ECGs are drawn so far. Raises ProductionError."""
    crew = Crew(site, deque(shards))
    try:
        crew.hire(workers)
        yield from crew.drawn()
    finally:
        crew.dismiss()
