"""Blinding by role, design and state of a reading: whatever a session shows or keeps before unblinding, the truth is
not in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.access import screens_for
from app.main import SCREENS
from app.session import Services
from review_db.account import Role
from review_db.blinded import Submission
from review_db.errors import StillBlinded
from review_db.model import AuditKind
from review_db.protocol import Design
from review_db.scales import Plausibility, Verdict
from tests.app.conftest import INVESTIGATOR, MONITOR, OpenApp, add_monitor
from tests.app.study_kit import PASSPHRASE, open_study
from tests.app.test_read import click, html
from tests.app.test_reading_designs import press

COMMENT = "zebra in V3"
ORIGIN_OF_AN_ECG = (r"(?<![\d.])77_?777(?!\d)",)  # in the provenance of every item, see study_kit.plan
ARMS = ("Arm Alpha0", "Arm Alpha1", "secret remark")
LAST = {design: max(design.scale) for design in Design}  # what the reader answered
ANSWERS = (COMMENT, Verdict.CERTAINLY_SYNTHETIC.wording, *(rf"\b{step.name}\b" for step in LAST.values()))
# An investigator composed the study, so its arms are no news; which ECG is of which arm would be.
HIDDEN = {
    Role.INVESTIGATOR: (*ORIGIN_OF_AN_ECG, COMMENT),
    Role.MONITOR: (*ORIGIN_OF_AN_ECG, *ARMS, *ANSWERS),
    Role.READER: (*ORIGIN_OF_AN_ECG, *ARMS),
    None: (*ORIGIN_OF_AN_ECG, *ARMS, *ANSWERS),
}
ABOUT_STUDIES = {"studies", "monitor", "results", "read"}  # other screens know of no design
CASES = [
    pytest.param(
        role, screen, design, marks=() if screen in ABOUT_STUDIES or design is Design.SINGLE else pytest.mark.slow
    )
    for role in HIDDEN
    for screen in screens_for(role, SCREENS)
    for design in Design
]
RULES: Mapping[str, Any] = {
    "practice": 1, "repeats": 1, "repeat_distance": 1, "break_every": 2, "maximum_view_seconds": 600.0,
    "asks_reasons": True, "asks_profile": True, "consent": "I read of my own will.", "consent_version": "1",
    "shows_score_after_closing": True,
}  # fmt: skip


@pytest.fixture
def design(request: pytest.FixtureRequest) -> Design:
    """Of the study; `indirect` parameters replace it."""
    return getattr(request, "param", Design.SINGLE)


@pytest.fixture
def read_study(services: Services, design: Design) -> tuple[int, str]:
    """An open study with one answer."""
    add_monitor(services)
    study, token = open_study(services.store, design=design)
    item = services.store.next_item(token)
    assert item is not None
    services.store.mark_shown(token, item.presentation)
    beside = None if item.beside is None else Plausibility.PLAUSIBLE
    answer = Submission(
        item.presentation, LAST[design], Plausibility.PLAUSIBLE, COMMENT, "one", plausibility_beside=beside
    )
    services.store.record(token, answer)
    return study, token


def held(app: AppTest) -> Iterator[str]:
    """All that the browser was sent, and all that the session keeps."""
    yield from (str(getattr(node, "proto", "")) for node in app._tree)
    yield repr(app.session_state)


def told(app: AppTest, role: Role | None) -> list[str]:
    """What this role should not have been told."""
    return [word for word in HIDDEN[role] if any(re.search(word, text) for text in held(app))]


def opened(open_app: OpenApp, role: Role | None, screen: str, token: str) -> AppTest:
    if role is Role.READER:
        return open_app(token=token)
    app = open_app("accounts", signed_in=role is not None, **({"role": role} if role else {}))
    return app.switch_page(f"screens/{screen}.py").run()


@pytest.mark.parametrize(("role", "screen", "design"), CASES, indirect=["design"])
def test_no_role_finds_the_truth_on_any_screen_before_unblinding(
    open_app: OpenApp, services: Services, read_study: tuple[int, str], role: Role | None, screen: str
) -> None:
    study, token = read_study
    app = opened(open_app, role, screen, token)
    for button in [button for button in app.button if button.label == "Manage"]:
        button.click().run()
    assert not app.exception and not told(app, role)
    services.store.close_study(study)
    assert not app.run().exception and not told(app, role)
    assert AuditKind.UNBLINDED not in [event.kind for event in services.store.audit_trail(study)]


# ------------------------------------------------------------------------------------------- states of a reading


STATES = {
    "consent", "profile", "instructions", "practice", "feedback", "end of practice", "reading", "pause", "leaving",
    "change", "break", "going on", "thanks", "paused by others", "closed",
}  # fmt: skip


@dataclass
class Walk:
    """A reader's way through a study, looked at in every state."""

    app: AppTest
    seen: list[str] = field(default_factory=list)

    def at(self, state: str, *marks: str) -> None:
        """Be in this state, which its marks on the page show, and find no truth in it."""
        page = " ".join([html(self.app), *(str(node.value) for node in (*self.app.title, *self.app.subheader))])
        assert not self.app.exception and all(mark in page for mark in marks), (state, page)
        assert not told(self.app, Role.READER), state
        explained = [words.value for words in self.app.subheader if "was" in words.value]
        assert bool(explained) is (state == "feedback"), state
        self.seen.append(state)

    def answer(self, design: Design) -> None:
        """What is on the page, with the last step of its scale."""
        for key in (str(max(design.scale).value), "G", *("M" * (design.ecgs - 1)), "ENTER"):
            press(self.app, key)


def admitted(walk: Walk) -> None:
    walk.at("consent", "I read of my own will")
    walk.app.checkbox[0].check().run()
    click(walk.app, "Go on")
    walk.at("profile", "About you")
    walk.app.selectbox[0].set_value("Cardiology")
    walk.app.number_input[0].set_value(12)
    walk.app.number_input[1].set_value(80)
    click(walk.app, "Go on")
    walk.at("instructions", "Reading at dawn")


def practised(walk: Walk, design: Design) -> None:
    click(walk.app, "Start practice")
    walk.at("practice", "Practice 1 of 1")
    walk.answer(design)
    walk.at("feedback", "was")
    press(walk.app, "ENTER")
    walk.at("end of practice", "Now it counts")
    press(walk.app, "ENTER")


def read_with_all_that_can_happen(walk: Walk, design: Design) -> None:
    walk.at("reading", "1 of ")
    press(walk.app, "P")
    walk.at("pause", "Pause")
    click(walk.app, "Leave the study")
    walk.at("leaving", "Leave the study?")
    click(walk.app, "Stay")
    press(walk.app, "ENTER")
    walk.answer(design)
    press(walk.app, "U")
    walk.at("change", "changing your last answer")
    press(walk.app, "ENTER")
    walk.answer(design)
    walk.at("break", "Time for a break")
    while "Thank you" not in [title.value for title in walk.app.title]:
        press(walk.app, "ENTER") if walk.app.title else walk.answer(design)
        walk.at("going on")
    walk.at("thanks", "Thank you")


@pytest.mark.parametrize("design", Design, indirect=True)
def test_no_state_of_a_reading_tells_a_reader_the_truth_but_of_practice_that_was_answered(
    open_app: OpenApp, services: Services, design: Design
) -> None:
    catch = {"catch_pairs": 1} if design is Design.PAIRS else {}
    study, token = open_study(services.store, per_arm=4, design=design, **RULES, **catch)
    walk = Walk(open_app(token=token))
    admitted(walk)
    practised(walk, design)
    read_with_all_that_can_happen(walk, design)
    rater = services.store.progress(study)[0].rater_id
    services.store.pause_reader(rater)
    walk.app.run()
    walk.at("paused by others", "Reading")
    services.store.resume_reader(rater)
    services.store.close_study(study)
    walk.app.run()
    walk.at("closed", "Reading")
    assert set(walk.seen) == STATES
    assert AuditKind.UNBLINDED not in [event.kind for event in services.store.audit_trail(study)]


def test_the_search_finds_what_is_there(open_app: OpenApp, read_study: tuple[int, str]) -> None:
    app = open_app("studies")
    next(button for button in app.button if button.label == "Manage").click().run()
    assert all(any(word in text for text in held(app)) for word in ARMS[:2])


@pytest.mark.parametrize("screen", sorted(set(SCREENS) - set(screens_for(Role.MONITOR, SCREENS))))
def test_a_monitor_s_session_has_no_screen_with_arms_or_answers(open_app: OpenApp, screen: str) -> None:
    app = open_app("accounts", role=Role.MONITOR)
    with pytest.raises(ValueError, match="screens"):
        app.switch_page(f"screens/{screen}.py").run()


def test_the_truth_comes_out_by_a_logged_act_that_names_who_did_it(
    services: Services, read_study: tuple[int, str]
) -> None:
    study, _ = read_study
    session.sign_in(INVESTIGATOR, PASSPHRASE)
    with pytest.raises(StillBlinded):
        services.store.observations(study)
    services.store.close_study(study)
    assert services.store.observations(study)
    session.sign_out()
    acts = [(event.kind, event.actor) for event in services.store.audit_trail(study)]
    assert acts[-2:] == [(AuditKind.CLOSED, INVESTIGATOR), (AuditKind.UNBLINDED, INVESTIGATOR)]


def test_a_monitor_who_signs_in_lands_on_a_page_of_theirs(open_app: OpenApp, services: Services) -> None:
    add_monitor(services)
    app = open_app("studies", role=Role.MONITOR)
    assert not app.exception and MONITOR == app.session_state["session/account-name"]
    assert [title.value for title in app.title] != ["Sign in"]


def test_the_search_knows_the_origin_of_an_ecg_from_a_number_that_looks_like_it() -> None:
    (pattern,) = ORIGIN_OF_AN_ECG
    assert re.search(pattern, '{"ecg_id": 77777}') and not re.search(pattern, "0.77777 and 2777771")
