"""Ray draws an order on two nodes, both on this computer: the same bytes, whoever is killed; and what it says else."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from socket import gethostname

import pytest

from engine.__main__ import main
from engine.production import on_ray
from engine.production.crew import ProductionError
from engine.production.manifest import claim, faults
from engine.production.on_ray import RayWorker, draw_on_ray
from engine.production.order import Order, Row
from engine.production.press import Commission
from engine.production.store import Store
from tests.engine.production.test_processes import ROOT, wait_for
from tests.production_at_scale import compared


@pytest.fixture(scope="module")
def address():
    """Of a cluster of two nodes with a core each."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        cluster.add_node(num_cpus=1)
    yield cluster.address
    cluster.shutdown()


@pytest.fixture
def cluster(address, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", address)


@dataclass(frozen=True)
class Given:
    """A shard in the hands of an actor."""

    shard: int
    pid: int
    node: str


@pytest.fixture
def given(monkeypatch) -> list[Given]:
    """Who is given which shard; the first one is given out when all actors are ready."""
    import ray

    started, given = [], []
    begin, start = RayWorker.begin, on_ray.Cluster.start

    def spied_start(site, number):
        started.append(start(site, number))
        return started[-1]

    def spied_begin(worker, shard):
        about = {one: one.actor.__ray_call__.remote(whereabouts) for one in ([worker] if given else started)}
        ray.get(list(about.values()))
        given.append(Given(shard, *ray.get(about[worker])))
        begin(worker, shard)

    monkeypatch.setattr(on_ray.Cluster, "start", spied_start)
    monkeypatch.setattr(RayWorker, "begin", spied_begin)
    return given


def whereabouts(drawer: object) -> tuple[int, str]:
    import ray

    return os.getpid(), ray.get_runtime_context().get_node_id()


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def simulated() -> Order:
    return Order((Row(("NORM",), 40),), generator="simulator", shard_size=2, batch_size=1).settled(None)


def started(folder: Path, order: Order) -> Commission:
    folder.mkdir(exist_ok=True)
    claim(Store(str(folder)), order)
    return Commission(str(folder), None, "cpu")


@pytest.mark.slow
def test_two_nodes_draw_what_one_process_draws_and_a_killed_worker_loses_nothing(tmp_path, cluster, given):
    found = compared(96, 24, tmp_path, "here")
    assert (found["count"], found["shards"], found["faults"]) == (96, 4, [])
    assert found["manifests_are_equal"] and not found["shards_that_differ"]
    assert len({one.node for one in given[:2]}) == 2, "one node drew everything"
    assert {one.shard for one in given} == set(range(4)) and len(given) <= 5, "more was drawn again than was lost"


@pytest.mark.slow
def test_who_stops_a_run_leaves_no_worker_behind_and_the_cluster_as_it_was(tmp_path, cluster, given):
    import ray

    drawing = draw_on_ray(started(tmp_path / "out", simulated()), range(20), 2)
    next(drawing)
    drawing.close()
    assert not ray.is_initialized()
    wait_for(lambda: not any(is_there(one.pid) for one in given))


@pytest.mark.slow
def test_a_node_that_lacks_the_order_or_has_other_code_is_told(tmp_path, cluster, monkeypatch):
    with pytest.raises(ProductionError, match=f"^{gethostname()}: .*/nowhere holds no order\\.$"):
        list(draw_on_ray(Commission(str(tmp_path / "nowhere"), None, "cpu"), [0], 1))
    monkeypatch.setattr(on_ray, "code_digest", lambda: "of a newer version")
    with pytest.raises(
        ProductionError, match=f"^{gethostname()}: .*/engine is not what it is where the order was given"
    ):
        list(draw_on_ray(started(tmp_path, simulated()), [0], 1))


@pytest.mark.slow
def test_the_command_starts_a_ray_of_its_own_and_says_no_more_than_usual(tmp_path):
    words = ("--generator", "simulator", "--labels", "NORM", "--count", "3", "--shard-size", "2", "--workers", "2")
    done = subprocess.run(
        [sys.executable, "-m", "engine", "produce", "--backend", "ray", "--out", "many", *words],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3 ECG(s) in many") and done.stdout.count("\n") == 1
    assert (
        set(done.stderr.replace("\n", "\r").split("\r")[-2].split(":")[:1]) == {"drawing"} and "ray" not in done.stderr
    )
    assert not list(faults(Store(str(tmp_path / "many"))))


def test_without_ray_it_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ray", None)
    words = ("--generator", "simulator", "--labels", "NORM", "--backend", "ray", "--out", str(tmp_path))
    assert main(["produce", *words]) == 2
    told = capsys.readouterr().err.strip().rsplit("\n", 1)[-1]
    assert told == "error: Ray is not installed; pip install -r requirements-ray.txt does it."


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ray://127.0.0.1:1", "."),
        ("127.0.0.1:1", "Connection refused"),
        ("somewhere", "invalid literal"),
    ],
)
def test_an_address_where_no_cluster_is_is_named(monkeypatch, address, reason):
    monkeypatch.setenv("RAY_ADDRESS", address)
    with pytest.raises(
        ProductionError, match=f"^Ray can't be used at RAY_ADDRESS={address} .host:port or auto.: .*{reason}"
    ):
        list(draw_on_ray(Commission("nowhere", None, "cpu"), [0], 1))


@pytest.mark.parametrize(
    ("resources", "wanted", "places"),
    [
        ({"CPU": 16.0, "GPU": 2.0}, "auto", ("cuda", 2)),
        ({"CPU": 16.0, "GPU": 2.0}, "cpu", ("cpu", 16)),
        ({"CPU": 3.0}, "auto", ("cpu", 3)),
    ],
)
def test_a_cluster_has_a_place_for_each_gpu_or_else_core(resources, wanted, places):
    assert on_ray.places_in(resources, wanted) == places


@pytest.mark.parametrize(("resources", "wanted"), [({"CPU": 3.0}, "cuda"), ({"GPU": 0.0}, "auto"), ({}, "cpu")])
def test_a_cluster_without_any_is_refused(resources, wanted):
    with pytest.raises(ProductionError, match="offers no [CG]PU to draw on"):
        on_ray.places_in(resources, wanted)
