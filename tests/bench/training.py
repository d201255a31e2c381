"""Training samples per second as `engine train` takes them: one process per core that share each batch.

Knows: the trainer. Does not know: PTB-XL; the records are noise of its size and shape. torch's launcher runs
`tests.bench.training PRESET FILE` in each process; the first one writes its laps there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.native import ENVIRONMENT
from tests.bench.clocks import Lap, lap, per_second, seconds
from tests.bench.figures import Figure
from tests.bench.machine import ROOT

if TYPE_CHECKING:
    from engine.training_data import TrainingSet

RECORDS = 2048
WARM_UP, STEPS = 6, 30


def samples_per_second(preset: str) -> Iterator[Figure]:
    """Of the default batch, compiled where there is a compiler, as the command does it."""
    from engine.training import TrainingConfig

    processes, batch = min(os.cpu_count() or 1, 4), TrainingConfig().batch
    with tempfile.TemporaryDirectory() as name:
        laps = _laps_of(preset, processes, Path(name) / "laps.json")
    yield seconds("step", laps)
    words = f"`{preset}`: training, {processes} processes, batch {batch}"
    yield per_second("samples", batch, laps, words, "samples/s")


def _laps_of(preset: str, processes: int, file: Path) -> list[Lap]:
    threads = max(1, (os.cpu_count() or 1) // processes)
    environment = {**ENVIRONMENT, "OMP_NUM_THREADS": str(threads), **os.environ, "CUDA_VISIBLE_DEVICES": ""}
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    command = [*launcher, "-m", "tests.bench.training", preset, str(file)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=sys.stderr)
    return [Lap(wall, cpu) for wall, cpu in json.loads(file.read_text(encoding="utf-8"))]


def main(arguments: Sequence[str]) -> int:
    """One of the processes."""
    import torch
    from torch import distributed

    preset, file = arguments
    distributed.init_process_group("gloo")
    torch.set_flush_denormal(True)
    try:
        laps = _train(preset)
        cpu = torch.tensor([one.cpu for one in laps])
        distributed.all_reduce(cpu)  # of all processes together
        if distributed.get_rank() == 0:
            told = list(zip([one.wall for one in laps], cpu.tolist(), strict=True))
            Path(file).write_text(json.dumps(told), encoding="utf-8")
    finally:
        distributed.destroy_process_group()
    return 0


def _train(preset: str) -> list[Lap]:
    import torch

    from engine.network import SssdNetwork
    from engine.presets import PRESETS
    from engine.schedule import SCHEDULES
    from engine.training import Objective, Trainer, TrainingConfig

    torch.manual_seed(1)  # the processes begin with the same weights
    network = SssdNetwork(PRESETS[preset])
    objective = Objective(SCHEDULES["zero_snr_cosine"](200), "velocity", torch.full((PRESETS[preset].leads,), 0.2))
    trainer = Trainer(network, objective, TrainingConfig())
    if shutil.which(os.environ.get("CXX", "g++")):
        for block in network.blocks:
            block.compile()
    steps = trainer.steps(_noise(preset))
    for _ in range(WARM_UP):
        next(steps)
    return [lap(partial(next, steps)) for _ in range(STEPS)]


def _noise(preset: str) -> TrainingSet:
    import torch

    from engine.presets import PRESETS
    from engine.training_data import TrainingSet

    config, chance = PRESETS[preset], torch.Generator().manual_seed(1)
    shape = (RECORDS, config.leads, config.length)
    signals = (200 * torch.randn(shape, generator=chance)).to(torch.int16)
    labels = (torch.rand(RECORDS, config.labels, generator=chance) < 0.04).long()
    sex = torch.randint(config.sexes, (RECORDS,), generator=chance)
    return TrainingSet(signals, labels, sex, torch.randint(config.age_bands, (RECORDS,), generator=chance))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
