"""What the screen says of a checkpoint: figures of this very checkpoint, and every training run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.about_model import conditions, gate_rows, run_rows
from engine.catalogue import CheckpointSummary

DIGEST = "5685c8b8" + 56 * "0"
GATES = [
    {"name": "samples_seen", "title": "training samples seen", "value": 49_600, "want": ">= 1,000,000", "holds": False},
    {"name": "rr_cv", "title": "RR variability", "value": 0.2211, "want": "<= 0.06", "holds": True},
    {"name": "auc", "title": "ROC-AUC of the discriminator", "value": None, "want": "reported", "holds": True},
]
RUN = {"date": "2026-11-20", "samples": 16_000, "minutes": 12.4, "hardware": "a computer", "validation": [0.2, 0.4]}


def summary(folder: Path) -> CheckpointSummary:
    return CheckpointSummary(folder / "mine.safetensors", DIGEST, ("NORM",), True, False, False, {}, {})


@pytest.fixture
def evaluated(tmp_path: Path) -> Path:
    figures = {"checkpoint": {"digest": DIGEST}, "gates": GATES}
    (tmp_path / "mine.json").write_text(json.dumps(figures))
    return tmp_path


def test_gates_are_shown_with_what_is_wanted(evaluated: Path) -> None:
    assert gate_rows(summary(evaluated)) == [
        ("training samples seen", "49,600", ">= 1,000,000", "no"),
        ("RR variability", "0.221", "<= 0.06", "yes"),
        ("ROC-AUC of the discriminator", "not measured", "reported", ""),
    ]


def test_figures_of_another_checkpoint_or_damaged_ones_are_not_shown(evaluated: Path, tmp_path: Path) -> None:
    (evaluated / "mine.json").write_text(json.dumps({"checkpoint": {"digest": "other"}, "gates": GATES}))
    assert gate_rows(summary(evaluated)) == []
    (evaluated / "mine.json").write_text("{")
    assert gate_rows(summary(evaluated)) == []
    assert gate_rows(summary(tmp_path / "nowhere")) == []


def test_runs_are_listed_with_their_mean_losses() -> None:
    later = {**RUN, "validation_before": [0.2, 0.4], "validation": [0.1, 0.3]}
    assert run_rows([RUN, later]) == [
        ("2026-11-20", "16,000", "12", "a computer", "-", "0.3000"),
        ("2026-11-20", "16,000", "12", "a computer", "0.3000", "0.2000"),
    ]


def test_whether_sex_and_age_are_known_is_said(tmp_path: Path) -> None:
    said = {
        (sex, age): conditions(replace(summary(tmp_path), knows_sex=sex, knows_age=age))
        for sex in (True, False)
        for age in (True, False)
    }
    assert said[True, True] == "It can be asked for labels, sex and age band."
    assert [key for key, words in said.items() if "sex;" in words or "not know age" in words] == [(True, False)]
    assert "not know sex" in said[False, True] and "neither sex nor age" in said[False, False]
