"""Results come after closing, after an explicit unblinding, and say what they rest on."""

from __future__ import annotations

import csv
import io

import pytest
from streamlit.testing.v1 import AppTest

from app.forest import Line, forest_figure, in_words
from app.session import Services
from app.table import table_html
from review_db.model import AuditKind, Origin
from review_db.statistics import proportion
from tests.app.conftest import OpenApp
from tests.app.study_kit import open_study, read_all


def click(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def unblinded(services: Services, study: int) -> bool:
    return AuditKind.UNBLINDED in [event.kind for event in services.store.audit_trail(study)]


def closed_study(services: Services, **changes: object) -> int:
    study, token = open_study(services.store, per_arm=6, **changes)
    read_all(services.store, token)
    services.store.close_study(study)
    return study


def test_without_studies_the_page_says_how_results_come_about(open_app: OpenApp) -> None:
    assert "no results yet" in open_app("results").markdown[0].value


def test_an_open_study_has_no_results(open_app: OpenApp, services: Services) -> None:
    study, token = open_study(services.store)
    read_all(services.store, token)
    app = open_app("results")
    assert "No study is closed yet" in app.markdown[0].value and not app.selectbox
    assert not unblinded(services, study)


def test_looking_at_the_page_does_not_unblind(open_app: OpenApp, services: Services) -> None:
    study = closed_study(services)
    app = open_app("results")
    assert "still blinded" in app.markdown[0].value and not app.get("plotly_chart")
    click(app, "Unblind the study")
    assert not unblinded(services, study)


def test_unblinding_is_confirmed_logged_and_shows_the_report(open_app: OpenApp, services: Services) -> None:
    study = closed_study(services)
    app = click(click(open_app("results"), "Unblind the study"), "Unblind it and show the results")
    assert unblinded(services, study)
    for words in ("Accuracy", "Fooling rate", "Sensitivity", "Specificity", "d-prime", "Criterion", "Arm Alpha0"):
        assert words in html(app)
    assert len(app.get("plotly_chart")) == 2


def test_a_study_without_real_ecgs_reports_no_accuracy(open_app: OpenApp, services: Services) -> None:
    services.store.observations(closed_study(services, origins=(Origin.SYNTHETIC, Origin.SYNTHETIC)))
    app = open_app("results")
    assert "All ECGs of this study were synthetic" in app.info[0].value
    assert "Fooling rate" not in html(app) and "Called real" in html(app)


def test_a_study_closed_without_answers_says_so(open_app: OpenApp, services: Services) -> None:
    study, _ = open_study(services.store)
    services.store.close_study(study)
    services.store.observations(study)
    assert "without a single answer" in open_app("results").info[0].value


def test_the_export_has_a_line_per_answer_and_is_logged_only_when_asked_for(
    open_app: OpenApp, services: Services
) -> None:
    study = closed_study(services)
    services.store.observations(study)
    app = open_app("results")
    assert len(app.get("download_button")) == 1
    kinds = [event.kind for event in services.store.audit_trail(study)]
    assert AuditKind.EXPORTED not in kinds
    assert len(list(csv.DictReader(io.StringIO(services.store.export_csv(study))))) == 12


def test_a_forest_has_the_exact_interval_and_leaves_out_empty_groups() -> None:
    lines = [Line("Dr Ada", proportion(22, 44)), Line("nobody", proportion(0, 0))]
    (points,) = forest_figure(lines, "Right verdicts").data
    assert list(points.x) == [50.0]
    assert points.error_x.array[0] == pytest.approx(15.4, abs=0.05)  # 34.6 to 65.4 %, published SSSD-ECG test
    assert in_words(lines[0].estimate) == "50 % (35 to 65 %)" and in_words(lines[1].estimate) == "–"


def test_tables_escape_what_people_typed() -> None:
    assert "<b>" not in table_html(("Name",), [("<b>Ada</b>",)])
