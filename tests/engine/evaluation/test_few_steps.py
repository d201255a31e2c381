"""Few steps compared: the limit, the distances and the table on cases that are known, and a run of four ECGs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.__main__ import main
from engine.checkpoint import load_checkpoint, save_checkpoint
from engine.denoiser import Denoise, Prediction
from engine.ecg import Ecg
from engine.evaluation.convnet import ConvNet
from engine.evaluation.few_steps import campaign, comparison
from engine.evaluation.few_steps.comparison import compare
from engine.evaluation.few_steps.distances import ASPECTS, gap, paired_microvolts
from engine.evaluation.few_steps.limit import adams_bashforth, sample_ode
from engine.evaluation.few_steps.sets import SHARD, Sets, counterparts
from engine.evaluation.few_steps.table import BEGIN, END, table, write_between_marks
from engine.evaluation.few_steps.variants import ANCESTRAL, VARIANTS, Variant, rounds
from engine.evaluation.fidelity import wasserstein
from engine.evaluation.matched import SAMPLES, Artist, Cohort, EvaluationError
from engine.labels import Sex, ptbxl_statements
from engine.native import ENVIRONMENT
from engine.production.backends import draw_here
from engine.sampling import SAMPLERS, RecordNoise
from engine.schedule import Schedule, published_linear, zero_snr_cosine
from tests.engine.production.kit import content, save_small_checkpoint

SHAPE = (8, 20)
TWO = (replace(ANCESTRAL, steps=3), Variant("dpmpp2m_sde", 2), Variant("unipc", 2))


def gaussian(schedule: Schedule, deviation: float) -> Denoise:
    """The exact denoiser of independent normal numbers; the ODE then multiplies the noise by `deviation`."""

    def denoise(x: torch.Tensor, step: int) -> Prediction:
        kept = float(schedule.alpha_bar[step])
        clean = x * kept**0.5 * deviation**2 / (kept * deviation**2 + 1 - kept)
        return Prediction(clean, (x - kept**0.5 * clean) / (1 - kept) ** 0.5)

    return denoise


def test_the_limit_on_a_gaussian_is_known_and_reached_with_all_steps() -> None:
    schedule = zero_snr_cosine(200)
    *_, last = sample_ode(gaussian(schedule, 0.5), schedule, RecordNoise([0], SHAPE), 200)
    start = RecordNoise([0], SHAPE)()
    # The exact flow to the least noisy time, and from there the estimate of the clean signal, as every sampler ends.
    kept = schedule.alpha_bar[0]
    deviation = math.sqrt(kept * 0.25 + 1 - kept)
    exact = start * deviation * kept**0.5 * 0.25 / deviation**2
    assert float((last.x - exact).abs().max()) < 1e-4


def test_half_the_steps_to_the_limit_move_it_little() -> None:
    """By less than 0.2 %, most of which is that the last step begins at another time."""
    schedule = zero_snr_cosine(200)
    walks = [sample_ode(gaussian(schedule, 0.5), schedule, RecordNoise([0], SHAPE), steps) for steps in (200, 100)]
    full, half = (list(walk)[-1].x for walk in walks)
    assert float(((full - half) / full).abs().max()) < 0.002


def test_the_limit_of_a_schedule_that_keeps_signal_starts_where_the_samplers_do() -> None:
    schedule = published_linear(200)
    samplers = (sample_ode, SAMPLERS["unipc"])
    ends = [list(sample(gaussian(schedule, 0.5), schedule, RecordNoise([0], SHAPE), 200))[-1].x for sample in samplers]
    assert float(((ends[0] - ends[1]) / ends[0]).abs().max()) < 1e-3


def test_adams_bashforth_weights_are_the_textbook_ones() -> None:
    """Hairer, Norsett and Wanner 1993, section III.1, equation 1.5: k = 4."""
    textbook = [55 / 24, -59 / 24, 37 / 24, -9 / 24]
    np.testing.assert_allclose(adams_bashforth([0.0, -1.0, -2.0, -3.0], 1.0), textbook)


@given(st.integers(1, 5000))
def test_rounds_grow_to_the_whole(count: int) -> None:
    assert rounds(count)[-1] == count
    assert all(a < b for a, b in zip(rounds(count), rounds(count)[1:], strict=False))


def test_rounds_of_five_hundred_are_whole_shards() -> None:
    assert rounds(500) == [50, 100, 250, 500]
    assert all(size % SHARD == 0 for size in rounds(500))


def test_every_compared_sampler_exists_and_adds_noise_unless_it_has_a_limit() -> None:
    schedule = zero_snr_cosine(20)
    for variant in VARIANTS:
        drawn = RecordNoise([0], SHAPE)
        list(SAMPLERS[variant.sampler](gaussian(schedule, 0.5), schedule, drawn, 8))
        first_only = torch.equal(drawn(), _second_noise())
        assert first_only == variant.has_limit, variant.name


def _second_noise() -> torch.Tensor:
    noise = RecordNoise([0], SHAPE)
    noise()
    return noise()


def test_a_shift_in_one_ecg_is_its_paired_distance() -> None:
    one = np.zeros((2, 8, 100), dtype=np.float32)
    other = one + np.array([0.003, -0.02], dtype=np.float32)[:, None, None]
    np.testing.assert_allclose(paired_microvolts(one, other), [3, 20], rtol=1e-5)


def test_sets_of_one_distribution_are_within_chance_and_a_shift_is_clear() -> None:
    random, patients = np.random.default_rng(0), np.arange(200)
    base, same = random.standard_normal((2, 200, 1))
    alike, apart = gap(base, same, patients, wasserstein), gap(base, same + 1, patients, wasserstein)
    assert alike and apart
    assert not alike.is_clear and alike.ratio == pytest.approx(1, abs=3 * alike.error)
    assert apart.is_clear and apart.ratio > 4


def test_the_standard_error_from_half_samples_is_about_that_of_other_samples() -> None:
    """What `gap` says of one pair of sets against the spread over many pairs."""
    random, patients = np.random.default_rng(1), np.arange(100)
    drawn = [gap(*random.standard_normal((2, 100, 1)), patients, wasserstein) for _ in range(40)]
    found = [one for one in drawn if one]
    told, seen = np.mean([one.error for one in found]), np.std([one.ratio for one in found])
    assert 0.5 < told / seen < 2
    assert np.mean([one.is_clear for one in found]) < 0.2


def test_what_nobody_could_measure_has_no_gap() -> None:
    nothing = np.full((20, 1), np.nan)
    assert gap(nothing, nothing, np.arange(20), wasserstein) is None


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = save_small_checkpoint(tmp_path_factory.mktemp("checkpoint"))
    loaded = load_checkpoint(path)
    save_checkpoint(path, loaded.network, replace(loaded.recipe, steps=40))
    return path


@pytest.fixture(scope="module")
def real(make_ecg: Callable[..., Ecg]) -> Cohort:
    """Three ECGs of three patients; the third one carries no label."""
    statements = ptbxl_statements()
    signals = np.stack([make_ecg(row).signal[:, :SAMPLES] for row in range(3)])
    labels = np.stack([statements.encode(codes) for codes in (("NORM", "SR"), ("AFIB",), ())])
    return Cohort(signals, labels, (Sex.FEMALE, None, None), ("40-49", None, None), np.arange(3), statements)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three variants of two or three steps, as the real ones would take an hour."""
    for module in (campaign, comparison):
        monkeypatch.setattr(module, "VARIANTS", TWO)
    monkeypatch.setattr(comparison, "ANCESTRAL", TWO[0])


def test_counterparts_carry_labels_and_come_again_where_there_are_too_few(real: Cohort) -> None:
    chosen = counterparts(real, 5, ptbxl_statements().codes)
    assert sorted(chosen.patients.tolist()) in ([0, 0, 0, 1, 1], [0, 0, 1, 1, 1])
    assert chosen.labels.any(axis=1).all()
    with pytest.raises(EvaluationError, match="No record"):
        counterparts(real, 5, ("WPW",))


def test_sets_are_drawn_compared_and_gone_on_with(tmp_path: Path, checkpoint: Path, real: Cohort, few: None) -> None:
    sets = Sets(tmp_path / "sets", checkpoint, counterparts(real, 4, ptbxl_statements().codes))
    artist = Artist(load_checkpoint(checkpoint))
    with pytest.raises(EvaluationError, match="first round"):
        compare(sets, artist, ConvNet(71))
    assert list(campaign.draw_by_rounds(sets, artist, 4, draw_here, 1)) == [1, 2, 4]
    figures = compare(sets, artist, ConvNet(71))
    assert (figures["n"], figures["wanted"], figures["limit"]["n"]) == (4, 4, 2)
    ancestral, stochastic, deterministic = figures["variants"]
    assert ancestral["to_ancestral"] is None and set(stochastic["to_ancestral"]) == set(ASPECTS)
    assert stochastic["microvolts_to_limit"] is None and deterministic["microvolts_to_limit"]["median"] > 0
    assert table({"fold": 9, **json.loads(json.dumps(figures, allow_nan=False))}).count("\n| ") == 2 + len(TWO)
    assert "not drawn yet" in table({"fold": 9, **figures, "limit": None})
    _goes_on_after_a_loss(sets, artist)


def _goes_on_after_a_loss(sets: Sets, artist: Artist) -> None:
    before = content(sets.folder)
    lost = sets.folder / TWO[1].name / "shard-000000.parquet"
    lost.unlink()
    (limit,) = sets.folder.glob("ode-40-*/000000.npy")
    limit.unlink()
    assert sets.ready(TWO[1]) == 0 and sets.ready(TWO[2]) == 4
    assert list(campaign.draw_by_rounds(sets, artist, 4, draw_here, 1))[-1] == 4
    assert content(sets.folder) == before


def test_a_set_and_the_limit_start_from_the_same_noise(tmp_path: Path, checkpoint: Path, real: Cohort) -> None:
    """With as many steps as there are, DDIM is near the limit: nearer than two ECGs are to each other by far."""
    sets = Sets(tmp_path, checkpoint, counterparts(real, 2, ptbxl_statements().codes))
    for _ in sets.draw(Variant("ddim", 40), 2, draw_here, 1):
        pass
    assert len(sets.limit(40, 2)) == 0
    sets.draw_limit(Artist(load_checkpoint(checkpoint)), 40, 2)
    ddim, limit = sets.signals(Variant("ddim", 40), 2), sets.limit(40, 2)
    assert paired_microvolts(ddim, limit).max() < 0.1 * paired_microvolts(limit[:1], limit[1:]).min()


def test_a_table_goes_between_its_marks_and_nowhere_else(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_between_marks(readme, "new \\1\n")
    assert readme.read_text() == f"before\n{BEGIN}\nnew \\1\n{END}\nafter\n"
    readme.write_text("no marks")
    with pytest.raises(EvaluationError, match="no lines"):
        write_between_marks(readme, "new")


@pytest.fixture
def run(checkpoint: Path, made_up_ptbxl: Path, few: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    for name, value in ENVIRONMENT.items():  # a process that has them does not restart itself
        monkeypatch.setenv(name, value)
    given = ["samplers", "--checkpoint", str(checkpoint), "--data", str(made_up_ptbxl), "--fold", "1", "--count", "4"]
    return lambda *options: main([*given, "--epochs", "1", "--backend", "here", *options])


def test_the_command_draws_in_parts_and_tells_what_there_is(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures, readme, sets = tmp_path / "figures.json", tmp_path / "README.md", tmp_path / "sets"
    readme.write_text(f"{BEGIN}\n{END}\n")
    files = ("--json", str(figures), "--readme", str(readme), "--out", str(sets))
    assert run("--until", "0", *files) == 2  # nothing is there to tell
    assert "draw it first" in capsys.readouterr().err
    assert run("--until", "1", *files) == 0
    told = json.loads(figures.read_text())
    assert (told["n"], told["fold"], len(told["variants"])) == (4, 1, len(TWO))  # a shard is drawn whole
    drawn = content(sets)
    assert run("--until", "0", *files) == 0
    assert content(sets) == drawn
    assert "| unipc | 2 | 2 |" in readme.read_text()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--backend", "carrier-pigeon"), "There is no backend"),
        (("--count", "0"), "must be 1 or more"),
        (("--json", "/nowhere/at/all.json"), "There is no folder"),
    ],
)
def test_what_can_not_be_done_is_said_before_anything_is_drawn(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], sentence: str
) -> None:
    assert run("--out", str(tmp_path / "sets"), *options) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "sets").exists()
