"""From an order to numbered shards and batches: a pure function of the order, whoever draws them, and when.

Knows: numbers of ECGs, rows, shards and batches. Does not know: signals, files, processes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from engine.generators import DrawRequest
from engine.production.order import Order


@dataclass(frozen=True)
class Shard:
    """ECGs that are drawn by one worker and stored together; `indices` are their numbers in the order."""

    number: int
    indices: range

    @property
    def name(self) -> str:
        """Of its files, without suffix."""
        return f"shard-{self.number:06d}"

    def batches(self, size: int) -> Iterator[range]:
        """The numbers, `size` at a time; the last batch may be smaller."""
        return (self.indices[start : start + size] for start in range(0, len(self.indices), size))


@dataclass(frozen=True)
class Plan:
    """The shards of an order. Nothing is listed beforehand: an order of ten million ECGs takes no memory."""

    order: Order
    _ends: tuple[int, ...] = field(init=False, repr=False, compare=False)  # of rows: the number after the last ECG

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ends", tuple(accumulate(row.count for row in self.order.rows)))

    def __len__(self) -> int:
        return -(-self.order.count // self.order.shard_size)

    def __iter__(self) -> Iterator[Shard]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> Shard:
        """Raises IndexError for a number that no shard has."""
        if not 0 <= number < len(self):
            raise IndexError(f"There is no shard {number}; there are {len(self)}.")
        first = number * self.order.shard_size
        return Shard(number, range(first, min(first + self.order.shard_size, self.order.count)))

    def requests(self, indices: range) -> list[DrawRequest]:
        """For each of these ECGs a request that draws it alone."""
        return [self.order.request(self.order.rows[bisect_right(self._ends, index)], index) for index in indices]
