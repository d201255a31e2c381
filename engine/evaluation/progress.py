"""A line on standard error for whatever takes longer than a second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def watch(items: Iterable[Item], title: str, total: int | None = None) -> Iterator[Item]:
    """The items, one by one, while the line counts them."""
    from tqdm import tqdm

    return iter(tqdm(items, desc=title, total=total, delay=1.0, mininterval=1.0, leave=False))


def watch_training(losses: Iterator[float], epochs: int, title: str) -> None:
    """Run a training to its end."""
    for _ in watch(losses, title, epochs):
        pass
