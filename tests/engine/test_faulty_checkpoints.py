"""Checkpoint files that are cut, flipped, foreign or empty: named, with what to do, wherever one is asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from engine.__main__ import main
from engine.catalogue import CheckpointError, checkpoints_in, find_checkpoint, summarise, unusable_in
from engine.checkpoint import Recipe, _write, load_checkpoint, read_header, save_checkpoint
from engine.ecg import NLE_LEADS
from engine.generators import DrawRequest
from engine.jobs import GenerationService, JobState
from engine.network import NetworkConfig, SssdNetwork
from tests.engine.test_jobs import finished

CONFIG = NetworkConfig(
    layers=1, channels=8, skip_channels=8, state=8, step_features=8, step_hidden=8, step_dim=8, labels=2, label_dim=4
)
RECIPE = Recipe(("NORM", "AFIB"), NLE_LEADS, (0.2,) * 8)
REQUEST = DrawRequest(("NORM",), count=1, seed=7, sampler="dpmpp2m", steps=2)
SIMULATED = DrawRequest(("SR",), count=1, seed=7, generator="simulator")


def save_sound(path: Path) -> Path:
    torch.manual_seed(0)
    save_checkpoint(path, SssdNetwork(CONFIG), RECIPE)
    return path


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_a_weight(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)


def without(part: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        header = json.loads(read_header(path)["text"])
        del header[part]
        _write(path, header, load_file(path))

    return spoil


def of_other_sizes(path: Path) -> None:
    header = json.loads(read_header(path)["text"])
    _write(path, {**header, "network": header["network"] | {"channels": 16}}, load_file(path))


FAULTS: Mapping[str, Callable[[Path], None]] = {
    "empty": lambda path: path.write_bytes(b"") and None,
    "cut": cut,
    "text": lambda path: path.write_text("not a checkpoint at all") and None,
    "foreign": lambda path: save_file({"x": torch.zeros(3)}, path),
    "a header of nothing": lambda path: save_file(
        load_file(path), path, metadata={"header": "not JSON", "digest": "0"}
    ),
    "no digest": lambda path: save_file(load_file(path), path, metadata={"header": "{}"}),
    "no recipe": without("recipe"),
    "no network": without("network"),
    "a folder": lambda path: (path.unlink(), path.mkdir()) and None,
}
FAULTS_OF_WEIGHTS = {"a flipped weight": flip_a_weight, "other sizes": of_other_sizes}


@pytest.fixture(params=FAULTS)
def faulty(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A checkpoint folder whose default is of no use."""
    path = save_sound(tmp_path / "default.safetensors")
    FAULTS[request.param](path)
    return path


@pytest.fixture(params=FAULTS_OF_WEIGHTS)
def hollow(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The same with a header that is sound."""
    path = save_sound(tmp_path / "default.safetensors")
    FAULTS_OF_WEIGHTS[request.param](path)
    return path


def assert_advises(words: str, name: str = "default.safetensors") -> None:
    assert words.startswith(name) and ("Copy it again" in words or "engine import" in words) and "\n" not in words


def test_a_faulty_file_is_named_in_its_folder_and_the_others_stay_usable(faulty: Path) -> None:
    other = save_sound(faulty.with_name("other.safetensors"))
    assert [one.path for one in checkpoints_in(faulty.parent)] == [other]
    [(name, words)] = unusable_in(faulty.parent).items()
    assert name == "default"
    assert_advises(words)


def test_no_other_checkpoint_silently_takes_the_place_of_a_damaged_default(faulty: Path) -> None:
    other = summarise(save_sound(faulty.with_name("other.safetensors")))
    with pytest.raises(CheckpointError, match="^default.safetensors"):
        find_checkpoint(faulty.parent, None)
    assert find_checkpoint(faulty.parent, other.digest) == other
    with pytest.raises(CheckpointError, match="digest begins with ffff.*default.safetensors"):
        find_checkpoint(faulty.parent, "ffff")


def generate(out: Path, *options: str) -> int:
    asked = ["--labels", "NORM", "--steps", "1", "--sampler", "dpmpp2m", "--out", str(out)]
    return main(["generate", *asked, *options])


def test_the_command_line_ends_with_one_sentence_for_a_faulty_default(
    faulty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ECG_TURING_CHECKPOINTS", str(faulty.parent))
    for command in (
        lambda: generate(faulty.parent / "out"),
        lambda: main(["produce", "--labels", "NORM", "--count", "2", "--out", str(faulty.parent / "many")]),
    ):
        assert command() == 2
        [said] = capsys.readouterr().err.splitlines()
        assert_advises(said.removeprefix("error: "))


def test_the_command_line_ends_with_one_sentence_for_a_faulty_file_that_is_named(
    faulty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (
        lambda: generate(faulty.parent / "out", "--checkpoint", str(faulty)),
        lambda: main(["guidance", str(faulty)]),
        lambda: main(["guidance", str(faulty), "1"]),
    ):
        assert command() == 2
        [said] = capsys.readouterr().err.splitlines()
        assert_advises(said.removeprefix("error: "))


def test_damage_of_the_weights_is_said_by_whoever_loads_them(hollow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CheckpointError) as refusal:
        load_checkpoint(hollow)
    assert_advises(str(refusal.value))
    assert generate(hollow.parent / "out", "--checkpoint", str(hollow)) == 2
    [said] = capsys.readouterr().err.splitlines()
    assert_advises(said.removeprefix("error: "))


@pytest.fixture(scope="module")
def sound_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return save_sound(tmp_path_factory.mktemp("sound") / "default.safetensors").read_bytes()


@settings(max_examples=60)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), is_cut=st.booleans(), near_start=st.booleans())
def test_whatever_bit_is_flipped_or_wherever_it_is_cut_a_checkpoint_is_refused_in_words(
    sound_bytes: bytes, tmp_path_factory: pytest.TempPathFactory, place: float, bit: int, is_cut: bool, near_start: bool
) -> None:
    """Or it is the same network all the same: the order of names in the header may differ, numbers never."""
    folder, content = tmp_path_factory.mktemp("damaged"), bytearray(sound_bytes)
    at = int(place * (4096 if near_start else len(content)))
    content[at] ^= 1 << bit
    path = folder / "default.safetensors"
    path.write_bytes(content[:at] if is_cut else content)
    assert len(checkpoints_in(folder)) + len(unusable_in(folder)) == 1
    with pytest.raises(CheckpointError):
        load_checkpoint(path)


# ------------------------------------------------------------------------------------------- the worker process


def test_the_worker_says_which_file_is_damaged_and_draws_on_once_it_is_copied_anew_or_was_killed(
    tmp_path: Path,
) -> None:
    path = save_sound(tmp_path / "default.safetensors")
    sound, service = path.read_bytes(), GenerationService(tmp_path, "cpu")
    try:
        flip_a_weight(path)
        failed = finished(service, service.submit(REQUEST))
        assert failed.state is JobState.FAILED and failed.error is not None and not failed.is_lost
        assert_advises(failed.error)
        path.write_bytes(sound)
        assert finished(service, service.submit(REQUEST)).state is JobState.DONE
        for _ in range(3):  # its death may be seen by the one who asks before the one who listens
            idle = service._process
            assert idle is not None
            idle.kill()
            idle.wait()
            assert finished(service, service.submit(REQUEST)).state is JobState.DONE
    finally:
        service.close()


KILLED_WHILE_IT_TELLS = """
import json, os, signal, sys
mark, *worker = sys.argv[1:]
with open(mark, "a+") as starts:
    starts.write(".")
    number = starts.tell()
if number > 2:
    os.execv(worker[0], worker)
job = json.loads(sys.stdin.readline())["job"]
line = json.dumps({"event": "drawn", "job": job, "shape": [1, 12, 1000], "rate": 100.0, "provenance": []})
sys.stdout.write(line[:40] if number == 1 else line + chr(10) + "half of the signals")
sys.stdout.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_worker_that_is_killed_in_the_middle_of_a_message_costs_one_job(tmp_path: Path) -> None:
    service = GenerationService(save_sound(tmp_path / "default.safetensors").parent, "cpu")
    service._command = [sys.executable, "-c", KILLED_WHILE_IT_TELLS, str(tmp_path / "starts"), *service._command]
    try:
        for _ in ("in its line", "in its signals"):
            lost = finished(service, service.submit(REQUEST))
            assert lost.state is JobState.FAILED and lost.is_lost and "has been restarted" in (lost.error or "")
        assert finished(service, service.submit(REQUEST)).state is JobState.DONE
    finally:
        service.close()
