"""Reduced precision, and batches that fit into memory."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.__main__ import main
from engine.denoiser import guided
from engine.drawing import BATCH, LARGEST_BATCH, DiffusionGenerator, batch_for
from engine.evaluation.precision import PrecisionCost, compare_precision, paper_distance
from engine.folded import FoldedNetwork
from engine.generators import PRECISIONS, Drawn, DrawRequest, RequestError
from engine.labels import ptbxl_statements
from engine.network import Condition, NetworkConfig, SssdNetwork
from engine.presets import PRESETS
from engine.production.order import Order, OrderError, Row
from tests.engine.test_jobs import CONFIG, checkpoint  # noqa: F401 (a fixture)
from tests.engine.test_network import condition_for, small_network

REQUEST = DrawRequest(("AFIB", "LVH"), count=7, seed=3, sampler="dpmpp2m", steps=3)
EXHAUSTED = torch.OutOfMemoryError("CUDA out of memory")


@pytest.fixture
def generator(checkpoint):  # noqa: F811
    return DiffusionGenerator.load(checkpoint, "cpu")


def draw(generator: DiffusionGenerator, request: DrawRequest) -> Drawn:
    return list(generator.draw(request))[-1]


def signals(drawn: Drawn) -> np.ndarray:
    return np.stack([ecg.signal for ecg in drawn.ecgs])


# ------------------------------------------------------------------------------------------------------- folding


@pytest.mark.parametrize(("preset", "length", "sexes"), [
    ("full", 1000, 3), ("full", 250, 0), ("base", 1000, 0), ("base", 377, 3), ("tiny", 999, 0), ("tiny", 64, 3),
])  # fmt: skip
def test_folded_is_plain_for_every_preset_with_and_without_sex_at_any_length(preset, length, sexes):
    """With the widths of the preset; three blocks, because each is folded like the next."""
    torch.manual_seed(length)
    network = SssdNetwork(replace(PRESETS[preset], layers=3, sexes=sexes)).eval()
    torch.nn.init.normal_(network.outlet.weight, std=0.1)
    condition, x, step = condition_for(network.config, 2), torch.randn(2, 8, length), torch.tensor([3, 150])
    with torch.no_grad():
        plain = network(x, step, condition)
    assert torch.allclose(FoldedNetwork(network, length).under(condition)(x, step), plain, atol=1e-4)


def test_guidance_in_one_batch_is_guidance_in_two():
    network = small_network(sexes=3, sex_dim=3)
    folded, condition = FoldedNetwork(network, 40), condition_for(network.config, 3)
    left_open = Condition.left_open(network.config, torch.device("cpu"))
    x, step = torch.randn(3, 8, 40), torch.full((3,), 7)
    apart = torch.cat([folded.under(condition)(x, step), folded.under(left_open)(x, step)])
    assert torch.allclose(folded.guided(condition, 2.0)(x, step), guided(lambda x, t: apart, 2.0)(x, step), atol=1e-4)


# ----------------------------------------------------------------------------------------------------- precision


def test_bfloat16_stays_within_its_three_digits():
    torch.manual_seed(1)
    network = SssdNetwork(PRESETS["tiny"]).eval()
    torch.nn.init.normal_(network.outlet.weight, std=0.1)
    condition, x, step = condition_for(network.config, 2), torch.randn(2, 8, 1000), torch.tensor([3, 150])
    exact, reduced = (FoldedNetwork(network, 1000, one).under(condition)(x, step) for one in PRECISIONS)
    assert reduced.dtype == torch.float32
    assert 1e-4 < ((reduced - exact).std() / exact.std()) < 0.02


def test_the_cost_of_a_precision_is_nothing_for_itself_and_small_for_bfloat16(checkpoint):  # noqa: F811
    *told, same = compare_precision(checkpoint, "float32", REQUEST)
    assert [one.done for one in told] == [7] and isinstance(same, PrecisionCost)
    assert (same.rms_uv, same.rms_uv_95, same.apart_mm_95, same.visible, same.count) == (0, 0, 0, 0, 7)
    reduced = list(compare_precision(checkpoint, "bfloat16", replace(REQUEST, count=BATCH + 1)))[-1]
    assert 0 < reduced.rms_uv <= reduced.rms_uv_95 and 0 < reduced.apart_mm <= reduced.apart_mm_95
    assert reduced.cpu_seconds > 0 and reduced.cpu_seconds_float32 > 0


def test_distance_on_paper_is_from_curve_to_curve():
    """A ramp of 1 mV per 10 ms, steep as a QRS, 2 ms late: 2 mm apart in height, but 0.05 mm on paper."""
    early = np.outer(np.ones(12), np.arange(40.0))
    late = early - 0.2
    steep = paper_distance(early, late, 100)[:, 5:-5]
    assert np.allclose(steep, 0.2 * 10 * 0.25 / np.hypot(0.25, 10))
    assert np.allclose(paper_distance(0 * early, 0 * early + 0.03, 100), 0.3)


def test_the_command_tells_the_cost(checkpoint, capsys):  # noqa: F811
    assert main(["precision", "--checkpoint", str(checkpoint), "--count", "2"]) == 0
    assert "2 ECGs in bfloat16 against float32: " in capsys.readouterr().out
    assert main(["precision", "--checkpoint", str(checkpoint), "--count", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["precision"] == "bfloat16"


def test_an_ecg_tells_its_precision_where_it_was_reduced(checkpoint, generator):  # noqa: F811
    reduced = draw(DiffusionGenerator.load(checkpoint, "cpu", "bfloat16"), REQUEST).provenance[0]
    assert reduced.asdict()["precision"] == "bfloat16" == type(reduced).fromdict(reduced.asdict()).precision
    assert "precision" not in draw(generator, REQUEST).provenance[0].asdict()


def test_an_order_names_its_precision():
    order, known = Order((Row(("NORM",), 1),), precision="float64"), ptbxl_statements()
    with pytest.raises(OrderError, match="no precision 'float64'; choose float32 or bfloat16"):
        order.check(known)
    assert replace(order, precision="bfloat16").check(known).digest != replace(order, precision="float32").digest


# ------------------------------------------------------------------------------------------------------- batches


def test_a_batch_is_what_a_gpus_free_memory_holds():
    full = NetworkConfig()
    assert batch_for(full, None) == BATCH
    assert [batch_for(full, int(free * 2**30)) for free in (0, 1, 8, 140)] == [1, 13, 104, LARGEST_BATCH]
    assert batch_for(CONFIG, 2**30) == LARGEST_BATCH


def test_without_memory_for_a_batch_it_is_halved_and_no_ecg_changes(generator, monkeypatch):
    expected = draw(generator, REQUEST)
    sizes = spoil_batches_over(2, generator, monkeypatch)
    found, progress = draw(generator, REQUEST), [one.done / one.total for one in list(generator.draw(REQUEST))[:-1]]
    assert np.allclose(signals(found), signals(expected), atol=1e-4) and found.provenance == expected.provenance
    assert sizes[:3] == [7, 3, 1] and set(sizes[3:]) == {1}
    assert progress == sorted(progress) and progress[-1] == 1


def test_a_batch_of_several_requests_is_halved_too(generator, monkeypatch):
    requests = [replace(REQUEST, labels=(code,), count=1, first=at) for at, code in enumerate(("NORM", "AFIB", "LVH"))]
    expected = generator.draw_each(requests)
    spoil_batches_over(1, generator, monkeypatch)
    found = generator.draw_each(requests)
    assert np.allclose(signals(found), signals(expected), atol=1e-4) and found.provenance == expected.provenance


def test_a_gpu_without_memory_for_one_ecg_is_told_in_a_sentence(generator, monkeypatch):
    spoil_batches_over(0, generator, monkeypatch)
    with pytest.raises(RequestError, match="too little free memory for a single ECG"):
        draw(generator, REQUEST)


def spoil_batches_over(most: int, generator: DiffusionGenerator, monkeypatch) -> list[int]:
    """Let larger batches run out of memory, in the middle of a walk; the sizes that were tried."""
    walk, sizes = generator._walk, []

    def short_of_memory(request, condition, noise):
        sizes.append(len(noise._generators))
        for step in walk(request, condition, noise):
            if sizes[-1] > most and step.done > 1:
                raise EXHAUSTED
            yield step

    monkeypatch.setattr(generator, "_walk", short_of_memory)
    return sizes


# --------------------------------------------------------------------------------------------------------- a GPU


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-4), ("bfloat16", 0.05)])
def test_a_gpu_draws_the_ecgs_of_the_cpu(checkpoint, precision, tolerance):  # noqa: F811
    here, there = (draw(DiffusionGenerator.load(checkpoint, device, precision), REQUEST) for device in ("cpu", "cuda"))
    assert np.allclose(signals(here), signals(there), atol=tolerance)
