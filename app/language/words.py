"""Words in the language of the visitor: a message is written in English where it is needed, a catalogue translates it.

Knows: how a message is looked up. Does not know: who the visitor is (`visitor`), where texts lie (`catalogues`).

    from app.language.words import gettext as _

    st.title(_("About you"))
    st.write(_("You have read {read} of {total}.").format(read=3, total=40))

What is stored, hashed, exported or compared stays in English: only what is shown passes through here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from babel import Locale
from babel.numbers import get_decimal_symbol, get_group_symbol

from app.language import visitor
from app.language.catalogues import catalogue

FINDING = "finding"  # context of the names of statements in a catalogue


def gettext(message: str) -> str:
    """The message in the language of the visitor."""
    return catalogue(visitor.code()).gettext(message) if message else ""  # gettext keeps its header under ""


def ngettext(one: str, many: str, number: int) -> str:
    """The form that this language uses for a number of things: English has two, others have one or four."""
    return catalogue(visitor.code()).ngettext(one, many, number)


def pgettext(context: str, message: str) -> str:
    """A message that means different things in different contexts."""
    return catalogue(visitor.code()).pgettext(context, message)


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Marks a message that is looked up later, by whoever shows it."""
    return message


def decimal(value: float, form: str = "g") -> str:
    """A number in short: "12.5", in German "12,5". form: Python's, so `,.1f` gives "1,234.5", in German "1.234,5"."""
    return f"{value:{form}}".translate(_signs(visitor.code()))


def number_signs() -> str:
    """The decimal sign and the one between thousands, as Plotly's `separators` takes them."""
    signs = _signs(visitor.code())
    return f"{signs[ord('.')]}{signs[ord(',')]}"


@cache
def _signs(code: str) -> Mapping[int, str]:
    locale = Locale.parse(code)
    return MappingProxyType({ord("."): str(get_decimal_symbol(locale)), ord(","): str(get_group_symbol(locale))})


def finding(name: str) -> str:
    """The plain name of a statement, as `engine.labels` has it; a name that is in no catalogue stays as it is."""
    return pgettext(FINDING, name)


UNSTATED = N_("No finding stated")  # as `app.composition.curate` says it


def stated(words: str) -> str:
    """What an ECG is said to show, "Normal ECG [NORM] · Atrial fibrillation [AFIB]", name by name."""
    return " · ".join(_stated_one(one) for one in words.split(" · "))


def _stated_one(words: str) -> str:
    name, bracket, code = words.rpartition(" [")
    return f"{finding(name)}{bracket}{code}" if bracket else gettext(words)
