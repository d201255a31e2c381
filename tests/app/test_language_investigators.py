"""Investigators and monitors meet no English sentence of the catalogue in German, and no word that is in none.

Every walk is made twice: in German, and in a language whose messages stand in brackets (`tests.app.language_kit`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from app import session
from app.planner import power as planner_power
from app.results import analysis
from app.session import Services
from engine.files.collecting import collect
from engine.files.own_records import OwnRecords
from review_db.account import Role
from review_db.model import StudyState
from review_db.protocol import Design
from tests.app.conftest import INVESTIGATOR, MONITOR, add_investigator, add_monitor
from tests.app.language_kit import WAYS, Check, enter, press_words, speaking
from tests.app.study_kit import LABEL_SET, PASSPHRASE, open_study, plan, read_all
from tests.app.test_planner import FEW
from tests.app.test_results import keep_analysis as keep_analysis_of_single
from tests.app.test_results import two_readers
from tests.app.test_results_designs import AtWork, closed, keep_analysis
from tests.engine.conftest import made_up_ecg
from tests.engine.files.foreign_files import WRITERS
from tests.review_db.scenario import AUDITED

PEOPLE = (INVESTIGATOR, MONITOR, "<b>Dr Bo</b>", "Dr Bo", "Bo")
STORED = (  # of the study in study_kit
    *("Arm Alpha0", "Arm Alpha1", "secret remark", "Alpha0", "Alpha1", str(AUDITED["words"])),
)
CODES = (*sorted(LABEL_SET.codes, key=len, reverse=True), "PTB-XL", "WFDB", "CSV", "PDF", "ZIP", "JSON", "EDF", "DICOM")
UNITS = ("UTC", "AUC", "SHA-256", "min")


@pytest.fixture(params=WAYS)
def look(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Check]:
    with speaking(request.param, monkeypatch, (*PEOPLE, *STORED, *CODES, *UNITS)) as look:
        yield look


@pytest.fixture
def services(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """With a cache folder of the test's own, and analyses that never end unless one was kept."""
    own = replace(services, settings=services.settings.model_copy(update={"cache": tmp_path / "cache"}))
    monkeypatch.setattr(session, "services", lambda: own)
    monkeypatch.setattr(analysis, "AnalysisProcess", AtWork)
    return own


def door(screen: str) -> AppTest:
    return enter().switch_page(f"screens/{screen}.py").run()


def visit(services: Services, screen: str, role: Role = Role.INVESTIGATOR) -> AppTest:
    """A screen for whoever has just signed in."""
    (add_monitor if role is Role.MONITOR else add_investigator)(services)
    app = door(screen)
    app.text_input[0].set_value(MONITOR if role is Role.MONITOR else INVESTIGATOR)
    return sign_in(app, PASSPHRASE)


def sign_in(app: AppTest, passphrase: str) -> AppTest:
    app.text_input[-1].set_value(passphrase)
    return app.button[0].click().run()


def manage(app: AppTest, study: int) -> AppTest:
    return app.button(key=f"manage-{study}").click().run()


# ------------------------------------------------------------------------------------------------- doors, accounts


def test_the_doors_are_said(services: Services, look: Check) -> None:
    look(door("studies"))
    look(door("accounts"))
    add_investigator(services)
    app = look(door("results"))
    app.text_input[0].set_value(INVESTIGATOR)
    look(sign_in(app, "not the passphrase"))
    app = enter()
    app.query_params[session.SETUP] = services.store.invite_account("Bo", Role.MONITOR)
    look(app.run())
    look(sign_in(app, "short"))


def test_accounts_are_said(services: Services, look: Check) -> None:
    app = look(visit(services, "accounts"))
    app.text_input(key="account-name").set_value("Bo")
    look(press_words(app, "Add the account"))
    look(app.run())
    look(press_words(app, "Add the account"))
    look(visit(services, "accounts", Role.MONITOR))


# ---------------------------------------------------------------------------------------------------------- studies


def test_composing_a_study_is_said(services: Services, look: Check) -> None:
    app = look(visit(services, "studies"))
    app = look(press_words(app, "New study"))
    look(press_words(app, "Compose the study"))
    look(app.run())


def test_a_study_is_said_from_draft_to_unblinding(services: Services, look: Check) -> None:
    study = services.store.create_study(plan(practice=1, asks_reasons=True, asks_profile=True, break_every=2))
    app = look(manage(visit(services, "studies"), study))
    token = services.store.add_reader(study, "Dr Ada")
    look(app.run())
    services.store.open_study(study)
    look(app.run())
    services.store.close_study(study)
    look(app.run())
    services.store.observations(study)
    look(app.run())
    assert services.store.study(study).state is StudyState.CLOSED and token
    look(visit(services, "studies"))


# ---------------------------------------------------------------------------------------------------------- monitor


@pytest.mark.parametrize("role", list(Role))
def test_the_monitor_is_said(services: Services, look: Check, role: Role) -> None:
    look(visit(services, "monitor", role))
    study, token = open_study(services.store, per_arm=3)
    read_all(services.store, token)
    services.store.add_reader(study, "Dr Bo")
    app = look(visit(services, "monitor", role))
    for words in ("Remind", "Pause", "Withdraw") if role is Role.INVESTIGATOR else ():
        look(press_words(app, words))
    services.store.close_study(study)
    look(app.run())


# ------------------------------------------------------------------------------------------------- planner, records


def test_the_planner_is_said(services: Services, look: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner_power, "SIMULATIONS", FEW)
    streamlit.cache_data.clear()
    app = door("planner")
    app.code[0].proto.Clear()  # words for a protocol, which are English
    look(app)


def test_records_are_said(services: Services, look: Check, tmp_path: Path) -> None:
    look(visit(services, "records"))
    (folder := tmp_path / "source").mkdir()
    for seed, (name, write) in enumerate(WRITERS.items()):
        write(made_up_ecg(seed), folder, name)
    list(collect(sorted(folder.glob("*.edf")) + sorted(folder.glob("*.csv")), services.settings.own_records))
    app = look(visit(services, "records"))
    code = OwnRecords(services.settings.own_records).records[0].code
    look(app.button(key=f"records/look-{code}").click().run())


# ---------------------------------------------------------------------------------------------------------- results


def test_results_that_wait_are_said(services: Services, look: Check) -> None:
    look(visit(services, "results"))
    study = two_readers(services)
    app = look(visit(services, "results"))
    look(press_words(app, "Unblind the study"))
    services.store.observations(study)
    look(visit(services, "results"))


def test_results_of_single_ecgs_are_said(services: Services, look: Check) -> None:
    keep_analysis_of_single(services, two_readers(services))
    look(visit(services, "results"))


@pytest.mark.parametrize("design", [Design.PAIRS, Design.GRADED])
def test_results_of_the_other_designs_are_said(services: Services, look: Check, design: Design) -> None:
    keep_analysis(services, closed(services, design), design)
    look(visit(services, "results"))
