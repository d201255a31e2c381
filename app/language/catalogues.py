"""Which languages there are, and their catalogues: one file of GNU gettext for each, assets/texts/CODE.po.

Knows: the files. Does not know: visitors, Streamlit, which messages there are.

English needs no file: its texts are in the code, and a message without a translation is shown in English. A further
language is a further file. The files are read as they are; nothing has to be compiled before the app starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

TEXTS = Path(__file__).parents[2] / "assets" / "texts"
ENGLISH = "en"


@cache
def languages() -> Mapping[str, str]:
    """Codes (ISO 639-1) with their own names: {"en": "English", "de": "Deutsch"}. English comes first."""
    codes = [ENGLISH, *sorted(path.stem for path in TEXTS.glob("*.po"))]
    return MappingProxyType({code: Locale.parse(code).get_display_name(code) or code for code in codes})


@cache
def catalogue(code: str) -> NullTranslations:
    """The texts of a language; for English, one that gives back what it is asked for. Raises OSError without a file."""
    if code == ENGLISH:
        return NullTranslations()
    with (TEXTS / f"{code}.po").open("rb") as file:
        texts = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, texts)
    compiled.seek(0)
    return GNUTranslations(compiled)
