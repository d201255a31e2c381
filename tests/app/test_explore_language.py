"""What Explore takes from other rooms is said in the visitor's language, and what leaves the app is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.display.words import person_words, provenance_lines
from app.explore.compare import for_the_eye
from app.explore.downloads import described, drawn_ecgs, page_header
from app.explore.gap_choice import LEADS_IN_WORDS
from app.explore.refusals import in_words
from app.language import visitor
from app.language.extraction import extracted
from app.language.words import decimal, gettext, number_signs
from engine.evaluation.gates import LIMITS
from engine.gap import LIMB_LEADS, PARTS, Gap, GapError, named, one_beat, whole_leads
from engine.generators import GENERATORS, SAMPLER_CHOICES, DrawRequest, provenance_of
from engine.label_relations import known_contradictions, presets
from engine.label_words import LONGEST_TEXT, TextTooLong, understand
from tests.app.study_kit import DIGEST, LABEL_SET
from tests.engine.conftest import made_up_ecg

ORIGIN = provenance_of(DrawRequest(("NORM", "SR"), seed=7, age_band="60-69"), DIGEST)


@pytest.fixture
def in_german(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor, "code", lambda: "de")


@pytest.mark.usefixtures("in_german")
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda: understand("x" * (LONGEST_TEXT + 1), LABEL_SET), f"Höchstens {LONGEST_TEXT} Zeichen werden"),
        (lambda: Gap((), 0.0, 1.0), "Wählen Sie mindestens eine Ableitung"),
        (lambda: Gap(("V1",), 1.0, 1.0), "Eine Lücke muss mindestens 0.1 s dauern, nicht von 1.0 bis 1.0 s."),
        (lambda: one_beat(made_up_ecg(1), 99), "Schlag 99 gibt es nicht."),
        (lambda: whole_leads(made_up_ecg(1), tuple(PARTS)), "Alle Ableitungen sind verdeckt"),
    ],
)
def test_a_refusal_that_a_visitor_can_meet_is_said_in_german(asked: Callable[[], object], said: str) -> None:
    with pytest.raises((TextTooLong, GapError)) as refused:
        asked()
    assert said in in_words(str(refused.value))


@pytest.mark.usefixtures("in_german")
def test_a_refusal_that_nobody_foresaw_stays_as_it_is() -> None:
    assert in_words("Nobody foresaw this.") == "Nobody foresaw this."


def test_the_names_of_leads_to_hide_are_those_of_a_gap() -> None:
    assert {LIMB_LEADS, named(PARTS)} == set(LEADS_IN_WORDS)


def test_everything_that_engine_says_to_whoever_chooses_is_collected() -> None:
    chosen = [words for preset in presets() for words in (preset.title, preset.explanation)]
    chosen += [pair.why for pair in known_contradictions().values()]
    chosen += [words for one in GENERATORS.values() for words in (one.title, one.description)]
    chosen += [one.title for one in (*SAMPLER_CHOICES.values(), *LIMITS)]
    assert set(chosen) <= {str(message.id) for message in extracted()}


def test_files_to_take_away_are_english_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {}
    for code in ("en", "de"):
        monkeypatch.setattr(visitor, "code", lambda code=code: code)
        (one,) = drawn_ecgs([made_up_ecg(1)], ORIGIN, LABEL_SET, "default")
        told[code] = [described(one), page_header(one, "72/min, regular"), one.comments, one.stem]
    assert told["de"] == told["en"] and "either sex, age 60-69" in told["de"][1][1]


def test_an_ecg_that_was_prepared_once_is_said_to_each_visitor_in_their_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = for_the_eye(made_up_ecg(1))
    assert shown.rate.endswith("/min, regular")
    monkeypatch.setattr(visitor, "code", lambda: "de")
    assert shown.rate.endswith("/min, regelmäßig")


@pytest.mark.usefixtures("in_german")
def test_where_an_ecg_comes_from_has_german_nouns_with_their_capitals() -> None:
    assert person_words(ORIGIN[0], gettext) == "Geschlecht beliebig, Alter 60-69"
    assert provenance_lines(ORIGIN[0], None, gettext)[-1] == "Startwert 7, Nr. 1"


def test_numbers_have_the_signs_of_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [decimal(1234.5, form) for form in ("g", ",.1f", ",.0f")] == ["1234.5", "1,234.5", "1,234"]
    assert decimal(150_000, ",") == "150,000" and number_signs() == ".,"
    monkeypatch.setattr(visitor, "code", lambda: "de")
    assert [decimal(1234.5, form) for form in ("g", ",.1f", ",.0f")] == ["1234,5", "1.234,5", "1.234"]
    assert decimal(150_000, ",") == "150.000" and number_signs() == ",."
