"""Results, the monitor and accounts speak the visitor's language: screens, charts, what the report concludes, refusals;
and what is stored, exported or printed stays English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app import account_words
from app.language import visitor
from app.language.catalogues import catalogue
from app.monitor import words as monitor_words
from app.monitor.pictures import days_figure
from app.results import analysis, power_words, report_names, report_sentences
from app.results.trail_words import KINDS
from app.session import Services
from app.tour.steps import STEPS
from app.wording import day, numerals, when
from review_db import account as account_rules
from review_db import accounts, errors
from review_db.account import Role
from review_db.analysis import (
    agreement,
    analyse,
    analyse_grades,
    analyse_pairs,
    outcomes,
    power_reached,
    repeats,
    resampling,
    variance_analysis,
)
from review_db.analysis.flags import Answers, drift, straight_lining, too_fast
from review_db.analysis.proportions import METHODS
from review_db.credentials import hash_passphrase
from review_db.model import AuditKind
from review_db.monitoring import FLAG_WORDS
from review_db.protocol import Design
from review_db.report import (
    conclusion,
    machine_reader,
    machine_results,
    misjudged_tables,
    results_graded,
    results_pairs,
    titles,
)
from review_db.report import power_reached as reached
from review_db.report.conclusion import can_readers_tell, decided
from review_db.report.found import Found
from review_db.report.machine_reader import machine_words
from review_db.scales import Choice, Grade, Plausibility, Reason, Verdict
from tests.app.conftest import OpenApp, field
from tests.app.language_kit import require_german, said
from tests.app.study_kit import PASSPHRASE, open_study, read_all
from tests.app.test_language import sentences_of
from tests.app.test_results import AtWork, two_readers
from tests.app.test_results import keep_analysis as keep_analysis_of_verdicts
from tests.app.test_results import services as services
from tests.app.test_results_designs import closed, keep_analysis
from tests.review_db.machine_kit import MACHINE
from tests.review_db.report_kit import answers, content
from tests.review_db.test_report import FLAGGED, ONE_SIDE, crossed, found
from tests.review_db.test_report_designs import grades_found
from tests.review_db.test_report_power import graded

STORED = ("investigator", "Arm Alpha0", "Arm Alpha1", "Dr Bo", "Reading at dawn")  # the first is an account's name
german = catalogue("de").gettext


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(analysis, "AnalysisProcess", AtWork)
    yield


@pytest.fixture
def in_german(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor, "code", lambda: "de")


@pytest.fixture
def speak_german(monkeypatch: pytest.MonkeyPatch) -> Callable[[AppTest], AppTest]:
    """From the next run on the page is German; who is there signed in in English."""

    def run(app: AppTest) -> AppTest:
        monkeypatch.setattr(visitor, "code", lambda: "de")
        return require(app.run())

    return run


def require(app: AppTest) -> AppTest:
    return require_german(app, STORED)


def click(app: AppTest, words: str) -> AppTest:
    """The button that says in German what it says in English as `words`."""
    return require(next(button for button in app.button if button.label == german(words)).click().run())


# ------------------------------------------------------------------------------------------------- the screens


@pytest.mark.parametrize("design", Design)
def test_the_results_of_every_design_are_german(
    open_app: OpenApp, services: Services, speak_german: Callable[[AppTest], AppTest], design: Design
) -> None:
    app = speak_german(open_app("results"))
    if design is Design.SINGLE:
        keep_analysis_of_verdicts(services, two_readers(services, reasons=(Reason.RHYTHM,)))
    else:
        keep_analysis(services, closed(services, design), design)
    page = said(require(app.run()))
    assert all(words in page for words in ("Kennzahlen", "Erreichte Teststärke", "Im Protokoll festgelegt"))
    assert not re.search(r"\d\.\d", page), "a number with an English point"


def test_unblinding_is_asked_for_in_german_and_logged_in_english(
    open_app: OpenApp, services: Services, speak_german: Callable[[AppTest], AppTest]
) -> None:
    app = speak_german(open_app("results"))
    study = two_readers(services)
    assert "Sie ist noch verblindet." in said(require(app.run()))
    click(click(app, "Unblind the study"), "Unblind it and show the results")
    assert "werden berechnet" in app.info[0].value
    assert [event.kind.value for event in services.store.audit_trail(study)][-1] == "unblinded"


def test_the_monitor_reminds_in_the_language_of_who_sends_it(
    open_app: OpenApp, services: Services, speak_german: Callable[[AppTest], AppTest]
) -> None:
    app = speak_german(open_app("monitor"))
    _, token = open_study(services.store)
    require(app.run())
    click(app, "Remind")
    assert app.code[0].value.startswith("Guten Tag, Dr Ada,") and "Befunder erinnern" in said(app)
    click(app, "Withdraw")
    assert "Die bisherigen Antworten bleiben erhalten" in said(app)
    read_all(services.store, token)
    assert "fertig" in said(require(app.run()))


def test_the_tour_concludes_in_german(
    open_app: OpenApp, services: Services, speak_german: Callable[[AppTest], AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = speak_german(open_app("results")).switch_page("screens/tour.py")
    services.store.observations(two_readers(services))
    monkeypatch.setattr("app.tour.studies._found", lambda room, study: found((0.3, 0.4), (0.2, 0.45)))
    app.query_params["step"] = str(len(STEPS))
    assert app.run().subheader[0].value.startswith("Die Befunder wurden getäuscht: Auch das weitere Intervall")
    require(app)


def test_accounts_are_kept_in_german(
    open_app: OpenApp, services: Services, speak_german: Callable[[AppTest], AppTest]
) -> None:
    app = require(speak_german(open_app("results")).switch_page("screens/accounts.py").run())
    click(app, "Add the account")
    assert app.error[0].value.startswith("Geben Sie dem Konto einen Namen von 1 bis")
    field(app, "Name").set_value("Mo")
    click(app, "Add the account")
    assert "Einrichtungslink für Mo" in app.success[0].value
    assert [account.role for account in services.store.accounts()] == [Role.INVESTIGATOR, Role.MONITOR]
    click(app, "Switch off")
    assert "die einzige Studienleitung, die sich anmelden kann" in app.error[0].value


def test_the_door_is_german(open_app: OpenApp, services: Services, in_german: None) -> None:
    app = require(open_app("results", signed_in=False))
    field(app, "Passphrase").set_value(PASSPHRASE)
    click(app, "Set the passphrase")
    assert app.error[0].value.startswith("Die beiden Passphrasen sind verschieden")
    services.store.add_first_account("Dr Ada", PASSPHRASE)
    app = require(open_app("results", signed_in=False))
    click(app, "Sign in")
    assert app.error[0].value.startswith("Dieser Name und diese Passphrase gehören nicht zusammen")


# --------------------------------------------------------------------------------------- names of the report


def names() -> Iterator[str]:
    """Whatever the report or the analysis calls something that stands in a table or a chart of the screen."""
    for of_design in (titles.TITLES, results_pairs.TITLES, results_graded.TITLES):
        shown = [name for name in of_design if name not in ("learning", "drift", "pace")]
        yield from (words for name in shown for words in of_design[name])
    for module in (titles, results_pairs, results_graded):
        yield from module.AGREEMENTS.values()
    for kin in (titles.WITHIN_READERS, results_pairs.WITHIN, results_pairs.AGAIN, results_graded.WITHIN):
        yield from kin.values()
    yield from (*results_pairs.SIDES.values(), *results_pairs.SIDE_CLASSES, *results_graded.GRADES, *Reason)
    yield from (step.wording for scale in (Verdict, Grade, Plausibility) for step in scale)
    yield from (step.wording.split()[0] for step in Choice)
    yield from (resampling.METHOD, resampling.ONE_READER, agreement.METHOD, repeats.METHOD, METHODS["exact"])
    yield from (title for design in Design for title in reached.titles(Found({"design": design.value})))
    for parts in (analyse.PARTS, analyse_grades.PARTS, analyse_pairs.CHOICE_PARTS, analyse_pairs.TABLE_PARTS):
        yield from (name.replace("_", " ") for name, part in parts.items() if part.missing is not analyse.nothing)
    machine = machine_reader.machine_reader({"machine_reader": MACHINE})
    assert machine is not None
    yield from (title for title, *_ in machine_results.rows_of(machine))


def test_every_name_of_the_report_can_be_said_in_another_language() -> None:
    assert set(names()) - {"Sensitivity"} <= report_names.NAMES


@pytest.mark.usefixtures("in_german")
def test_the_sensitivity_of_readers_is_not_that_of_paper() -> None:
    assert report_names.named("Sensitivity") == "Sensitivität" != german("Sensitivity")
    assert report_names.named("Fooling rate") == "Täuschungsrate" and report_names.named("Arm 7") == "Arm 7"


def test_every_event_of_a_study_has_a_word_and_is_kept_as_it_was() -> None:
    others = {k for k in AuditKind if re.search("account|passphrase|sign|link made|role|guess|pool|own records", k)}
    assert set(KINDS) | others == set(AuditKind) and all(kind.value == word for kind, word in KINDS.items())


# ----------------------------------------------------------------------------------- sentences of the report

CONCLUSIONS = (
    found((0.6, 0.7), (0.55, 0.75)),
    found((0.55, 0.7), (0.45, 0.8)),
    found((0.3, 0.4), (0.2, 0.45)),
    found((0.47, 0.53), (0.46, 0.54), equivalent=True),
    found((0.6, 0.7), (0.6, 0.7), real=0),
    crossed(0.55, 0.7),
    crossed(0.3, 0.4),
    crossed(0.45, 0.6),
    crossed(0.46, 0.54, equivalent=True),
    crossed(0.92, 0.98, ONE_SIDE),
    crossed(0.46, 0.54, FLAGGED, equivalent=True),
    grades_found(0.45, 0.55, True),
    grades_found(0.2, 0.4, False),
    grades_found(0.6, 0.8, False),
    grades_found(0.3, 0.7, False),
)


@pytest.mark.parametrize("analysed", CONCLUSIONS, ids=lambda analysed: can_readers_tell(analysed)[:40])
def test_every_conclusion_is_said_in_german_and_stays_english_in_english(
    analysed: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentences = (can_readers_tell(analysed), decided(analysed))
    assert tuple(map(report_sentences.in_words, sentences)) == sentences
    monkeypatch.setattr(visitor, "code", lambda: "de")
    for sentence in sentences:
        assert re.match("Die Befunder|Es |Synthetische EKGs|Über die", report_sentences.in_words(sentence))


def test_the_conclusions_tried_are_all_that_there_are() -> None:
    said_of = {can_readers_tell(analysed) for analysed in CONCLUSIONS}
    patterns = [re.sub(r"\\{\w+\\}", ".+", re.escape(sentence)) for sentence in report_sentences.CONCLUSIONS]
    assert all(any(re.fullmatch(pattern, words) for words in said_of) for pattern in patterns)
    assert {f"What is concluded is decided by {rule}." for rule in conclusion.RULES.values()} == set(
        report_sentences.DECIDED
    )


def explanations() -> Iterator[str]:
    yield from (outcomes.WHY.format(n=96, finding="").strip(), outcomes.SAME_DRAWS, outcomes.FEW)
    yield from (reached.WHY, reached.NO_ACCURACY, reached.CAPTION, misjudged_tables.AGAINST_ORIGIN)
    yield from (*machine_results.BESIDE.values(), machine_results.NEVER_POOLED, machine_reader.NO_GATE)
    yield from map(machine_words, (None, {}, {"machine_reader": MACHINE}))
    yield from (variance_analysis.MISSING, variance_analysis.SAME, power_reached.BOTH, power_reached.DIFFERING)
    regular = [1, 6] * 20
    yield too_fast(Answers(verdict=array(regular), seconds=array([0.5] * 40) + 0.0))
    yield from (straight_lining(Answers(verdict=array(steps))) for steps in ([2] * 40, [1, 1, 1, 6] * 10))
    yield straight_lining(Answers(verdict=array([1, 2, 3, 1, 2, 2, 3, 1] * 5), side=array([0] * 40) > 0))
    for ends in (analyse.ENDS, analyse_pairs.ENDS, analyse_grades.ENDS):
        for steps in ([1] * 20 + [6] * 20, [6] * 20 + [1] * 20):
            yield drift(Answers(verdict=array(steps), position=array(range(40)) + 0.0, ends=ends))


def array(values: object) -> object:
    import numpy as np

    return np.array(list(values))  # type: ignore[call-overload]


@pytest.mark.usefixtures("in_german")
def test_every_explanation_and_every_flag_is_said_in_german() -> None:
    for english in explanations():
        words = report_sentences.in_words(english).split()
        assert words and not {"of", "the", "is", "and", "with"} & set(words), english


@pytest.mark.parametrize("analysed", [
    content(answers(("Dr Ada", "Dr Bo", "Dr Cy"), 40)).found,
    content(answers(("Dr Ada",), 12)).found,
    graded(),
], ids=("verdicts", "one reader", "grades"))  # fmt: skip
def test_in_english_the_power_is_told_as_in_the_report(analysed: Found) -> None:
    assert power_words.in_words(analysed) == reached.in_words(analysed)


def test_the_power_of_pairs_and_of_groups_of_different_size_is_told_as_in_the_report() -> None:
    analysed = content(answers(("Dr Ada", "Dr Bo", "Dr Cy"), 40)).found
    unknown = {"value": None, "n": 0, "method": ""}
    group = {**analysed.group("power_reached"), "fewest_per_reader": 1200, "smallest": unknown}
    for design in Design:
        changed = Found({**analysed.answers, "design": design.value, "power_reached": group})
        assert power_words.in_words(changed) == reached.in_words(changed)


def test_every_flag_of_the_monitor_and_every_refusal_with_an_account_is_in_the_catalogue() -> None:
    assert set(FLAG_WORDS.values()) == set(monitor_words.FLAGS)
    known = {re.sub(r"{\w+}", "{}", sentence) for sentence in account_words.SENTENCES}
    for module in (accounts, account_rules):
        said_there = {sentence for sentence in sentences_of(Path(module.__file__ or "")) if sentence.endswith(".")}
        assert said_there - {"There is no account {}. There are: {}."} <= known  # the latter is a command's


@pytest.mark.usefixtures("in_german")
def test_a_weak_passphrase_and_too_many_guesses_are_refused_in_german() -> None:
    with pytest.raises(errors.WeakPassphrase) as refusal:
        hash_passphrase("short")
    assert account_words.in_words(refusal.value).startswith("Wählen Sie eine Passphrase von 12 bis 1000 Zeichen")
    assert "Warten Sie 30 s" in account_words.in_words(errors.TooManyGuesses(30))


# ------------------------------------------------------------------------------------------- days and numbers


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_in_english_a_day_is_written_as_it_always_was(at: date) -> None:
    assert day(at) == at.strftime("%-d %b %Y") and day(None) == ""


@given(st.decimals(0, 100_000, places=2), st.decimals(0, 100_000, places=1))
def test_in_english_numbers_stay_as_the_report_writes_them(low: object, high: object) -> None:
    for words in (f"{low:,} to {high:,} %", f"−{low} ({low} to {high})", "< 0.001", "–", ""):
        assert numerals(words) == words


@pytest.mark.usefixtures("in_german")
def test_german_has_its_days_its_comma_and_its_word_between_two_numbers() -> None:
    at = datetime(2026, 3, 3, 8, 15, tzinfo=UTC)
    assert (day(at), when(at), when(None)) == ("3. März 2026", "3. März 2026, 08:15 UTC", "noch nicht")
    assert numerals("60.5 % (53.1 to 67.6 %), n 1,234") == "60,5 % (53,1 bis 67,6 %), n 1.234"
    figure = days_figure({date(2026, 5, 1): 4, date(2026, 5, 2): 0})
    assert list(figure.layout.xaxis.ticktext) == ["1. Mai", "2. Mai"]
