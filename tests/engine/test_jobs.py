"""Generation end to end: requests, the generators, the worker process, the command line."""

import json
import os
import signal
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
import wfdb

from engine.__main__ import main
from engine.checkpoint import Recipe, load_checkpoint, save_checkpoint
from engine.denoiser import guided
from engine.drawing import DiffusionGenerator, make_generator
from engine.ecg import NLE_LEADS
from engine.generators import GENERATORS, Drawn, DrawRequest, Provenance, RequestError
from engine.jobs import GenerationService, JobState, JobStatus, UnknownJob
from engine.labels import Sex, UnknownLabel, ptbxl_statements
from engine.network import NetworkConfig, SssdNetwork
from engine.tasks import Task

CONFIG = NetworkConfig(
    layers=1, channels=8, skip_channels=8, state=8, step_features=8, step_hidden=8, step_dim=8,
    label_dim=4, sexes=3, sex_dim=2, age_bands=11, age_dim=2,
)  # fmt: skip
REQUEST = DrawRequest(("AFIB", "LVH"), Sex.FEMALE, 2, 7, "dpmpp2m", 4)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    """A small network with random weights: its ECGs are nonsense, its mechanics are not."""
    torch.manual_seed(0)
    network = SssdNetwork(CONFIG)
    torch.nn.init.normal_(network.outlet.weight)
    path = tmp_path_factory.mktemp("checkpoints") / "default.safetensors"
    save_checkpoint(path, network, Recipe(ptbxl_statements().codes, NLE_LEADS, (0.2,) * 8, labels_may_be_open=True))
    return path


@pytest.fixture(scope="module")
def service(checkpoint):
    service = GenerationService(checkpoint.parent, "cpu")
    yield service
    service.close()


def finished(service: GenerationService, job: str, seconds: float = 60) -> JobStatus:
    deadline = time.monotonic() + seconds
    while not (status := service.status(job)).state.is_over:
        assert time.monotonic() < deadline, "the job did not end"
        time.sleep(0.02)
    return status


def draw(generator, request: DrawRequest) -> Drawn:
    return list(generator.draw(request))[-1]


def changed(**values) -> DrawRequest:
    return DrawRequest(**{**REQUEST.__dict__, **values})


def test_an_ecg_is_the_same_alone_and_in_any_batch(checkpoint):
    generator = DiffusionGenerator.load(checkpoint, "cpu")
    many = draw(generator, changed(count=19))
    few = draw(generator, changed(count=3))
    for ours, theirs in zip(few.ecgs, many.ecgs, strict=False):
        assert np.allclose(ours.signal, theirs.signal, atol=1e-4)
    assert len({ecg.signal.tobytes() for ecg in many.ecgs}) == 19
    assert [one.index for one in many.provenance] == list(range(19))


@pytest.mark.parametrize(
    "changes", [{"seed": 8}, {"labels": ("NORM",)}, {"sex": Sex.MALE}, {"sex": None}, {"age_band": "70-79"}]
)
def test_every_part_of_a_request_matters(checkpoint, changes):
    generator = DiffusionGenerator.load(checkpoint, "cpu")
    first, second = draw(generator, REQUEST).ecgs[0], draw(generator, changed(**changes)).ecgs[0]
    assert not np.allclose(first.signal, second.signal, atol=1e-3)


def test_the_way_between_two_label_sets_begins_and_ends_at_them(checkpoint):
    generator = DiffusionGenerator.load(checkpoint, "cpu")
    there = {"towards": ("NORM",)}
    first, last = draw(generator, REQUEST), draw(generator, changed(labels=("NORM",)))
    assert same_bits(draw(generator, changed(**there, share=0.0)), first)
    assert same_bits(draw(generator, changed(**there, share=1.0)), last)
    between = draw(generator, changed(**there, share=0.5))
    assert not same_bits(between, first) and not same_bits(between, last)
    told = json.loads(json.dumps(between.provenance[0].asdict()))
    assert Provenance.fromdict(told) == between.provenance[0] and (told["towards"], told["share"]) == (["NORM"], 0.5)
    assert "share" not in first.provenance[0].asdict()
    with pytest.raises(RequestError, match="between 0 and 1"):
        changed(**there, share=1.5).check(ptbxl_statements())


def test_the_film_runs_from_the_noise_to_the_very_ecg(service, checkpoint):
    job = service.submit(Task("film", {"request": REQUEST.asdict(), "most": 41}))
    status = finished(service, job)
    assert status.state is JobState.DONE and status.answer.facts == {"rate": 100.0, "steps": [0, 1, 2, 3, 4]}
    frames = status.answer.arrays["frames"]
    assert frames.shape == (REQUEST.steps + 1, 12, 1000) and frames.dtype == np.float32
    ecg = draw(DiffusionGenerator.load(checkpoint, "cpu"), REQUEST).ecgs[0]
    assert np.allclose(frames[-1], ecg.signal, atol=1e-4) and abs(frames[0, 1].std() - 0.2) < 0.05
    simulated = {"request": changed(generator="simulator", labels=("SR",), sex=None).asdict(), "most": 41}
    refused = finished(service, service.submit(Task("film", simulated)))
    assert refused.state is JobState.FAILED and "diffusion model" in refused.error


def test_a_checkpoint_that_knows_no_age_says_so(tmp_path):
    network = SssdNetwork(replace(CONFIG, age_bands=0, age_dim=0))
    path = tmp_path / "ageless.safetensors"
    save_checkpoint(path, network, Recipe(ptbxl_statements().codes, NLE_LEADS, (0.2,) * 8))
    with pytest.raises(RequestError, match="does not know age"):
        draw(DiffusionGenerator.load(path, "cpu"), changed(age_band="70-79"))
    with pytest.raises(RequestError, match="There is no age band '75'"):
        changed(age_band="75").check(ptbxl_statements())


def test_a_checkpoint_that_knows_no_sex_refuses_one_and_draws_without(tmp_path):
    network = SssdNetwork(replace(CONFIG, sexes=0, sex_dim=0))
    path = tmp_path / "sexless.safetensors"
    save_checkpoint(path, network, Recipe(ptbxl_statements().codes, NLE_LEADS, (0.2,) * 8))
    generator = DiffusionGenerator.load(path, "cpu")
    with pytest.raises(RequestError, match="does not know sex; leave the sex open"):
        draw(generator, REQUEST)
    assert {one.sex for one in draw(generator, changed(sex=None)).provenance} == {None}


def test_guidance_scales_what_the_labels_change_and_takes_growth_back():
    """Classifier-free guidance with rescaling, written out (arXiv 2207.12598; 2305.08891, equations 15-16)."""
    torch.manual_seed(0)
    with_labels, left_open = torch.randn(2, 3, 8, 50)
    x, steps = torch.zeros(3, 8, 50), torch.zeros(3)
    both = torch.cat([with_labels, left_open])
    guide = guided(lambda x, t: both, 3.0)
    exaggerated = left_open + 3 * (with_labels - left_open)
    for ours, plain, conditioned in zip(guide(x, steps), exaggerated, with_labels, strict=True):
        assert torch.allclose(ours, plain * (0.3 + 0.7 * conditioned.std() / plain.std()), atol=1e-5)
    assert torch.allclose(guided(lambda x, t: both, 1.0)(x, steps), with_labels)


def test_without_guidance_labels_of_weight_zero_do_not_matter(checkpoint):
    generator = DiffusionGenerator.load(checkpoint, "cpu")
    first, second = (draw(generator, changed(guidance=0, labels=labels)).ecgs[0] for labels in (("NORM",), ("AFIB",)))
    assert np.allclose(first.signal, second.signal, atol=1e-6)


@pytest.fixture(scope="module")
def guided_checkpoint(checkpoint, tmp_path_factory):
    """The same network, which names 2 as its own guidance."""
    plain, path = load_checkpoint(checkpoint), tmp_path_factory.mktemp("guided") / "default.safetensors"
    save_checkpoint(path, plain.network, replace(plain.recipe, guidance=2.0))
    return path


def same_bits(first: Drawn, second: Drawn) -> bool:
    return [e.signal.tobytes() for e in first.ecgs] == [e.signal.tobytes() for e in second.ecgs]


def test_a_guidance_left_open_is_the_checkpoints_own_bit_for_bit(checkpoint, guided_checkpoint):
    for path, own in ((checkpoint, 1.0), (guided_checkpoint, 2.0)):
        generator = DiffusionGenerator.load(path, "cpu")
        open_, named = draw(generator, changed(guidance=None)), draw(generator, changed(guidance=own))
        assert same_bits(open_, named) and open_.provenance == named.provenance
        assert {one.guidance for one in open_.provenance} == {own}
        assert not same_bits(open_, draw(generator, changed(guidance=3.0 - own)))


def test_an_ecg_is_drawn_again_from_its_provenance_whatever_the_checkpoints_own_guidance_is_by_then(
    checkpoint, guided_checkpoint
):
    first = draw(DiffusionGenerator.load(guided_checkpoint, "cpu"), changed(guidance=None))
    told = json.loads(json.dumps(first.provenance[1].asdict()))
    names = ("seed", "sampler", "steps", "generator", "guidance")
    again = DrawRequest(tuple(told["labels"]), Sex(told["sex"]), told["index"] + 1, **{n: told[n] for n in names})
    assert same_bits(first, draw(DiffusionGenerator.load(checkpoint, "cpu"), again))  # same weights, its own is 1


def test_a_guidance_that_is_asked_for_overrules_the_checkpoints_own(checkpoint, guided_checkpoint):
    asked = changed(guidance=1.0)
    drawn = [draw(DiffusionGenerator.load(path, "cpu"), asked) for path in (checkpoint, guided_checkpoint)]
    assert same_bits(*drawn) and drawn[1].provenance[0].guidance == 1


def test_the_simulator_has_no_guidance():
    drawn = draw(make_generator("simulator", None, "cpu"), changed(generator="simulator", labels=("SR",), sex=None))
    assert {one.guidance for one in drawn.provenance} == {None}


def test_the_worker_and_the_command_draw_with_the_checkpoints_own_guidance(guided_checkpoint, tmp_path):
    service = GenerationService(guided_checkpoint.parent, "cpu")
    try:
        status = finished(service, service.submit(REQUEST))
    finally:
        service.close()
    assert {one.guidance for one in status.drawn.provenance} == {2.0}
    options = "--labels AFIB,LVH --sex female --count 2 --seed 7 --sampler dpmpp2m --steps 4".split()
    assert generate(*options, "--checkpoint", str(guided_checkpoint), "--out", str(tmp_path)) == 0
    record = wfdb.rdrecord(str(sorted(tmp_path.glob("*.hea"))[0].with_suffix("")))
    assert "guidance: 2.0" in record.comments
    assert np.allclose(record.p_signal.T, status.drawn.ecgs[0].signal, atol=2e-3)


def test_a_checkpoint_that_never_saw_open_labels_refuses_guidance(checkpoint, tmp_path):
    plain = load_checkpoint(checkpoint)
    never = tmp_path / "never.safetensors"
    save_checkpoint(never, plain.network, replace(plain.recipe, labels_may_be_open=False))
    with pytest.raises(RequestError, match="guidance to 1"):
        draw(DiffusionGenerator.load(never, "cpu"), changed(guidance=2))


def test_drawn_ecgs_obey_einthovens_law(checkpoint):
    ecg = draw(DiffusionGenerator.load(checkpoint, "cpu"), REQUEST).ecgs[0]
    assert np.allclose(ecg.lead("III"), ecg.lead("II") - ecg.lead("I"), atol=1e-5)
    assert ecg.samples == 1000 and ecg.rate == 100


@pytest.mark.parametrize("name", GENERATORS)
def test_every_generator_draws_and_says_from_what(name, checkpoint):
    drawn = draw(make_generator(name, checkpoint, "cpu"), changed(generator=name, labels=("SR",), sex=None))
    assert len(drawn.ecgs) == len(drawn.provenance) == 2
    assert drawn.provenance[1].generator == name
    assert json.loads(json.dumps(drawn.provenance[1].asdict()))["seed"] == 7


@pytest.mark.parametrize(("changes", "words"), [
    ({"count": 0}, "count must be between"), ({"count": 10_001}, "count must be between"),
    ({"steps": 0}, "1 to 200 steps"), ({"steps": 201}, "1 to 200 steps"), ({"sampler": "euler"}, "no sampler"),
    ({"guidance": 5.5}, "guidance must be"), ({"guidance": float("nan")}, "guidance must be"),
    ({"generator": "gan"}, "no generator"), ({"seed": -1}, "seed must be"),
])  # fmt: skip
def test_impossible_requests_are_refused_in_words(changes, words):
    with pytest.raises(RequestError, match=words):
        changed(**changes).check(ptbxl_statements())


def test_an_unknown_label_is_refused_with_its_neighbours():
    with pytest.raises(UnknownLabel, match="AFIB"):
        changed(labels=("AFIBB",)).check(ptbxl_statements())


def test_a_request_survives_json():
    assert DrawRequest.fromdict(json.loads(json.dumps(REQUEST.asdict()))) == REQUEST


def test_the_worker_draws_what_the_generator_draws(service, checkpoint):
    status = finished(service, service.submit(REQUEST))
    here = draw(DiffusionGenerator.load(checkpoint, "cpu"), REQUEST)
    assert status.state is JobState.DONE and status.done == status.total == 8  # steps x ECGs
    assert status.drawn.provenance == here.provenance
    for theirs, ours in zip(status.drawn.ecgs, here.ecgs, strict=True):
        assert np.allclose(theirs.signal, ours.signal, atol=1e-4)


def test_a_job_is_cancelled_and_the_next_one_runs(service):
    long = service.submit(changed(count=500, steps=200))
    short = service.submit(REQUEST)
    service.cancel(long)
    assert service.status(long).state is JobState.CANCELLED
    assert finished(service, short).state is JobState.DONE
    assert service.status(long).state is JobState.CANCELLED


def test_jobs_choose_their_checkpoint_and_a_new_one_may_come_at_any_time(service, checkpoint):
    plain = load_checkpoint(checkpoint)
    first = finished(service, service.submit(changed(checkpoint=plain.digest[:12])))
    other = checkpoint.with_name("other.safetensors")
    try:
        digest = save_checkpoint(other, plain.network, replace(plain.recipe, lead_scale=(0.4,) * 8))
        second = finished(service, service.submit(changed(checkpoint=digest[:12])))
        assert [s.drawn.provenance[0].checkpoint for s in (first, second)] == [plain.digest, digest]
        assert np.allclose(second.drawn.ecgs[0].signal, 2 * first.drawn.ecgs[0].signal, atol=1e-4)
    finally:
        other.unlink()
    gone = finished(service, service.submit(changed(checkpoint=digest[:12])))
    assert gone.state is JobState.FAILED and digest[:12] in gone.error


def test_a_failing_job_tells_its_reason_and_spares_the_worker(service):
    failed = finished(service, service.submit(changed(labels=("NOSUCH",))))
    assert failed.state is JobState.FAILED and "NOSUCH" in failed.error
    assert finished(service, service.submit(REQUEST)).state is JobState.DONE


def test_a_killed_worker_costs_one_job(service):
    service.status(service.submit(REQUEST))
    running, waiting = service.submit(changed(count=500, steps=200)), service.submit(REQUEST)
    while service.status(running).state is JobState.QUEUED:
        time.sleep(0.02)
    os.kill(service._process.pid, signal.SIGKILL)
    crashed = finished(service, running)
    assert crashed.state is JobState.FAILED and "stopped unexpectedly" in crashed.error
    assert finished(service, waiting).state is JobState.DONE


def test_an_unknown_job_is_named(service):
    with pytest.raises(UnknownJob):
        service.status("never given out")


def test_the_worker_ends_with_its_parent(checkpoint):
    service = GenerationService(checkpoint.parent, "cpu")
    finished(service, service.submit(REQUEST))
    process = service._process
    process.stdin.close()  # what the end of the parent does
    assert process.wait(10) == 0


def generate(*arguments: str) -> int:
    return main(["generate", *arguments])


def test_the_command_writes_records_that_wfdb_reads(checkpoint, tmp_path):
    options = "--labels AFIB,LVH --sex female --count 2 --seed 7 --sampler dpmpp2m --steps 4 --format wfdb".split()
    assert generate(*options, "--checkpoint", str(checkpoint), "--out", str(tmp_path)) == 0
    headers = sorted(tmp_path.glob("*.hea"))
    assert len(headers) == 2
    record = wfdb.rdrecord(str(headers[1].with_suffix("")))
    drawn = draw(DiffusionGenerator.load(checkpoint, "cpu"), REQUEST.check(ptbxl_statements()))
    assert record.sig_name[:3] == ["I", "II", "III"] and set(record.units) == {"mV"} and record.fs == 100
    assert np.allclose(record.p_signal.T, drawn.ecgs[1].signal, atol=2e-3)
    comments = " ".join(record.comments)
    assert "AFIB" in comments and "seed: 7" in comments and drawn.provenance[0].checkpoint in comments


@pytest.mark.parametrize(("options", "words"), [
    ("--labels AFIBB", "Unknown label"), ("--labels AFIB --count 0", "count must be"),
    ("--labels AFIB --format gif", "no format"), ("--labels AFIB --steps 900", "1 to 200 steps"),
    ("--labels AFIB --sampler x", "no sampler"),
])  # fmt: skip
def test_a_users_mistake_is_one_line_and_exit_code_2(options, words, tmp_path, capsys):
    assert generate(*options.split(), "--out", str(tmp_path)) == 2
    error = capsys.readouterr().err.strip()
    assert words in error and "\n" not in error


def test_an_unwritable_folder_is_one_line_and_exit_code_2(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert generate("--labels", "AFIB", "--out", str(tmp_path / "file" / "below")) == 2
    assert "can't be written to" in capsys.readouterr().err


def test_without_a_checkpoint_the_command_says_how_to_get_one(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ECG_TURING_CHECKPOINTS", str(tmp_path))
    assert generate("--labels", "AFIB", "--out", str(tmp_path / "out")) == 2
    assert "make train" in capsys.readouterr().err
