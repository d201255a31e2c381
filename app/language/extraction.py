"""Collects all messages of the app, and brings the catalogues up to date with them.

Knows: where messages are: calls of `_`, `gettext`, `ngettext`, `pgettext` and `N_` in app/, the plain names of the
statements, and what else engine says to whoever chooses. Does not know: visitors. The format is GNU gettext's (its
manual, chapter "The Format of PO Files").

Places are written without line numbers and files without dates, so that a catalogue changes with its messages alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from app.language.catalogues import TEXTS
from app.language.words import FINDING
from engine.evaluation.gates import LIMITS
from engine.generators import GENERATORS, SAMPLER_CHOICES
from engine.label_relations import known_contradictions, presets
from engine.labels import ptbxl_statements

ROOT = Path(__file__).parents[2]
TEMPLATE = TEXTS / "messages.pot"
STATEMENTS = "assets/ptbxl_statements.toml"
PRESETS, CONTRADICTIONS = "assets/label_presets.toml", "assets/label_contradictions.toml"
WIDTH = 120
LEFT_OUT = (b'"POT-', b'"PO-', b'"Report-', b'"Last-', b'"Language-Team', b'"Generated-By')  # of the header


def extracted() -> Catalog:
    """Every message of the app, without translations."""
    found = _empty(None)
    for name, _line, message, comments, context in extract_from_dir(ROOT / "app", comment_tags=("Translators:",)):
        found.add(message, locations=[(f"app/{name}", None)], auto_comments=comments, context=context)
    for statement in ptbxl_statements().statements:
        comment = f"{statement.code}: {statement.description}"
        found.add(statement.plain_name, locations=[(STATEMENTS, None)], auto_comments=[comment], context=FINDING)
    for location, message in _of_other_rooms():
        found.add(message, locations=[(location, None)])
    return found


def _of_other_rooms() -> Iterator[tuple[str, str]]:
    """What engine says to whoever chooses: it knows no languages, so a screen looks it up."""
    for preset in presets():
        yield from ((PRESETS, words) for words in (preset.title, preset.explanation))
    for pair in known_contradictions().values():
        yield CONTRADICTIONS, pair.why
    for generator in GENERATORS.values():
        yield from (("engine/generators.py", words) for words in (generator.title, generator.description))
    for sampler in SAMPLER_CHOICES.values():
        yield "engine/generators.py", sampler.title
    for limit in LIMITS:
        yield "engine/evaluation/gates.py", limit.title


def read(path: Path) -> Catalog:
    """A catalogue as it lies on the disk."""
    with path.open("rb") as file:
        return read_po(file, locale=None if path == TEMPLATE else path.stem)


def update(code: str, template: Catalog) -> Catalog:
    """Write the catalogue of a language: what it has keeps its translation, new messages wait for theirs."""
    path = TEXTS / f"{code}.po"
    catalogue = read(path) if path.exists() else _empty(code)
    catalogue.update(template, no_fuzzy_matching=True)
    write(catalogue, path)
    return catalogue


def write(catalogue: Catalog, path: Path) -> None:
    """In the order of the English texts; what is no longer said is left out."""
    written = BytesIO()
    write_po(written, catalogue, WIDTH, sort_output=True, ignore_obsolete=True, include_lineno=False)
    lines = written.getvalue().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if not line.startswith(LEFT_OUT)))


def untranslated(catalogue: Catalog) -> list[str]:
    """The messages that are still English only."""
    return [str(message.id) for message in catalogue if message.id and not _is_translated(message.string)]


def _is_translated(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(string) and (isinstance(string, str) or all(string or ()))


def _empty(code: str | None) -> Catalog:
    header = "# Texts of ECG Turing."
    return Catalog(locale=code, project="ECG Turing", version="1", header_comment=header, fuzzy=False)
