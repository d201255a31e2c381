"""Studies, the planner and the records speak the visitor's language: forms, refusals, what a leak audit found, what
becomes of files; and what is stored, saved or goes into a protocol stays English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.composition import leak_words
from app.composition.scenarios import SCENARIOS, STRETCH_SECONDS, WHOLE_LEADS
from app.composition.template import shipped, write
from app.language import visitor
from app.language.catalogues import catalogue
from app.language.recognised import said as recognised
from app.planner import power as planner_power
from app.planner import refusals as planner_refusals
from app.planner.words import percent, power_words
from app.records import reasons
from app.records.importing import ecgs_words, files_words
from app.session import Services
from app.study import arm_words, refusals
from app.study import protocol_words as protocol
from app.study_form import form as study_form
from app.study_form import refusals as form_refusals
from engine.ecg import Ecg
from engine.files.receiving import Received
from review_db.analysis.estimate import Estimate
from review_db.model import Arm, Origin
from review_db.protocol import Design, StudyProtocol
from review_db.protocol_words import sentences
from tests.app.completing_kit import MadeUpCompleting
from tests.app.conftest import OpenApp
from tests.app.language_kit import brackets, require_german, said, unmarked
from tests.app.study_kit import open_study, plan
from tests.app.test_language import sentences_of
from tests.app.test_planner import FEW
from tests.app.test_records import source as source
from tests.app.test_records import wait
from tests.engine.conftest import made_up_ecg

ROOT = Path(__file__).resolve().parents[2]
SIGNED_IN = ("investigator",)  # the name of the account
STORED = ("Arm Alpha0", "Arm Alpha1", "secret remark", "Alpha0", "Alpha1")  # of the study in study_kit
AUDIT = {
    "auc": 0.91, "null_95": 0.62, "beyond_chance": True,
    "words": "The arms can be told apart without looking at the heart: AUC 0.91 (0.85 to 0.97), chance reaches 0.62. "
    "The noise floor between beats gives the arm away (AUC 0.88; typically 1.5 uV in real, 3.25 uV in synthetic ECGs). "
    "Format says nothing; what is left is noise, baseline or edges that are drawn unlike recorded ones.",
    "features": {
        "noise_floor": {"kind": "recording", "auc": 0.88, "gives_away": True},
        "rate": {"kind": "format", "auc": 0.5, "gives_away": False},
    },
}  # fmt: skip
german = catalogue("de").gettext


@pytest.fixture
def in_german(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor, "code", lambda: "de")


@pytest.fixture
def open_german(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], AppTest]:
    """A screen in German, for whoever signed in in English."""

    def run(screen: str) -> AppTest:
        app = open_app(screen)
        monkeypatch.setattr(visitor, "code", lambda: "de")  # AppTest asks widgets outside of the session too
        return require_german(app.run(), SIGNED_IN)

    return run


def click(app: AppTest, words: str) -> AppTest:
    """The button that says in German what it says in English as `words`."""
    pressed = next(button for button in app.button if button.label == german(words)).click().run()
    return require_german(pressed, (*SIGNED_IN, *STORED))


# ------------------------------------------------------------------------------------------------- the screens


def test_the_form_of_a_study_is_german_and_saves_what_it_would_save_in_english(
    open_german: Callable[[str], AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[str] = []
    monkeypatch.setattr(study_form, "offer_download", lambda template: saved.append(write(template)))
    app = click(open_german("studies"), "New study")
    for name in list(shipped())[1:]:
        require_german(app.button(key=f"choose-{name}").click().run())
        assert "Jeder Befunder befundet" in app.success[0].value
    assert 'scenario = "one beat"' in saved[-1] and 'match = [\n    "labels",\n    "sex",\n]' in saved[-1]
    next(box for box in app.checkbox if box.label.startswith("PTB-XL")).uncheck().run()
    assert app.warning[0].value == "Wählen Sie mindestens zwei Arme: Befunder unterscheiden den einen vom anderen."


@pytest.mark.parametrize("services", [{"generation": MadeUpCompleting(slow=True)}], indirect=True)
def test_composing_is_followed_in_german(open_german: Callable[[str], AppTest], services: Services) -> None:
    app = click(open_german("studies"), "New study")
    next(one for one in app.number_input if one.label == german("ECGs per arm")).set_value(5).run()
    app = click(app, "Compose the study")
    assert app.title[0].value == "Die Studie wird zusammengestellt" and "EKGs gezeichnet" in said(app)
    click(app, "Cancel")


def test_a_draft_says_in_german_which_property_gives_the_arm_away(
    open_german: Callable[[str], AppTest], services: Services
) -> None:
    study = services.store.create_study(replace(plan(), leak_audit=AUDIT))
    app = open_german("studies")
    app.button(key=f"manage-{study}").click().run()
    require_german(app, (*SIGNED_IN, *STORED))
    assert "Das Grundrauschen zwischen den Schlägen verrät den Arm (AUC 0,88; typisch 1,5 uV bei echten" in said(app)
    click(app, "Open the study")
    assert app.error[0].value.startswith("Die Leck-Prüfung unterscheidet die Arme durch mehr als das Herz (AUC 0,91,")
    click(app, "Delete the draft")
    assert "Noch hat niemand sie befundet" in said(app)


def test_an_open_study_is_amended_and_closed_in_german(
    open_german: Callable[[str], AppTest], services: Services
) -> None:
    study, _ = open_study(services.store, consent="Der Text der Studie.", consent_version="1.0")
    app = open_german("studies")
    app.button(key=f"manage-{study}").click().run()
    click(app, "Amend the protocol")
    assert "Einem Text" not in said(app) and "stimmen vor der Befundung einem Text von 4 Wörtern zu" in said(app)
    assert "Version des Einwilligungstexts\\: 1.0." in said(app)
    click(app, "Close the study")
    assert "**4 Antworten stehen noch aus.**" in said(app)
    click(app, "Close it for good")
    assert services.store.study(study).state.value == "closed" and "noch verblindet" in said(app.run())


def test_the_planner_is_german_and_its_words_for_a_protocol_are_not(
    open_app: OpenApp, in_german: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner_power, "SIMULATIONS", FEW)
    streamlit.cache_data.clear()
    app = open_app("planner", signed_in=False)
    kept = app.code[0].value
    require_german(app, (kept,))
    assert kept.startswith("Sample size: 5 readers") and "alpha = 0.05" in kept
    app.button_group[0].set_value("equivalence").run()
    app.number_input[3].set_value(90).run()
    assert app.warning[0].value == "Eine Trefferquote von 0,9 liegt außerhalb der Grenze: Wählen Sie eine weitere."
    streamlit.cache_data.clear()


def test_files_are_read_added_looked_at_and_removed_in_german(
    open_german: Callable[[str], AppTest], source: Path, services: Services
) -> None:
    app = open_german("records")
    assert app.title[0].value == "Eigene EKGs" and "Bis zu 5.000 Dateien auf einmal" in said(app)
    (source / "letter.doc").write_text("No ECG.")
    app.file_uploader[0].set_value([(path.name, path.read_bytes(), "") for path in sorted(source.iterdir())])
    app = wait(click(app.run(), "Read the files"))
    require_german(app, SIGNED_IN)
    assert ".doc ist kein bekanntes Format" in said(app) and "Nicht verwendbar: 1 Datei." in said(app)
    next(button for button in app.button if "zu den eigenen EKGs hinzufügen" in button.label).click().run()
    assert app.success[0].value.startswith("Hinzugefügt: 6 EKGs.") and "Sekunden 0 bis 10 von 10 s" in said(app)
    app.checkbox[0].check().run()
    click(app, "Look")
    next(button for button in app.button if button.label == "1 gewählte entfernen").click().run()
    click(app, "Remove for good")
    require_german(app.run(), SIGNED_IN)
    assert (own := services.own()) is not None and len(own) == 5


@pytest.mark.parametrize("name", list(shipped())[1:])
def test_every_word_of_the_form_comes_from_the_catalogue(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    app = open_app("studies")
    with brackets(monkeypatch):
        next(button for button in app.run().button if "New study" in button.label).click().run()
        app.button(key=f"choose-{name}").click().run()
        codes = {"AFIB", "IMI", "CLBBB", "LVH"}
        assert not unmarked(app, SIGNED_IN) - codes


def test_every_word_about_a_draft_comes_from_the_catalogue(
    open_app: OpenApp, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = services.store.create_study(replace(plan(), leak_audit=AUDIT))
    services.store.add_reader(study, "Dr Ada")
    app = open_app("studies")
    with brackets(monkeypatch):
        assert not unmarked(app.run(), (*SIGNED_IN, *STORED))
        app.button(key=f"manage-{study}").click().run()
        assert not unmarked(app, (*SIGNED_IN, *STORED))
        next(button for button in app.button if "Delete the draft" in button.label).click().run()
        assert not unmarked(app, (*SIGNED_IN, *STORED))


# ------------------------------------------------------------------------------------------ sentences of the store


def variants() -> Iterator[StudyProtocol]:
    """Protocols that between them say every sentence."""
    consent = {"consent": "One two three.", "consent_version": "1.5"}
    for design in Design:
        catch = 2 if design is Design.PAIRS else 0
        often = {"repeats": 3, "practice": 4, "catch_pairs": catch, "items_per_reader": 20, "break_every": 10}
        off = dict.fromkeys(("asks_plausibility", "asks_reasons", "asks_comment", "asks_profile"), False)
        on = dict.fromkeys(("asks_reasons", "asks_comment", "asks_profile", "keeps_calipers", "shows_measurements"), 1)
        told = {"erases_on_withdrawal": True, "shows_score_after_closing": True}
        yield StudyProtocol(design=design, maximum_view_seconds=12.5, **often, **on, **consent)  # type: ignore[arg-type]
        yield StudyProtocol(design=design, **told, **off)  # type: ignore[arg-type]


@pytest.mark.usefixtures("in_german")
def test_every_sentence_about_a_protocol_is_said_in_german() -> None:
    said_in_english = {words for one in variants() for words in sentences(one)}
    assert len(said_in_english) == 26
    left = [words for words in said_in_english if protocol.in_words(words) == words]
    assert left == []
    assert protocol.in_words("Version of the consent text: 1.5.") == "Version des Einwilligungstexts: 1.5."
    assert protocol.in_words("10 pairs for practice first, with feedback, not counted.").startswith("Zuerst 10 Paare")


def test_in_english_the_sentences_stay_as_the_report_has_them() -> None:
    assert all(protocol.protocol_sentences(one) == sentences(one) for one in variants())
    assert leak_words.in_words(str(AUDIT["words"])) == AUDIT["words"]


NOT_SHOWN = {"Fixed since the study was opened: {}. Compose a new study for that."}  # the form asks for nothing fixed
HEARD = {
    refusals.SENTENCES: ("review_db/studies.py", "review_db/readers.py", "review_db/protocols.py"),
    form_refusals.SENTENCES: tuple(f"app/composition/{name}.py" for name in ("composing", "drawn", "measuring")),
    reasons.SENTENCES: tuple(f"engine/files/{name}.py" for name in ("edf_recording", "csv_table", "wfdb_record")),
}


@pytest.mark.parametrize(("known", "module"), [(known, one) for known, modules in HEARD.items() for one in modules])
def test_every_refusal_of_a_module_can_be_said_in_another_language(known: tuple[str, ...], module: str) -> None:
    def bare(sentence: str) -> str:
        return re.sub(r"{\w*}", "{}", sentence)

    raised = {bare(sentence) for sentence in sentences_of(ROOT / module) if " " in sentence and sentence.endswith(".")}
    assert raised - NOT_SHOWN <= {*map(bare, known), *arm_words.SENTENCES}


@pytest.mark.usefixtures("in_german")
@pytest.mark.parametrize(
    ("say", "english", "expected"),
    [
        (refusals.in_words, "This study already has a reader 'Ada B.': choose another name.",
         "Diese Studie hat schon einen Befunder 'Ada B.': Wählen Sie einen anderen Namen."),
        (refusals.in_words, "Only a draft can be opened and this study is closed.",
         "Nur ein Entwurf kann eröffnet werden; diese Studie ist geschlossen."),
        (form_refusals.in_words, "The simulator does not know age. Add SSSD-ECG-nle, or do without the same age band.",
         "Der Simulator kennt kein Alter. Nehmen Sie SSSD-ECG-nle dazu oder verzichten Sie auf die gleiche "
         "Altersgruppe."),
        (form_refusals.in_words, "Own records: only 3 usable ECGs of further people aged 40 to 79 years with AFIB, 5 "
         "are needed: choose fewer ECGs per arm, less practice or another finding.",
         "Eigene EKGs: nur 3 verwendbare EKGs weiterer Menschen (40 bis 79 Jahre) mit AFIB, nötig sind 5: Wählen Sie "
         "weniger EKGs pro Arm, weniger Übung oder einen anderen Befund."),
        (form_refusals.in_words, "mine.toml, [ecgs] per_arm: ask for 1 to 200 ECGs. seed: between 0 and 9.",
         "mine.toml, [ecgs] per_arm: Verlangen Sie 1 bis 200 EKGs. seed: zwischen 0 und 9."),
        (planner_refusals.in_words, "An accuracy of 0.65 lies beyond the margin: choose a wider one.",
         "Eine Trefferquote von 0,65 liegt außerhalb der Grenze: Wählen Sie eine weitere."),
        (reasons.in_words, "It was recorded at 62.5 Hz; at least 100 Hz are needed.",
         "Es wurde mit 62,5 Hz aufgezeichnet; nötig sind mindestens 100 Hz."),
        (reasons.in_words, 'Leads, unit and rate are not stated; write NAME.json beside it: {"leads": ["I", ...]}.',
         "Ableitungen, Einheit und Abtastrate sind nicht angegeben; legen Sie NAME.json daneben: "
         '{"leads": ["I", ...]}.'),
        (reasons.in_words, "Its signal file 1.5.dat is not beside it.",
         "Die zugehörige Signaldatei 1.5.dat liegt nicht daneben."),
    ],
)  # fmt: skip
def test_a_refusal_keeps_its_values_in_german(say: Callable[[str], str], english: str, expected: str) -> None:
    assert say(english) == expected


@pytest.mark.usefixtures("in_german")
def test_what_is_wrong_with_an_ecg_is_said_in_german_for_each_thing_that_is() -> None:
    signal = made_up_ecg(1).signal.copy()
    signal[2] += 1.0
    signal[6] = 0.0
    words = reasons.in_words(" ".join(Ecg(signal, 100).problems()))
    assert "weicht bis zu" in words and "Ableitung V1 bleibt" in words and " away " not in words and "flat" not in words


@given(text=st.text(max_size=60))
def test_a_text_that_is_none_of_the_sentences_is_left_as_it_is(text: str) -> None:
    assert recognised(text, refusals.SENTENCES) == text


# ------------------------------------------------------------------------------------------------ smaller words


def test_a_scenario_says_what_its_gap_is() -> None:
    assert SCENARIOS["a stretch"].words.startswith(f"{STRETCH_SECONDS:g} s of all leads")
    leads = f"{', '.join(WHOLE_LEADS[:-1])} and {WHOLE_LEADS[-1]}"
    assert SCENARIOS["whole leads"].words == f"leads {leads} from start to end"


def test_every_shipped_template_is_offered_in_german() -> None:
    about = [words for template in shipped().values() for words in (template.about.name, template.about.summary)]
    assert [words for words in about if german(words) == words] == []


@pytest.mark.usefixtures("in_german")
def test_an_arm_is_described_in_german_with_its_people() -> None:
    trained = "All 8 real ECGs come from folds 9 and 10 of PTB-XL, which training leaves out."
    words = arm_words.arm_words(Arm("Own records", Origin.REAL, f"{trained} Their people were 40 to 79 years."))
    assert words.startswith("**Eigene EKGs**, echt. Alle 8 echten EKGs stammen") and "40 bis 79 Jahre alt" in words
    held = "Its first or last samples are held constant, which would tell it from a synthetic ECG."
    assert "12, 13: Die ersten oder letzten Abtastwerte" in arm_words.description(f"Left out: PTB-XL 12, 13: {held}")
    hidden = f"Partly synthetic: real records with {SCENARIOS['one beat'].words} hidden and drawn by the diffusion"
    words = arm_words.description(f"{hidden} model (RePaint); the rest of each is as it was recorded.")
    assert "ein Schlag, von P bis T, in allen Ableitungen" in words


@pytest.mark.usefixtures("in_german")
def test_numbers_have_a_german_comma_on_the_screen_and_none_in_the_protocol() -> None:
    assert percent(0.025) == "2,5 %" and percent(0.025, format) == "2.5 %"
    sure = Estimate(0.999, 0.99, 1.0, 1000, "")
    assert power_words(sure) == "mehr als 99 %" and power_words(sure, str) == "more than 99 %"
    assert ecgs_words(1200) == "1.200 EKGs"
    received = [Received("a", code="1"), Received("b", reason="?"), Received("c", reason="?", repeated=True)]
    assert files_words(received) == (
        "Zum Hinzufügen bereit: **1 EKG**. Nicht verwendbar: 1 Datei; bereits vorhanden: 1 Datei."
    )
