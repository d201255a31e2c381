"""`python -m app.language update [CODE ...]`: collect the messages, bring the catalogues up to date.

Knows: the command line. A code that has no catalogue yet gets one.
"""

from __future__ import annotations

import argparse

from babel import Locale
from babel.core import UnknownLocaleError

from app.language import extraction
from app.language.catalogues import ENGLISH, TEXTS


def main() -> None:
    """Tell for each language how many messages wait for their translation."""
    template = extraction.extracted()
    for code in _codes():
        waiting = extraction.untranslated(extraction.update(code, template))
        print(f"{TEXTS.name}/{code}.po: {len(template)} messages, {len(waiting)} without a translation")
    extraction.write(template, extraction.TEMPLATE)


def _codes() -> list[str]:
    parser = argparse.ArgumentParser(prog="python -m app.language", description="Texts of the app in other languages.")
    commands = parser.add_subparsers(required=True)
    update = commands.add_parser("update", help="collect the messages, bring the catalogues up to date")
    update.add_argument("code", nargs="*", type=_code, help="languages to add, by ISO 639-1 code, for example fr")
    return sorted({path.stem for path in TEXTS.glob("*.po")} | set(parser.parse_args().code))


def _code(text: str) -> str:
    try:
        Locale.parse(text)
    except (UnknownLocaleError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{text} is no code of a language: say for example fr") from error
    if text == ENGLISH:
        raise argparse.ArgumentTypeError("English is in the code and needs no catalogue")
    return text


if __name__ == "__main__":
    main()
