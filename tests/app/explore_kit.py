"""Explore on a generator that is under the test's control: the screen, what it shows, what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.explore.result import prepared
from app.session import Services
from app.settings import Settings
from engine.catalogue import CheckpointSummary
from engine.ecg import Ecg, complete_leads
from engine.generators import Drawn, DrawRequest, provenance_of
from engine.jobs import GenerationService, JobState, JobStatus, UnknownJob
from engine.labels import Sex, ptbxl_statements
from engine.ptbxl import PtbXl, PtbxlRecord
from review_db.store import Store

SCREEN = Path(__file__).resolve().parents[2] / "app" / "screens" / "explore.py"
STATEMENTS = ptbxl_statements()
DIGEST = "5685c8b8" + 56 * "0"
OTHER = "07he2" + 59 * "1"
STRONG = "2b" + 62 * "2"
RUN = {
    "date": "2026-11-20", "samples": 16_000, "minutes": 12.4, "hardware": "a computer",
    "validation_before": [0.2, 0.4], "validation": [0.1, 0.3],
}  # fmt: skip
EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")


def ecg_at(times: np.ndarray) -> Ecg:
    """A sound ECG with a QRS complex at each time in seconds."""
    seconds = np.arange(1000) / 100
    beats = np.exp(-(((seconds[:, None] - times) / 0.015) ** 2)).sum(axis=1)
    sizes = np.linspace(0.5, 1.5, 8)[:, None]
    return Ecg(complete_leads((sizes * beats).astype(np.float32), EIGHT), 100.0)


def regular(per_minute: float = 75.0) -> Ecg:
    return ecg_at(np.arange(0.4, 9.8, 60 / per_minute))


class Generation:
    """A GenerationService whose jobs stand where the test puts them."""

    def __init__(self) -> None:
        self.requests: dict[str, DrawRequest] = {}
        self.states: dict[str, JobStatus] = {}

    def submit(self, request: DrawRequest) -> str:
        job = f"job{len(self.requests)}"
        self.requests[job], self.states[job] = request, JobStatus(JobState.QUEUED)
        return job

    def status(self, job: str) -> JobStatus:
        if job not in self.states:
            raise UnknownJob(job)
        return self.states[job]

    def cancel(self, job: str) -> None:
        self.states[job] = JobStatus(JobState.CANCELLED)

    def finish(self, job: str, ecg: Ecg | None = None) -> None:
        request = self.requests[job]
        ecgs = tuple(ecg or regular(60 + 5 * index) for index in range(request.count))
        drawn = Drawn(ecgs, provenance_of(request, DIGEST))
        self.states[job] = JobStatus(JobState.DONE, 25, 25, drawn=drawn)


class Records:
    """Two real ECGs with atrial fibrillation, one of them with more labels, and none with anything else."""

    def __init__(self) -> None:
        self.records = tuple(
            PtbxlRecord(number, None, age, False, sex, STATEMENTS.select(codes), {}, fold, "", "")
            for number, age, sex, codes, fold in (
                (11, 71.0, Sex.MALE, ("AFIB", "LVH"), 9),
                (12, 68.0, Sex.FEMALE, ("AFIB",), 3),
                (13, 79.5, Sex.MALE, ("AFIB",), 3),
                (14, None, Sex.MALE, ("AFIB",), 10),
            )
        )

    def with_labels(self, codes: tuple[str, ...]) -> tuple[PtbxlRecord, ...]:
        return tuple(record for record in self.records if set(codes) <= set(record.labels.codes))

    def at_rate(self, rate: int) -> tuple[PtbxlRecord, ...]:
        return self.records

    def read(self, record: PtbxlRecord, rate: int) -> Ecg:
        return regular(100 + record.ecg_id)


RECORDS = cast(PtbXl, Records())


def new_generation() -> Generation:
    """Ids of jobs are unique in the product, not here: what was prepared for another test's is forgotten."""
    prepared.clear()
    return Generation()


def screen_opener(generation: Generation, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens Explore: open(models=1, ptbxl=False, facts=None, **address). The models' own guidance: 2, none, 3.

    facts: what the first checkpoint says of its training.
    """

    def screen(models: int = 1, ptbxl: bool = False, facts: Mapping[str, Any] | None = None, **address: str) -> AppTest:
        room = Services(
            Settings(checkpoints=folder),
            cast(Store, None),
            cast(GenerationService, generation),
            RECORDS if ptbxl else None,
            lambda: None,
            STATEMENTS,
            lambda: models_in(folder, facts or {"samples": 150_000})[:models],
        )
        monkeypatch.setattr(session, "services", lambda: room)
        app = AppTest.from_file(SCREEN, default_timeout=20)
        for name, value in address.items():
            app.query_params[name] = value
        return checked(app.run())

    return screen


def models_in(folder: Path, facts: Mapping[str, Any]) -> list[CheckpointSummary]:
    """Three checkpoints: one with these facts, one that knows neither sex nor guidance, one that guides strongly."""
    path = folder / "default.safetensors"
    known = CheckpointSummary(path, DIGEST, STATEMENTS.codes, True, True, True, facts, {}, 2.0)
    strong = replace(known, path=folder / "strong.safetensors", digest=STRONG, guidance=3.0)
    rare = {"records_by_label": {"NORM": 1_500, "WPW": 12}, "runs": [RUN]}
    mine = folder / "mine.safetensors"
    return [known, CheckpointSummary(mine, OTHER, STATEMENTS.codes, False, False, False, rare, {}), strong]


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def generate(app: AppTest) -> AppTest:
    return checked(app.button(key="explore_generate").click().run())


def words(app: AppTest) -> str:
    elements = (*app.markdown, *app.caption, *app.info, *app.error, *app.warning)
    return "\n".join(element.value for element in elements)


def address_of(app: AppTest) -> dict[str, str]:
    values = app.query_params.items()
    return {name: value if isinstance(value, str) else value[-1] for name, value in values}


def papers(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


def thumbnails(app: AppTest) -> list[Any]:
    return [button for button in app.button if (button.key or "").startswith("explore_thumbnail")]
