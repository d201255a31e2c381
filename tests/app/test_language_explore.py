"""Whoever explores the model in German meets no English sentence of the catalogue and no word that is in none.

Every walk is made twice: in German, and in a language whose messages stand in brackets (`tests.app.language_kit`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.explore.compare_look import OVERLAID, SECOND, VIEW
from app.explore.completing import REAL, SOURCE
from app.explore.favourites import Favourite, to_file
from app.explore.gap_choice import SCENARIO, SCENARIOS, WHOLE_LEADS
from app.explore.looks import LOOK, LOOKS
from app.explore.result import prepared
from app.explore.words import TEXT
from app.session import Services
from engine.evaluation.gates import LIMITS
from engine.gap import Gap
from engine.generators import DrawRequest, provenance_of
from engine.jobs import JobState, JobStatus
from engine.label_words import LONGEST_TEXT
from engine.tasks import Answer, Task, unpack_ecgs
from tests.app.explore_kit import RUN
from tests.app.language_kit import WAYS, Check, enter, press_words, speaking
from tests.app.study_kit import DIGEST, LABEL_SET, PASSPHRASE, MadeUpGeneration, MadeUpPtbXl, checkpoint
from tests.app.test_explore_measures import NORMAL, REFERENCE, report
from tests.app.tour_kit import TRAINED_ON, ReadablePtbXl
from tests.engine.conftest import made_up_ecg

# Names and codes that stand in no catalogue: statements, formats of files, sheets and leads, the checkpoint's own name.
NAMES = (
    *sorted(LABEL_SET.codes, key=len, reverse=True),
    *("PTB-XL", "WFDB", "CSV", "PDF", "PNG", "JSON", "Letter", "Wagner et al. 2020", "CC BY", "aVR", "aVL", "aVF"),
    *("3x4+1R", "3x4+3R", "3x4", "6x2+1R", "6x2", "12x1", "default", DIGEST[:8]),
    *("mm/s", "mm/mV", "min", "ms", "µV", "RMS", RUN["hardware"], "fibrillation"),
)  # fmt: skip
FACTS = {
    "samples": 150_000, "data": "PTB-XL", "runs": [RUN],
    "records_by_label": {"NORM": 1_500, "SR": 2_000, "WPW": 12, "AFIB": 1, "LVH": 300},
    "records_by_pair": {"NORM SR": 1_400, "LVH SR": 9},
}  # fmt: skip


class RealEcgs(MadeUpPtbXl):
    """Can be a key of a cache, as PtbXl can."""

    read = ReadablePtbXl.read


REAL_ECGS = RealEcgs(TRAINED_ON.records)


# -------------------------------------------------------------------------------------------- the worker's answers


def _of_requests(task: Task) -> Answer:
    requests = [DrawRequest.fromdict(one) for one in task.asked["requests"]]
    signals = np.stack([made_up_ecg(one.record_seed(one.first) % 2**32).signal for one in requests])
    provenance = [provenance_of(one, DIGEST)[0].asdict() for one in requests]
    return Answer({"rate": 100.0, "provenance": provenance}, {"signals": signals})


def _film(task: Task) -> Answer:
    frames = np.stack([made_up_ecg(number).signal for number in range(3)])
    return Answer({"rate": 100.0, "steps": [0, 12, 25]}, {"frames": frames})


def _beat(task: Task) -> Answer:
    arrays = {"signal": np.zeros((12, 500)), "time_ms": np.arange(-400.0, 600.0, 2.0)}
    return Answer({"measurements": NORMAL, "beats": 12, "marks": {"qrs_onset": -40.0}}, arrays)


def _copies(task: Task) -> Answer:
    arrays = {"overlay": np.zeros((2, 12, 990)), "reference": np.asarray(REFERENCE.distances)}
    return Answer({"report": report(0.05, 0.5).asdict()}, arrays)


def _completed(task: Task) -> Answer:
    (ecg,) = unpack_ecgs(task.asked["ecgs"])
    hidden = Gap.fromdict(task.asked["gap"]).hidden(ecg.samples, ecg.rate)
    return Answer({"rate": 100.0}, {"signals": np.stack([ecg.signal + 0.1 * n * hidden for n in range(1, 5)])})


ANSWERS: Mapping[str, Callable[[Task], Answer]] = {
    "several": _of_requests,
    "film": _film,
    "beat": _beat,
    "measured": lambda task: Answer({"measurements": [NORMAL, NORMAL]}),
    "real measured": lambda task: Answer({"measurements": [NORMAL] * 3, "carrying": 300}),
    "copies": _copies,
    "complete": _completed,
}


@dataclass
class ExploreGeneration(MadeUpGeneration):
    """Draws as its parent does and answers what the looks ask for; `answers` may say otherwise."""

    answers: dict[str, Answer] = field(default_factory=dict)
    gone: bool = False

    def status(self, job: str) -> JobStatus:
        if self.gone:
            return super().status("9999")
        if job in self.cancelled:
            return JobStatus(JobState.CANCELLED)
        task = cast("list[DrawRequest | Task]", self.requests)[int(job)]
        if isinstance(task, DrawRequest) or self.slow or self.failing:
            return super().status(job)
        return JobStatus(JobState.DONE, 1, 1, answer=self.answers.get(task.kind) or ANSWERS[task.kind](task))


# ------------------------------------------------------------------------------------------------------ the page


@pytest.fixture(params=WAYS)
def look(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Check]:
    typed = request.node.callspec.params.get("text", "").replace(",", " ").split()
    with speaking(request.param, monkeypatch, (*NAMES, *typed)) as look:
        yield look


@pytest.fixture
def generation(services: Services, tmp_path: Path) -> ExploreGeneration:
    """One checkpoint that says how it was trained, with its figures beside it."""
    prepared.clear()
    made = ExploreGeneration()
    object.__setattr__(services, "generation", made)
    object.__setattr__(services, "ptbxl", REAL_ECGS)
    summary = replace(checkpoint(tmp_path), provenance=FACTS, guidance=2.0)
    gates = [{"title": one.title, "value": 0.5, "want": one.want, "holds": True} for one in LIMITS]
    gates[-1] |= {"value": None, "holds": False}
    figures = {"checkpoint": {"digest": DIGEST}, "gates": gates}
    summary.path.with_suffix(".json").write_text(json.dumps(figures), encoding="utf-8")
    summary.path.with_suffix(".html").write_text("<p>A document</p>", encoding="utf-8")
    object.__setattr__(services, "checkpoints", lambda: [summary])
    return made


def explore(**address: str) -> AppTest:
    app = enter()
    for name, value in address.items():
        app.query_params[name] = value
    return app.switch_page("screens/explore.py").run()


def press(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


@pytest.fixture
def drawn(look: Check, generation: ExploreGeneration) -> AppTest:
    return press(explore(labels="NORM,SR", count="2", seed="7"), "explore_generate")


def test_the_form_is_said(generation: ExploreGeneration, look: Check) -> None:
    app = look(explore(checkpoint="0123abcd", labels="NORM,SR"))
    look(app.multiselect(key="explore_labels").set_value(["NORM", "SR", "AFIB", "WPW", "LVH", "IMI"]).run())
    look(app.slider(key="explore_guidance").set_value(4.0).run())
    look(app.selectbox(key="explore_generator").set_value("simulator").run())
    look(app.multiselect(key="explore_labels").set_value([]).run())


def test_the_model_is_said(generation: ExploreGeneration, look: Check) -> None:
    app = explore()
    look(app.toggle[0].set_value(True).run())


def test_the_result_is_said(drawn: AppTest, look: Check) -> None:
    look(drawn)
    look(drawn.toggle(key="explore_extent").set_value(True).run())
    look(press(press(drawn, "explore_next"), "explore_star"))
    look(press(drawn, "explore_back"))
    look(drawn.segmented_control(key="explore_page_sheet").set_value("Letter").run())
    look(drawn.segmented_control(key="explore_page_speed").set_value(50.0).run())


def test_what_became_of_a_drawing_is_said(generation: ExploreGeneration, look: Check) -> None:
    app = explore(labels="AFIB", count="2")
    generation.slow = True
    look(press(app, "explore_generate"))
    look(press(app, "explore_cancel"))
    generation.slow, generation.gone = False, True
    look(app.run())
    generation.gone, generation.failing = False, "Es fehlt an Speicher"
    look(press(app, "explore_generate"))


@pytest.mark.parametrize("services", [{"ptbxl": None, "trained": False}], indirect=True)
def test_a_page_without_a_model_is_said(services: Services, look: Check) -> None:
    app = look(explore())
    look(press(app, "explore_generate"))


# ------------------------------------------------------------------------------------------------------- the looks


def open_look(app: AppTest, title: str) -> AppTest:
    return app.segmented_control(key=LOOK).set_value(title).run()


def test_every_look_is_said_when_it_opens(drawn: AppTest, look: Check) -> None:
    for title in LOOKS:
        look(open_look(drawn, title))


def test_two_ecgs_beside_each_other_are_said(drawn: AppTest, look: Check) -> None:
    look(drawn.selectbox(key=SECOND).set_value("no-2").run())
    look(drawn.selectbox(key=SECOND).set_value("ptbxl-21").run())
    look(drawn.segmented_control(key=VIEW).set_value(OVERLAID).run())


def test_the_same_noise_is_said(drawn: AppTest, look: Check) -> None:
    app = open_look(drawn, "Same noise, other labels")
    look(app.multiselect(key="explore_other_labels").set_value([("AFIB",), ("NORM",)]).run())
    look(app.pills(key="explore_noise_paper").set_value("AFIB").run())


def test_the_way_is_said(drawn: AppTest, look: Check) -> None:
    app = open_look(drawn, "Way between labels")
    look(app.selectbox(key="explore_way_target").set_value(("AFIB",)).run())
    look(press(app, "explore_way_step_2"))


def test_completing_is_said(drawn: AppTest, look: Check) -> None:
    app = open_look(drawn, "Complete a record")
    for title in SCENARIOS:
        look(press(app, f"{SCENARIO}_{title}"))
        look(press_words(app, "Complete"))
    look(app.toggle(key="explore_completing_paper").set_value(True).run())
    look(app.segmented_control(key=SOURCE).set_value(REAL).run())
    press(app, f"{SCENARIO}_Whole leads")
    look(app.multiselect(key=WHOLE_LEADS).set_value([]).run())


def test_a_look_that_finds_nothing_says_so(drawn: AppTest, generation: ExploreGeneration, look: Check) -> None:
    generation.answers |= {
        "beat": Answer({"measurements": NORMAL}),
        "real measured": Answer({"measurements": [], "carrying": 0}),
        "copies": Answer({"report": report(0.9, 0.9).asdict()}, _copies(Task("copies", {})).arrays),
    }
    for title in ("Measurements", "Does it show it?", "Is it a copy?"):
        look(open_look(drawn, title))


def test_a_look_that_waits_or_fails_says_so(drawn: AppTest, generation: ExploreGeneration, look: Check) -> None:
    drawing = generation.status

    def status(job: str) -> JobStatus:
        asked = cast("list[DrawRequest | Task]", generation.requests)[int(job)]
        return drawing(job) if isinstance(asked, DrawRequest) else states[asked.kind]

    states = {
        "beat": JobStatus(JobState.RUNNING, 1, 4),
        "film": JobStatus(JobState.FAILED, error="Es fehlt an Speicher"),
        "copies": JobStatus(JobState.CANCELLED),
    }
    generation.status = status  # type: ignore[method-assign]
    for title in ("Measurements", "Film", "Is it a copy?"):
        look(open_look(drawn, title))


# ------------------------------------------------------------------------------------------- favourites, words, pool


def test_favourites_are_said(drawn: AppTest, look: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    look(press(drawn, "explore_star"))
    remove = next(one.key for one in drawn.button if str(one.key).startswith("explore_favourite_remove_"))
    look(press(drawn, str(remove)))
    look(press(drawn, "explore_favourite_undo"))
    look(press(drawn, "explore_favourites_load"))
    drawn.file_uploader(key="explore_favourites_file").set_value(("list.json", b"{}", "application/json"))
    look(press(drawn, "explore_favourites_load"))
    loaded = to_file(tuple(Favourite(one) for one in provenance_of(DrawRequest(("LVH",), count=2, seed=9), DIGEST)))
    drawn.file_uploader(key="explore_favourites_file").set_value(("list.json", loaded, "application/json"))
    look(press(drawn, "explore_favourites_load"))


def test_a_pool_is_said(drawn: AppTest, services: Services, look: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    services.store.add_first_account("Ada", PASSPHRASE)
    (account,) = services.store.accounts()
    monkeypatch.setattr(session, "current_account", lambda: account)
    look(press(drawn, "explore_star"))
    look(press(drawn, "explore_pool_add"))


@pytest.mark.parametrize(
    "text",
    [
        "Vorhofflimmern mit alter inferiorer Narbe",
        "kein Linksschenkelblock, V. a. Hypertrophie, Blaulicht",
        "Infarkt",
        "atrial fibrilation",
        "x" * (LONGEST_TEXT + 1),
    ],
)
def test_what_was_understood_is_said(look: Check, text: str) -> None:
    app = AppTest.from_function(described, default_timeout=20).run()
    app.text_area(key=TEXT).set_value(text).run()
    look(app)


def described() -> None:
    import streamlit as st

    from app.explore.label_picker import LABELS
    from app.explore.words import describe_in_words
    from engine.labels import ptbxl_statements

    st.session_state.setdefault(LABELS, ["NORM", "SR"])
    describe_in_words(ptbxl_statements(), ptbxl_statements().codes)
