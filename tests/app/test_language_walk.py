"""A reader, and a visitor on the tour, who have chosen German meet no English sentence of the catalogue; what is stored
and what is sent of an ECG is the same in any language.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.session import Services
from app.tour.steps import STEPS
from review_db.model import StudyState
from review_db.protocol import Design
from review_db.scales import Plausibility, Verdict
from tests.app.conftest import MAIN
from tests.app.language_kit import brackets, enter, german, require_german, said, unmarked
from tests.app.study_kit import open_study, read_all
from tests.app.test_reading_designs import press, read
from tests.app.tour_kit import TRAINED_ON, TourGeneration

OPEN_ENDED = dict(asks_reasons=True, break_every=2, maximum_view_seconds=20.0)


def click(app: AppTest, words: str) -> AppTest:
    """The button that says in German what it says in English as `words`."""
    return require_german(next(one for one in app.button if one.label == german(words)).click().run())


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, services: Services) -> list[float]:
    """The seconds that the store's clock is ahead; tests change its only entry."""
    ahead, start = [0.0], datetime(2026, 1, 5, 9, tzinfo=UTC)
    monkeypatch.setattr(services.store, "_clock", lambda: start + timedelta(seconds=ahead[0]))
    return ahead


def test_the_look_finds_english_where_there_is_some(services: Services) -> None:
    _, token = open_study(services.store, practice=1)
    with pytest.raises(AssertionError):
        require_german(enter(token, lang=None))
    assert "see" in unmarked(enter(token, lang=None))


def test_a_reader_in_german_walks_from_the_door_to_the_thanks(services: Services, at: list[float]) -> None:
    consent = {"consent": "Der Text der Studie.", "consent_version": "1.2"}
    study, token = open_study(services.store, practice=1, asks_profile=True, **consent, **OPEN_ENDED)
    app = require_german(enter(token))
    app.checkbox[0].check().run()
    click(app, "Go on")
    click(app, "Go on")
    assert app.warning[0].value == "Bitte beantworten Sie alle drei Fragen."
    app.selectbox[0].set_value("Kardiologie")
    app.number_input[0].set_value(12)
    app.number_input[1].set_value(80)
    click(app, "Go on")
    click(app, "Start practice")
    require_german(press(app, "ENTER"))
    assert app.warning[0].value.endswith("Tasten 1 bis 6.")
    require_german(read(app, "2SQ"))
    assert app.subheader[0].value in ("Es war echt.", "Es war synthetisch.")
    for _ in range(2):
        require_german(press(app, "ENTER"))
    assert "1 von 4" in said(app)
    require_german(press(app, "P"))
    click(app, "Continue")
    for _ in range(2):
        require_german(read(app, "3D"))
    assert app.title[0].value == "Zeit für eine Pause"
    click(app, "Continue")
    require_german(press(app, "U"))
    require_german(press(app, "ENTER"))
    at[0] += 30
    require_german(app.run())
    assert "Die Zeit ist abgelaufen" in said(app)
    for _ in range(2):
        require_german(read(app, "6G"))
    assert app.title[0].value == "Vielen Dank" and services.store.progress(study)[0].answered == 4
    click(app, "Leave the study")
    click(app, "Stay")
    click(app, "Leave the study")
    click(app, "Leave the study for good")
    assert app.title[0].value == "Sie haben die Studie verlassen"


@pytest.mark.parametrize(("design", "keys"), [(Design.PAIRS, "6GM"), (Design.GRADED, "3D")])
def test_pairs_and_grades_are_german_too(services: Services, design: Design, keys: str) -> None:
    _, token = open_study(services.store, design=design, asks_reasons=True, practice=1)
    app = click(require_german(enter(token)), "Start practice")
    require_german(read(app, keys))
    require_german(press(app, "ENTER"))
    click(app, "Start reading")
    while app.title == [] or app.title[0].value != "Vielen Dank":
        require_german(read(app, keys))
    click(app, "Change my last answer")
    click(app, "Save the change")


def test_every_closed_door_is_german(services: Services) -> None:
    store = services.store
    study, token = open_study(store, shows_score_after_closing=True, minimum=600.0)
    require_german(read(click(require_german(enter(token)), "Start reading"), "1S"))  # too brief
    reader = store.progress(study)[0].rater_id
    store.pause_reader(reader)
    assert "angehalten" in said(require_german(enter(token)))
    store.resume_reader(reader)
    assert "nicht (mehr) gültig" in said(require_german(enter("nonsense")))
    store.close_study(study)
    assert "geschlossen" in said(require_german(enter(token)))
    assert store.study(study).state is StudyState.CLOSED
    store.observations(study)  # unblinds it
    assert "Raten ergibt" in said(require_german(enter(token)))


def test_what_is_stored_and_what_is_drawn_is_the_same_in_any_language(services: Services) -> None:
    sheets = {}
    for lang in ("en", "de"):
        _, token = open_study(services.store)
        app = press(enter(token, lang), "ENTER")
        first = sent(app)
        read(app, "2S")
        last = services.store.last_answer(token)
        assert last is not None and (last.verdict, last.plausibility) == (
            Verdict.PROBABLY_REAL,
            Plausibility.RATHER_IMPLAUSIBLE,
        )
        second = sent(app)
        assert first.pop("samples") != second.pop("samples") and first == second
        sheets[lang] = first
    words = {"words", "language", "decimal", "pages"}
    tables = [{k: v for k, v in sheets[lang]["table"].items() if k not in words} for lang in ("en", "de")]
    assert tables[0] == tables[1] and sheets["de"]["table"]["words"]["March out"] == "Auszirkeln"


def sent(app: AppTest) -> dict[str, dict[str, object]]:
    found = [json.loads(one.proto.bytes) for one in app.get("bidi_component") if one.proto.bytes]
    return next(one for one in found if "samples" in one)


def test_the_specialty_is_stored_in_english_whatever_was_chosen(services: Services) -> None:
    study, token = open_study(services.store, asks_profile=True)
    app = enter(token)
    assert "Kardiologie" in app.selectbox[0].options
    app.selectbox[0].set_value("Kardiologie")
    app.number_input[0].set_value(1)
    app.number_input[1].set_value(1)
    click(app, "Go on")
    read_all(services.store, token)
    services.store.close_study(study)
    assert [one.profile.specialty for one in services.store.reader_profiles(study) if one.profile] == ["Cardiology"]


@pytest.mark.parametrize("services", [{"ptbxl": TRAINED_ON}, {"ptbxl": None, "trained": False}], indirect=True)
def test_welcome_and_tour_are_german(services: Services) -> None:
    object.__setattr__(services, "generation", TourGeneration())
    app = require_german(enter())
    assert [link.proto.label for link in app.get("page_link")][0] == "**Mit Ihrem Link befunden**"
    app = require_german(app.switch_page("screens/tour.py").run())
    for step in range(1, len(STEPS)):
        if step == list(STEPS).index("Can you tell?") + 1:
            for _ in range(8):
                require_german(app.button(key="tour-answer-0").click().run())
                require_german(app.button(key="tour-next-ecg").click().run())
        require_german(app.button(key="tour-next").click().run())
    assert app.title[0].value == german("What has been found")


@pytest.mark.parametrize("screen", sorted(path.stem for path in (Path(MAIN).parent / "screens").glob("[a-z]*.py")))
def test_every_screen_opens_in_german(services: Services, screen: str) -> None:
    app = enter().switch_page(f"screens/{screen}.py").run()
    assert not app.exception and "Kein Medizinprodukt" in said(app)


# ----------------------------------------------------------------------------------- nothing beside the catalogue


@pytest.fixture
def in_brackets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with brackets(monkeypatch):
        yield


@pytest.mark.parametrize("design", Design)
def test_every_word_of_a_reading_comes_from_the_catalogue(
    services: Services, in_brackets: None, design: Design
) -> None:
    _, token = open_study(
        services.store, design=design, practice=1, consent="Dr Ada", consent_version="1", **OPEN_ENDED
    )
    app = enter(token)
    assert not unmarked(app)
    app.checkbox[0].check().run()
    app.button[0].click().run()
    for keys in ("", "2SJQ" if design is Design.PAIRS else "2SQ", "", ""):
        assert not unmarked(app)
        read(app, keys)
    assert not unmarked(app)
    press(app, "P")
    assert not unmarked(app)
