"""Watching readers: investigators act, monitors look, and neither sees a truth or an answer."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from app.monitor import words
from app.monitor.pictures import answers_per_day, bars_html, days_figure, days_in_words
from app.session import Services
from review_db.account import Role
from review_db.blinded import Submission
from review_db.model import StudyState
from review_db.monitoring import MonitoredStudy, PaceFlag, ReaderPace
from review_db.protocol import Design, StudyProtocol
from review_db.scales import Plausibility, Verdict
from tests.app.conftest import OpenApp
from tests.app.study_kit import open_study, plan, read_all

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
STUDY = MonitoredStudy(1, "Reading at dawn", Design.SINGLE, StudyState.OPEN, NOW - timedelta(days=3), None, False)
PACE = ReaderPace(
    rater_id=1,
    name="Dr Ada",
    answered=10,
    total=40,
    practice_answered=0,
    practice_total=0,
    needs_consent=False,
    consented_at=None,
    paused=False,
    revoked=False,
    withdrawn=False,
    erased=False,
    erases_on_withdrawal=False,
    reminded_at=None,
    expires_at=None,
    started_at=NOW - timedelta(days=2),
    last_at=NOW - timedelta(days=1),
    seconds_on_task=300.0,
    median_seconds=25.0,
    per_hour=120.0,
    done_at=NOW + timedelta(days=6),
    per_day=MappingProxyType({date(2026, 3, 2): 4, date(2026, 3, 4): 6}),
    flags=(),
)


# ------------------------------------------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "reading"),
        ({"answered": 0}, "not started"),
        ({"answered": 40}, "finished"),
        ({"paused": True}, "paused"),
        ({"revoked": True}, "link withdrawn"),
        ({"revoked": True, "answered": 40}, "finished"),
        ({"revoked": True, "withdrawn": True}, "withdrew, answers kept"),
        ({"revoked": True, "withdrawn": True, "erased": True}, "withdrew, answers erased"),
        ({"expires_at": NOW}, "link expired 4 Mar 2026"),
        ({"needs_consent": True, "answered": 0}, "has not agreed to the text"),
        ({"answered": 0, "practice_answered": 1, "practice_total": 3}, "practice, 1 of 3"),
    ],
)
def test_the_state_of_a_reader_in_words(changes: dict[str, object], said: str) -> None:
    assert words.state(replace(PACE, **changes), STUDY, NOW) == said  # type: ignore[arg-type]


def test_pace_and_forecast_in_words() -> None:
    assert words.speed(PACE) == "120 per hour, median 25 s, 5 min in all"
    assert words.speed(replace(PACE, per_hour=2400.0, median_seconds=1.44)).startswith("2,400 per hour, median 1.4 s")
    assert words.forecast(PACE, NOW) == "about 10 Mar 2026"
    assert words.forecast(replace(PACE, done_at=NOW + timedelta(minutes=80)), NOW) == "in about 1 h 20 min"
    late = replace(PACE, expires_at=NOW + timedelta(days=1))
    assert words.forecast(late, NOW) == "about 10 Mar 2026, after the link ends on 5 Mar 2026"
    assert words.speed(replace(PACE, per_hour=None)) == words.forecast(replace(PACE, done_at=None), NOW) == ""


def test_who_withdrew_is_not_counted_among_the_readers() -> None:
    left = replace(PACE, withdrawn=True, answered=7)
    assert words.summary([PACE, left], NOW).startswith(
        "1 reader · 10 of 40 answers · 0 finished · 1 withdrew · as of 12"
    )


def test_a_reminder_says_what_is_left_and_nothing_of_what_the_ecgs_are() -> None:
    message = words.reminder(replace(PACE, expires_at=NOW), STUDY)
    assert "10 of 40 ECGs have your answer, 30 are left: about 12 min" in message
    assert "until 4 Mar 2026, 12:00 UTC" in message and "invited" not in message
    assert not re.search("real|synthetic|model|generated|flag", message)
    assert "invited to read 40 ECGs" in words.reminder(replace(PACE, answered=0), STUDY)
    pairs = words.reminder(replace(PACE, answered=0, total=1), replace(STUDY, design=Design.PAIRS))
    assert "1 pair of ECGs" in pairs


def test_a_reminder_comes_whole_through_the_mail_address() -> None:
    message = words.reminder(replace(PACE, name="Dr Ädä & Söhne, 100 %"), STUDY)
    query = parse_qs(urlsplit(words.mail_address("Reading in “dawn”", message)).query)
    assert query == {"subject": ["Reading in “dawn”"], "body": [message]}


@pytest.mark.parametrize(("erases", "said"), [(True, "All answers (10 ECGs so far) are erased"), (False, "are kept")])
@pytest.mark.parametrize(("agreed", "because"), [(NOW, "this reader agreed to"), (None, "as the protocol says")])
def test_withdrawing_says_before_what_becomes_of_the_answers(
    erases: bool, said: str, agreed: datetime | None, because: str
) -> None:
    told = words.withdrawal(replace(PACE, erases_on_withdrawal=erases, consented_at=agreed), STUDY)
    assert said in told and because in told


# --------------------------------------------------------------------------------------------------- pictures


def test_bars_are_as_long_as_the_progress_and_names_cannot_break_the_page() -> None:
    html = bars_html([replace(PACE, name="<b>Ada</b>")], STUDY, NOW)
    assert "width: 25.0%" in html and "10 of 40" in html and "<b>Ada" not in html and "&lt;b&gt;Ada" in html
    flagged = bars_html([replace(PACE, flags=(PaceFlag("drift", "x"),))], STUDY, NOW)
    assert "flagged" in flagged and "flagged" not in html
    assert 'class="stopped"' in bars_html([replace(PACE, paused=True)], STUDY, NOW)
    assert "(reminded 4 Mar 2026)" in bars_html([replace(PACE, reminded_at=NOW)], STUDY, NOW)


def test_answers_per_day_have_no_gaps_and_add_up_over_readers() -> None:
    counts = answers_per_day([PACE, PACE], date(2026, 3, 5))
    assert list(counts.values()) == [8, 0, 12, 0] and list(counts)[0] == date(2026, 3, 2)
    assert list(days_figure(counts).data[0].y) == [8, 0, 12, 0]
    assert days_in_words(counts) == "Answers per day: 2 Mar 2026 8, 4 Mar 2026 12"
    assert answers_per_day([], date(2026, 3, 5)) == {}


# ----------------------------------------------------------------------------------------------------- screen


def click(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def said(app: AppTest) -> str:
    """All that is on the page, as text."""
    html = [element.proto.body for element in app.get("html")]
    texts = [
        element.value for kind in ("markdown", "caption", "title", "subheader", "code") for element in app.get(kind)
    ]
    return " ".join([*html, *map(str, texts)])


def buttons(app: AppTest) -> set[str]:
    return {button.label for button in app.button if not button.label.startswith("Sign out")}


def test_before_a_study_is_open_the_page_says_so(open_app: OpenApp, services: Services) -> None:
    services.store.create_study(plan())
    assert "No study is open yet" in said(open_app("monitor"))


def test_a_study_without_readers_says_where_they_are_invited(open_app: OpenApp, services: Services) -> None:
    services.store.open_study(services.store.create_study(plan()))
    app = open_app("monitor")
    assert "Nobody is invited yet" in said(app) and buttons(app) == set()


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.MONITOR])
def test_progress_is_shown_to_both_roles_and_steps_to_investigators_only(
    open_app: OpenApp, services: Services, role: Role
) -> None:
    _, token = open_study(services.store, per_arm=3)
    read_all(services.store, token)
    app = open_app("monitor", role=role)
    assert "6 of 6" in said(app) and "Answers per day" in said(app) and "1 finished" in said(app)
    assert buttons(app) == ({"Remind", "Pause", "Withdraw"} if role is Role.INVESTIGATOR else set())


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.MONITOR])
def test_nothing_on_the_page_tells_a_truth_or_an_answer(open_app: OpenApp, services: Services, role: Role) -> None:
    _, token = open_study(services.store, per_arm=8)
    for number in range(16):
        item = services.store.next_item(token)
        assert item is not None
        services.store.mark_shown(token, item.presentation)
        verdict = Verdict.CERTAINLY_SYNTHETIC
        services.store.record(
            token, Submission(item.presentation, verdict, Plausibility.PLAUSIBLE, "wobbly baseline", f"s{number}")
        )
    page = said(open_app("monitor", role=role))
    assert "are the same" in page and "within two seconds" in page
    assert not re.search("real|synthetic|certainly|arm alpha|secret|77777|plausible|wobbly", page.lower())


def test_a_reader_s_session_has_no_monitor(open_app: OpenApp, services: Services) -> None:
    _, token = open_study(services.store)
    app = open_app(token=token)
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        app.switch_page("screens/monitor.py")


def test_a_reader_is_paused_and_goes_on(open_app: OpenApp, services: Services) -> None:
    study, _ = open_study(services.store)
    app = click(open_app("monitor"), "Pause")
    assert services.store.progress(study)[0].paused and "paused" in said(app)
    click(app, "Let go on")
    assert not services.store.progress(study)[0].paused


def test_a_reminder_is_shown_and_noted_once_it_was_sent(open_app: OpenApp, services: Services) -> None:
    study, _ = open_study(services.store)
    app = click(open_app("monitor"), "Remind")
    assert "Dear Dr Ada" in said(app) and services.store.progress(study)[0].reminded_at is None
    click(app, "I have sent it")
    assert services.store.progress(study)[0].reminded_at is not None


@pytest.mark.parametrize("erases", [True, False])
def test_withdrawing_asks_first_and_says_what_becomes_of_the_answers(
    open_app: OpenApp, services: Services, erases: bool
) -> None:
    store = services.store
    study = store.create_study(
        replace(plan(), protocol=StudyProtocol(minimum_view_seconds=0, erases_on_withdrawal=erases))
    )
    token = store.add_reader(study, "Dr Ada")
    store.open_study(study)
    read_all(store, token)
    app = click(open_app("monitor"), "Withdraw")
    assert ("are erased" if erases else "are kept") in said(app) and not store.progress(study)[0].withdrawn
    app = click(app, "Withdraw for good")
    (reader,) = store.progress(study)
    assert reader.withdrawn and reader.answered == (0 if erases else 4)
    assert "Act on a reader" not in said(app) and store.audit_trail(study)[-1].actor == "investigator"


def test_a_refusal_is_said_in_words(open_app: OpenApp, services: Services) -> None:
    study, _ = open_study(services.store)
    services.store.close_study(study)
    services.store.observations(study)
    app = click(click(open_app("monitor"), "Withdraw"), "Withdraw for good")
    assert "unblinded" in app.error[0].value


def test_the_study_is_chosen_and_the_open_one_comes_first(open_app: OpenApp, services: Services) -> None:
    opened, _ = open_study(services.store)
    closed, _ = open_study(services.store)
    services.store.close_study(closed)
    app = open_app("monitor", role=Role.MONITOR)
    (choice,) = app.selectbox
    assert choice.value == opened and "open since" in choice.options[0] and "closed" in choice.options[1]
    choice.select_index(1).run()
    assert "study closed" in said(app)


def test_studies_of_one_title_are_told_apart(open_app: OpenApp, services: Services) -> None:
    for _ in range(2):
        open_study(services.store)
    (choice,) = open_app("monitor", role=Role.MONITOR).selectbox
    assert len(set(choice.options)) == 2, "a browser takes the first of two options with the same words"


def test_a_page_counts_the_paces_once(open_app: OpenApp, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    open_study(services.store)
    asked: list[int] = []
    monitoring = services.store.monitoring
    monkeypatch.setattr(services.store, "monitoring", lambda study: asked.append(study) or monitoring(study))
    app = open_app("monitor")
    del asked[:]
    assert "Act on a reader" in said(app.run()) and asked == [1]


def test_the_bar_of_a_first_day_is_as_wide_as_a_day() -> None:
    figure = days_figure({date(2026, 3, 2): 8})
    begin, end = figure.layout.xaxis.range
    assert end - begin == timedelta(days=14) and figure.data[0].width < timedelta(days=1) / timedelta(milliseconds=1)
    later = days_figure(dict.fromkeys((date(2026, 3, 2) + timedelta(days=at) for at in range(40)), 1))
    assert later.layout.xaxis.range[1] - later.layout.xaxis.range[0] == timedelta(days=40)
