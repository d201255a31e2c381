"""Blinding by role: whatever a session shows or keeps before unblinding, the truth is not in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
from review_db.scales import Plausibility, Verdict
from tests.app.conftest import INVESTIGATOR, MONITOR, OpenApp, add_monitor
from tests.app.study_kit import PASSPHRASE, open_study

COMMENT = "zebra in V3"
ORIGIN_OF_AN_ECG = (r"(?<![\d.])77_?777(?!\d)",)  # in the provenance of every item, see study_kit.plan
ARMS = ("Arm Alpha0", "Arm Alpha1", "secret remark")
ANSWERS = (COMMENT, Verdict.CERTAINLY_SYNTHETIC.wording, "CERTAINLY_SYNTHETIC")
# An investigator composed the study, so its arms are no news; which ECG is of which arm would be.
HIDDEN = {
    Role.INVESTIGATOR: (*ORIGIN_OF_AN_ECG, COMMENT),
    Role.MONITOR: (*ORIGIN_OF_AN_ECG, *ARMS, *ANSWERS),
    Role.READER: (*ORIGIN_OF_AN_ECG, *ARMS),
    None: (*ORIGIN_OF_AN_ECG, *ARMS, *ANSWERS),
}
CASES = [(role, screen) for role in HIDDEN for screen in screens_for(role, SCREENS)]


@pytest.fixture
def read_study(services: Services) -> tuple[int, str]:
    """An open study with one answer."""
    add_monitor(services)
    study, token = open_study(services.store)
    item = services.store.next_item(token)
    assert item is not None
    services.store.mark_shown(token, item.presentation)
    answer = Submission(item.presentation, Verdict.CERTAINLY_SYNTHETIC, Plausibility.PLAUSIBLE, COMMENT, "one")
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


@pytest.mark.parametrize(("role", "screen"), CASES)
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
