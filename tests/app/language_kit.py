"""What the walks in other languages share: every text on a page, whether it is English, whether it is in no catalogue.

A text counts as English if it is a message of the catalogue that German says otherwise. For what is in no catalogue
there is `Marked`, a language in which every message stands in brackets: what stands outside came from nowhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from gettext import NullTranslations
from html import unescape
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Node

from app import session
from app.display import sheet
from app.language import extraction, visitor
from app.language import words as words_of_the_app
from app.language.catalogues import TEXTS, catalogue
from app.shortcuts import sheet as shortcuts
from tests.app.conftest import MAIN

Check = Callable[[AppTest], AppTest]
PEOPLES_WORDS = ("Reading at dawn", "Dr Ada", "ECG Turing")  # typed, or a name: shown as they are
VISIBLE = {"label", "body", "placeholder", "help", "text", "content", "title", "alt", "options", "value", "app_pages"}
UNSPOKEN = {
    *("samples", "behind", "shortcuts", "where", "choices", "first", "inks", "drawing", "language"),  # to a sheet
    *("key", "svg", "strips", "colour", "frames"),  # to a film
}
IN_A_CHART = {"text", "title", "name", "ticktext", "hovertemplate"}
CODES = {"A", "B", "s", "mm", "mV", "Hz", "NORM", "SR", "Enter", "Esc", "Tab", "English", "Deutsch", "R", "x", "p", "n"}
NO_WORDS = r"data:image/[\w+;,=/]+|\S*\?\w+=\S*|{\w+}"  # pictures, addresses, what the browser puts in
DIGEST = r"\b(?=[a-f]*\d)[0-9a-f]{6,}\b"
CUT = r"⟦[^⟦⟧\[]* (?=\[)"  # the name of a finding up to what explains it in brackets
MARKUP = r":material/\w+:|:(?:small|\w+-badge|orange|green|gray)\["  # of Streamlit's Markdown
LEADS = {"I", "II", "III", "aVR", "aVL", "aVF", "V"}
german = catalogue("de").gettext


# ------------------------------------------------------------------------------------------- what is on a page


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
        if field.name in ("json", "bytes") and value:
            yield from spoken(json.loads(value))
        if field.name == "spec" and value:
            yield from charted(json.loads(value))


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from re.findall(r'aria-label="([^"]*)"|alt="([^"]*)"', value) and labels_of(value)
        plain = re.sub(r"<style>.*?</style>|<script>.*?</script>|<[^>]+>", " ", value, flags=re.DOTALL)
        yield unescape(re.sub(NO_WORDS, "", plain))
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
        yield re.sub(NO_WORDS, "", sent)


def charted(part: Any, name: str = "") -> Iterator[str]:
    """Titles, names of series, words on axes and in the picture of a Plotly chart."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key != "template":
                yield from charted(value, key)
    elif isinstance(part, list):
        for one in part:
            yield from charted(one, name)
    elif isinstance(part, str) and name in IN_A_CHART:
        yield from texts(re.sub(r"%{[^}]*}", "", part))  # numbers that the browser puts in


def said(app: AppTest) -> str:
    return " ".join(shown(app))


def enter(token: str | None = None, lang: str | None = "de") -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=30)
    if token is not None:
        app.query_params[session.READER] = token
    if lang is not None:
        app.query_params[visitor.PARAMETER] = lang
    return app.run()


# --------------------------------------------------------------------------------------- English where it is German


@cache
def english() -> dict[str, tuple[str, re.Pattern[str]]]:
    """The messages that German says otherwise: a part that must be on a page, and how they would stand there.

    A word that is German as well tells nothing: "Arms" is also what belongs to an Arm.
    """
    found = {}
    known = list(extraction.read(TEXTS / "de.po"))
    german_words = {word for one in known for text in _forms(one.string) for word in re.findall(r"\w+", text)}
    for message in known:
        pairs = zip(_forms(message.id), _forms(message.string), strict=False)
        for words in (words for words, others in pairs if words and words.lower() != others.lower()):
            if words in german_words:
                continue
            plain = words.replace("*", "").replace("`", "")
            pattern = re.sub(r"\\{\w+\\}", ".+", re.escape(plain))
            part = max(re.split(r"{\w+}", plain), key=len)
            found[words] = part, re.compile(rf"(?<![\w-]){pattern}(?![\w-])")
    return found


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def english_on(app: AppTest, allowed: tuple[str, ...] = ()) -> dict[str, str]:
    """Messages of the catalogue that stand on the page in English, each with the text where it was found."""
    page = [text.replace("*", "").replace("`", "") for text in shown(app)]
    for words in (*PEOPLES_WORDS, *allowed):
        page = [text.replace(words, "") for text in page]
    whole = "\n".join(page)
    possible = {words: pattern for words, (part, pattern) in english().items() if part in whole}
    return {words: text for text in page for words, pattern in possible.items() if pattern.search(text)}


def require_german(app: AppTest, allowed: tuple[str, ...] = ()) -> AppTest:
    """allowed: what people typed or what is stored, and shown as it is."""
    assert not app.exception, app.exception
    found = english_on(app, allowed)
    assert not found, found
    return app


# ----------------------------------------------------------------------------------- nothing beside the catalogue


class Marked(NullTranslations):
    """A language in which every message stands in brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, one: str, many: str, number: int) -> str:
        return self.gettext(one if number == 1 else many)

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)


def unmarked(app: AppTest, allowed: tuple[str, ...] = ()) -> set[str]:
    """Words on the page that came through no catalogue."""
    found: set[str] = set()
    for text in shown(app):
        rest = re.sub(f"{MARKUP}|{DIGEST}|{CUT}", "", text)
        for words in (*PEOPLES_WORDS, *allowed):
            rest = rest.replace(words, "")
        while (less := re.sub(r"⟦[^⟦⟧]*⟧", "", rest)) != rest:
            rest = less
        found |= set(re.findall(r"[A-Za-z]+", rest)) if "⟦" not in rest else {text}
    return {word for word in found if len(word) > 1 or word.islower()} - CODES - LEADS


@contextmanager
def brackets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The app speaks `Marked`, in and outside of a session; what it kept of words is forgotten, before and after."""
    monkeypatch.setattr(words_of_the_app, "catalogue", lambda code: Marked())
    monkeypatch.setattr(visitor, "code", lambda: "de")
    _forget_words()
    yield
    _forget_words()


def _forget_words() -> None:
    for kept in (sheet._table, sheet._written_table, shortcuts.sheet_data):
        kept.cache_clear()


# ------------------------------------------------------------------------------------------------- both in one walk

WAYS = ("in German", "in brackets")


@contextmanager
def speaking(way: str, monkeypatch: pytest.MonkeyPatch, allowed: tuple[str, ...] = ()) -> Iterator[Check]:
    """What a page must pass in one of WAYS."""
    if way == "in German":  # also outside of a session: there the testing harness asks for the names of options
        monkeypatch.setattr(visitor, "code", lambda: "de")
        yield lambda app: require_german(app, allowed)
    else:
        with brackets(monkeypatch):
            yield lambda app: require_marked(app, allowed)


def require_marked(app: AppTest, allowed: tuple[str, ...] = ()) -> AppTest:
    """The counterpart of `require_german` for words that are in no catalogue."""
    assert not app.exception, app.exception
    found = unmarked(app, allowed)
    assert not found, found
    return app


def press_words(app: AppTest, words: str) -> AppTest:
    """The button that says this in the language of the page."""
    label = words_of_the_app.catalogue("de").gettext(words)
    return next(one for one in app.button if one.label == label).click().run()
