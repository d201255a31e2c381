"""The whole evaluation on made-up records and a network that has learnt nothing."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.checkpoint import load_checkpoint, save_checkpoint
from engine.commands import evaluate as command
from engine.evaluation import discriminator
from engine.evaluation.classifier import Trial, compare, judged_labels, train_classifier
from engine.evaluation.evidence import Evidence, Plan
from engine.evaluation.matched import Artist, Cohort, EvaluationError, Sampling
from engine.evaluation.progress import watch_training
from engine.evaluation.report import MIXED, mixed_ecgs
from engine.evaluation.sections import SECTIONS, evaluate
from engine.native import ENVIRONMENT
from engine.ptbxl import PtbXl

QUICK = "physiology,fidelity,discriminator,memorisation,classifier"


@pytest.fixture
def run(small_checkpoint: Path, made_up_ptbxl: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    for name, value in ENVIRONMENT.items():  # a process that has them does not restart itself
        monkeypatch.setenv(name, value)

    def run(*options: str) -> int:
        parser = ArgumentParser()
        command.add_parser(parser.add_subparsers())
        given = ["--checkpoint", str(small_checkpoint), "--data", str(made_up_ptbxl), "--folds", "1,2,3,4,5,6"]
        arguments = parser.parse_args(["evaluate", *given, "--steps", "2", "--epochs", "1", *options])
        return arguments.run(arguments)

    return run


def test_the_command_writes_figures_and_a_page_that_needs_nothing_else(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures, page = tmp_path / "figures.json", tmp_path / "report.html"
    assert run("--only", QUICK, "--json", str(figures), "--report", str(page), "--keep", str(tmp_path)) == 0
    found = json.loads(figures.read_text())
    assert set(QUICK.split(",")) - {"classifier"} <= set(found) and found["data"]["n"] == 6
    assert found["discriminator"]["control"]["auc"].keys() == {"value", "low", "high"}
    assert "No label has 10 test ECGs" in found["left_out"]["classifier"]  # six are too few
    assert "not measured" in capsys.readouterr().out
    text = page.read_text()
    assert text.count('<svg class="ecg"') == 6 and len(text) < 1_500_000
    assert "http:" not in text and "https:" not in text and "<script" not in text
    assert len(list(tmp_path.glob("*.npy"))) == 2


@pytest.mark.parametrize(("options", "used"), [((), 2.0), (("--guidance", "1.5"), 1.5)])
def test_figures_and_page_state_the_guidance_that_was_used(
    run: Callable[..., int], small_checkpoint: Path, tmp_path: Path, options: tuple[str, ...], used: float
) -> None:
    plain, own = load_checkpoint(small_checkpoint), tmp_path / "own.safetensors"
    save_checkpoint(own, plain.network, replace(plain.recipe, labels_may_be_open=True, guidance=2.0))
    figures, page = tmp_path / "figures.json", tmp_path / "report.html"
    files = ("--json", str(figures), "--report", str(page))
    assert run("--checkpoint", str(own), "--only", "physiology", *files, *options) == 0
    assert json.loads(figures.read_text())["sampling"]["guidance"] == used
    assert f"guidance {used}" in page.read_text()


def test_kept_ecgs_are_used_again_for_the_same_checkpoint_only(
    artist: Artist, made_up_ptbxl: Path, tmp_path: Path
) -> None:
    def evidence(seed: int) -> Evidence:
        return Evidence(artist, PtbXl(made_up_ptbxl), Sampling(steps=2, seed=seed), Plan((1, 2), keep=tmp_path))

    first = evidence(0).synthetic
    (kept,) = tmp_path.glob("*.npy")
    np.save(kept, np.load(kept) + 1)
    np.testing.assert_allclose(evidence(0).synthetic.signals, first.signals + 1, atol=1e-6)
    assert np.abs(evidence(1).synthetic.signals - first.signals).max() < 50 and len(list(tmp_path.glob("*.npy"))) == 2


def test_the_samplers_section_names_both(artist: Artist, cohort: Cohort, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.evaluation import samplers

    monkeypatch.setattr(samplers, "COMPARED", (("ddpm", 3), ("dpmpp2m", 2)))
    found = samplers.compare_samplers(artist, cohort, Sampling())
    assert found["n"] == 16 and found["labels"] == ["NORM", "SR"]
    assert [(row["sampler"], row["steps"]) for row in found["samplers"]] == [("ddpm", 3), ("dpmpp2m", 2)]
    assert 70 <= found["real"]["rate"] <= 110 and all(row["seconds_per_ecg"] > 0 for row in found["samplers"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--only", "astrology"), "no section astrology"),
        (("--folds", "nine"), "takes numbers such as 9"),
        (("--count", "0"), "--count must be 2 or more"),
        (("--json", "nowhere/figures.json"), "There is no folder nowhere"),
        (("--sampler", "magic"), "There is no sampler 'magic'"),
    ],
)
def test_a_users_mistake_is_a_sentence(run: Callable[..., int], options: tuple[str, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        run(*options)


def test_the_commands_sections_are_those_that_there_are() -> None:
    assert command.SECTION_NAMES.split(",") == list(SECTIONS)
    with pytest.raises(EvaluationError, match="no section"):
        evaluate(None, ["astrology"], print)  # type: ignore[arg-type]


def test_a_classifier_trained_on_ecgs_that_differ_by_label_tells_the_labels(cohort: Cohort) -> None:
    codes = judged_labels(cohort)
    assert set(codes) == {"NORM", "SR", "STACH"}
    net = train_classifier(cohort, 25, watch_training, "test")
    meaningless = cohort.with_signals(np.random.default_rng(0).normal(0, 0.2, cohort.signals.shape).astype(np.float32))
    trials = {"trtr": Trial(net, cohort, cohort, codes), "tstr": Trial(net, cohort, meaningless, codes)}
    found = compare({**trials, "trtr_matched": trials["trtr"], "trts": trials["tstr"]}, codes)
    assert found["trtr"]["macro"]["auc"]["value"] > 0.9
    assert found["tstr"]["macro"]["auc"]["value"] < 0.8
    assert found["auc_ratio"]["tstr_to_trtr"]["value"] == pytest.approx(
        found["tstr"]["macro"]["auc"]["value"] / found["trtr"]["macro"]["auc"]["value"]
    )


def test_a_discriminator_finds_what_is_there_and_nothing_in_the_control(cohort: Cohort) -> None:
    real = discriminator.on_the_wire(cohort)
    assert real.shape == (40, 8, discriminator.KEPT)
    ripple = 0.1 * np.sin(np.arange(real.shape[-1])).astype(np.float32)
    pair = (real[::2], real[::2] + ripple), (real[1::2], real[1::2] + ripple)
    assert discriminator.discriminate(*pair, 10, watch_training, "test")["auc"]["value"] > 0.95
    same = (real[:20], real[:20])
    control = discriminator.discriminate(same, same, 2, watch_training, "test")
    assert control["auc"]["value"] == pytest.approx(0.5)


def test_the_mixed_page_holds_as_many_real_as_synthetic_ecgs(artist: Artist, cohort: Cohort) -> None:
    class Given:
        real = synthetic = cohort

    shown = mixed_ecgs(Given)  # type: ignore[arg-type]
    assert [ecg["number"] for ecg in shown] == list(range(1, MIXED + 1))
    assert sum(ecg["arm"] == "synthetic" for ecg in shown) == MIXED // 2
    assert all(len(ecg["svg"]) < 25_000 and ecg["svg"].count("<path") == 13 for ecg in shown)
