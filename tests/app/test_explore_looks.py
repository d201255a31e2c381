"""Same noise under other labels, the way between two label sets, the film: what is asked, drawn and said."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.display import paper as page
from app.explore.compare import Shown
from app.explore.curves import DIFFERENCE_COLOUR, LEAST_MM, MOST_MM, Row, room, rows_svg, strip_svg
from app.explore.downloads import drawn_ecgs
from app.explore.film import CHOICES, film_data
from app.explore.label_sets import other_label_sets
from app.explore.redrawn import can_be_redrawn, other_labels
from app.explore.result import prepared
from app.explore.same_noise import Side, beat_words, difference_words, picture
from app.explore.scene import Scene
from app.explore.way import SHARES, share_words, strips
from engine.catalogue import CheckpointSummary
from engine.ecg import STANDARD_LEADS, Ecg, complete_leads
from engine.generators import DrawRequest, provenance_of
from engine.jobs import JobState, JobStatus
from engine.label_relations import Weight, contradictions
from engine.labels import ptbxl_statements
from engine.tasks import Answer, Task

STATEMENTS = ptbxl_statements()
DIGEST = "5685c8b8" + 56 * "0"
EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
REQUEST = DrawRequest(("LVH", "AFIB"), count=3, seed=7, guidance=2.0, checkpoint=DIGEST)
SUMMARY = CheckpointSummary(Path("default.safetensors"), DIGEST, STATEMENTS.codes, True, True, True, {}, {}, 2.0)
code_sets = st.lists(st.sampled_from(STATEMENTS.codes), unique=True, min_size=1, max_size=4)


def beating(first: float = 0.4, size: float = 1.0, per_minute: float = 75.0) -> Ecg:
    """A sound ECG with QRS complexes at an even pace, the first of them at so many seconds."""
    seconds, beats = np.arange(1000) / 100, np.arange(first, 9.8, 60 / per_minute)
    shape = np.exp(-(((seconds[:, None] - beats) / 0.015) ** 2)).sum(axis=1)
    return Ecg(complete_leads((size * np.linspace(0.5, 1.5, 8)[:, None] * shape).astype(np.float32), EIGHT), 100.0)


def traces(svg: str) -> list[tuple[str, np.ndarray]]:
    """Colour and points (n, 2) in mm of every curve of a picture."""
    found = re.findall(r'<path transform="scale\(0\.01\)" d="M(-?\d+),(-?\d+)([^"]*)" stroke="([^"]*)"', svg)
    return [(colour, _points(int(x), int(y), steps)) for x, y, steps, colour in found]


def _points(x: int, y: int, steps: str) -> np.ndarray:
    moves = np.array([[int(part) for part in step.split(",")] for step in steps.split("l")[1:]])
    return np.vstack([[x, y], [x, y] + np.cumsum(moves, axis=0)]) / 100


def svg_of(html: str) -> str:
    return base64.b64decode(re.search(r'base64,([^"]*)"', html).group(1)).decode()  # type: ignore[union-attr]


# -------------------------------------------------------------------------------------------------- label sets


@given(present=code_sets, known=code_sets)
def test_other_label_sets_are_others_known_and_each_there_once(present: list[str], known: list[str]) -> None:
    codes = STATEMENTS.select(present).codes
    found = other_label_sets(STATEMENTS, codes, {*present, *known})
    assert codes not in found and all(set(key) <= {*present, *known} and key for key in found)
    assert all(key == other.codes == STATEMENTS.select(key).codes for key, other in found.items())


@given(present=code_sets)
def test_a_label_that_comes_drives_out_what_contradicts_it(present: list[str]) -> None:
    codes = STATEMENTS.select(present).codes
    for key, other in other_label_sets(STATEMENTS, codes, STATEMENTS.codes).items():
        for new in set(key) - set(codes) if " instead of " in other.words or other.words.endswith(" added") else ():
            pairs = [pair for one in key for pair in contradictions((new, one))]
            assert not any(pair.weight is Weight.CONTRADICTION for pair in pairs)


def test_the_nearest_label_sets_come_first() -> None:
    titles = [other.title for other in other_label_sets(STATEMENTS, ("LVH", "AFIB"), STATEMENTS.codes).values()]
    assert titles[:3] == [
        "Thickened left ventricle removed · AFIB",
        "Atrial fibrillation removed · LVH",
        "Normal sinus rhythm · NORM + SR",
    ]
    assert "Heart attack of the inferior (lower) wall added · IMI + LVH + AFIB" in titles
    assert "Sinus rhythm (the normal heart rhythm) instead of AFIB · LVH + SR" in titles


# ------------------------------------------------------------------------------------------------------ curves


@given(amplitude=st.floats(0.01, 3.0), period=st.integers(20, 300))
def test_a_strip_is_drawn_at_25_mm_a_second_and_10_mm_a_millivolt(amplitude: float, period: int) -> None:
    curve = (amplitude * np.sin(np.arange(5000) / period)).astype(np.float32)
    ((colour, points),) = traces(strip_svg(curve, 60.0, 30.0, "words"))
    assert colour == page.TRACE_COLOUR
    assert np.allclose(points[:, 0], np.arange(0, 5000, 2) / 500 * 25)
    assert np.allclose(points[:, 1], 30.0 - 10 * curve[::2], atol=0.0051)


def test_rows_have_the_room_that_their_curves_need_within_bounds() -> None:
    flat, tall = np.zeros(10, np.float32), np.full(10, 9.0, np.float32)
    assert room([flat]) == (LEAST_MM, LEAST_MM)
    assert room([flat, tall, -tall]) == (MOST_MM, MOST_MM)
    assert room([np.array([1.2, -0.8], np.float32)]) == pytest.approx((12.0, 8.0))


def test_words_in_a_picture_cannot_break_it() -> None:
    svg = rows_svg(["II"], [Row('<b>"&', (np.zeros(5000, np.float32),))], '"><script>')
    assert "<script" not in svg and "<b>" not in svg and "&lt;b&gt;&quot;&amp;" in svg


# -------------------------------------------------------------------------------------------------- same noise


def side(name: str, ecg: Ecg) -> Side:
    return Side(name, ecg, "75/min, regular")


@pytest.mark.parametrize("leads", [("V5",), ("II", "V1"), ("II", "V1", "V5")])
def test_the_difference_is_drawn_below_the_other_on_the_same_scale(leads: tuple[str, ...]) -> None:
    reference, other = beating(), beating(size=1.5)
    curves = traces(svg_of(picture(leads, side("AFIB", reference), [side("LVH + AFIB", other)])))
    assert [colour for colour, _ in curves] == [page.TRACE_COLOUR] * 2 * len(leads) + [DIFFERENCE_COLOUR] * len(leads)
    seconds = 10 / len(leads)
    for at, lead in enumerate(leads):
        drawn = [curves[at + row * len(leads)][1] for row in range(3)]
        shown = [-(points[:, 1] - points[-1, 1]) / 10 for points in drawn]  # mV from the last point
        assert np.allclose(shown[2], shown[1] - shown[0], atol=0.003)
        assert np.ptp(drawn[0][:, 0]) == pytest.approx(seconds * 25, abs=0.2)
        beat = reference.signal[STANDARD_LEADS.index(lead)].max()
        assert shown[2].max() == pytest.approx(0.5 * beat, abs=0.06)


def test_how_large_the_difference_is_stands_in_words() -> None:
    reference = beating()
    signal = reference.signal.copy()
    signal[STANDARD_LEADS.index("V5")] += 0.24
    words = difference_words(side("AFIB", reference), side("LVH", Ecg(signal, 100.0)))
    assert "root mean square difference 0.02 mV over all leads, most in V5 (0.24 mV)" in words
    assert words.startswith("**LVH**") and "(0.00 mV)" in words


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (beating(size=2.0), "12 of 12 beats stayed where they were: the difference is one of form."),
        (beating(first=0.45), "12 of 12 beats stayed"),
        (beating(first=0.7), "0 of 12 beats stayed where they were: the difference is one of timing as well"),
        (beating(per_minute=37.5), "6 of 12 beats stayed where they were: the difference is one of timing as well"),
        (Ecg(np.zeros((12, 1000), np.float32), 100.0), "The beats cannot be counted."),
    ],
    ids=["same beats", "within 60 ms", "shifted", "half as many", "none"],
)
def test_whether_the_beats_stood_still_is_said(other: Ecg, words: str) -> None:
    assert words in beat_words(beating(), other)


# ------------------------------------------------------------------------------------------------ way and film


def test_the_way_has_seven_steps_with_names() -> None:
    assert SHARES == pytest.approx([0, 1 / 6, 1 / 3, 1 / 2, 2 / 3, 5 / 6, 1])
    names = [share_words(number, "AFIB", "SR") for number in (0, 2, 6)]
    assert names == ["AFIB", "33 % of the way from AFIB to SR", "SR"]


def test_strips_of_a_way_have_one_scale_and_one_height() -> None:
    steps = [Shown(beating(size=size), "") for size in (0.5, 1.0)]
    svgs = [base64.b64decode(address.split(",")[1]).decode() for address in strips([*steps, Shown(None, "")], "V5")[:2]]
    heights = [re.search(r'viewBox="0 0 250 ([^"]*)"', svg).group(1) for svg in svgs]  # type: ignore[union-attr]
    low, high = (np.ptp(traces(svg)[0][1][:, 1]) for svg in svgs)
    assert heights[0] == heights[1] and high == pytest.approx(2 * low, rel=0.02)
    assert strips([*steps, Shown(None, "")], "V5")[2] == ""


@given(seed=st.integers(0, 1000), leads=st.sampled_from(list(CHOICES)), frames=st.integers(2, 5))
def test_the_browser_gets_every_frame_of_what_is_drawn(seed: int, leads: str, frames: int) -> None:
    signals = np.random.default_rng(seed).normal(0, 0.5, (frames, 12, 1000)).astype(np.float32)
    data = film_data(Answer({"rate": 100.0, "steps": list(range(frames))}, {"frames": signals}), CHOICES[leads])
    values = np.frombuffer(base64.b64decode(data["frames"]), "<i2").reshape(frames, -1)
    assert len(data["steps"]) == frames and sum(place["points"] for place in data["strips"]) == values.shape[1]
    ends = np.cumsum([place["points"] for place in data["strips"]])
    for strip, piece in zip(CHOICES[leads], np.split(values, ends[:-1], axis=1), strict=True):
        lead = signals[:, STANDARD_LEADS.index(strip.lead), round(100 * strip.start) : round(100 * strip.end)]
        assert np.abs(piece / 1000 - lead).max() <= 0.0005 + 1e-6


def test_curves_of_a_film_stand_where_the_paper_has_them() -> None:
    signals = np.zeros((2, 12, 1000), np.float32)
    answer = Answer({"rate": 100.0, "steps": [0, 25]}, {"frames": signals})
    twelve, three = (film_data(answer, strips) for strips in CHOICES.values())
    assert [(place["x"], place["y"]) for place in twelve["strips"][:4]] == [(10, 35), (10, 65), (10, 95), (72.5, 35)]
    assert [place["points"] for place in three["strips"]] == [1000] * 3
    assert twelve["dx"] == 0.25 and twelve["mmPerMicrovolt"] == 0.01


def test_a_film_of_25_steps_weighs_less_than_a_photograph() -> None:
    signals = np.random.default_rng(1).normal(0, 0.5, (26, 12, 1000)).astype(np.float32)
    answer = Answer({"rate": 100.0, "steps": list(range(26))}, {"frames": signals})
    for strips_ in CHOICES.values():
        assert sum(len(str(value)) for value in film_data(answer, strips_).values()) < 225_000


# ------------------------------------------------------------------------------------------- what is asked for


@dataclass
class Worker:
    """A GenerationService that does at once what it is asked: every ECG beats, the later ones faster."""

    asked: list[Task]

    def submit(self, task: Task) -> str:
        self.asked.append(task)
        return str(len(self.asked) - 1)

    def status(self, job: str) -> JobStatus:
        return JobStatus(JobState.DONE, 1, 1, answer=self.answer(self.asked[int(job)]))

    def answer(self, task: Task) -> Answer:
        requests = [DrawRequest.fromdict(dict(one)) for one in task.asked["requests"]]
        provenance = [provenance_of(request, DIGEST)[0].asdict() for request in requests]
        signals = [beating(per_minute=80 + 5 * number).signal for number in range(len(requests))]
        return Answer({"rate": 100.0, "provenance": provenance}, {"signals": np.stack(signals)})

    def requests(self) -> list[DrawRequest]:
        return [DrawRequest.fromdict(dict(one)) for one in self.asked[-1].asked["requests"]]


def scene_of(worker: Worker, request: DrawRequest = REQUEST, digest: str = DIGEST, chosen: int = 1) -> Scene:
    """Three ECGs on the screen, the second one enlarged."""
    room_: Any = SimpleNamespace(generation=worker, label_set=STATEMENTS, checkpoints=lambda: [SUMMARY])
    simulated = request.generator == "simulator"
    origin = provenance_of(request, None if simulated else digest)
    drawn = drawn_ecgs([beating() for _ in origin], origin, STATEMENTS, "default")
    return Scene(room_, "job", drawn, chosen, None, None)


def page_with_a_look() -> None:
    import streamlit as st

    from app.explore.looks import LOOKS

    LOOKS[st.session_state["title"]].show(st.session_state["scene"])


@pytest.fixture
def worker() -> Worker:
    return Worker([])


@pytest.fixture
def open_look(worker: Worker) -> Callable[[str], AppTest]:
    prepared.clear()  # type: ignore[attr-defined]

    def look(title: str) -> AppTest:
        app = AppTest.from_function(page_with_a_look, default_timeout=20)
        app.session_state["title"], app.session_state["scene"] = title, scene_of(worker)
        return checked(app.run())

    return look


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def test_only_what_the_network_drew_can_be_drawn_again(worker: Worker) -> None:
    assert can_be_redrawn(scene_of(worker))
    assert not can_be_redrawn(scene_of(worker, DrawRequest(("SR",), generator="simulator"), chosen=0))
    gone = scene_of(worker, digest="07he2" + 59 * "1")
    assert not can_be_redrawn(gone) and other_labels(gone) == {}


def test_other_labels_are_drawn_from_the_very_noise_of_the_enlarged_ecg(
    open_look: Callable[[str], AppTest], worker: Worker
) -> None:
    app = open_look("Same noise, other labels")
    assert worker.asked == [], "nothing is drawn before anything is chosen"
    app = checked(app.multiselect(key="explore_other_labels").set_value([("AFIB",), ("NORM", "SR")]).run())
    alone = replace(REQUEST, count=1, first=1)
    assert worker.requests() == [replace(alone, labels=("AFIB",)), replace(alone, labels=("NORM", "SR"))]
    words = " ".join(element.value for element in app.markdown)
    assert "the effect of the label on this noise" in words and "not what a disease would do to a patient" in words
    assert "**AFIB**: root mean square" in words and "**NORM + SR**: root mean square" in words
    checked(app.multiselect(key="explore_noise_leads").set_value(["aVF"]).run())
    assert len(worker.asked) == 1, "other leads of the same ECGs"
    assert not app.get("plotly_chart")
    checked(app.pills(key="explore_noise_paper").set_value("AFIB").run())
    assert len(app.get("plotly_chart")) == 1


def test_the_way_is_asked_for_in_shares_and_a_click_enlarges_a_step(
    open_look: Callable[[str], AppTest], worker: Worker
) -> None:
    app = open_look("Way between labels")
    assert worker.asked == []
    app = checked(app.selectbox(key="explore_way_target").set_value(("NORM", "SR")).run())
    assert [request.share for request in worker.requests()] == pytest.approx(list(SHARES[1:]))
    assert {(request.labels, request.towards, request.first, request.seed) for request in worker.requests()} == {
        (("LVH", "AFIB"), ("NORM", "SR"), 1, 7)
    }
    assert "**NORM + SR** · 105/min, regular" in [element.value for element in app.markdown]
    checked(app.button(key="explore_way_step_2").click().run())
    assert "**33 % of the way from LVH + AFIB to NORM + SR** · 85/min, regular" in [one.value for one in app.markdown]
    checked(app.button(key="explore_way_step_0").click().run())
    assert "**LVH + AFIB** · 75/min, regular" in [element.value for element in app.markdown]
    assert len(worker.asked) == 1 and len(app.get("plotly_chart")) == 1
