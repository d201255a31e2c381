"""Complete a record: what is asked of the worker, what is drawn of its answer, and which errors are told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.display import paper as page
from app.explore import completing, gap_choice
from app.explore.completing import ALTERNATIVES, Filled, error_rows
from app.explore.downloads import drawn_ecgs
from app.explore.gap_picture import FILLED_COLOUR, ORIGINAL_COLOUR, PEN, drawn_gap, filled_svg
from app.explore.scene import Scene
from engine.catalogue import CheckpointSummary
from engine.ecg import STANDARD_LEADS, Ecg
from engine.gap import PARTS, Gap, error
from engine.generators import DrawRequest, provenance_of
from engine.harmonise import harmonise
from engine.jobs import JobState, JobStatus
from engine.labels import ptbxl_statements
from engine.ptbxl import PtbxlRecord
from engine.tasks import Answer, Task, unpack_ecgs
from tests.app.study_kit import MadeUpPtbXl, made_up_ecg, record

STATEMENTS = ptbxl_statements()
DIGEST = "5685c8b8" + 56 * "0"
SUMMARY = CheckpointSummary(Path("default.safetensors"), DIGEST, STATEMENTS.codes, True, False, True, {}, {}, 2.0)
REQUEST = DrawRequest(("NORM", "SR"), seed=7, guidance=2.0, checkpoint=DIGEST)
OFFSET = 0.1  # mV, by which the made-up alternatives are off


@dataclass
class Worker:
    """Answers at once: alternative k is the record with k x 0.1 mV added where it is hidden."""

    asked: list[Task] = field(default_factory=list)

    def submit(self, task: Task) -> str:
        self.asked.append(task)
        return str(len(self.asked) - 1)

    def status(self, job: str) -> JobStatus:
        asked = self.asked[int(job)].asked
        (ecg,) = unpack_ecgs(asked["ecgs"])
        hidden = Gap.fromdict(asked["gap"]).hidden(ecg.samples, ecg.rate)
        count = asked["request"]["count"]
        signals = np.stack([ecg.signal + np.float32(OFFSET * (number + 1)) * hidden for number in range(count)])
        return JobStatus(JobState.DONE, 1, 1, answer=Answer({"rate": 100.0}, {"signals": signals}))

    def cancel(self, job: str) -> None:
        assert int(job) < len(self.asked)


class Records(MadeUpPtbXl):
    """Read one by one; the first one misses samples."""

    def read(self, one: PtbxlRecord, rate: int) -> Ecg:
        ecg = made_up_ecg(one.ecg_id)
        return Ecg(np.where(np.arange(ecg.samples) > 990, np.nan, ecg.signal), 100.0) if one.ecg_id == 5 else ecg


def scene_of(worker: Worker, ptbxl: Any = None, checkpoint: CheckpointSummary | None = SUMMARY) -> Scene:
    drawn = drawn_ecgs([made_up_ecg(1)], provenance_of(REQUEST, DIGEST), STATEMENTS, "default")
    checkpoints = [checkpoint] if checkpoint else []
    room: Any = SimpleNamespace(
        generation=worker, label_set=STATEMENTS, ptbxl=ptbxl, checkpoints=lambda: checkpoints, settings=None
    )
    return Scene(room, "job", drawn, 0, None, checkpoint)


def page_with_the_look() -> None:
    import streamlit as st

    from app.explore import completing

    completing.show(st.session_state["scene"])


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
def open_look(worker: Worker) -> Callable[..., AppTest]:
    def look(ptbxl: Any = None) -> AppTest:
        app = AppTest.from_function(page_with_the_look, default_timeout=30)
        app.session_state["scene"] = scene_of(worker, ptbxl)
        return checked(app.run())

    return look


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def complete(app: AppTest) -> AppTest:
    return checked(next(button for button in app.button if button.label == "Complete").click().run())


# ---------------------------------------------------------------------------------------------------- the look


def test_nothing_is_asked_before_the_button_and_the_original_goes_to_the_worker_with_its_labels(open_look, worker):
    app = open_look()
    assert not worker.asked and any("4 times anew" in caption.value for caption in app.caption)
    app = complete(app)
    (task,) = worker.asked
    request = DrawRequest.fromdict(dict(task.asked["request"]))
    assert task.kind == "complete" and request.labels == ("NORM", "SR") and request.count == ALTERNATIVES
    assert request.checkpoint == DIGEST and request.guidance == 1.0 and request.age_band is None
    assert np.array_equal(unpack_ecgs(task.asked["ecgs"])[0].signal, harmonise(made_up_ecg(1)).signal)


def test_every_alternative_stands_with_its_error(open_look):
    app = complete(open_look())
    captions = [caption.value for caption in app.caption]
    for number in range(1, ALTERNATIVES + 1):
        off = re.compile(rf"^{number}: RMS (\d+) µV, largest (\d+) µV$")
        found = next(match for caption in captions if (match := off.match(caption)))
        assert float(found[1]) == pytest.approx(1000 * OFFSET * number, rel=0.1), "smoothed at the borders"
    assert any("differ from one another by" in caption for caption in captions)


def test_another_gap_is_not_filled_before_it_is_asked_for(open_look, worker):
    app = complete(open_look())
    app = checked(next(b for b in app.button if b.key == f"{gap_choice.SCENARIO}_The second half").click().run())
    assert len(worker.asked) == 1
    complete(app)
    assert Gap.fromdict(worker.asked[1].asked["gap"]) == Gap(tuple(PARTS), 5.0, 10.0)


def test_four_others_come_from_other_noise(open_look, worker):
    app = complete(open_look())
    checked(next(button for button in app.button if button.label == "Four others").click().run())
    first, second = (DrawRequest.fromdict(dict(task.asked["request"])) for task in worker.asked)
    assert second == replace(first, first=ALTERNATIVES)
    assert not set(first.indices) & set(second.indices)


def test_hiding_no_lead_or_all_leads_is_answered_in_words(open_look, worker):
    app = open_look()
    app = checked(next(b for b in app.button if b.key == f"{gap_choice.SCENARIO}_Whole leads").click().run())
    app = checked(app.multiselect(key=gap_choice.WHOLE_LEADS).set_value([]).run())
    assert [info.value for info in app.info] == ["Choose at least one lead to hide."]
    app = checked(app.multiselect(key=gap_choice.WHOLE_LEADS).set_value(list(PARTS)).run())
    assert "drawing an ECG, not completing one" in app.info[0].value
    assert not [button for button in app.button if button.label == "Complete"] and not worker.asked


def test_a_real_record_without_missing_samples_is_completed_under_its_own_labels(open_look, worker):
    app = open_look(Records((record(5, "NORM SR"), record(6, "NORM SR", fold=2))))
    app = checked(app.segmented_control(key=completing.SOURCE).set_value(completing.REAL).run())
    assert any("Record 6" in caption.value and "may have been trained" in caption.value for caption in app.caption)
    complete(app)
    assert DrawRequest.fromdict(dict(worker.asked[0].asked["request"])).labels == ("NORM", "SR")


def test_without_a_checkpoint_there_is_nothing_to_complete_with(worker):
    assert completing.can_be_completed(scene_of(worker))
    assert not completing.can_be_completed(scene_of(worker, checkpoint=None))


def test_the_table_holds_what_needs_no_model_as_well():
    original = harmonise(made_up_ecg(1))
    gap = Gap(("V2",), 3.0, 5.0)
    hidden = gap.hidden(1000, 100)
    filled = Filled(original, hidden, (original, original))
    names = [name for name, _, _ in error_rows(filled)]
    assert names == ["Alternative 1", "Alternative 2", "A flat line", "The median beat again"]
    assert error_rows(filled)[0][1:] == ("0", "0") and filled.apart == 0.0
    whole = Gap(("V2",), 0.0, 10.0).hidden(1000, 100)
    assert [row[0] for row in error_rows(Filled(original, whole, (original,)))] == ["Alternative 1", "A flat line"]


# ------------------------------------------------------------------------------------------------- the picture


@given(st.integers(0, 900), st.integers(2, 100))
def test_the_gap_of_the_drawn_curve_is_the_gap_of_the_ecg(start, length):
    hidden = np.zeros(1000, dtype=bool)
    hidden[start : start + length] = True
    gap = drawn_gap(hidden, 100.0)
    assert (gap.start, gap.stop) == (5 * start, 5 * (start + length))


def test_a_lead_without_a_gap_has_none():
    assert drawn_gap(np.zeros(1000, dtype=bool), 100.0) == slice(0, 0)


def curves(svg: str) -> list[tuple[str, np.ndarray]]:
    found = re.findall(r'<path d="M([^"h]*L[^"]*)" stroke="([^"]*)"', svg)
    return [(colour, np.array([[float(x) for x in point.split(",")] for point in path.split("L")]))
            for path, colour in found]  # fmt: skip


def test_known_parts_are_black_the_filled_one_is_blue_and_the_original_lies_beneath_it_at_true_scale():
    original = harmonise(made_up_ecg(1))
    hidden = Gap(("V2",), 3.0, 5.0).hidden(1000, 100)
    raised = Ecg(original.signal + np.float32(0.5) * hidden, 100.0)
    drawn = curves(filled_svg(["V2"], raised, original, hidden, "words"))
    assert [colour for colour, _ in drawn] == [ORIGINAL_COLOUR, page.TRACE_COLOUR, page.TRACE_COLOUR, FILLED_COLOUR]
    beneath, before, after, filled = (points for _, points in drawn)
    assert beneath[0, 0] == filled[0, 0] == pytest.approx(PEN.left + 25 * 3.0)
    assert before[-1, 0] == pytest.approx(PEN.left + 75, abs=0.2)
    assert after[-1, 0] == pytest.approx(PEN.left + 250, abs=0.2)
    middle = slice(100, -100)
    assert np.allclose(beneath[middle, 1] - filled[middle, 1], 5.0, atol=0.05), "0.5 mV are 5 mm"


@given(st.sampled_from(STANDARD_LEADS), st.floats(-1, 1))
def test_the_errors_of_a_picture_are_those_of_its_signals(lead, offset):
    original = harmonise(made_up_ecg(1))
    hidden = np.zeros((12, 1000), dtype=bool)
    hidden[STANDARD_LEADS.index(lead), 100:200] = True
    off = error(original.signal + np.float32(offset) * hidden, original.signal, hidden)
    assert off.rms == pytest.approx(1000 * abs(offset), abs=0.1) and off.largest == pytest.approx(off.rms, abs=0.1)
