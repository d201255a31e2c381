"""The texts: every message is in every catalogue, translated; visitors do not hear each other's language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from string import Formatter
from threading import Barrier

import pytest
from babel.messages.catalog import Catalog, Message
from streamlit.runtime.context import ContextProxy
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.testing.v1 import AppTest

from app.composition.curate import stated as stated_in_english
from app.display.paper import INKS, ORDERS
from app.display.sheet import COLUMNS
from app.display.sheet_words import WORDS
from app.language import extraction, visitor
from app.language.catalogues import ENGLISH, TEXTS, catalogue, languages
from app.language.words import decimal, gettext, ngettext, stated
from app.reading.answering import REASON_WORDS, STEP_WORDS
from app.reading.refusals import SENTENCES, in_words
from review_db import scales
from review_db.errors import InvalidSubmission, ShownTooBriefly
from review_db.scales import Reason, Scale
from tests.app.study_kit import LABEL_SET

ROOT = TEXTS.parents[1]
CATALOGUES = {path.stem: extraction.read(path) for path in sorted(TEXTS.glob("*.po"))}
HEARD_BY_READERS = ("admission", "blinded", "practice", "reading", "withdrawal")  # modules of review_db
MARKS = {"_", "N_", "gettext", "ngettext", "pgettext"}


def keys(catalogue: Catalog) -> set[tuple[str | None, str]]:
    return {(message.context, str(message.id)) for message in catalogue if message.id}


def both(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


# -------------------------------------------------------------------------------------------------- catalogues


def test_german_is_there_and_calls_itself_deutsch() -> None:
    assert list(languages())[0] == ENGLISH and languages()["de"] == "Deutsch"


@pytest.mark.parametrize("code", CATALOGUES)
def test_every_message_of_the_app_is_translated_and_nothing_else_is_kept(code: str) -> None:
    found = CATALOGUES[code]
    assert keys(found) == keys(extraction.extracted()), f"run python -m app.language update {code}"
    assert not extraction.untranslated(found) and not found.obsolete
    assert not [message.id for message in found if message.fuzzy and message.id]


@pytest.mark.parametrize("code", CATALOGUES)
def test_a_translation_has_the_placeholders_of_its_message(code: str) -> None:
    def differ(message: Message) -> bool:
        wanted = set().union(*map(placeholders, both(message.id)))
        return any(placeholders(text) != wanted for text in both(message.string))

    assert not [message.id for message in CATALOGUES[code] if message.id and differ(message)]


@pytest.mark.parametrize("code", CATALOGUES)
def test_a_translation_keeps_what_markdown_makes_bold_and_the_keys(code: str) -> None:
    def signs(text: str) -> list[int]:
        return [text.count(sign) for sign in ("**", "`", "\n")]

    changed = [m.id for m in CATALOGUES[code] if m.id and signs(both(m.id)[0]) != signs(both(m.string)[0])]
    assert not changed


def test_the_template_is_up_to_date() -> None:
    assert keys(extraction.read(extraction.TEMPLATE)) == keys(extraction.extracted())


@pytest.mark.parametrize("code", CATALOGUES)
def test_bringing_a_catalogue_up_to_date_again_changes_nothing(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (TEXTS / f"{code}.po").read_bytes()
    (tmp_path / f"{code}.po").write_bytes(before)
    monkeypatch.setattr(extraction, "TEXTS", tmp_path)
    extraction.update(code, extraction.extracted())
    assert (tmp_path / f"{code}.po").read_bytes() == before


def test_a_new_language_begins_with_every_message_and_no_translation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "TEXTS", tmp_path)
    made = extraction.update("fr", extraction.extracted())
    assert keys(extraction.read(tmp_path / "fr.po")) == keys(made) == keys(extraction.extracted())
    assert len(extraction.untranslated(made)) == len(made)


def calls_of_marks(node: ast.AST) -> Iterator[ast.Call]:
    for child in ast.walk(node):
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id in MARKS and child.args:
            yield child


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


@pytest.mark.parametrize("path", sorted((ROOT / "app").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_message_hides_from_the_extraction(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = [call.lineno for text in ast.walk(tree) if isinstance(text, ast.JoinedStr) for call in calls_of_marks(text)
              if is_text(call.args[0])]  # fmt: skip
    assert not inside, "Python 3.11's tokens do not show what is inside an f-string"
    assert not [call.lineno for call in calls_of_marks(tree) if isinstance(call.args[0], ast.JoinedStr)]


# ------------------------------------------------------------------------------------- words of other rooms


@pytest.mark.parametrize("scale", Scale.__subclasses__())
def test_every_step_of_every_scale_has_words_and_is_stored_as_it_was(scale: type[Scale]) -> None:
    assert len(STEP_WORDS[scale]) == len(scale) and [int(step) for step in scale] == list(range(1, len(scale) + 1))
    in_english = [step.wording.capitalize().replace("left", "A").replace("right", "B") for step in scale]
    assert list(STEP_WORDS[scale]) == in_english


def test_every_reason_has_words_like_those_that_are_stored() -> None:
    assert {reason: words.lower() for reason, words in REASON_WORDS.items()} == {r: r.lower() for r in Reason}
    assert scales.Reason.P_WAVE.value == "P wave"


def sentences_of(path: Path) -> Iterator[str]:
    """What a module raises, and its rules: sentences that are the keys of a dictionary."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from map(template, node.exc.args[:1])
        if isinstance(node, ast.Dict):
            yield from (template(key) for key in node.keys if key is not None and is_text(key))
        if isinstance(node, ast.Assign) and is_text(node.value):
            yield template(node.value)


def template(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ""


@pytest.mark.parametrize("module", HEARD_BY_READERS)
def test_every_refusal_that_a_reader_can_meet_can_be_said_in_another_language(module: str) -> None:
    said = {sentence for sentence in sentences_of(ROOT / "review_db" / f"{module}.py") if sentence.endswith(".")}
    assert said <= {re.sub(r"{\w+}", "{}", sentence) for sentence in SENTENCES}


def test_the_sheet_says_nothing_that_is_not_sent_to_it() -> None:
    script = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "assets" / "sheet").glob("*.js"))
    said = set(re.findall(r'say\(sheet, "([^"]+)"', script))
    chosen = {name.capitalize() for name in (*ORDERS, *INKS, *COLUMNS)}
    sentences = set(re.findall(r'"([A-Za-z]+(?: [A-Za-z]+)+)"', script))
    assert said and said | sentences | chosen <= set(WORDS)
    assert not [words for words in WORDS if f'"{words}"' not in script and words not in chosen]


# ------------------------------------------------------------------------------------------- the visitor's


@pytest.fixture
def in_german(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor, "code", lambda: "de")


def test_outside_of_a_session_everything_is_english() -> None:
    assert get_script_run_ctx(suppress_warning=True) is None
    assert gettext("About you") == "About you" and gettext("") == "" and decimal(12.5) == "12.5"


@pytest.mark.usefixtures("in_german")
def test_german_has_its_words_its_plurals_and_its_comma() -> None:
    assert gettext("About you") == "Zu Ihrer Person" and gettext("") == ""
    assert [ngettext("{number} pair", "{number} pairs", n).format(number=n) for n in (1, 2)] == ["1 Paar", "2 Paare"]
    assert decimal(12.5) == "12,5" and decimal(25) == "25"


@pytest.mark.usefixtures("in_german")
def test_what_is_in_no_catalogue_is_shown_as_it_was_written() -> None:
    assert gettext("A title that an investigator wrote") == "A title that an investigator wrote"
    assert stated("Something [ELSE] · Sinus rhythm") == "Something [ELSE] · Sinusrhythmus"


@pytest.mark.usefixtures("in_german")
@pytest.mark.parametrize("codes", [("AFIB",), ("NORM", "SR"), ("PRC(S)", "LAO/LAE")], ids=" ".join)
def test_a_stated_finding_is_said_name_by_name_and_keeps_its_codes(codes: tuple[str, ...]) -> None:
    english = stated_in_english(LABEL_SET.select(codes), LABEL_SET)
    assert stated(english) != english
    assert re.findall(r"\[(.+?)\]", stated(english)) == re.findall(r"\[(.+?)\]", english)


@pytest.mark.usefixtures("in_german")
def test_no_finding_is_no_finding_in_german_too() -> None:
    assert stated(stated_in_english(LABEL_SET.select(()), LABEL_SET)) == "Kein Befund angegeben"


@pytest.mark.usefixtures("in_german")
def test_a_refusal_of_several_sentences_is_said_sentence_by_sentence() -> None:
    refusal = InvalidSubmission(
        "Choose one of the 6 steps of the main question. Remove what is not text from the comment."
    )
    assert in_words(refusal) == (
        "Wählen Sie eine der 6 Stufen der Hauptfrage. Entfernen Sie aus dem Kommentar, was kein Text ist."
    )
    assert "mindestens 2.5 s" in in_words(ShownTooBriefly("Look at this ECG for at least 2.5 s before you answer."))
    assert in_words(InvalidSubmission("Nobody foresaw this.")) == "Nobody foresaw this."


def says_its_language() -> None:
    import streamlit as st

    from app.language import choice, visitor
    from app.language.words import gettext

    visitor.keep()
    st.title(gettext("About you"))
    choice.offer()


def open_page(monkeypatch: pytest.MonkeyPatch, locale: str | None, lang: str | None = None) -> AppTest:
    monkeypatch.setattr(ContextProxy, "locale", property(lambda _: locale))
    app = AppTest.from_function(says_its_language)
    if lang is not None:
        app.query_params[visitor.PARAMETER] = lang
    return app.run()


@pytest.mark.parametrize(
    ("locale", "lang", "title"),
    [
        (None, None, "About you"),
        ("en-US", None, "About you"),
        ("de-AT", None, "Zu Ihrer Person"),
        ("de", "en", "About you"),
        ("fr-FR", None, "About you"),
        ("en-US", "de", "Zu Ihrer Person"),
        ("en-US", "xx", "About you"),
        ("de-DE", "../de", "Zu Ihrer Person"),
    ],
)
def test_the_address_decides_then_the_browser_and_else_it_is_english(
    monkeypatch: pytest.MonkeyPatch, locale: str | None, lang: str | None, title: str
) -> None:
    assert open_page(monkeypatch, locale, lang).title[0].value == title


def test_a_choice_holds_for_the_session_and_is_in_the_address_for_a_reload(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, "en-US")
    assert app.segmented_control[0].value == "en"
    app.segmented_control[0].set_value("de").run()
    assert app.title[0].value == "Zu Ihrer Person" and app.query_params[visitor.PARAMETER] in ("de", ["de"])
    del app.query_params[visitor.PARAMETER]  # as going to another page does
    app.run()
    assert app.title[0].value == "Zu Ihrer Person" and app.query_params[visitor.PARAMETER] in ("de", ["de"])


def test_visitors_in_threads_beside_each_other_keep_their_languages() -> None:
    contexts = {lang: visitors_context(lang) for lang in languages()}
    meet = Barrier(len(contexts), timeout=30)

    def visit(lang: str) -> set[str]:
        add_script_run_ctx(ctx=contexts[lang])
        return {gettext("Is this ECG real or synthetic?") for _ in range(200) if meet.wait() >= 0}

    with ThreadPoolExecutor(len(contexts)) as pool:
        heard = dict(zip(contexts, pool.map(visit, contexts), strict=True))
    assert heard == {lang: {catalogue(lang).gettext("Is this ECG real or synthetic?")} for lang in languages()}


def visitors_context(lang: str) -> ScriptRunContext:
    """The context of a session, as Streamlit's own runner makes it, whose address names a language."""

    def keep_context(kept: list[object]) -> None:
        from streamlit.runtime.scriptrunner import get_script_run_ctx

        kept.append(get_script_run_ctx())

    kept: list[ScriptRunContext] = []
    app = AppTest.from_function(keep_context, kwargs={"kept": kept})
    app.query_params[visitor.PARAMETER] = lang
    app.run()
    return kept[0]
