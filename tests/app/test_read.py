"""A reader answers what was on screen, once, and finds the place again."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from app.reading.answering import Draft
from app.session import Services
from review_db.model import Origin
from review_db.scales import Plausibility, Verdict
from review_db.store import Store
from tests.app.conftest import OpenApp
from tests.app.study_kit import open_study, read_all


def click(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def answer(app: AppTest, verdict: Verdict = Verdict.PROBABLY_REAL) -> AppTest:
    click(app, verdict.wording.capitalize())
    click(app, "Rather plausible")
    return click(app, "Next ECG" if any(b.label == "Next ECG" for b in app.button) else "Finish")


def html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def sheets(app: AppTest) -> list[str]:
    """What was sent for each ECG on the page."""
    found = [component.proto.bytes.decode() for component in app.get("bidi_component")]
    return [sent for sent in found if '"samples"' in sent]


def answered(store: Store, study: int) -> int:
    return store.progress(study)[0].answered


@pytest.fixture
def started(open_app: OpenApp, services: Services) -> tuple[AppTest, int, str]:
    """A reader before the first ECG, the study, the token."""
    study, token = open_study(services.store)
    return click(open_app(token=token), "Start reading"), study, token


def test_without_a_link_the_page_says_where_to_get_one(open_app: OpenApp) -> None:
    app = open_app("read")
    assert "personal link" in app.markdown[0].value


def test_a_link_that_opens_nothing_says_so(open_app: OpenApp) -> None:
    assert "not valid" in open_app(token="nonsense").info[0].value


def test_instructions_come_first_and_start_no_clock(open_app: OpenApp, services: Services) -> None:
    study, token = open_study(services.store)
    app = open_app(token=token)
    assert "4 twelve-lead ECGs" in app.markdown[0].value and not sheets(app)
    assert not [b for b in app.button if b.label == "Next ECG"]


def test_an_ecg_has_no_verdict_until_the_reader_gives_one(started: tuple[AppTest, int, str]) -> None:
    app, _, _ = started
    assert "1 of 4" in html(app) and len(sheets(app)) == 1
    scale = [b for b in app.button if b.label in {v.wording.capitalize() for v in Verdict}]
    assert len(scale) == 6 and {b.proto.type for b in scale} == {"secondary"}


def test_a_sheet_holds_the_samples_and_otherwise_what_every_sheet_holds(started: tuple[AppTest, int, str]) -> None:
    app, _, _ = started
    (first,) = (json.loads(sheet) for sheet in sheets(app))
    answer(app)
    (second,) = (json.loads(sheet) for sheet in sheets(app))
    assert set(first) == {"samples", "behind", "late", "table", "shortcuts", "keeps_measurements"}
    assert first.pop("samples") != second.pop("samples") and first == second


def test_next_without_a_verdict_stays_and_says_what_is_missing(
    started: tuple[AppTest, int, str], services: Services
) -> None:
    app, study, _ = started
    click(app, "Next ECG")
    assert "1 to 6" in app.warning[0].value and answered(services.store, study) == 0
    click(app, "Certainly real")
    click(app, "Next ECG")
    assert "A to G" in app.warning[0].value and answered(services.store, study) == 0


def test_reading_to_the_end_stores_each_answer_once(started: tuple[AppTest, int, str], services: Services) -> None:
    app, study, _ = started
    for number in range(4):
        assert f"{number + 1} of 4" in html(app)
        answer(app)
        assert answered(services.store, study) == number + 1
    assert app.title[0].value == "Thank you"


def test_the_place_is_found_again_in_another_session(
    started: tuple[AppTest, int, str], open_app: OpenApp, services: Services
) -> None:
    app, _, token = started
    answer(app)
    other = open_app(token=token)
    assert "2 of 4" in html(other) and sheets(other)


def test_an_answer_from_another_tab_is_not_given_twice(
    started: tuple[AppTest, int, str], open_app: OpenApp, services: Services
) -> None:
    app, study, token = started
    click(app, "Certainly real")
    click(app, "Plausible")
    other = click(open_app(token=token), "Start reading")
    answer(other, Verdict.CERTAINLY_SYNTHETIC)
    click(app, "Next ECG")
    assert answered(services.store, study) == 1 and "2 of 4" in html(app)


def test_an_answer_before_the_minimum_time_stays_on_the_ecg_with_its_choices(
    open_app: OpenApp, services: Services
) -> None:
    study, token = open_study(services.store, minimum=600.0)
    app = answer(click(open_app(token=token), "Start reading"))
    assert "at least 600 s" in app.warning[0].value and "1 of 4" in html(app)
    assert answered(services.store, study) == 0
    assert [b.label for b in app.button if b.proto.type == "primary"][:2] == ["Probably real", "Rather plausible"]


def test_a_pause_hides_the_ecg_and_stops_its_clock(started: tuple[AppTest, int, str], services: Services) -> None:
    app, _, token = started
    click(app, "Pause")
    assert not sheets(app)
    click(app, "Continue")
    assert sheets(app) and "1 of 4" in html(app)


def test_the_last_answer_can_be_changed(started: tuple[AppTest, int, str], services: Services) -> None:
    app, study, token = started
    answer(app)
    click(app, "Change my last answer")
    assert "1 of 4" in html(app) and "changing your last answer" in html(app)
    click(app, "Certainly synthetic")
    click(app, "Save the change")
    last = services.store.last_answer(token)
    assert last is not None and last.verdict is Verdict.CERTAINLY_SYNTHETIC
    assert last.plausibility is Plausibility.RATHER_PLAUSIBLE
    assert "2 of 4" in html(app) and answered(services.store, study) == 1


def test_leaving_the_last_answer_as_it_was_changes_nothing(
    started: tuple[AppTest, int, str], services: Services
) -> None:
    app, _, token = started
    answer(app)
    click(app, "Change my last answer")
    click(app, "Certainly synthetic")
    click(app, "Leave it as it was")
    last = services.store.last_answer(token)
    assert last is not None and last.verdict is Verdict.PROBABLY_REAL and "2 of 4" in html(app)


def test_the_last_answer_can_be_changed_from_the_closing_page(open_app: OpenApp, services: Services) -> None:
    _, token = open_study(services.store)
    read_all(services.store, token)
    app = click(open_app(token=token), "Change my last answer")
    assert "4 of 4" in html(app)


def test_a_study_that_asks_no_plausibility_shows_one_scale(open_app: OpenApp, services: Services) -> None:
    study, token = open_study(services.store, asks_plausibility=False)
    app = click(open_app(token=token), "Start reading")
    assert "Plausible" not in [b.label for b in app.button]
    click(app, "Certainly real")
    click(app, "Next ECG")
    assert answered(services.store, study) == 1


def test_a_closed_study_says_thank_you(open_app: OpenApp, services: Services) -> None:
    study, token = open_study(services.store)
    services.store.close_study(study)
    assert "thank you" in open_app(token=token).info[0].value


def test_nothing_on_the_page_depends_on_the_origin(open_app: OpenApp, services: Services) -> None:
    """All ECGs: the same elements, the same sizes, and none of the words of the truth."""
    _, token = open_study(services.store, origins=(Origin.REAL, Origin.SYNTHETIC))
    app = click(open_app(token=token), "Start reading")
    sizes = set()
    for _ in range(4):
        (sheet,) = sheets(app)
        sizes.add(len(sheet))
        for word in ("Alpha", "secret", "ecg_id", "77777"):
            assert word not in html(app) + sheet + " ".join(m.value for m in app.markdown)
        answer(app)
    assert len(sizes) == 1


def test_two_drafts_never_have_the_same_name() -> None:
    assert Draft("p").submission_id != Draft("p").submission_id


def test_a_reader_learns_how_it_went_once_the_study_is_unblinded(open_app: OpenApp, services: Services) -> None:
    study, token = open_study(services.store, shows_score_after_closing=True)
    read_all(services.store, token)
    services.store.close_study(study)
    assert "thank you" in open_app(token=token).info[0].value
    right = sum(o.is_correct for o in services.store.observations(study))
    words = " ".join(element.value for element in open_app(token=token).markdown)
    assert f"right in {right} of 4; guessing gives 2" in words
