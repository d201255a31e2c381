"""What the parts measure is what they say: small runs of each, and the shapes of the products."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from engine.catalogue import checkpoints_in, default_folder
from engine.generators import DrawRequest
from engine.network import NetworkConfig, SssdNetwork
from engine.presets import PRESETS
from tests.bench import drawing, gpu, loading, processes, steps, store, training
from tests.bench.figures import Figure
from tests.bench.products import all_products, operations
from tests.bench.steps import plain_step

SMALL = NetworkConfig(
    layers=2, channels=16, skip_channels=32, length=128, labels=5, label_dim=8, step_features=8, step_hidden=8,
    step_dim=8,
)  # fmt: skip


def by_name(figures: Iterable[Figure]) -> dict[str, Figure]:
    found = {figure.name: figure for figure in figures}
    assert all(figure.spread.least > 0 for figure in found.values())
    return found


def test_the_products_are_those_of_the_network() -> None:
    network = SssdNetwork(SMALL).eval()
    step = plain_step(network, network.kernels(SMALL.length), batch=3)
    with FlopCounterMode(display=False) as counter:
        step()
    counted = counter.get_total_flops()
    assert operations(SMALL, batch=3) <= counted < 1.01 * operations(SMALL, batch=3)  # more: products of one row


def test_the_full_network_s_products_take_76_gflop() -> None:
    assert operations(PRESETS["full"]) == pytest.approx(75.6e9, rel=0.01)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_floor_is_made_of_these_products(precision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)  # torch does not count packed products
    with FlopCounterMode(display=False) as counter:
        all_products(SMALL, precision, batch=2)()
    assert counter.get_total_flops() == operations(SMALL, batch=2)


def test_a_step_is_measured_in_each_precision_beside_its_products() -> None:
    found = by_name(steps.beside_products("tiny", 2))
    for precision in ("float32", "bfloat16"):
        pair = found[f"step, {precision}"], found[f"products, {precision}"]
        assert min(one.cpu for one in pair) > 0 and found[f"step / products, {precision}"].unit == "x"
    assert found["rate of products, float32"].unit == "GFLOP/s"


def test_the_network_as_trained_is_measured_with_its_kernels_kept_and_anew() -> None:
    found = by_name(steps.beside_plain("tiny", 3))
    assert min(found[name].cpu for name in ("plain, kernels anew", "plain, kernels kept")) > 0
    assert {"plain, kernels kept / folded", "plain, kernels anew / folded"} <= set(found)


def test_what_runs_on_a_gpu_runs_on_a_processor_too() -> None:
    request = DrawRequest(("NORM",), count=3, steps=2)
    assert set(by_name(gpu.drawn("tiny", request, 1, "cpu"))) == {"3 ECGs, float32", "3 ECGs, bfloat16"}
    assert "plain / bfloat16" in by_name(gpu.beside_plain("tiny", 2, 1, "cpu"))


def test_without_a_gpu_its_parts_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for figures in (gpu.beside_plain_on_a_gpu("tiny", 1, 1), gpu.on_a_gpu("tiny", DrawRequest(("NORM",)), 1)):
        with pytest.raises(gpu.NotMeasured, match="no GPU that torch can use"):
            next(figures)


def test_answers_are_stored_by_one_reader_and_by_several() -> None:
    found = by_name(store.ratings(readers=2, answers=4, rounds=2))
    assert found["one reader"].spread.n == 2 and found["2 readers at once"].unit == "ratings/s"


def test_an_export_is_measured_after_the_first_look_which_is_logged() -> None:
    (figure,) = store.export(readers=2, per_arm=2, repeats=3)
    assert figure.spread.n == 3 and "export of 8 ratings" in figure.words


@pytest.mark.slow
def test_the_statistics_are_those_of_the_results_page() -> None:
    (figure,) = store.analysis(readers=4, ecgs=20)
    assert figure.words == "statistics of 80 ratings, 2,000 resamples" and figure.spread.least > 0


@pytest.mark.slow
def test_a_network_is_loaded_in_a_process_of_its_own() -> None:
    found = by_name(loading.loading("tiny", 1))
    assert found["peak"].spread.median >= found["resident"].spread.median > 50
    assert found["first load"].spread.n == found["load"].spread.n == 1


@pytest.mark.slow
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="there is only one core")
def test_two_processes_are_measured_beside_one() -> None:
    found = by_name(processes.two_processes("tiny", 1, 1, 2))
    assert found["two processes / one"].spread.n == 2 and found["one process"].unit == "ECGs/min"


@pytest.mark.slow
def test_an_ecg_is_waited_for_as_the_app_does() -> None:
    if not checkpoints_in(default_folder()):
        pytest.skip("there is no checkpoint")
    found = by_name(drawing.one_ecg(2))
    assert min(found[name].spread.least for name in ("first", "warm")) > 0 and found["warm"].cpu > 0


@pytest.mark.slow
def test_training_is_measured_in_as_many_processes_as_there_are_cores() -> None:
    found = by_name(training.samples_per_second("tiny"))
    assert found["samples"].spread.n == training.STEPS
    assert found["samples"].spread.most == pytest.approx(16 / found["step"].spread.least)
