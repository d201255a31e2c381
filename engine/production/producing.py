"""An order carried out: what is there and sound is kept, the rest is drawn, and the manifest comes last.

Knows: the order of these steps, which leaves a folder to go on from wherever it is interrupted. Does not know: how
ECGs are drawn, or by whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.production.backends import Backend
from engine.production.manifest import Receipt, claim, intact, put_manifest
from engine.production.order import Order, OrderError
from engine.production.planning import Plan
from engine.production.press import Commission
from engine.production.store import Store


@dataclass(frozen=True)
class Stand:
    """ECGs that were there already, ECGs drawn by now, ECGs in all."""

    kept: int
    drawn: int
    total: int


def produce(order: Order, commission: Commission, backend: Backend, workers: int | None) -> Iterator[Stand]:
    """Carry out a checked and settled order; yields where it stands, and at its end all is stored.

    Raises OrderError where another order is at home there, ProductionError or StoreError where drawing can't go on.
    """
    store = Store(commission.url)
    claim(store, order)
    receipts = {shard: intact(store, order, shard) for shard in Plan(order)}
    missing = [shard for shard, receipt in receipts.items() if receipt is None]
    kept = order.count - sum(len(shard.indices) for shard in missing)
    yield Stand(kept, 0, order.count)
    if missing:
        for drawn in backend(commission, [shard.number for shard in missing], workers):
            yield Stand(kept, drawn, order.count)
    receipts |= {shard: intact(store, order, shard) for shard in missing}
    _finish(store, order, receipts.values())


def _finish(store: Store, order: Order, receipts: Iterable[Receipt | None]) -> None:
    sound = []
    for receipt in receipts:
        if receipt is None:
            raise OrderError(f"{store.url} was changed by others meanwhile; give the same command again.")
        sound.append(receipt)
    put_manifest(store, order, sound)
    store.sweep()
