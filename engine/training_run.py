"""A training run as a folder: state to go on from, a log to read, a checkpoint to use.

Knows: files.  Does not know: the loss.  `state.safetensors` goes on exactly; `checkpoint.safetensors` holds the
averaged weights in 16 bits; `log.csv` has a row for every save.  The checkpoint's provenance holds a record of every
run that its weights went through, so that many short runs on different machines add up to one history.
"""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from engine.catalogue import read_header, summarise
from engine.checkpoint import Checkpoint, Recipe, load_checkpoint, save_checkpoint, with_provenance
from engine.hardware import device_name, processor
from engine.network import NetworkConfig, SssdNetwork
from engine.training import Objective, Trainer, TrainingConfig, process_share
from engine.training_data import TrainingSet

STATE, CHECKPOINT, LOG, SETTINGS = "state.safetensors", "checkpoint.safetensors", "log.csv", "settings.json"


class RunError(ValueError):
    """A run folder can't be used; the message says why."""


@dataclass(frozen=True)
class Report:
    """Where a run stands; written to the log when `validation` is there."""

    step: int
    samples: int
    seconds: float  # since this process took up the run
    samples_per_second: float  # since the last report
    loss: float  # mean since the last report
    validation: tuple[float, ...] = ()  # by noise level, from little noise to much


@dataclass(frozen=True)
class Plan:
    """What to train, on what, and how often to look."""

    network: NetworkConfig
    recipe: Recipe
    config: TrainingConfig
    report_every: int = 50  # steps
    save_every: int = 500  # steps; also validates
    device: str = "cpu"


class Run:
    """A run folder taken up."""

    def __init__(self, folder: Path, plan: Plan, before: Sequence[Mapping[str, Any]] = ()) -> None:
        self.folder, self.plan, self.trainer = folder, plan, _trainer(plan)
        self._before = list(before)  # records of the runs that the weights have been through
        self._record = _new_record(plan)
        self._is_first = process_share()[0] == 0

    @classmethod
    def start(cls, folder: Path, plan: Plan, warm_start: Path | None = None) -> Run:
        """A new run in an empty folder; from the weights of a checkpoint, if given.  Raises RunError."""
        check_folder(folder, resume=False)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SETTINGS).write_text(json.dumps(_settings(plan), indent=1))
        start = load_checkpoint(warm_start) if warm_start else None
        run = cls(folder, plan, start.recipe.provenance.get("runs", ()) if start else ())
        if start is not None:
            run._take_weights(start)
        return run

    @classmethod
    def resume(cls, folder: Path, plan: Plan) -> Run:
        """Go on exactly where the run in `folder` was saved.  Raises RunError."""
        check_folder(folder, resume=True)
        if json.loads((folder / SETTINGS).read_text()) != _settings(plan):
            raise RunError(f"{folder} was started with other settings; see {SETTINGS} there")
        *before, record = read_header(folder / CHECKPOINT)["recipe"]["provenance"]["runs"]
        run = cls(folder, plan, before)
        run._record = record
        run.trainer.restore(load_file(folder / STATE))
        return run

    def reports(self, data: TrainingSet, held_out: TrainingSet) -> Iterator[Report]:
        """Train to the end of the plan, if it has one, reporting as planned; a report with validation losses has just
        been saved.
        """
        began, minutes = time.monotonic(), self._record["minutes"]
        reported_at, reported = began, self.trainer.taken
        losses: list[float] = []
        if not self.trainer.taken and self._before and self._is_first:
            self._record["validation_before"] = _rounded(self.trainer.validation_losses(held_out))
        for step in self.trainer.steps(data):
            losses.append(step.loss)
            save = step.number % self.plan.save_every == 0 or step.is_last
            if not save and step.number % self.plan.report_every:
                continue
            now = time.monotonic()
            seconds = now - began
            rate = (step.number - reported) * self.plan.config.batch / (now - reported_at)
            reported_at, reported = now, step.number
            validation = tuple(self.trainer.validation_losses(held_out)) if save and self._is_first else ()
            samples = step.number * self.plan.config.batch
            report = Report(step.number, samples, seconds, rate, sum(losses) / len(losses), validation)
            self._record |= {"samples": samples, "minutes": round(minutes + seconds / 60, 1)}
            if save:
                self._record["validation"] = _rounded(validation)
                self.save(report)
            losses.clear()
            yield report

    def save(self, report: Report | None = None) -> None:
        """State and checkpoint, each replaced in one go, by the first of several processes."""
        if not self._is_first:
            return
        part = self.folder / (STATE + ".part")
        save_file({name: t.contiguous() for name, t in self.trainer.state().items()}, part)
        part.replace(self.folder / STATE)
        runs = [*self._before, self._record | {"samples": self.trainer.taken * self.plan.config.batch}]
        recipe = with_provenance(self.plan.recipe, samples=sum(run["samples"] for run in runs), runs=runs)
        save_checkpoint(self.folder / CHECKPOINT, self.trainer.averaged(), recipe, torch.float16)
        if report is not None:
            _append(self.folder / LOG, report)

    def _take_weights(self, start: Checkpoint) -> None:
        without_age = replace(self.plan.network, age_bands=0, age_dim=0)
        if start.network.config not in (self.plan.network, without_age):
            raise RunError(f"the checkpoint has other sizes than the preset: {start.network.config}")
        absent = self.trainer.network.load_state_dict(start.network.state_dict(), strict=False).missing_keys
        with torch.no_grad():
            for name, value in self.trainer.network.named_parameters():
                if name in absent and name.endswith(("age.vectors", "age.bias")):
                    value.zero_()  # what the checkpoint does not know changes nothing at first
                self.trainer.average[name].copy_(value)


def _new_record(plan: Plan) -> dict[str, Any]:
    """What is remembered of a run: when, on what, how, how long, and how good before and after."""
    device = torch.device(plan.device)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "hardware": processor() if device.type == "cpu" else device_name(device),
        "settings": {**asdict(plan.config), "schedule": plan.recipe.schedule, "target": plan.recipe.target},
        "samples": 0,
        "minutes": 0.0,
    }


def _rounded(losses: Sequence[float]) -> list[float]:
    return [round(loss, 5) for loss in losses]


def check_folder(folder: Path, resume: bool) -> None:
    """Raises RunError where there is no run to resume, or one that a new run would overwrite."""
    if resume and not (folder / STATE).exists():
        raise RunError(f"{folder} holds no saved run to resume; leave --resume out to start one")
    if not resume and (folder / STATE).exists():
        raise RunError(f"{folder} already holds a run; go on with --resume or choose another folder")


def guidance_before(folder: Path, resume: bool, warm_start: Path | None) -> float:
    """The own guidance of the checkpoint that a run goes on from; 1 where it goes on from none."""
    before = folder / CHECKPOINT if resume else warm_start
    return summarise(before).guidance if before else 1.0


def _trainer(plan: Plan) -> Trainer:
    torch.manual_seed(plan.config.seed)
    scale = torch.tensor(plan.recipe.lead_scale)
    objective = Objective(plan.recipe.make_schedule(), plan.recipe.target, scale, plan.config.weighting)
    return Trainer(SssdNetwork(plan.network).to(plan.device), objective, plan.config)


def _settings(plan: Plan) -> dict[str, Any]:
    """What must not change within a run, as JSON reads it back.  The own guidance may: training does not use it."""
    recipe = {name: value for name, value in asdict(plan.recipe).items() if name != "guidance"}
    settings = {"network": asdict(plan.network), "recipe": recipe, "training": asdict(plan.config)}
    return json.loads(json.dumps(settings))


def _append(path: Path, report: Report) -> None:
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.writer(file)
        if new:
            levels = [f"validation_{level}" for level in range(len(report.validation))]
            writer.writerow(["step", "samples", "seconds", "samples_per_second", "loss", *levels])
        numbers = [report.seconds, report.samples_per_second, report.loss, *report.validation]
        writer.writerow([report.step, report.samples, *(f"{number:.5g}" for number in numbers)])
