"""From a checkpoint file to the first denoising step, and the memory that takes: the full preset in new processes.

Knows: the generator's door. Does not know: what it does behind it, nor whether it keeps anything on disk: the first
process finds nothing kept, the others what the first one left. `python -m tests.bench.loading FILE` is such a process.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from engine.native import ENVIRONMENT
from tests.bench.clocks import Lap, seconds
from tests.bench.figures import Figure, Spread
from tests.bench.machine import ROOT

MB = 1e6


def loading(preset: str, repeats: int) -> Iterator[Figure]:
    """The first time, then the median of others; loading begins when Python has imported what it needs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_checkpoint(folder / "untrained.safetensors", preset)
        first, *others = [in_new_process(folder) for _ in range(1 + repeats)]
    yield seconds("first load", [_lap(first)])
    yield seconds("load", [_lap(one) for one in others], f"`{preset}`: from the file to the first step")
    yield Figure("imports", "s", Spread.of([one["imports"] for one in others]))
    yield Figure("peak", "MB", Spread.of([one["peak"] for one in others]), f"`{preset}`: memory until then, at most")
    yield Figure("resident", "MB", Spread.of([one["resident"] for one in others]))


def make_checkpoint(path: Path, preset: str) -> None:
    """Random weights of the right size."""
    from engine.checkpoint import Recipe, save_checkpoint
    from engine.ecg import NLE_LEADS
    from engine.labels import ptbxl_statements
    from engine.network import SssdNetwork
    from engine.presets import PRESETS

    recipe = Recipe(ptbxl_statements().codes, NLE_LEADS, (1.0,) * len(NLE_LEADS))
    save_checkpoint(path, SssdNetwork(PRESETS[preset]), recipe)


def in_new_process(folder: Path) -> Mapping[str, float]:
    """What `first_step` of the checkpoint there told."""
    environment = {**ENVIRONMENT, **os.environ, "ECG_TURING_CACHE": str(folder / "cache")}
    command = [sys.executable, "-m", "tests.bench.loading", str(folder / "untrained.safetensors")]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    told: Mapping[str, float] = json.loads(done.stdout)
    return told


def first_step(checkpoint: Path) -> Mapping[str, float]:
    """Seconds of imports, of loading up to the end of the first step, and of processors; memory in MB."""
    began = time.perf_counter()
    from engine.drawing import DiffusionGenerator
    from engine.generators import DrawRequest

    imported, cpu = time.perf_counter(), time.process_time()
    next(DiffusionGenerator.load(checkpoint, "cpu").draw(DrawRequest(labels=("NORM",))))
    wall = time.perf_counter() - imported
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB
    return {
        "imports": imported - began, "wall": wall, "cpu": time.process_time() - cpu, "peak": peak,
        "resident": resident(),
    }  # fmt: skip


def resident() -> float:
    """MB of this process in memory now; 0 where there is no /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    except OSError:
        return 0.0
    return pages * resource.getpagesize() / MB


def _lap(told: Mapping[str, float]) -> Lap:
    return Lap(told["wall"], told["cpu"])


def main(arguments: Sequence[str]) -> int:
    """One process: a line of JSON."""
    print(json.dumps(first_step(Path(arguments[0]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
