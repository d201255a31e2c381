"""Shards drawn by Ray actors, on the GPUs or cores of a cluster.

Knows: actors, the resources of a cluster, how a lost one is told. Does not know: orders, ECGs. $RAY_ADDRESS says which
cluster: host:port, or `auto` for the one that this computer belongs to; without it a Ray of its own is started on this
computer for as long as the order takes. An actor has a GPU to itself where the cluster has any, else a core.

Every node needs the same checkout of this program at the same path with the same packages (requirements.txt and
requirements-ray.txt), and must reach the folder or object store. The checkpoint travels through Ray. A node with other
code, another checkpoint or without the order's folder is refused in words. Whoever reaches a Ray cluster can run code
on it, so it belongs into a closed network or under Ray's token authentication, which a Ray of our own has. Ray is
imported only here; that a worker has died it says at length on standard output.
"""

from __future__ import annotations

import hashlib
import logging
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engine.production.crew import Lost, ProductionError, draw_at
from engine.production.press import Commission, Press
from engine.production.processes import NATIVE, environment, workers_for

CODE = Path(__file__).resolve().parents[1]
OWN = "local"  # Ray's word for an address that nobody shares
PATIENCE = 10  # seconds for a cluster's computer to answer
ONE_TRY: Mapping[str, str] = {"RAY_gcs_server_port_wait_time_s": "1"}  # instead of 20, each of 40 s
QUIET: Mapping[str, str] = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is told to Ray's makers
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # spares a warning about actors without a GPU
    "RAY_worker_niceness": "0",  # as urgent as this process, like those of the other backends
}


class Drawer:
    """What runs in a process that Ray has started on some node."""

    def __init__(self, commission: Commission, weights: bytes | None, code: str) -> None:
        self._commission, self._weights, self._code = commission, weights, code

    def open(self) -> Iterator[int]:
        """Get ready; yields nothing. Raises ProductionError, also where this node has other code."""
        import torch

        torch.set_num_threads(1)
        with _naming_this_computer():
            if code_digest() != self._code:
                raise ProductionError(f"{CODE} is not what it is where the order was given; make it the same.")
            with _as_file(self._commission, self._weights) as commission:
                self._press = Press.open(commission)
        yield from ()

    def make(self, shard: int) -> Iterator[int]:
        """Draw a shard and store it; yields how many of its ECGs are drawn."""
        with _naming_this_computer():
            yield from self._press.make(shard)


@dataclass(eq=False)
class RayWorker:
    """An actor and what it is saying; a Worker."""

    ray: Any
    actor: Any  # of a Drawer
    said: Any  # generator of references to numbers, from the call that it is at

    def begin(self, shard: int) -> None:
        """Hand it a shard."""
        self.said = self.actor.make.remote(shard)

    def hear(self) -> int | None:
        """How many ECGs are drawn; None: ready for a shard. Raises Lost or ProductionError."""
        try:
            return self.ray.get(next(self.said))
        except StopIteration:
            return None
        except self.ray.exceptions.RayTaskError as error:
            raise ProductionError(str(error.cause)) from error
        except self.ray.exceptions.RayError as error:
            raise Lost(_last_sentence(error)) from error

    def end(self) -> None:
        """Kill it."""
        self.ray.kill(self.actor)


@dataclass(frozen=True)
class Cluster:
    """Whatever nodes Ray has; a Site."""

    ray: Any
    commission: Commission  # with a device that every node has
    code: str  # digest of the source that was here when the order was given

    def start(self, number: int) -> RayWorker:
        """A fresh actor. Ray keeps it waiting while all places are taken."""
        drawer = self.ray.remote(Drawer).options(
            num_cpus=1,
            num_gpus=1 if self.commission.device == "cuda" else 0,
            scheduling_strategy="SPREAD",
            runtime_env={"env_vars": dict(NATIVE)},
        )
        actor = drawer.remote(self.commission, self._weights, self.code)
        return RayWorker(self.ray, actor, actor.open.remote())

    def speaking(self, workers: Sequence[RayWorker]) -> list[RayWorker]:
        """All whose call has brought a number, or has ended."""
        by_call = {worker.said: worker for worker in workers}
        self.ray.wait(list(by_call))
        return [by_call[call] for call in self.ray.wait(list(by_call), num_returns=len(by_call), timeout=0)[0]]

    @cached_property
    def _weights(self) -> Any:
        checkpoint = self.commission.checkpoint
        return checkpoint and self.ray.put(checkpoint.read_bytes())


def draw_on_ray(commission: Commission, shards: Sequence[int], workers: int | None) -> Iterator[int]:
    """Draw and store shards; yields how many ECGs are drawn so far. Raises ProductionError."""
    with _ray(workers or workers_for(["cpu"])) as ray:
        device, places = places_in(ray.cluster_resources(), commission.device)
        elsewhere = replace(commission, url=_seen_from_anywhere(commission.url), device=device)
        yield from draw_at(Cluster(ray, elsewhere, code_digest()), shards, workers or places)


def places_in(resources: Mapping[str, float], wanted: str) -> tuple[str, int]:
    """The device to draw on, and how many of it the cluster has. Raises ProductionError where it has none."""
    device = "cuda" if wanted == "cuda" or (wanted == "auto" and resources.get("GPU", 0) >= 1) else "cpu"
    places = int(resources.get("GPU" if device == "cuda" else "CPU", 0))
    if places < 1:
        raise ProductionError(f"The Ray cluster offers no {'GPU' if device == 'cuda' else 'CPU'} to draw on.")
    return device, places


def code_digest() -> str:
    """sha256 (hex) of the engine's source, which decides what ECGs look like."""
    digest = hashlib.sha256()
    for path in sorted(CODE.rglob("*.py")):
        digest.update(path.relative_to(CODE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


@contextmanager
def _ray(cores: int) -> Iterator[Any]:
    """Ray, connected; with so many cores where it is our own. Raises ProductionError."""
    address = os.environ.get("RAY_ADDRESS", OWN)
    try:
        ray = import_module("ray")
    except ImportError as error:
        raise ProductionError("Ray is not installed; pip install -r requirements-ray.txt does it.") from error
    try:
        _connect(ray, address, {"num_cpus": cores, "include_dashboard": False} if address == OWN else {})
        yield ray
    finally:
        ray.shutdown()


def _connect(ray: Any, address: str, own: Mapping[str, Any]) -> None:
    try:
        if address not in (OWN, "auto"):
            _knock(address)
        with environment(QUIET if own else {**QUIET, **ONE_TRY}):
            ray.init(address, log_to_driver=False, logging_level=logging.CRITICAL, **own)
    except (OSError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ProductionError(f"Ray can't be used at RAY_ADDRESS={address} (host:port or auto): {reason}") from error


def _knock(address: str) -> None:
    """Whether anybody is there: Ray itself would take many minutes to say that nobody is."""
    host, _, port = address.rpartition(":")
    socket.create_connection((host.strip("[]"), int(port)), PATIENCE).close()


def _seen_from_anywhere(url: str) -> str:
    """A folder by its whole path: actors have another working folder."""
    return url if "://" in url else str(Path(url).resolve())


@contextmanager
def _naming_this_computer() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise ProductionError(f"{socket.gethostname()}: {str(error) or type(error).__name__}") from error


@contextmanager
def _as_file(commission: Commission, weights: bytes | None) -> Iterator[Commission]:
    """The commission with its checkpoint, which may be on another computer, in a file here."""
    if commission.checkpoint is None or weights is None:
        yield commission
        return
    with TemporaryDirectory() as folder:
        here = Path(folder, commission.checkpoint.name)
        here.write_bytes(weights)
        yield replace(commission, checkpoint=here)


def _last_sentence(error: Exception) -> str:
    """Ray tells at length; its last line begins with what has happened."""
    return str(error).strip().rsplit("\n", 1)[-1].split(". ", 1)[0]
