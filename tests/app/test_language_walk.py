"""A reader, and a visitor on the tour, who have chosen German meet no English sentence of the catalogue; what is stored
and what is sent of an ECG is the same in any language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from gettext import NullTranslations
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Node

from app import session
from app.display import sheet
from app.language import extraction, visitor
from app.language import words as words_of_the_app
from app.language.catalogues import TEXTS, catalogue
from app.session import Services
from app.shortcuts import sheet as shortcut_sheet
from app.tour.steps import STEPS
from review_db.model import StudyState
from review_db.protocol import Design
from review_db.scales import Plausibility, Verdict
from tests.app.conftest import MAIN
from tests.app.study_kit import open_study, read_all
from tests.app.test_reading_designs import press, read
from tests.app.tour_kit import TRAINED_ON, TourGeneration

PEOPLES_WORDS = ("Reading at dawn", "Dr Ada", "ECG Turing")  # typed, or a name: shown as they are
VISIBLE = {"label", "body", "placeholder", "help", "text", "content", "title", "alt", "options", "value", "app_pages"}
OPEN_ENDED = dict(asks_reasons=True, break_every=2, maximum_view_seconds=20.0)
UNSPOKEN = {"samples", "behind", "shortcuts", "where", "choices", "first", "inks", "drawing", "language"}  # to a sheet
german = catalogue("de").gettext


@cache
def english() -> dict[str, re.Pattern[str]]:
    """The messages that German says otherwise, as they would stand on a page."""
    found = {}
    for message in extraction.read(TEXTS / "de.po"):
        pairs = zip(_forms(message.id), _forms(message.string), strict=False)
        for words in (words for words, others in pairs if words and words.lower() != others.lower()):
            pattern = re.sub(r"\\{\w+\\}", ".+", re.escape(words.replace("*", "").replace("`", "")))
            found[words] = re.compile(rf"(?<![\w-]){pattern}(?![\w-])")
    return found


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def shown(app: AppTest) -> Iterator[str]:
    """Every text on the page, for eyes and for screen readers."""
    for node in nodes(app._tree):
        yield from visible(getattr(node, "proto", None))


def nodes(node: Node | Block) -> Iterator[Node | Block]:
    yield node
    for child in getattr(node, "children", {}).values():
        yield from nodes(child)


def visible(proto: object) -> Iterator[str]:
    for field, value in getattr(proto, "ListFields", list)():
        if field.name in VISIBLE:
            yield from texts(value)
        if field.name == "json" and value:
            yield from spoken(json.loads(value))


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from re.findall(r'aria-label="([^"]*)"|alt="([^"]*)"', value) and labels_of(value)
        yield unescape(re.sub(r"<style>.*?</style>|<script>.*?</script>|<[^>]+>", " ", value, flags=re.DOTALL))
    elif hasattr(value, "__iter__") and not isinstance(value, bytes):
        for one in value:
            yield from visible(one) if hasattr(one, "ListFields") else texts(one)


def labels_of(html: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'(?:aria-label|alt)="([^"]*)"', html)]


def spoken(sent: object) -> Iterator[str]:
    """What a component of ours gets: the sheet's words are sent by their English ones."""
    if isinstance(sent, dict):
        for name, value in sent.items():
            if name not in UNSPOKEN:
                yield from spoken(value)
    elif isinstance(sent, list):
        for one in sent:
            yield from spoken(one)
    elif isinstance(sent, str) and not re.fullmatch(r"[\w+/=]{40,}", sent):  # base64
        yield sent


def require_german(app: AppTest) -> AppTest:
    assert not app.exception
    page = [text.replace("*", "").replace("`", "") for text in shown(app)]
    for words in PEOPLES_WORDS:
        page = [text.replace(words, "") for text in page]
    found = {words: text for text in page for words, pattern in english().items() if pattern.search(text)}
    assert not found
    return app


def enter(token: str | None = None, lang: str | None = "de") -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=30)
    if token is not None:
        app.query_params[session.READER] = token
    if lang is not None:
        app.query_params[visitor.PARAMETER] = lang
    return app.run()


def click(app: AppTest, words: str) -> AppTest:
    """The button that says in German what it says in English as `words`."""
    return require_german(next(one for one in app.button if one.label == german(words)).click().run())


def said(app: AppTest) -> str:
    return " ".join(shown(app))


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
    found = [json.loads(one.proto.json) for one in app.get("bidi_component") if one.proto.json]
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

UNITS_AND_CODES = {"A", "B", "s", "mm", "mV", "Hz", "NORM", "SR", "Enter", "Esc", "Tab", "English", "Deutsch", "R", "x"}
LEADS = {"I", "II", "III", "aVR", "aVL", "aVF", "V"}


class Marked(NullTranslations):
    """A language in which every message stands in brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, one: str, many: str, number: int) -> str:
        return self.gettext(one if number == 1 else many)

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)


def unmarked(app: AppTest) -> set[str]:
    """Words on the page that came through no catalogue."""
    found: set[str] = set()
    for text in shown(app):
        rest = text
        for words in PEOPLES_WORDS:
            rest = rest.replace(words, "")
        while (less := re.sub(r"⟦[^⟦⟧]*⟧", "", rest)) != rest:
            rest = less
        found |= set(re.findall(r"[A-Za-z]+", rest)) if "⟦" not in rest else {text}
    return {word for word in found if len(word) > 1 or word.islower()} - UNITS_AND_CODES - LEADS


@pytest.fixture
def in_brackets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(words_of_the_app, "catalogue", lambda code: Marked())
    for kept in (sheet._table, shortcut_sheet._data):
        kept.cache_clear()
    yield
    for kept in (sheet._table, shortcut_sheet._data):
        kept.cache_clear()


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
