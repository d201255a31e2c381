"""One ECG of a batch drawn again alone, under its own labels and under others, and the film of any of them."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.checkpoint import Recipe, save_checkpoint
from engine.drawing import BATCH, DiffusionGenerator, make_generator
from engine.ecg import NLE_LEADS
from engine.generators import Drawn, DrawProgress, DrawRequest, Provenance, RequestError, provenance_of
from engine.labels import Sex, ptbxl_statements
from engine.network import NetworkConfig, SssdNetwork
from engine.tasks import Answer
from engine.work import WORK, Tools

CONFIG = NetworkConfig(
    layers=1, channels=8, skip_channels=8, state=8, step_features=8, step_hidden=8, step_dim=8,
    label_dim=4, sexes=3, sex_dim=2,
)  # fmt: skip
BATCH_OF_FOUR = DrawRequest(("AFIB", "LVH"), Sex.FEMALE, 4, 7, "dpmpp2m", 4, guidance=1.0)
DIGEST = "5685c8b8" + 56 * "0"


@pytest.fixture(scope="module")
def generator(tmp_path_factory):
    """A small network with random weights."""
    torch.manual_seed(0)
    network = SssdNetwork(CONFIG)
    torch.nn.init.normal_(network.outlet.weight)
    path = tmp_path_factory.mktemp("checkpoints") / "default.safetensors"
    save_checkpoint(path, network, Recipe(ptbxl_statements().codes, NLE_LEADS, (0.2,) * 8, labels_may_be_open=True))
    return DiffusionGenerator.load(path, "cpu")


def draw(generator, request) -> Drawn:
    return list(generator.draw(request))[-1]


def work(kind: str, generator, **asked) -> list[DrawProgress | Answer]:
    on_the_wire = json.loads(json.dumps(asked))
    return list(WORK[kind](on_the_wire, Tools(lambda request: generator)))


def plain(*requests: DrawRequest) -> list[dict]:
    return [request.asdict() for request in requests]


def near(one, other) -> bool:
    return np.allclose(one, other, atol=1e-4)


@pytest.mark.parametrize("sampler", ["dpmpp2m", "ddpm"])
def test_the_same_ecg_alone_and_in_the_batch(generator, sampler):
    batch = draw(generator, replace(BATCH_OF_FOUR, sampler=sampler))
    for ecg, origin in zip(batch.ecgs, batch.provenance, strict=True):
        alone = draw(generator, origin.request())
        assert alone.provenance == (origin,) and near(alone.ecgs[0].signal, ecg.signal)


def test_a_later_batch_goes_on_where_an_earlier_one_ends(generator):
    many = draw(generator, replace(BATCH_OF_FOUR, count=BATCH + 3, steps=1))
    rest = draw(generator, replace(BATCH_OF_FOUR, first=2, count=BATCH + 1, steps=1))
    assert [one.index for one in rest.provenance] == list(range(2, BATCH + 3))
    assert all(near(a.signal, b.signal) for a, b in zip(rest.ecgs, many.ecgs[2:], strict=True))


def test_the_simulator_draws_one_ecg_of_a_batch_too():
    simulator = make_generator("simulator", None, "cpu")
    batch = draw(simulator, DrawRequest(("SR",), count=3, seed=2, generator="simulator"))
    alone = draw(simulator, batch.provenance[2].request())
    assert alone.provenance == batch.provenance[2:] and near(alone.ecgs[0].signal, batch.ecgs[2].signal)


def test_a_request_from_before_there_were_first_ones_begins_with_the_first():
    old = {name: value for name, value in BATCH_OF_FOUR.asdict().items() if name != "first"}
    assert DrawRequest.fromdict(old) == BATCH_OF_FOUR and list(BATCH_OF_FOUR.indices) == [0, 1, 2, 3]


def test_no_ecg_comes_before_the_first():
    with pytest.raises(RequestError, match="must not be negative, not -1"):
        replace(BATCH_OF_FOUR, first=-1).check(ptbxl_statements())


@given(
    labels=st.lists(st.sampled_from(ptbxl_statements().codes), unique=True, min_size=1, max_size=3),
    sex=st.sampled_from([None, *Sex]),
    first=st.integers(0, 9_999),
    age=st.sampled_from([None, "70-79"]),
    share=st.sampled_from([0.0, 0.5]),
    guidance=st.floats(0, 5),
)
def test_the_request_of_a_provenance_has_that_provenance(labels, sex, first, age, share, guidance):
    towards = ("SR",) if share else ()
    asked = DrawRequest(tuple(labels), sex, 1, 7, guidance=guidance, checkpoint=DIGEST, age_band=age, first=first)
    asked = replace(asked, towards=towards, share=share)
    (origin,) = provenance_of(asked, DIGEST)
    again = Provenance.fromdict(json.loads(json.dumps(origin.asdict()))).request()
    assert again == asked and DrawRequest.fromdict(json.loads(json.dumps(again.asdict()))) == again


def test_several_label_sets_are_drawn_from_the_same_noise(generator):
    third = draw(generator, BATCH_OF_FOUR).provenance[2].request()
    others = replace(third, labels=("NORM",)), replace(third, towards=("SR",), share=0.5)
    *progress, answer = work("several", generator, requests=plain(third, *others))
    assert [step.done for step in progress] == list(range(1, 13)) and {step.total for step in progress} == {12}
    assert answer.facts["rate"] == 100.0 and [one["index"] for one in answer.facts["provenance"]] == [2, 2, 2]
    for signal, request in zip(answer.arrays["signals"], (third, *others), strict=True):
        assert near(signal, draw(generator, request).ecgs[0].signal)
    first, *rest = (work("film", generator, request=one, most=2)[-1] for one in plain(third, *others))
    assert all(np.array_equal(first.arrays["frames"][0], one.arrays["frames"][0]) for one in rest)


def test_the_film_of_a_later_ecg_ends_with_that_ecg(generator):
    ecg = draw(generator, BATCH_OF_FOUR)
    film = work("film", generator, request=ecg.provenance[3].request().asdict(), most=41)[-1]
    assert near(film.arrays["frames"][-1], ecg.ecgs[3].signal)


@pytest.mark.parametrize(("most", "kept"), [(2, [0, 9]), (4, [0, 3, 6, 9]), (41, list(range(10)))])
def test_a_long_film_is_thinned_evenly_and_keeps_both_ends(generator, most, kept):
    request = replace(BATCH_OF_FOUR, count=1, steps=9)
    *progress, film = work("film", generator, request=request.asdict(), most=most)
    every = work("film", generator, request=request.asdict(), most=10)[-1].arrays["frames"]
    assert film.facts["steps"] == kept and progress[-1] == DrawProgress(9, 9)
    assert np.array_equal(film.arrays["frames"], every[kept])
