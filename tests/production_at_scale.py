"""Many ECGs of the shipped checkpoint through Ray, a worker killed in the middle, against the local backend's.

`python -m tests.production_at_scale --count 10000` prints what it found as JSON; a test runs the same with few ECGs.
One step of the sampler without guidance: hardly ECGs, but all the work of producing them.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engine.catalogue import checkpoints_in, default_folder
from engine.labels import Sex, ptbxl_statements
from engine.production.backends import BACKENDS
from engine.production.manifest import MANIFEST, faults
from engine.production.order import Order, Row
from engine.production.press import Commission
from engine.production.producing import Stand, produce
from engine.production.store import Store


def order_of(count: int, shard_size: int) -> Order:
    """A quarter each of four sets of labels, and what is left of the last."""
    sets = (("NORM",), ("AFIB", "LVH"), ("SBRAD",), ("CRBBB",))
    sexes = (None, Sex.FEMALE, Sex.MALE, None)
    counts = [count // 4] * 3 + [count - count // 4 * 3]
    rows = tuple(Row(labels, number, sex) for labels, number, sex in zip(sets, counts, sexes, strict=True))
    order = Order(rows, seed=11, sampler="dpmpp2m", steps=1, guidance=1.0, shard_size=shard_size)
    return order.check(ptbxl_statements()).settled(checkpoints_in(default_folder())[0])


def killed_in_the_middle(stands: Iterator[Stand]) -> Iterator[Stand]:
    """The same, with one of Ray's workers killed when half of the ECGs are drawn."""
    import ray._private.state

    alive = True
    for stand in stands:
        if alive and stand.drawn >= stand.total / 2:
            actors = ray._private.state.actors().values()
            os.kill(next(actor["Pid"] for actor in actors if actor["State"] == "ALIVE"), signal.SIGKILL)
            alive = False
        yield stand
    assert not alive, "nobody was killed"


def compared(count: int, shard_size: int, folder: Path, other: str = "local") -> dict[str, Any]:
    """Ray and another backend carry out one order on two workers: how long it took, whether they brought the same."""
    order, seconds = order_of(count, shard_size), {}
    for backend in ("ray", other):
        commission = Commission(str(folder / backend), checkpoints_in(default_folder())[0].path, "cpu")
        began = time.monotonic()
        stands = produce(order, commission, BACKENDS[backend], 2)
        for _ in killed_in_the_middle(stands) if backend == "ray" else stands:
            pass
        seconds[backend] = time.monotonic() - began
    ray, expected = (json.loads((folder / backend / MANIFEST).read_text()) for backend in seconds)
    return {
        "count": ray["count"],
        "shards": len(ray["shards"]),
        "seconds": {backend: round(taken, 1) for backend, taken in seconds.items()},
        "ecgs_per_second": {backend: round(count / taken, 1) for backend, taken in seconds.items()},
        "faults": list(faults(Store(str(folder / "ray")))),
        "shards_that_differ": [one["number"] for one in ray["shards"] if one not in expected["shards"]],
        "manifests_are_equal": ray == expected,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--shard-size", type=int, default=128)
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        print(json.dumps(compared(arguments.count, arguments.shard_size, Path(folder)), indent=1))


if __name__ == "__main__":
    main()
