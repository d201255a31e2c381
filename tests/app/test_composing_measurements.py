"""Measurements below the ECGs of a study: of all arms by one task, from the very payloads that readers get."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.composition.composing import Composition
from app.composition.curate import GENERATOR, REAL, CurationError
from app.composition.measuring import Measuring, whole
from app.composition.order import StudyOrder
from app.composition.ptbxl_arm import PtbXlSource
from app.composition.rehearsal import reading_order
from app.composition.template import read, shipped, write
from app.reading import measured as below
from engine.ecg import Ecg
from engine.generators import DrawRequest
from engine.harmonise import decode, encode, harmonise
from engine.jobs import JobState, JobStatus
from engine.measuring.measurements import measure
from engine.tasks import Answer, Task, unpack_ecgs
from review_db.measured import NAMES, is_whole
from review_db.plan import NewItem, StudyPlan
from review_db.protocol import StudyProtocol
from tests.app.study_kit import LABEL_SET, MadeUpGeneration, MadeUpPtbXl, labels, record
from tests.engine.conftest import made_up_ecg

SHOWS = StudyProtocol(shows_measurements=True)


@dataclass
class MadeUpWorker(MadeUpGeneration):
    """Measures too, as the worker does; `broken` in these words."""

    tasks: dict[str, Task] = field(default_factory=dict)
    broken: str | None = None

    def submit(self, request: DrawRequest | Task) -> str:
        if isinstance(request, DrawRequest):
            return super().submit(request)
        self.tasks[name := f"task {len(self.tasks)}"] = request
        return name

    def status(self, job: str) -> JobStatus:
        if job not in self.tasks:
            return super().status(job)
        if self.broken:
            return JobStatus(JobState.FAILED, error=self.broken)
        task = self.tasks[job]
        assert task.kind == "measured"
        found = [asdict(measure(ecg)) for ecg in unpack_ecgs(task.asked["ecgs"])]
        return JobStatus(JobState.DONE, answer=Answer({"measurements": found}))


def order(protocol: StudyProtocol, number: int = 2) -> StudyOrder:
    return StudyOrder("Reading", "", (REAL, GENERATOR), (labels("AFIB"),), (number,), 7, protocol, DrawRequest(()))


def composed(protocol: StudyProtocol, worker: MadeUpWorker) -> StudyPlan:
    records = MadeUpPtbXl(tuple(record(at, "AFIB") for at in range(1, 13)))
    sources = {REAL: PtbXlSource(records)}  # type: ignore[arg-type]
    made = Composition(order(protocol), worker, sources, LABEL_SET)
    while not made.finished:
        made.advance()
    return made.plan()


def test_every_ecg_of_both_arms_is_measured_from_its_payload_practice_too() -> None:
    worker = MadeUpWorker()
    plan = composed(StudyProtocol(shows_measurements=True, practice=2), worker)
    assert {item.arm for item in plan.items} == {arm.name for arm in plan.arms} and len(plan.arms) == 2
    assert any(item.is_practice for item in plan.items) and len(worker.tasks) == 1
    for item in plan.items:
        assert item.measured == whole(asdict(measure(decode(item.payload))))
        assert list(item.measured) == list(NAMES)


def test_a_study_that_shows_none_asks_for_none() -> None:
    worker = MadeUpWorker()
    plan = composed(StudyProtocol(), worker)
    assert not worker.tasks and {item.measured for item in plan.items} == {None}


def test_what_cannot_be_measured_stops_the_composing_in_words() -> None:
    with pytest.raises(CurationError, match="the worker fell over"):
        composed(SHOWS, MadeUpWorker(broken="the worker fell over"))


def test_a_cancelled_measuring_is_cancelled_with_the_worker() -> None:
    class Slow(MadeUpWorker):
        def status(self, job: str) -> JobStatus:
            return JobStatus(JobState.RUNNING)

    worker = Slow()
    measuring = Measuring(worker)
    measuring.begin([NewItem(encode(harmonise(made_up_ecg(1))), "arm", ("AFIB",), "stated")])
    measuring.advance()
    assert measuring.has_begun and not measuring.is_over
    measuring.cancel()
    assert worker.cancelled == ["task 0"] and measuring.is_over


# ------------------------------------------------------------------------------------------------------ their form

SIGNALS = st.sampled_from(["beats", "flat", "noise"])


@given(kind=SIGNALS, seed=st.integers(0, 2**16))
@settings(max_examples=25, deadline=None)
def test_whatever_an_ecg_carries_its_measurements_have_one_form(kind: str, seed: int) -> None:
    """Names, types, number of cells: what is not measured is a dash, and nothing else changes."""
    chance = np.random.default_rng(seed)
    signals: dict[str, Any] = {
        "beats": lambda: made_up_ecg(seed).signal,
        "flat": lambda: np.zeros((12, 1000), np.float32),
        "noise": lambda: chance.normal(0, 0.1, (12, 1000)).astype(np.float32),
    }
    found = whole(asdict(measure(Ecg(signals[kind](), 100))))
    assert is_whole(found) and list(found) == list(NAMES)
    shown = below.table(found)
    assert shown.count("<th ") == shown.count("<td>") == len(NAMES)
    assert shown.count(f"<td>{below.NOT_CARRIED}</td>") == sum(value is None for value in found.values())


def test_every_measurement_has_a_title_and_a_unit() -> None:
    assert list(below.TITLES) == list(NAMES)


def test_values_are_whole_and_what_is_no_number_is_nothing() -> None:
    found = whole({"qrs_ms": 91.6, "heart_rate": float("nan"), "rr_cv": 0.2, "t_axis_deg": -35.5})
    assert (found["qrs_ms"], found["heart_rate"], found["t_axis_deg"], found["pr_ms"]) == (92, None, -36, None)


# --------------------------------------------------------------------------------------------- form and templates


def test_a_study_that_shows_measurements_is_rehearsed_like_any_other() -> None:
    assert len(reading_order(order(SHOWS), LABEL_SET)) == 4


@pytest.mark.parametrize("name", ["keeps_calipers", "shows_measurements"])
def test_a_template_may_ask_for_either(name: str) -> None:
    text = write(next(iter(shipped().values())))
    asked = read(text.replace("[protocol]", f"[protocol]\n{name} = true"), "mine.toml")
    assert getattr(asked.protocol, name) is True
    assert read(write(asked), "again.toml") == asked and name not in text
