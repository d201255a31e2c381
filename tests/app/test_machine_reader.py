"""The machine reader on the screens: the investigator's, beside the readers; nobody else's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.results import analysis, download, machine
from app.results.analysis import Analyses, Question
from app.results.designs import SCREENS
from app.results.figures import Picture
from app.results.forest import Line, forest_figure
from app.session import Services
from review_db import export
from review_db.account import Role
from review_db.analysis.designs import analyse_observations
from review_db.analysis.plan import Plan, as_json
from review_db.export_designs import to_csv
from review_db.protocol import Design
from review_db.report.found import Found
from review_db.report.machine_reader import NAME
from review_db.report.numbers import analysis_json
from review_db.statistics import proportion
from tests.app.conftest import OpenApp
from tests.app.study_kit import LABEL_SET, plan, read_all
from tests.app.test_results import AtWork, html
from tests.app.test_results_numbers import NUMBER, OF_THE_PAGE, cells_of, is_numeric, numbers_in, ways_of_writing
from tests.review_db.machine_kit import AUDITED_BY_MACHINE, MACHINE, TELLTALES

SAID = "told real from synthetic ECGs with AUC 0.93 (0.88 to 0.97), physiology included"


@pytest.fixture
def services(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The usual services with a cache folder of the test's own, and an analysis that never ends unless one is kept."""
    own = replace(services, settings=services.settings.model_copy(update={"cache": tmp_path / "cache"}))
    monkeypatch.setattr(session, "services", lambda: own)
    monkeypatch.setattr(analysis, "AnalysisProcess", AtWork)
    yield own


def opened(
    services: Services, design: Design = Design.SINGLE, audit: dict[str, object] | None = None
) -> tuple[int, str]:
    audited = AUDITED_BY_MACHINE if audit is None else audit
    study = services.store.create_study(replace(plan(per_arm=6, design=design), leak_audit=audited))
    token = services.store.add_reader(study, "Dr Ada")
    services.store.open_study(study)
    return study, token


def analysed(services: Services, design: Design, audit: dict[str, object] | None = None) -> int:
    """A closed study whose analysis is kept where the screen looks for it."""
    study, token = opened(services, design, audit)
    read_all(services.store, token)
    services.store.close_study(study)
    observations = SCREENS[design].observations(services.store, study)
    answers = as_json(analyse_observations(design, observations, Plan(draws=100)))
    question = Question(study, to_csv(design, observations), 0.1, 0.05)
    file = Analyses(services.settings.cache / "analyses", AtWork).file(question)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(answers), encoding="utf-8")
    return study


def sent(app: AppTest) -> str:
    """All that the browser was sent, and all that the session keeps."""
    return " ".join([*(str(getattr(node, "proto", "")) for node in app._tree), repr(app.session_state)])


def captions(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def alts(app: AppTest) -> list[str]:
    return [chart.proto.alt for chart in app.get("plotly_chart")]


def test_the_studys_page_says_it_to_the_investigator(open_app: OpenApp, services: Services) -> None:
    study, _ = opened(services)
    app = open_app("studies")
    next(button for button in app.button if button.key == f"manage-{study}").click().run()
    (said,) = [words for words in captions(app) if words.startswith(NAME)]
    assert SAID in said and "It does not gate the study" in said


def test_a_study_of_before_says_that_it_was_not_measured(open_app: OpenApp, services: Services) -> None:
    study = services.store.create_study(plan())
    app = open_app("studies")
    next(button for button in app.button if button.key == f"manage-{study}").click().run()
    assert f"{NAME}. Not measured, as the audit is an older one." in captions(app)


@pytest.mark.parametrize("role", [Role.MONITOR, None])
def test_neither_a_monitor_nor_a_reader_is_sent_or_keeps_any_of_it(
    open_app: OpenApp, services: Services, role: Role | None
) -> None:
    _, token = opened(services)
    if role is Role.MONITOR:
        app = open_app("monitor", role=role)
    else:
        app = open_app(token=token)
        next(button for button in app.button if button.label == "Start reading").click().run()
    held = sent(app)
    assert len(held) > 1000 and not [word for word in TELLTALES if word in held]


@pytest.mark.parametrize("design", list(Design))
def test_results_have_it_beside_the_readers(open_app: OpenApp, services: Services, design: Design) -> None:
    analysed(services, design)
    app = open_app("results")
    assert NAME in [element.value for element in app.subheader]
    assert any(SAID in text.value for text in app.text)
    assert "Right choices in the pairs of a case" in html(app) and "95 % bootstrap over cases" in html(app)
    assert any("is in no number of the readers" in words for words in captions(app))
    beside = {Design.SINGLE: f"{NAME} 86 % (81 to 91 %)", Design.PAIRS: f"{NAME} 94 % (87 to 98 %)"}.get(design)
    assert sum(NAME in alt and "orest" not in alt for alt in alts(app)) == {Design.SINGLE: 2, Design.PAIRS: 1}.get(
        design, 0
    )
    assert beside is None or sum(beside in alt for alt in alts(app)) == 1
    assert any("The triangle is the machine reader" in words for words in captions(app)) is (beside is not None)
    assert any("dashed one the machine reader" in words for words in captions(app)) is (design is Design.SINGLE)


def test_results_of_an_older_study_say_that_it_was_not_measured(open_app: OpenApp, services: Services) -> None:
    analysed(services, Design.SINGLE, plan().leak_audit)  # type: ignore[arg-type]
    app = open_app("results")
    assert any("Not measured" in text.value for text in app.text)
    assert not any(NAME in alt for alt in alts(app)) and not any("triangle" in words for words in captions(app))


def test_all_its_numbers_on_the_screen_are_in_the_json(open_app: OpenApp, services: Services) -> None:
    study = analysed(services, Design.SINGLE)
    app = open_app("results")
    observations = services.store.observations(study)
    found = Found(as_json(analyse_observations(Design.SINGLE, observations, Plan(draws=100))))  # type: ignore[arg-type]
    content = download.content_of(services.store, study, observations, found, LABEL_SET)
    kept = json.loads(analysis_json(content, export.to_csv(observations)))
    assert kept["report"]["study"]["leak_audit"]["machine_reader"] == MACHINE
    known = OF_THE_PAGE.union(*(ways_of_writing(number) for number in numbers_in(kept)))
    cells = cells_of(html(app))
    shown = [number for words in cells if is_numeric(words) for number in NUMBER.findall(words)]
    assert {"0.93", "86.5 %", "94.0 %", "31.0 %", "97.0 %"} <= {words.strip() for words in cells}
    assert sorted(set(shown) - known - {"200"}) == []  # its ECGs: the sum of both arms


def test_it_is_set_apart_in_the_forest_plot() -> None:
    share = proportion(5, 8)
    lines = [Line("Dr Ada", share), Line("All", share, True), Line(NAME, share, is_machine=True)]
    marker = forest_figure(lines, "Right verdicts").data[0].marker
    assert len(set(marker.symbol)) == len(set(marker.color)) == 3
    assert list(marker.symbol)[0] == "triangle-up-open"  # the last line is the lowest


def test_the_dashed_curve_is_drawn_in_per_cent(services: Services) -> None:
    study, _ = opened(services)
    bare = Picture(forest_figure([], ""), "ROC.")
    drawn = machine.with_curve(bare, services.store.study(study))
    trace = drawn.figure.data[-1]
    assert (list(trace.x), list(trace.y)) == ([0, 25, 50, 75, 100], [31, 92, 97, 99, 100])
    assert drawn.words == f"ROC. {NAME}, dashed: AUC 0.93 (0.88 to 0.97)."
    older = services.store.study(services.store.create_study(plan()))
    assert machine.with_curve(bare, older) is bare
