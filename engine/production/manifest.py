"""What is in a folder of shards: the order, a receipt beside each shard, and the manifest when all is there.

Knows: these three kinds of JSON, digests of files. Does not know: how ECGs are drawn. The receipt of a shard is
written after its files, the manifest after all receipts; so whatever a receipt names was complete once, and its digest
tells whether it still is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from engine.production.order import Order, OrderError
from engine.production.planning import Plan, Shard
from engine.production.store import Store

ORDER, MANIFEST = "order.json", "manifest.json"


@dataclass(frozen=True)
class Receipt:
    """A finished shard: numbers of its ECGs, sha256 (hex) of its files, versions of what drew it."""

    order: str  # digest
    number: int
    first: int
    count: int
    files: Mapping[str, str]
    versions: Mapping[str, str]

    def is_of(self, shard: Shard, order: Order) -> bool:
        """It speaks of this shard of this order."""
        wanted = (order.digest, shard.number, shard.indices.start, len(shard.indices))
        return (self.order, self.number, self.first, self.count) == wanted

    def damaged(self, store: Store) -> list[str]:
        """Files that are missing or not what they were."""
        return [name for name, digest in self.files.items() if store.digest(name) != digest]

    def text(self) -> bytes:
        """As JSON."""
        return _json(asdict(self))


def put_shard(
    store: Store, order: Order, shard: Shard, files: Mapping[str, bytes], versions: Mapping[str, str]
) -> None:
    """Store a shard's files and, last, its receipt."""
    for name, content in files.items():
        store.put(name, content)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    receipt = Receipt(order.digest, shard.number, shard.indices.start, len(shard.indices), digests, versions)
    store.put(_receipt_name(shard), receipt.text())


def intact(store: Store, order: Order, shard: Shard) -> Receipt | None:
    """The shard's receipt, where the shard is there and undamaged."""
    receipt = _receipt(store, shard)
    return receipt if receipt and receipt.is_of(shard, order) and not receipt.damaged(store) else None


def claim(store: Store, order: Order) -> None:
    """Note the order in its folder, before anything else is. Raises OrderError where another one is at home there."""
    known = order_in(store)
    if known is None:
        if others := [name for name in store.names() if not name.startswith(".")]:
            raise OrderError(f"{store.url} already holds {others[0]} and no order; choose an empty folder.")
        store.put(ORDER, _json(order.asdict()))
    elif known != order:
        differing = next(name for name, value in order.asdict().items() if value != known.asdict()[name])
        raise OrderError(
            f"{store.url} holds another order (its {differing} differs: digest {known.digest[:12]}, "
            f"not {order.digest[:12]}); choose another folder."
        )


def order_in(store: Store) -> Order | None:
    """The order that a folder belongs to. Raises OrderError where it can't be read."""
    text = store.get(ORDER)
    if text is None:
        return None
    try:
        return Order.fromdict(json.loads(text))
    except ValueError as error:
        raise OrderError(f"{store.url}/{ORDER} is damaged: {error}") from error


def put_manifest(store: Store, order: Order, receipts: Iterable[Receipt]) -> None:
    """Write it, from the receipts of all shards in their order."""
    receipts = list(receipts)
    versions = {json.dumps(one.versions, sort_keys=True) for one in receipts}
    told = ("number", "first", "count", "files")
    content = {
        "order": order.asdict(),
        "order_digest": order.digest,
        "count": sum(one.count for one in receipts),
        "versions": [json.loads(one) for one in sorted(versions)],  # more than one where it was resumed after an update
        "shards": [{name: getattr(one, name) for name in told} for one in receipts],
    }
    store.put(MANIFEST, _json(content))


def faults(store: Store) -> Iterator[str]:
    """What is wrong with a finished folder, a sentence each; none: all is as the manifest says.

    Raises OrderError where there is no manifest yet.
    """
    text = store.get(MANIFEST)
    if text is None:
        raise OrderError(f"{store.url} has no {MANIFEST}: nothing was produced there, or it is not finished yet.")
    try:
        manifest = json.loads(text)
        order = Order.fromdict(manifest["order"])
        listed = {shard["number"]: dict(shard["files"]) for shard in manifest["shards"]}
        sound = (order.digest, order.count) == (manifest["order_digest"], manifest["count"])
    except (KeyError, TypeError, ValueError) as error:
        yield f"{MANIFEST} is damaged: {error}"
        return
    if not sound:
        yield f"{MANIFEST} contradicts itself: its order has another digest or count than it says."
    for shard in Plan(order):
        yield from _faults_of(store, shard, listed.get(shard.number, {}))


def _faults_of(store: Store, shard: Shard, files: Mapping[str, str]) -> Iterator[str]:
    if not files:
        yield f"{MANIFEST} does not list {shard.name}."
    for name, digest in files.items():
        found = store.digest(name)
        if found != digest:
            yield f"{name} is {'missing' if found is None else 'damaged'}."


def _receipt(store: Store, shard: Shard) -> Receipt | None:
    text = store.get(_receipt_name(shard)) or b"null"
    try:
        return Receipt(**json.loads(text))
    except (TypeError, ValueError):  # none, or torn by a loss of power: as good as none
        return None


def _receipt_name(shard: Shard) -> str:
    return f"{shard.name}.json"


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, indent=1).encode() + b"\n"
