"""Results come after closing, after an explicit unblinding, and say what they rest on."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.results import analysis
from app.results.analysis import Analyses, AnalysisFailed, Question
from app.results.forest import Line, forest_figure, in_words
from app.session import Services
from app.table import table_html
from review_db import export
from review_db.analysis.analyse import Plan, analyse, as_json
from review_db.analysis.table import from_observations
from review_db.blinded import Submission
from review_db.model import AuditKind, Origin
from review_db.scales import Plausibility, Reason, Verdict
from review_db.statistics import proportion
from review_db.store import Store
from tests.app.conftest import OpenApp
from tests.app.study_kit import open_study, plan, read_all

PICTURES_AT_ONCE = 4  # forests by reader and by finding, verdicts by truth, the first misjudged ECG
ALL_PICTURES = 10  # and ROC, answers by arm, right verdicts and time along the reading, time by answer


@pytest.fixture
def services(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """The usual services with a cache folder of the test's own."""
    own = replace(services, settings=services.settings.model_copy(update={"cache": tmp_path / "cache"}))
    monkeypatch.setattr(session, "services", lambda: own)
    return own


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The screen starts an analysis that never ends, unless a test keeps one beforehand."""
    monkeypatch.setattr(analysis, "AnalysisProcess", AtWork)
    yield


class AtWork:
    """An analysis that is never done."""

    def __init__(self, question: Question) -> None:
        self.question = question

    def result(self) -> str | None:
        return None


class Broken(AtWork):
    """An analysis that ends without an answer."""

    def result(self) -> str | None:
        raise AnalysisFailed("The analysis stopped unexpectedly: out of memory.")


def keep_analysis(services: Services, study: int) -> dict[str, object]:
    """Unblind, analyse here, and keep the analysis where the screen looks for it."""
    observations = services.store.observations(study)
    answers = as_json(analyse(from_observations(observations), Plan(draws=200)))
    file = Analyses(services.settings.cache / "analyses", AtWork).file(
        Question(study, export.to_csv(observations), 0.1, 0.05)
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(answers), encoding="utf-8")
    assert isinstance(answers, dict)
    return answers


def answer_all(store: Store, token: str, verdict: Verdict, comment: str = "", reasons: Collection[Reason] = ()) -> None:
    """One reader who always says the same."""
    number = 0
    while (item := store.next_item(token)) is not None:
        store.mark_shown(token, item.presentation)
        key = f"{token[:20]}-{number}"
        store.record(token, Submission(item.presentation, verdict, Plausibility(2), comment, key, reasons))
        number += 1


def two_readers(services: Services, comment: str = "", reasons: Collection[Reason] = ()) -> int:
    """A closed study of one who answers in turn and one who calls everything real."""
    study = services.store.create_study(plan(per_arm=6, asks_reasons=bool(reasons)))
    tokens = [services.store.add_reader(study, name) for name in ("Dr Ada", "<b>Dr Bo</b>")]
    services.store.open_study(study)
    read_all(services.store, tokens[0])
    answer_all(services.store, tokens[1], Verdict.PROBABLY_REAL, comment, reasons)
    services.store.close_study(study)
    return study


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
    assert len(app.get("plotly_chart")) == PICTURES_AT_ONCE


def test_naive_numbers_are_there_while_the_bootstrap_is_at_work(open_app: OpenApp, services: Services) -> None:
    services.store.observations(closed_study(services))
    app = open_app("results")
    assert "at work" in app.info[0].value and "being computed" in html(app)
    assert len(app.get("download_button")) == 1


def test_with_the_analysis_every_section_is_there(open_app: OpenApp, services: Services) -> None:
    study = two_readers(services)
    answers = keep_analysis(services, study)
    app = open_app("results")
    assert len(app.get("plotly_chart")) == ALL_PICTURES and not app.info
    titles = [element.value for element in app.subheader]
    assert "It is not settled whether readers can tell" in titles[0]
    assert {"Agreement between readers", "Misjudged ECGs", "Protocol and audit trail"} <= set(titles)
    low, high = (answers["accuracy_bootstrap"][end] for end in ("low", "high"))  # type: ignore[index]
    assert f"{100 * low:.1f} to {100 * high:.1f} %" in html(app)
    assert services.store.study(study).protocol_sha256 in " ".join(text.value for text in app.text)  # type: ignore[operator]


def test_pictures_can_be_heard(open_app: OpenApp, services: Services) -> None:
    keep_analysis(services, two_readers(services))
    words = [chart.proto.alt for chart in open_app("results").get("plotly_chart")]
    assert len(words) == ALL_PICTURES and all(words)
    assert any("Area under the curve" in alt for alt in words) and any("certainly real" in alt for alt in words)


def test_one_reader_has_no_agreement_and_the_page_says_so(open_app: OpenApp, services: Services) -> None:
    keep_analysis(services, closed_study(services))
    app = open_app("results")
    assert "Agreement needs ECGs that were read by two readers or more." in [text.value for text in app.markdown]
    assert "ECGs drawn anew" in html(app) and "Readers and ECGs" not in html(app)


def test_a_single_answer_is_a_result_too(open_app: OpenApp, services: Services) -> None:
    study, token = open_study(services.store)
    item = services.store.next_item(token)
    assert item is not None
    services.store.mark_shown(token, item.presentation)
    services.store.record(token, Submission(item.presentation, Verdict.CERTAINLY_REAL, Plausibility(3), "", "only"))
    services.store.close_study(study)
    keep_analysis(services, study)
    assert "1 reader gave 1 answer." in open_app("results").markdown[0].value


def test_a_study_of_synthetic_ecgs_only_is_analysed_as_far_as_it_goes(open_app: OpenApp, services: Services) -> None:
    keep_analysis(services, closed_study(services, origins=(Origin.SYNTHETIC, Origin.SYNTHETIC)))
    app = open_app("results")
    assert not any("tell" in element.value for element in app.subheader)
    assert len(app.get("download_button")) == 4


def test_a_misjudged_ecg_is_shown_with_truth_verdicts_reasons_and_comments(
    open_app: OpenApp, services: Services
) -> None:
    comment, reasons = "<script>alert(1)</script> too regular", (Reason.ST_T, Reason.BASELINE)
    keep_analysis(services, two_readers(services, comment, reasons))
    app = open_app("results")
    chosen = next(box for box in app.selectbox if box.label == "Look at one of them")
    wrong = {o.item for o in services.store.observations(1) if not o.is_correct}
    assert len(chosen.options) == len(wrong)
    assert any(" is synthetic, from Arm Alpha1." in text.value for text in app.text)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; too regular" in html(app)
    assert "<script>alert" not in html(app) and "<b>Dr Bo" not in html(app)
    assert "What gave it away" in html(app) and "<td>ST-T, baseline</td>" in html(app)


def test_an_analysis_that_failed_says_why_and_can_be_tried_again(
    open_app: OpenApp, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysis, "AnalysisProcess", Broken)
    services.store.observations(closed_study(services))
    app = open_app("results")
    assert "out of memory" in app.error[0].value and "Accuracy" in html(app)
    click(app, "Analyse again")
    assert "out of memory" in app.error[0].value


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


def test_a_study_of_real_ecgs_only_speaks_of_what_was_called_real(open_app: OpenApp, services: Services) -> None:
    keep_analysis(services, closed_study(services, origins=(Origin.REAL, Origin.REAL)))
    app = open_app("results")
    assert "All ECGs of this study were real" in app.info[0].value
    assert any(chart.proto.alt.startswith("Called real by readers") for chart in app.get("plotly_chart"))
