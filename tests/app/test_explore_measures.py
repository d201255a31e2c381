"""What the looks "Measurements", "Does it show it?" and "Is it a copy?" say and draw, from answers of the worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.explore import copies, distributions, measured
from app.explore.measured import QUANTITIES
from app.explore.scene import Scene
from engine.jobs import JobState, JobStatus
from engine.measuring.measurements import NOTHING
from engine.nearest.checking import CopyReport, Finding
from engine.nearest.index import Neighbour
from engine.nearest.reference import Reference
from engine.tasks import Answer, Task, unpack_ecgs
from tests.app.study_kit import made_up_ecg

NORMAL = asdict(replace(NOTHING, beats=12, heart_rate=71.6, rr_cv=0.034, pr_ms=158.0, qrs_ms=92.0, qt_ms=388.0))
RATE, REFERENCE = QUANTITIES[0], Reference.of([0.2 + 0.004 * step for step in range(100)])


def report(*distances: float) -> CopyReport:
    findings = tuple(
        Finding((Neighbour(7, distance, -12, 1.0), Neighbour(9, distance + 0.1, 3, 1.0)), REFERENCE.rank(distance))
        for distance in distances
    )
    return CopyReport(findings, REFERENCE.summary(list(distances)), 3365, 100)


def test_a_quantity_that_is_not_carried_is_a_dash() -> None:
    assert {quantity.words(None) for quantity in QUANTITIES} == {"\N{EN DASH}"}
    assert [quantity.words(NORMAL[quantity.name]) for quantity in QUANTITIES[:3]] == ["72 /min", "3.4 %", "158 ms"]


def test_an_axis_has_a_minus_sign_and_no_space_before_its_degrees() -> None:
    axis = next(quantity for quantity in QUANTITIES if quantity.unit == "°")
    assert [axis.words(degrees) for degrees in (-47.4, 61.0, -0.2)] == ["−47°", "61°", "0°"]


def test_the_median_of_two_lies_between_them() -> None:
    pair = [NORMAL | {"heart_rate": rate} for rate in (60.0, 70.0)]
    assert distributions.comparison_rows([RATE], pair, []) == [("Heart rate", "65 /min (2)", "not carried (0)")]


def test_medians_come_with_the_number_of_ecgs_that_carried_them() -> None:
    others = [asdict(replace(NOTHING, heart_rate=rate)) for rate in (60.0, 90.0, 100.0)]
    rows = distributions.comparison_rows([RATE, QUANTITIES[2]], [NORMAL, asdict(NOTHING)], others)
    assert rows == [("Heart rate", "72 /min (1)", "90 /min (3)"), ("PR", "158 ms (1)", "not carried (0)")]


def test_the_picture_holds_every_drawn_ecg_and_all_real_ones() -> None:
    figure = distributions.distributions_figure([RATE], [NORMAL] * 5, [NORMAL] * 9)
    boxes = {box.name: (len(box.x), box.boxpoints) for box in figure.data}
    assert boxes == {"Real (9)": (9, "outliers"), "Drawn (5)": (5, "all")}


def test_what_is_nearer_than_one_real_ecg_in_a_hundred_is_suspected() -> None:
    near, far = report(0.05, 0.5).findings
    assert copies.verdict(near, report(0.05, 0.5)).startswith("Suspiciously near: 0 % of real ECGs are nearer")
    assert copies.verdict(far, report(0.05, 0.5)).startswith("No copy: 7")
    assert copies.batch_words(report(0.05, 0.5)).startswith(
        "1 of 2 drawn ECGs are nearer to a training record than 1 %"
    )


@pytest.mark.parametrize("size", [0.5, 4.0])
def test_the_leads_of_the_overlay_stand_apart_however_tall_they_are(size: float) -> None:
    own = size * np.sin(np.linspace(0, 40, 990)) * np.ones((12, 1))
    figure = copies.overlay_figure(own, own)
    centres = [float(np.mean(trace.y)) for trace in figure.data if trace.name == "Drawn"]
    assert np.all(-np.diff(centres) >= max(2.5, 1.39 * size))


def test_the_median_beat_stands_in_its_cell_at_the_scale_of_the_paper() -> None:
    time = np.arange(-400.0, 600.0, 2.0)
    signal = np.zeros((12, time.size))
    signal[:, np.abs(time) < 1] = 1.0
    figure = measured.beat_figure(signal, time, {"p_onset": None, "qrs_onset": -40.0, "qrs_end": 50.0, "t_end": 350.0})
    ms, mv = (np.ptp(axis.range) for axis in (figure.layout.xaxis, figure.layout.yaxis))
    assert figure.layout.width / ms * 1000 / 25 == pytest.approx(figure.layout.height / mv / 10)
    assert len(figure.data) == 12 and len(figure.layout.shapes) == 4 * 3
    for lead, trace in enumerate(figure.data):
        top = int(np.argmax(trace.y))
        assert trace.x[top] == measured.CELL_MS * (lead // 3) + measured.BEFORE_MS
        assert trace.y[top] - trace.y[0] == pytest.approx(1.0)


def page(look: str) -> None:
    """The script of a page that shows one look of a scene with two ECGs."""
    import importlib

    from tests.app.test_explore_measures import scene

    importlib.import_module(f"app.explore.{look}").show(scene())


def scene() -> Any:
    ecgs = [made_up_ecg(1), made_up_ecg(2)]
    drawn: Any = tuple(SimpleNamespace(ecg=ecg, provenance=SimpleNamespace(labels=("NORM",))) for ecg in ecgs)
    room: Any = SimpleNamespace(generation=None, settings=SimpleNamespace(ptbxl="ptb-xl", cache="cache"))
    return Scene(room, "job", drawn, 0, None, None)


def test_a_batch_is_packed_once_however_often_the_page_is_run() -> None:
    shown = scene()
    again = replace(shown, drawn=tuple(SimpleNamespace(ecg=one.ecg) for one in shown.drawn))
    assert again.packed is shown.packed and scene().packed is not shown.packed
    packed = zip(unpack_ecgs(again.packed), shown.drawn, strict=True)
    assert all(np.array_equal(ecg.signal, one.ecg.signal) for ecg, one in packed)


@pytest.fixture
def open_look(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    def open_(look: str, **answers: Answer) -> AppTest:
        def outcome(service: object, key: str, wanted: Task, words: str) -> JobStatus:
            return JobStatus(JobState.DONE, answer=answers[wanted.kind.replace(" ", "_")])

        monkeypatch.setattr(f"app.explore.{look}.outcome", outcome)
        app = AppTest.from_function(page, args=(look,)).run()
        assert not app.exception
        return app

    return open_


def written(app: AppTest) -> str:
    return " ".join(str(part.value) for part in [*app.markdown, *app.caption, *app.info, *app.get("html")])


def test_an_ecg_without_alike_beats_says_so(open_look: Callable[..., AppTest]) -> None:
    app = open_look("measured", beat=Answer({"measurements": asdict(NOTHING)}))
    assert "no median beat" in written(app) and not app.get("plotly_chart")


def test_the_measurements_stand_beside_the_median_beat(open_look: Callable[..., AppTest]) -> None:
    arrays = {"signal": np.zeros((12, 500)), "time_ms": np.arange(-400.0, 600.0, 2.0)}
    app = open_look("measured", beat=Answer({"measurements": NORMAL, "beats": 12, "marks": {}}, arrays))
    assert "Median beat of 12 beats" in written(app) and len(app.get("plotly_chart")) == 1


def test_labels_that_no_real_ecg_carries_are_said(open_look: Callable[..., AppTest]) -> None:
    nobody = Answer({"measurements": [], "carrying": 0})
    app = open_look("distributions", measured=Answer({"measurements": [NORMAL]}), real_measured=nobody)
    assert "No real ECG here carries NORM" in written(app) and not app.get("plotly_chart")


def test_sample_sizes_are_said(open_look: Callable[..., AppTest]) -> None:
    real = Answer({"measurements": [NORMAL] * 3, "carrying": 300})
    app = open_look("distributions", measured=Answer({"measurements": [NORMAL] * 2}), real_measured=real)
    assert "2 drawn ECGs beside 3 of 300 real ones that carry NORM" in written(app)


def test_the_nearest_records_are_shown_with_what_is_usual(open_look: Callable[..., AppTest]) -> None:
    arrays = {"overlay": np.zeros((2, 12, 990)), "reference": np.asarray(REFERENCE.distances)}
    app = open_look("copies", copies=Answer({"report": report(0.3, 0.5).asdict()}, arrays))
    assert "No copy" in written(app) and "3,365 training records" in written(app)
    assert len(app.get("plotly_chart")) == 2
