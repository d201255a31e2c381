"""Training: the loss, exact resumption, and that something is learnt."""

import argparse
import json
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch
from torch import distributed

from engine.batches import collate, epoch_slice
from engine.checkpoint import Recipe, load_checkpoint
from engine.commands import train
from engine.network import Condition, NetworkConfig, SssdNetwork
from engine.schedule import zero_snr_cosine
from engine.training import WEIGHTINGS, Objective, Trainer, TrainingConfig, diffusion_loss
from engine.training_data import MISSING, TrainingSet, load_training_set
from engine.training_run import LOG, SETTINGS, Plan, Run, RunError

CONFIG = NetworkConfig(
    layers=1, channels=8, skip_channels=8, state=8, length=64, step_features=8, step_hidden=8, step_dim=8,
    labels=2, label_dim=4, sexes=3, sex_dim=2,
)  # fmt: skip
TRAINING = TrainingConfig(batch=8, warm_up=5, precision="float32", learning_rate=5e-3)


def waves(records: int = 24, length: int = 64, missing: int = 6) -> TrainingSet:
    """Sines whose frequency is the label, the last samples of every other record missing."""
    generator = torch.Generator().manual_seed(0)
    label = torch.arange(records) % 2
    time = torch.arange(length) * (0.2 + 0.3 * label[:, None, None])
    phase = 6.28 * torch.rand(records, 8, 1, generator=generator)
    signals = (500 * torch.sin(time + phase)).to(torch.int16)
    signals[::2, :, length - missing :] = MISSING
    return TrainingSet(signals, torch.nn.functional.one_hot(label, 2), *torch.zeros(2, records, dtype=torch.long))


def trainer(data: TrainingSet, config: TrainingConfig = TRAINING) -> Trainer:
    torch.manual_seed(0)
    objective = Objective(zero_snr_cosine(50), "velocity", data.lead_deviation())
    return Trainer(SssdNetwork(CONFIG), objective, config)


def take(run: Trainer, data: TrainingSet, steps: int) -> list[float]:
    return [step.loss for step in islice(run.steps(data), steps)]


def plan(**changes) -> Plan:
    recipe = Recipe(("A", "B"), tuple("abcdefgh"), tuple(waves().lead_deviation().tolist()), steps=50)
    return replace(Plan(CONFIG, recipe, TRAINING, report_every=2, save_every=4), **changes)


def test_the_loss_falls_below_that_of_knowing_nothing():
    data = waves()
    run = trainer(data)
    before = sum(run.validation_losses(data)[1:4]) / 3  # the levels between nearly clean and pure noise
    take(run, data, 300)
    assert sum(run.validation_losses(data)[1:4]) / 3 < 0.85 * before


def batch_at(step: int, data: TrainingSet, scale: torch.Tensor, records: int = 8):
    steps = torch.full((records,), step)
    return collate(data, torch.arange(records), scale, steps, torch.Generator().manual_seed(1))


def test_missing_samples_are_marked_and_set_to_zero():
    data = waves(missing=20)
    batch = batch_at(3, data, data.lead_deviation())
    assert batch.present[0, 0].sum() == 44 and batch.present[1, 0].sum() == 64
    assert not batch.clean[0, :, 44:].any()


def test_only_recorded_samples_count_in_the_loss():
    """A new network estimates zero, so the loss is the mean square of the target where samples are present."""
    data = waves(missing=20)
    run = trainer(data)
    batch = batch_at(49, data, run.objective.lead_scale)
    kernels = run.network.kernels(64)
    loss = diffusion_loss(run.network, run.objective, batch, kernels, batch.recorded_values())
    present = batch.present.expand_as(batch.clean) > 0  # at the last step the target is minus the clean signal
    assert float(loss.detach()) == pytest.approx(float((batch.clean[present] ** 2).mean()), rel=1e-5)


def test_a_noise_level_belongs_to_a_record_not_to_a_lead():
    """A level per lead would show as leads of one noisy record with different shares of signal."""
    data = waves(missing=0)
    run, seen = trainer(data), []
    run.network.forward = lambda x, step, *_: seen.append((x, step)) or torch.zeros_like(x)
    batch = replace(batch_at(0, data, run.objective.lead_scale), step=torch.tensor([0, 0, 0, 0, 49, 49, 49, 49]))
    diffusion_loss(run.network, run.objective, batch, [], batch.recorded_values())
    x, step = seen[0]
    assert step.shape == (8,)
    likeness = torch.nn.functional.cosine_similarity(x, batch.clean, dim=-1)
    assert (likeness[:4] > 0.9).all() and (likeness[4:].abs() < 0.5).all()


def two_processes(rank: int, folder: str, steps: int) -> None:
    """One of two processes that train together and write their losses down."""
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
    losses = take(trainer(waves()), waves(), steps)
    Path(folder, f"{rank}.json").write_text(json.dumps(losses))
    distributed.destroy_process_group()


def test_two_processes_take_the_steps_that_one_takes(tmp_path):
    torch.multiprocessing.spawn(two_processes, (str(tmp_path), 6), nprocs=2)
    alone = take(trainer(waves()), waves(), 6)
    for rank in range(2):
        assert json.loads((tmp_path / f"{rank}.json").read_text()) == pytest.approx(alone, rel=1e-4)


def test_a_resumed_run_takes_the_very_same_steps(tmp_path):
    data = waves()
    straight = take(trainer(data), data, 12)
    first = trainer(data)
    losses = take(first, data, 5)
    state = {name: value.clone() for name, value in first.state().items()}
    second = trainer(data)
    second.restore(state)
    assert losses + take(second, data, 7) == straight


@pytest.mark.parametrize("records", [5, 8, 24])
def test_an_epoch_shows_each_record_once(records):
    drawn = torch.cat([epoch_slice(records, 8, taken, seed=3) for taken in range(records)])
    for epoch in range(8):
        assert sorted(drawn[epoch * records : (epoch + 1) * records].tolist()) == list(range(records))


def test_a_run_folder_is_resumed_to_the_step_and_holds_a_checkpoint(tmp_path):
    data = waves()
    run = Run.start(tmp_path / "run", plan())
    reports = list(islice(run.reports(data, data), 4))
    assert [report.step for report in reports] == [2, 4, 6, 8]
    assert [bool(report.validation) for report in reports] == [False, True, False, True]
    resumed = Run.resume(tmp_path / "run", plan())
    assert resumed.trainer.taken == 8
    assert len((tmp_path / "run" / LOG).read_text().splitlines()) == 3
    checkpoint = load_checkpoint(tmp_path / "run" / "checkpoint.safetensors")
    assert checkpoint.recipe.provenance["samples"] == 64


def test_a_run_of_known_length_ends_with_a_validated_checkpoint(tmp_path):
    data = waves()
    run = Run.start(tmp_path / "run", plan(config=replace(TRAINING, samples=40)))
    reports = list(run.reports(data, data))
    assert [report.step for report in reports] == [2, 4, 5] and reports[-1].validation
    assert load_checkpoint(tmp_path / "run" / "checkpoint.safetensors").recipe.provenance["samples"] == 40


OPEN = replace(plan().recipe, labels_may_be_open=True)


def test_a_run_goes_on_with_the_guidance_of_the_checkpoint_before_unless_given_another(tmp_path):
    folder, parser = tmp_path / "run", argparse.ArgumentParser()
    train.add_parser(parser.add_subparsers())
    Run.start(folder, plan(recipe=replace(OPEN, guidance=2.0))).save()

    def chosen(*options: str) -> float:
        given = ["--data", str(tmp_path), "--out", str(folder), *options]
        return train._guidance(parser.parse_args(["train", *given]))

    warm = ("--warm-start", str(folder / "checkpoint.safetensors"))
    assert (chosen(), chosen(*warm), chosen("--resume")) == (1, 2, 2)
    given = ("--guidance", "3")
    assert (chosen(*given), chosen(*warm, *given), chosen("--resume", *given)) == (3, 3, 3)


def test_a_run_may_be_resumed_with_another_guidance_and_from_before_there_was_one(tmp_path):
    Run.start(tmp_path, plan(recipe=OPEN)).save()
    assert "guidance" not in json.loads((tmp_path / SETTINGS).read_text())["recipe"]
    Run.resume(tmp_path, plan(recipe=replace(OPEN, guidance=2.0))).save()
    assert load_checkpoint(tmp_path / "checkpoint.safetensors").recipe.guidance == 2


def test_runs_are_not_mixed_up(tmp_path):
    with pytest.raises(RunError, match="no saved run"):
        Run.resume(tmp_path, plan())
    Run.start(tmp_path / "run", plan()).save()
    with pytest.raises(RunError, match="--resume"):
        Run.start(tmp_path / "run", plan())
    with pytest.raises(RunError, match="other settings"):
        Run.resume(tmp_path / "run", plan(config=replace(TRAINING, batch=4)))


def test_a_warm_start_takes_over_the_weights_and_starts_counting_anew(tmp_path):
    data = waves()
    first = Run.start(tmp_path / "first", plan())
    take(first.trainer, data, 10)
    first.save()
    second = Run.start(tmp_path / "second", plan(), warm_start=tmp_path / "first" / "checkpoint.safetensors")
    assert second.trainer.taken == 0
    for name, weight in second.trainer.network.named_parameters():
        assert torch.allclose(weight, first.trainer.average[name], atol=1e-2, rtol=1e-2)  # 16-bit weights


def test_a_network_that_learns_of_age_starts_as_the_one_that_knew_none(tmp_path):
    first = Run.start(tmp_path / "first", plan())
    take(first.trainer, waves(), 10)
    first.save()
    grown = plan(network=replace(CONFIG, age_bands=11, age_dim=2))
    second = Run.start(tmp_path / "second", grown, warm_start=tmp_path / "first" / "checkpoint.safetensors")
    before = load_checkpoint(tmp_path / "first" / "checkpoint.safetensors").network
    x, step, labels, sex = (
        torch.randn(11, 8, 64),
        torch.arange(11),
        torch.eye(2)[[0, 1] * 5 + [0]],
        torch.arange(11) % 3,
    )
    with torch.no_grad():
        known, after = before(x, step, Condition(labels, sex)), Condition(labels, sex, torch.arange(11))
        assert torch.allclose(second.trainer.network(x, step, after), known, atol=1e-5)
        assert torch.allclose(second.trainer.averaged()(x, step, after), known, atol=1e-5)
    take(second.trainer, waves(), 10)
    assert second.trainer.network.embeddings["age"].vectors[0].abs().max() > 0  # the only band in these data


def test_pairs_of_labels_are_counted():
    labels = torch.tensor([[1, 1, 0], [1, 1, 1], [0, 0, 1]])
    data = TrainingSet(torch.zeros(3, 8, 4, dtype=torch.int16), labels, *torch.zeros(2, 3, dtype=torch.long))
    assert data.records_by_pair(("LVH", "AFIB", "PACE")) == {"LVH AFIB": 2, "LVH PACE": 1, "AFIB PACE": 1}


def test_a_warm_start_from_another_size_is_refused(tmp_path):
    Run.start(tmp_path / "first", plan()).save()
    other = plan(network=replace(CONFIG, channels=16))
    with pytest.raises(RunError, match="other sizes"):
        Run.start(tmp_path / "second", other, warm_start=tmp_path / "first" / "checkpoint.safetensors")


def test_real_records_come_in_microvolts_with_missing_samples_marked(ptbxl_folder):
    from engine.ptbxl import PtbXl

    data = load_training_set(PtbXl(ptbxl_folder), [9])
    share_missing = (data.signals == MISSING).float().mean()
    assert 0 < share_missing < 0.01
    assert data.signals.shape[1:] == (8, 1000)
    assert 0.1 < float(data.lead_deviation().min()) and float(data.lead_deviation().max()) < 0.6
    assert set(data.sex.tolist()) <= {0, 1, 2} and data.labels.shape[1] == 71
    assert data.age.max() <= 10 and (data.age == 10).float().mean() < 0.01  # nearly every age is known


def test_a_run_of_known_length_ends_there_with_its_learning_rate_falling_to_zero():
    data = waves()
    run = trainer(data, replace(TRAINING, samples=160))
    rates = [run._optimiser.param_groups[0]["lr"] / TRAINING.learning_rate for _ in run.steps(data)]
    assert len(rates) == 20
    assert rates[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0]) and rates[5:10] == [1.0] * 5
    assert rates[10:] == pytest.approx([1 - k / 10 for k in range(10)])


@pytest.mark.parametrize("target", ["noise", "velocity"])
def test_min_snr_weighs_the_error_of_the_clean_signal_by_snr_up_to_five(target):
    """The same error of the clean estimate costs min(SNR, 5), whatever the network predicts (arXiv 2303.09556)."""
    kept = torch.tensor([0.01, 0.5, 0.8, 0.95, 0.999])[:, None, None]
    snr = kept / (1 - kept)
    of_clean = {"noise": snr, "velocity": snr + 1}[target]  # squared error of the target for one of the clean signal
    weight = WEIGHTINGS["min_snr"](kept, target) * of_clean
    assert torch.allclose(weight, snr.clamp(max=5), rtol=1e-4)


def test_pure_noise_is_weighted_with_a_finite_number():
    assert float(WEIGHTINGS["min_snr"](torch.zeros(1, 1, 1), "velocity")) == 0


def test_a_checkpoint_remembers_every_run_that_its_weights_went_through(tmp_path):
    data = waves()
    first = Run.start(tmp_path / "first", plan())
    list(islice(first.reports(data, data), 4))
    second = Run.start(tmp_path / "second", plan(), warm_start=tmp_path / "first" / "checkpoint.safetensors")
    list(islice(second.reports(data, data), 2))
    resumed = Run.resume(tmp_path / "second", plan())
    list(islice(resumed.reports(data, data), 2))
    provenance = load_checkpoint(tmp_path / "second" / "checkpoint.safetensors").recipe.provenance
    assert provenance["samples"] == 128 and [run["samples"] for run in provenance["runs"]] == [64, 64]
    before, after = provenance["runs"]
    assert after["validation_before"] == pytest.approx(before["validation"], rel=1e-2)  # 16-bit weights
    assert before["settings"]["learning_rate"] == TRAINING.learning_rate and before["hardware"]
