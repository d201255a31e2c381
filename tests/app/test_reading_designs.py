"""Every way through a reading: consent, profile, practice, pairs, grades, breaks, time limits, leaving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from app.session import Services
from review_db.blinded import Profile
from review_db.errors import UnknownLink
from review_db.model import AuditKind
from review_db.protocol import Design
from review_db.scales import Choice, Grade, Plausibility, Reason, Verdict
from tests.app.conftest import OpenApp
from tests.app.study_kit import open_study
from tests.app.test_read import answered, click, html, sheets

PAIRS, GRADED = {"design": Design.PAIRS}, {"design": Design.GRADED}
CONSENT = {"consent": "Your answers are stored. *Not* $bold$ <b>here</b>.", "consent_version": "1.2"}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, services: Services) -> list[float]:
    """The seconds that the store's clock is ahead; tests change its only entry."""
    ahead = [0.0]
    start = datetime(2026, 1, 5, 9, tzinfo=UTC)
    monkeypatch.setattr(services.store, "_clock", lambda: start + timedelta(seconds=ahead[0]))
    return ahead


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def press(app: AppTest, key: str) -> AppTest:
    """The button of a key, as the browser would press it."""
    return next(button for button in app.button if button.proto.shortcut.upper() == key).click().run()


def read(app: AppTest, keys: str) -> AppTest:
    for key in (*keys, "ENTER"):
        press(app, key)
    return app


# ------------------------------------------------------------------------------------- before the first ECG


def test_nothing_but_the_consent_text_is_reachable_before_it_is_agreed_to(
    open_app: OpenApp, services: Services
) -> None:
    _, token = open_study(services.store, asks_profile=True, **CONSENT)
    app = open_app(token=token)
    assert labels(app) == ["Go on"] and app.button[0].disabled and not sheets(app)
    assert "*Not* $bold$ &lt;b&gt;here&lt;/b&gt;" in html(app) and "Version 1.2" in html(app)
    app.checkbox[0].check().run()
    click(app, "Go on")
    assert app.title[0].value == "About you"
    consents = [e.detail for e in services.store.audit_trail(1) if e.kind is AuditKind.READER_CONSENTED]
    assert consents == ["reader 1, version 1.2"]


def test_the_reader_says_who_they_are_once(open_app: OpenApp, services: Services) -> None:
    _, token = open_study(services.store, asks_profile=True)
    app = open_app(token=token)
    click(app, "Go on")
    assert "all three" in app.warning[0].value
    app.selectbox[0].set_value("Cardiology")
    app.number_input[0].set_value(12)
    app.number_input[1].set_value(80)
    click(app, "Go on")
    assert "Start reading" in labels(app)
    assert "Start reading" in labels(open_app(token=token))


def test_a_reader_who_was_introduced_elsewhere_is_not_asked(open_app: OpenApp, services: Services) -> None:
    _, token = open_study(services.store, asks_profile=True)
    services.store.introduce(token, Profile("Nursing", 3, 20))
    assert "Start reading" in labels(open_app(token=token))


# ------------------------------------------------------------------------------------------------- practice


def test_practice_is_marked_explained_and_does_not_count(open_app: OpenApp, services: Services) -> None:
    study, token = open_study(services.store, practice=2)
    app = click(open_app(token=token), "Start practice")
    assert "Practice 1 of 2" in html(app)
    shown = sheets(app)
    read(app, "2S")
    assert app.subheader[0].value in ("It was real.", "It was synthetic.")
    assert sheets(app) == shown and "You said: probably real." in [m.value for m in app.markdown]
    reloaded = open_app(token=token)
    assert sheets(reloaded) == shown and reloaded.subheader[0].value == app.subheader[0].value
    press(app, "ENTER")
    assert "Practice 2 of 2" in html(app) and sheets(app) != shown
    read(app, "5A")
    press(app, "ENTER")
    assert app.title[0].value == "Now it counts" and answered(services.store, study) == 0
    press(app, "ENTER")
    assert "1 of 4" in html(app) and "Practice" not in html(app)


def test_feedback_on_a_pair_names_the_synthetic_one(open_app: OpenApp, services: Services) -> None:
    _, token = open_study(services.store, practice=1, **PAIRS)
    app = read(click(open_app(token=token), "Start practice"), "6GM")
    assert app.subheader[0].value in ("A was synthetic.", "B was synthetic.")
    assert len(sheets(app)) == 2 and "You said: certainly B." in [m.value for m in app.markdown]


def test_an_answer_that_counts_brings_no_feedback(open_app: OpenApp, services: Services) -> None:
    _, token = open_study(services.store)
    app = read(click(open_app(token=token), "Start reading"), "2S")
    assert "2 of 4" in html(app) and not app.subheader


# ------------------------------------------------------------------------------------------------- designs


def test_a_pair_is_two_ecgs_of_one_size_with_a_plausibility_each(open_app: OpenApp, services: Services) -> None:
    study, token = open_study(services.store, **PAIRS)
    app = click(open_app(token=token), "Start reading")
    assert "1 of 2" in html(app) and len(sheets(app)) == 2 and sheets(app)[0] != sheets(app)[1]
    assert len({len(sheet) for sheet in sheets(app)}) == 1
    assert "Next pair" in labels(app)
    press(read(app, "2S"), "J")  # the answer was refused until B has a plausibility, too
    assert "1 of 2" in html(app)
    press(app, "ENTER")
    read(app, "6HM")
    services.store.close_study(study)
    assert answered(services.store, study) == 1
    (first,) = services.store.pair_observations(study)
    assert first.choice is Choice.PROBABLY_LEFT
    assert (first.left_plausibility, first.right_plausibility) == (Plausibility(2), Plausibility(2))


def test_one_ecg_of_a_pair_is_shown_large_and_the_charts_stay_as_they_are(
    open_app: OpenApp, services: Services
) -> None:
    _, token = open_study(services.store, **PAIRS)
    app = click(open_app(token=token), "Start reading")
    shown = sheets(app)
    press(app, "X")
    assert "st-key-paper-b)" in html(app) and "B large" in labels(app) and sheets(app) == shown
    press(app, "X")
    assert "st-key-paper-a)" in html(app) and "A large" in labels(app) and sheets(app) == shown
    press(app, "Z")
    assert "st-key-paper-a)" not in html(app) and sheets(app) == shown


def test_the_next_pair_begins_with_both(open_app: OpenApp, services: Services) -> None:
    _, token = open_study(services.store, **PAIRS)
    app = click(open_app(token=token), "Start reading")
    press(app, "X")
    read(app, "2SJ")
    assert "2 of 2" in html(app) and "A large" in labels(app)


def test_the_last_answer_to_a_pair_can_be_changed(open_app: OpenApp, services: Services) -> None:
    _, token = open_study(services.store, asks_reasons=True, **PAIRS)
    app = read(click(open_app(token=token), "Start reading"), "2SJQ")
    press(app, "U")
    chosen = [b.label for b in app.button if b.proto.type == "primary"]
    assert chosen == ["Probably A", "Rather implausible", "Rather implausible", "QRS", "Save the change"]
    read(app, "5LQB")
    last = services.store.last_answer(token)
    assert last is not None and last.verdict is Choice.PROBABLY_RIGHT
    assert (last.plausibility, last.plausibility_beside) == (Plausibility(2), Plausibility(4))
    assert last.reasons == (Reason.BASELINE,) and "2 of 2" in html(app)


def test_quality_is_graded_in_four_classes(open_app: OpenApp, services: Services) -> None:
    study, token = open_study(services.store, asks_plausibility=False, **GRADED)
    app = click(open_app(token=token), "Start reading")
    assert [b.label for b in app.button][1:5] == ["Unusable", "Poor", "Acceptable", "Good"]
    for key in "1234":
        read(app, key)
    assert app.title[0].value == "Thank you"
    services.store.close_study(study)
    grades = sorted(services.store.grade_observations(study), key=lambda o: o.position)
    assert [o.grade for o in grades] == list(Grade)


def test_reasons_are_stored_and_a_second_press_takes_one_back(open_app: OpenApp, services: Services) -> None:
    _, token = open_study(services.store, asks_reasons=True)
    app = read(click(open_app(token=token), "Start reading"), "6SWNTN")
    last = services.store.last_answer(token)
    assert last is not None and last.reasons == (Reason.P_WAVE, Reason.ST_T)
    assert last.verdict is Verdict.CERTAINLY_SYNTHETIC and "2 of 4" in html(app)


def test_a_study_without_comments_has_no_box_for_them(open_app: OpenApp, services: Services) -> None:
    study, token = open_study(services.store, asks_comment=False)
    app = click(open_app(token=token), "Start reading")
    assert not app.text_area
    read(app, "6S")
    assert answered(services.store, study) == 1


# --------------------------------------------------------------------------------------- time, breaks, leaving


def test_a_break_is_suggested_and_the_clock_stands_still(
    open_app: OpenApp, services: Services, at: list[float]
) -> None:
    study, token = open_study(services.store, break_every=1)
    app = read(click(open_app(token=token), "Start reading"), "2S")
    assert app.title[0].value == "Time for a break" and not sheets(app)
    assert "You have read 1 of 4; 3 are left." in app.markdown[0].value
    at[0] += 1000
    press(app, "ENTER")
    assert "2 of 4" in html(app)
    at[0] += 7
    read(app, "2S")
    services.store.close_study(study)
    assert sorted(o.seconds for o in services.store.observations(study)) == [0, 7]


def test_a_reload_during_an_ecg_that_follows_a_break_stops_its_clock(
    open_app: OpenApp, services: Services, at: list[float]
) -> None:
    study, token = open_study(services.store, break_every=1)
    app = read(click(open_app(token=token), "Start reading"), "2S")
    press(app, "ENTER")
    at[0] += 5
    again = open_app(token=token)
    assert again.title[0].value == "Time for a break"
    at[0] += 1000
    press(again, "ENTER")
    read(again, "2S")
    services.store.close_study(study)
    assert max(o.seconds for o in services.store.observations(study)) == 5


def test_when_viewing_time_is_over_the_ecg_is_gone_and_can_still_be_answered(
    open_app: OpenApp, services: Services, at: list[float]
) -> None:
    study, token = open_study(services.store, maximum_view_seconds=20.0)
    app = click(open_app(token=token), "Start reading")
    assert "--from: 20" in html(app) and len(sheets(app)) == 1
    at[0] += 12.5
    app.run()
    assert "--from: 8;" in html(app) and len(sheets(app)) == 1
    at[0] += 7.5
    app.run()
    assert "Time is over" in html(app) and "viewing time is over" in html(app) and not sheets(app)
    read(app, "2S")
    assert answered(services.store, study) == 1 and "2 of 4" in html(app) and len(sheets(app)) == 1


def test_a_pause_does_not_use_up_viewing_time(open_app: OpenApp, services: Services, at: list[float]) -> None:
    _, token = open_study(services.store, maximum_view_seconds=20.0)
    app = click(open_app(token=token), "Start reading")
    at[0] += 5
    press(app, "P")
    at[0] += 1000
    press(app, "ENTER")
    assert "--from: 15" in html(app) and len(sheets(app)) == 1


def test_changing_an_answer_does_not_prolong_viewing_time(
    open_app: OpenApp, services: Services, at: list[float]
) -> None:
    _, token = open_study(services.store, maximum_view_seconds=20.0, **PAIRS)
    app = read(click(open_app(token=token), "Start reading"), "2SJ")
    press(app, "U")
    assert not sheets(app) and "Save the change" in labels(app)


def test_leaving_is_asked_twice_and_closes_the_link(open_app: OpenApp, services: Services) -> None:
    study, token = open_study(services.store, erases_on_withdrawal=True, **CONSENT)
    app = open_app(token=token)
    app.checkbox[0].check().run()
    click(app, "Go on")
    read(click(app, "Start reading"), "2S")
    press(app, "P")
    click(app, "Leave the study")
    assert "are erased" in app.markdown[0].value and answered(services.store, study) == 1
    click(app, "Stay")
    assert app.title[0].value == "Pause"
    click(app, "Leave the study")
    click(app, "Leave the study for good")
    assert app.title[0].value == "You have left the study" and answered(services.store, study) == 0
    with pytest.raises(UnknownLink):
        services.store.reading(token)


def test_a_reader_whom_the_investigator_paused_is_told_so(open_app: OpenApp, services: Services) -> None:
    study, token = open_study(services.store)
    app = click(open_app(token=token), "Start reading")
    services.store.pause_reader(services.store.progress(study)[0].rater_id)
    press(app, "2")
    assert "paused by the person who runs the study" in " ".join(one.value for one in app.run().markdown)
    assert not sheets(app)
    click(app, "Leave the study")
    click(click(app, "Stay"), "Leave the study")
    click(app, "Leave the study for good")
    assert app.title[0].value == "You have left the study" and services.store.progress(study)[0].withdrawn


def test_a_click_after_the_study_was_closed_stores_nothing_and_says_so(open_app: OpenApp, services: Services) -> None:
    study, token = open_study(services.store)
    app = click(open_app(token=token), "Start reading")
    services.store.close_study(study)
    press(app, "P")
    assert "closed" in app.info[0].value
