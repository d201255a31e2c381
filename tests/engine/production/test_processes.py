"""Several processes draw one order: the same bytes, whoever draws, whoever is killed, and when."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing import active_children
from pathlib import Path

import pytest

from engine.__main__ import main
from engine.production.backends import BACKENDS
from engine.production.manifest import claim, faults
from engine.production.order import Order
from engine.production.planning import Plan
from engine.production.press import Commission
from engine.production.processes import ProductionError, draw_in_processes
from engine.production.store import Store
from tests.engine.production.kit import carry_out, content, order_of

ROOT = Path(__file__).resolve().parents[3]


def hear_ctrl_c() -> None:
    """Whoever runs the tests in the background has Ctrl-C ignored, and programs inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(scope="module")
def expected(checkpoint, tmp_path_factory):
    """What one process draws by itself, one shard after another."""
    folder = tmp_path_factory.mktemp("expected")
    carry_out(order_of(checkpoint), folder, checkpoint)
    return content(folder)


def command(out: Path, checkpoint: Path, *more: str) -> list[str]:
    return ["produce", "--out", str(out), "--checkpoints", str(checkpoint.parent), "--device", "cpu", *more]


def started(out: Path, order: Order) -> None:
    out.mkdir(exist_ok=True)
    claim(Store(str(out)), order)


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "workers"), [("local", 1), *((name, 2) for name in BACKENDS)])
def test_every_backend_stores_the_same_bytes_with_any_number_of_workers(
    tmp_path, checkpoint, expected, backend, workers
):
    stands = carry_out(order_of(checkpoint), tmp_path, checkpoint, backend, workers)
    assert content(tmp_path) == expected
    assert (stands[-1].kept, stands[-1].drawn) == (0, 11) and not active_children()


@pytest.mark.slow
def test_the_shard_of_a_dead_worker_is_drawn_by_another(tmp_path, checkpoint, expected):
    order = order_of(checkpoint)
    started(tmp_path, order)
    drawing = draw_in_processes(Commission(str(tmp_path), checkpoint, "cpu"), range(len(Plan(order))), 2)
    next(drawing)
    os.kill(active_children()[0].pid, signal.SIGKILL)
    assert list(drawing)[-1] == 11
    carry_out(order, tmp_path, checkpoint)
    assert content(tmp_path) == expected


@pytest.mark.slow
def test_a_shard_that_kills_every_worker_ends_in_words(tmp_path, checkpoint):
    order = order_of(checkpoint, shard_size=11, batch_size=1)
    started(tmp_path, order)
    drawing = draw_in_processes(Commission(str(tmp_path), checkpoint, "cpu"), [0], 1)
    with pytest.raises(ProductionError, match="Shard 0 has killed 3 workers .exit code -9.*goes on from here"):
        for _ in drawing:
            for process in active_children():
                os.kill(process.pid, signal.SIGKILL)
    assert not active_children()


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_after_kill_9_and_ctrl_c_the_same_command_finishes_and_nothing_is_drawn_twice(
    tmp_path, checkpoint, how, capsys
):
    order = order_of(checkpoint, shard_size=3, batch_size=3, steps=100)
    whole, out = tmp_path / "whole", tmp_path / "out"
    carry_out(order, whole, checkpoint)
    started(out, order)
    words = [sys.executable, "-m", "engine", *command(out, checkpoint, "--workers", "2")]
    process = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True, preexec_fn=hear_ctrl_c)
    wait_for(lambda: any(out.glob("shard-*.json")))
    kill, whom = (os.kill, process.pid) if how == signal.SIGKILL else (os.killpg, process.pid)  # a terminal: everyone
    kill(whom, how)
    told = process.communicate(timeout=60)[1]  # the workers share its standard error: all of them are gone
    assert process.returncode == (130 if how == signal.SIGINT else -9)
    assert (b"the same command goes on" in told) == (how == signal.SIGINT) and b"Traceback" not in told
    kept = stored(out)
    assert kept and not (out / "manifest.json").exists()
    with pytest.raises(ValueError, match="not finished yet"):
        list(faults(Store(str(out))))
    assert main(command(out, checkpoint, "--backend", "here")) == 0
    assert content(out) == content(whole)
    assert kept.items() <= stored(out).items(), "a finished shard was drawn again"
    assert main(command(out, checkpoint, "--check")) == 0
    assert "is as its manifest says" in capsys.readouterr().out


def stored(folder: Path) -> dict[str, int]:
    """When each finished shard was written."""
    shards = (receipt.with_suffix(".parquet") for receipt in folder.glob("shard-*.json"))
    return {shard.name: shard.stat().st_mtime_ns for shard in shards}


def wait_for(happens, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
