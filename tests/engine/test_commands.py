"""Commands that replace their own process, run as a user runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.checkpoint import load_checkpoint

ROOT = Path(__file__).resolve().parents[2]


def engine(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "engine", *arguments],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def test_bench_prints_what_was_measured_and_on_what():
    done = engine("bench", "--preset", "tiny", "--steps", "3", "--json")
    figures = json.loads(done.stdout)
    assert 0 < figures["seconds_per_step_best"] <= figures["seconds_per_step"] < 60
    assert figures["load_seconds"] > 0 and figures["peak_rss_mb"] > 50
    assert figures["processor"] and figures["torch"] and figures["threads"] >= 1


@pytest.mark.parametrize(("command", "words"), [
    ("bench --preset huge", "there is no preset 'huge'; there are tiny, base, full"),
    ("bench --precision half", "there is no precision 'half'; there are float32, bfloat16"),
    ("train --preset huge --data . --out nowhere", "there is no preset 'huge'; there are tiny, base, full"),
    ("train --data . --out nowhere --resume", "no saved run to resume"),
    ("train --data . --out nowhere", "not a PTB-XL folder"),
    ("train --data . --out nowhere --guidance 9", "guidance must be between 1 and 5"),
    ("train --data . --out nowhere --guidance 2 --label-dropout 0", "trained with labels left open"),
    ("train --data . --out nowhere --warm-start nothing.safetensors", "can't be read as a checkpoint"),
])  # fmt: skip
def test_a_users_mistake_is_one_line_and_exit_code_2(command, words):
    done = engine(*command.split())
    assert done.returncode == 2 and words in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.slow
def test_a_run_is_trained_by_two_processes_and_resumed_by_one(ptbxl_folder, tmp_path):
    options = ["--data", str(ptbxl_folder), "--out", str(tmp_path), "--minutes", "0", "--batch", "2"]
    first = engine("train", *options, "--processes", "2", CXX="no-compiler")
    assert "saved step 50" in first.stdout, first.stderr
    second = engine("train", *options, "--processes", "1", "--resume", CXX="no-compiler")
    assert "saved step 100" in second.stdout, second.stderr
    assert load_checkpoint(tmp_path / "checkpoint.safetensors").recipe.provenance["samples"] == 200
