"""A checkpoint that has learnt nothing but draws in no time, and cohorts of made-up ECGs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.checkpoint import Recipe, load_checkpoint, save_checkpoint
from engine.ecg import NLE_LEADS, Ecg
from engine.evaluation.matched import SAMPLES, Artist, Cohort
from engine.labels import Sex, ptbxl_statements
from engine.network import NetworkConfig, SssdNetwork

SMALL = NetworkConfig(
    layers=1, channels=4, skip_channels=4, state=4, step_features=4, step_hidden=4, step_dim=4,
    label_dim=4, sexes=3, sex_dim=2,
)  # fmt: skip


@pytest.fixture(scope="session")
def small_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    network = SssdNetwork(SMALL)
    torch.nn.init.normal_(network.outlet.weight, std=0.3)
    path = tmp_path_factory.mktemp("checkpoint") / "small.safetensors"
    save_checkpoint(path, network, Recipe(ptbxl_statements().codes, NLE_LEADS, (0.2,) * 8, steps=20))
    return path


@pytest.fixture(scope="session")
def artist(small_checkpoint: Path) -> Artist:
    return Artist(load_checkpoint(small_checkpoint))


@pytest.fixture(scope="session")
def cohort(make_ecg: Callable[..., Ecg]) -> Cohort:
    """40 ECGs, NORM + SR and STACH by turns, at rates to match; two of each patient."""
    statements = ptbxl_statements()
    rates = [70 + row if row % 2 == 0 else 105 + row for row in range(40)]
    signals = np.stack([make_ecg(row, heart_rate=rate).signal[:, :SAMPLES] for row, rate in enumerate(rates)])
    labels = np.stack([statements.encode(("STACH",) if row % 2 else ("NORM", "SR")) for row in range(40)])
    sexes = (Sex.FEMALE, Sex.MALE, None, Sex.MALE) * 10
    return Cohort(signals, labels, sexes, ("40-49", None) * 20, np.arange(40) // 2, statements)
