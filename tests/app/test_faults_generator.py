"""The generator dies, or its checkpoint is damaged: what people see, and that no study is lost by it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.composition.measuring import Measuring
from app.language import visitor
from app.session import Services
from engine.catalogue import checkpoints_in
from engine.checkpoint import Recipe, save_checkpoint
from engine.ecg import NLE_LEADS
from engine.generators import DrawRequest
from engine.jobs import GenerationService, JobState, JobStatus
from engine.network import NetworkConfig, SssdNetwork
from engine.tasks import Answer, Task
from tests.app.conftest import MAIN, OpenApp
from tests.app.faults_kit import composing, errors, until, warnings
from tests.app.study_kit import LABEL_SET, MadeUpGeneration, open_study, plan
from tests.app.test_read import answer, answered, click


@dataclass
class DyingGeneration(MadeUpGeneration):
    """Its worker dies under the first few jobs."""

    deaths: int = 2
    died: list[str] = field(default_factory=list)

    def status(self, job: str) -> JobStatus:
        if int(job) < self.deaths:
            self.died.append(job)
            return JobStatus(JobState.FAILED, error="The generator stopped unexpectedly.", is_lost=True)
        return super().status(job)


@pytest.mark.parametrize("services", [{"generation": DyingGeneration()}], indirect=True)
def test_a_worker_that_dies_while_a_study_is_composed_costs_no_study(open_app: OpenApp, services: Services) -> None:
    app = click(composing(open_app), "Compose the study")
    until(app, lambda: bool(services.store.studies()))
    [study] = services.store.studies()
    drawn = services.generation
    assert study.items == 10 and isinstance(drawn, DyingGeneration) and drawn.died == ["0", "1"]
    assert drawn.requests[:2] == drawn.requests[-2:] and not app.exception  # the very same ECGs


@pytest.mark.parametrize("services", [{"generation": DyingGeneration(deaths=99)}], indirect=True)
def test_a_worker_that_dies_again_and_again_is_said_in_the_end(open_app: OpenApp, services: Services) -> None:
    app = click(composing(open_app), "Compose the study")
    until(app, lambda: "stopped unexpectedly" in errors(app))
    assert services.store.studies() == []


@dataclass
class DyingMeasurer:
    """A worker that dies under the first measuring of each study."""

    asked: list[Task] = field(default_factory=list)

    def submit(self, task: DrawRequest | Task) -> str:
        assert isinstance(task, Task)
        self.asked.append(task)
        return str(len(self.asked) - 1)

    def status(self, job: str) -> JobStatus:
        if job == "0":
            return JobStatus(JobState.FAILED, error="The generator stopped unexpectedly.", is_lost=True)
        found = [{"heart_rate": 61.0}] * self.asked[int(job)].asked["ecgs"]["shape"][0]
        return JobStatus(JobState.DONE, answer=Answer({"measurements": found}))

    def cancel(self, job: str) -> None:
        raise AssertionError("nobody cancels")


def test_a_worker_that_dies_while_a_study_is_measured_costs_no_study() -> None:
    worker, items = DyingMeasurer(), plan().items
    measuring = Measuring(worker)
    measuring.begin(items)
    for _ in range(2):
        measuring.advance()
    assert measuring.is_over and worker.asked[0].asked == worker.asked[1].asked
    assert [one.payload for one in measuring.measured(items)] == [one.payload for one in items]


# --------------------------------------------------------------------------------------------------- checkpoints


@pytest.fixture
def with_model(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The same with a worker of its own and a small network, whose ECGs are nonsense."""
    folder, settings = tmp_path / "checkpoints", services.settings
    config = NetworkConfig(
        layers=1, channels=8, skip_channels=8, state=8, step_features=8, step_hidden=8, step_dim=8,
        label_dim=4, sexes=3, sex_dim=2, age_bands=11, age_dim=2,
    )  # fmt: skip
    save_checkpoint(folder / "default.safetensors", SssdNetwork(config), Recipe(LABEL_SET.codes, NLE_LEADS, (0.2,) * 8))
    generation = GenerationService(folder, "cpu")
    made = replace(
        services,
        generation=generation,
        settings=settings.model_copy(update={"checkpoints": folder}),
        checkpoints=lambda: checkpoints_in(folder),
    )
    monkeypatch.setattr(session, "services", lambda: made)
    yield made
    generation.close()


def test_a_damaged_checkpoint_is_named_in_explore_and_in_the_form_of_a_study_and_studies_are_read(
    open_app: OpenApp, with_model: Services
) -> None:
    (file,) = with_model.settings.checkpoints.iterdir()
    file.write_bytes(file.read_bytes()[:1000])
    for screen in ("explore", "studies"):
        app = open_app(screen)
        if screen == "studies":
            click(app, "New study")
        assert "default.safetensors can't be read as a checkpoint" in warnings(app) and not app.exception
        assert "Copy it again, or take it out of the folder." in warnings(app)
    study, token = open_study(with_model.store)
    answer(click(open_app(token=token), "Start reading"))
    assert answered(with_model.store, study) == 1


def test_the_words_about_a_damaged_checkpoint_are_german_too(with_model: Services) -> None:
    (file,) = with_model.settings.checkpoints.iterdir()
    file.write_text("not a checkpoint at all")
    app = AppTest.from_file(str(MAIN), default_timeout=30)
    app.query_params[visitor.PARAMETER] = "de"
    app.run().switch_page("screens/explore.py").run()
    assert "lässt sich nicht als Checkpoint lesen" in warnings(app) and "Kopieren Sie" in warnings(app)


def texts(app: AppTest) -> list[str]:
    return [str(one.value) for kind in (app.title, app.header, app.subheader, app.markdown) for one in kind]


def drawn(app: AppTest) -> AppTest:
    """Generate, and wait for the end."""
    click(app, "Generate")
    return until(app, lambda: not app.button(key="explore_generate").disabled)


@pytest.mark.slow
def test_damaged_weights_and_a_killed_worker_are_said_in_explore_and_the_next_request_is_drawn(
    open_app: OpenApp, with_model: Services
) -> None:
    (file,) = with_model.settings.checkpoints.iterdir()
    sound = file.read_bytes()
    file.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    app = drawn(open_app("explore"))
    assert "default.safetensors is damaged" in errors(app) and "Copy it again" in errors(app)
    file.write_bytes(sound)
    slow = with_model.generation.submit(DrawRequest(("NORM",), count=500, seed=1, sampler="ddim", steps=200))
    click(app, "Generate")
    worker = with_model.generation._process
    assert worker is not None
    with_model.generation.cancel(slow)
    os.kill(worker.pid, signal.SIGKILL)
    until(app, lambda: "stopped unexpectedly" in errors(app) and not app.button(key="explore_generate").disabled)
    assert "it has been restarted. Draw again." in errors(app) and not app.exception
    assert not drawn(app).error and any("Synthetic ECG" in words for words in texts(app))
