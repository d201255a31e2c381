"""A small network with random weights, and orders of it: nonsense as ECGs, the real mechanics."""

from __future__ import annotations

from pathlib import Path

import torch

from engine.catalogue import checkpoints_in
from engine.checkpoint import Recipe, save_checkpoint
from engine.ecg import NLE_LEADS
from engine.labels import Sex, ptbxl_statements
from engine.network import NetworkConfig, SssdNetwork
from engine.production.backends import BACKENDS
from engine.production.order import Order, Row
from engine.production.press import Commission
from engine.production.producing import Stand, produce

CONFIG = NetworkConfig(
    layers=1, channels=8, skip_channels=8, state=8, step_features=8, step_hidden=8, step_dim=8,
    label_dim=4, sexes=3, sex_dim=2, age_bands=11, age_dim=2,
)  # fmt: skip
ROWS = (Row(("AFIB", "LVH"), 5, Sex.FEMALE, "70-79"), Row(("NORM",), 1), Row(("SBRAD",), 5, Sex.MALE))


def save_small_checkpoint(folder: Path) -> Path:
    torch.manual_seed(0)
    network = SssdNetwork(CONFIG)
    torch.nn.init.normal_(network.outlet.weight)
    path = folder / "default.safetensors"
    save_checkpoint(path, network, Recipe(ptbxl_statements().codes, NLE_LEADS, (0.2,) * 8, labels_may_be_open=True))
    return path


def order_of(checkpoint: Path, **changes: object) -> Order:
    values = {"rows": ROWS, "seed": 7, "steps": 2, "guidance": 1.5, "shard_size": 4, "batch_size": 3, **changes}
    return Order(**values).check(ptbxl_statements()).settled(checkpoints_in(checkpoint.parent)[0])


def carry_out(order: Order, url: object, checkpoint: Path, backend: str = "here", workers: int = 1) -> list[Stand]:
    return list(produce(order, Commission(str(url), checkpoint, "cpu"), BACKENDS[backend], workers))


def content(folder: Path) -> dict[str, bytes]:
    """All files by path."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}
