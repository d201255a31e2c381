"""The results screen of pairs and of grades: sections of their own, and what the protocol registered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import session
from app.results import analysis
from app.results.analysis import Analyses, AnalysisProcess, Question
from app.results.designs import SCREENS
from app.session import Services
from review_db.analysis.designs import analyse_observations
from review_db.analysis.plan import Plan, as_json
from review_db.export_designs import to_csv
from review_db.model import AuditKind
from review_db.protocol import Design
from tests.app.conftest import OpenApp
from tests.app.study_kit import open_study, plan, read_all

MARGIN, ALPHA = 0.17, 0.1
RULES: dict[Design, dict[str, Any]] = {
    Design.PAIRS: {"catch_pairs": 1, "repeats": 2, "repeat_distance": 2},
    Design.GRADED: {"repeats": 2, "repeat_distance": 2},
}
OWN_SECTION = {Design.PAIRS: "Sides, and catch pairs", Design.GRADED: "Grades by arm"}
SHEETS = {Design.PAIRS: 2, Design.GRADED: 1}  # ECGs that the gallery shows at once
ALT = {Design.PAIRS: "synthetic ECG left: ", Design.GRADED: "unusable"}


class AtWork:
    """An analysis that is never done."""

    def __init__(self, question: Question) -> None:
        self.question = question

    def result(self) -> str | None:
        return None


@pytest.fixture
def services(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """The usual services with a cache folder of the test's own."""
    own = replace(services, settings=services.settings.model_copy(update={"cache": tmp_path / "cache"}))
    monkeypatch.setattr(session, "services", lambda: own)
    return own


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(analysis, "AnalysisProcess", AtWork)
    yield


def closed(services: Services, design: Design) -> int:
    """Two readers who answer in turn."""
    rules = RULES[design] | {"design": design, "margin": MARGIN, "alpha": ALPHA}
    study = services.store.create_study(plan(per_arm=8, **rules))
    tokens = [services.store.add_reader(study, name) for name in ("Dr Ada", "<b>Dr Bo</b>")]
    services.store.open_study(study)
    for token in tokens:
        read_all(services.store, token)
    services.store.close_study(study)
    return study


def keep_analysis(services: Services, study: int, design: Design) -> None:
    observations = SCREENS[design].observations(services.store, study)
    answers = as_json(analyse_observations(design, observations, Plan(MARGIN, ALPHA, 200)))
    question = Question(study, to_csv(design, observations), MARGIN, ALPHA)
    file = Analyses(services.settings.cache / "analyses", AtWork).file(question)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(answers), encoding="utf-8")


def html(app: Any) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


@pytest.mark.parametrize("design", list(RULES))
def test_a_design_has_its_own_sections_and_the_registered_margin(
    open_app: OpenApp, services: Services, design: Design
) -> None:
    study = closed(services, design)
    keep_analysis(services, study, design)
    app = open_app("results")
    titles = [element.value for element in app.subheader]
    assert OWN_SECTION[design] in titles and {"Key numbers", "Agreement within readers"} <= set(titles)
    assert "Verdicts by truth" not in titles and "Misjudged ECGs" not in titles
    assert "Registered in the protocol: margin 0.17, alpha 0.1." in [caption.value for caption in app.caption]
    assert "<b>Dr Bo" not in html(app)
    assert {"Report (PDF)", "Data package (ZIP)"} <= {button.proto.label for button in app.get("download_button")}
    assert "Who" in html(app) and "reader 2" in html(app)
    alts = [chart.proto.alt for chart in app.get("plotly_chart")]
    assert all(alts) and any(ALT[design] in alt for alt in alts)


@pytest.mark.parametrize("design", list(RULES))
def test_while_the_analysis_is_at_work_there_are_the_headline_and_the_gallery_only(
    open_app: OpenApp, services: Services, design: Design
) -> None:
    SCREENS[design].observations(services.store, closed(services, design))
    app = open_app("results")
    assert "2 readers" in app.markdown[0].value and "at work" in app.info[0].value
    assert len(app.get("plotly_chart")) == SHEETS[design] and not app.exception


def test_unblinding_a_study_of_pairs_is_logged(open_app: OpenApp, services: Services) -> None:
    study = closed(services, Design.PAIRS)
    app = open_app("results")
    next(button for button in app.button if button.label == "Unblind the study").click().run()
    next(button for button in app.button if "show the results" in button.label).click().run()
    assert AuditKind.UNBLINDED in [event.kind for event in services.store.audit_trail(study)]


def test_every_design_has_a_screen() -> None:
    assert set(SCREENS) == set(Design)


def test_the_process_is_asked_with_what_was_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    class Recorder:
        returncode = 0

        def __init__(self, arguments: list[str], **_: object) -> None:
            asked.append(arguments)

        def poll(self) -> int:
            return 0

    monkeypatch.setattr("app.results.analysis.subprocess.Popen", Recorder)
    AnalysisProcess(Question(1, "reader\n", 0.17, 0.1, 3.0)).result()
    assert asked[0][-6:] == ["--margin", "0.17", "--alpha", "0.1", "--minimum-view-seconds", "3.0"]


def test_reasons_of_single_ecgs_are_counted_by_arm_and_verdict(open_app: OpenApp, services: Services) -> None:
    study, token = open_study(services.store, per_arm=6, asks_reasons=True)
    read_all(services.store, token)
    services.store.close_study(study)
    observations = [replace(o, reasons=("QRS",)) for o in services.store.observations(study)]
    answers = as_json(analyse_observations(Design.SINGLE, observations, Plan(draws=100)))
    question = Question(study, to_csv(Design.SINGLE, services.store.observations(study)), 0.1, 0.05)
    file = Analyses(services.settings.cache / "analyses", AtWork).file(question)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(answers), encoding="utf-8")
    app = open_app("results")
    assert "What gave it away" in [element.value for element in app.subheader]
    said = sum(o.arm == "Arm Alpha1" and o.verdict.says_synthetic for o in observations)
    expected = f"Arm Alpha1, said synthetic: QRS {said}"
    assert said and any(expected in chart.proto.alt for chart in app.get("plotly_chart"))
