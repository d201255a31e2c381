"""Study templates: a study as a readable TOML file, before it has ECGs.

Knows: the tables of the file, their keys, and what is wrong with one, in words that name file and key.
Does not know: which records, checkpoints or labels an installation has; screens.

    [template]  name and summary, for whoever chooses it
    [study]     title and description, as readers see them
    [ecgs]      arms, findings, how many, how real and drawn ECGs are matched, how they are drawn
    [protocol]  the fields of `StudyProtocol`; what is left out has its default

`findings` is a list, over which `per_arm` ECGs are spread evenly, or a table that says how many ECGs of each arm show
a finding. The arm "real" stands for whatever real ECGs are at hand. Texts have line ends as TOML has them: a single
line feed.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from app.composition.curate import ARMS, USUAL_MATCH, Trait
from app.composition.real_arm import OLDEST
from app.composition.scenarios import SCENARIOS
from engine.generators import DEFAULT_SAMPLER, LARGEST_GUIDANCE, SAMPLER_CHOICES
from review_db.errors import InvalidProtocol
from review_db.protocol import StudyProtocol, from_mapping

FOLDER = Path(__file__).parents[2] / "assets" / "studies"
REAL_AT_HAND = "real"  # the first real arm that an installation has
MOST_PER_ARM = 200
LARGEST_SEED = 2**53 - 1  # what a browser's number field holds
LARGEST_FILE = 100_000  # bytes
Table = TypeVar("Table")


class TemplateError(ValueError):
    """A file that is no study template; the message names the file and the key."""


@dataclass(frozen=True)
class About:
    """Table [template]: for whoever chooses it."""

    name: str
    summary: str = ""

    def __post_init__(self) -> None:
        _require({"name: give the template a name.": bool(self.name.strip())})


@dataclass(frozen=True)
class Shown:
    """Table [study]: what readers see of it. Neither may name the arms."""

    title: str
    description: str = ""


@dataclass(frozen=True)
class Ecgs:
    """Table [ecgs]. Raises TemplateError, a sentence for each key that is wrong.

    arms: keys of `curate.ARMS`, or "real". findings: codes such as "AFIB + LVH". match: of `curate.Trait`. ages:
    youngest and oldest person of a real arm, in years. scenario: what is hidden of completed records, a key of
    `scenarios.SCENARIOS`. steps, guidance, checkpoint (its digest, or the beginning) and seed: None leaves them to
    sampler, checkpoint, installation and chance.
    """

    arms: tuple[str, ...] = (REAL_AT_HAND, "sssd-ecg-nle")
    findings: tuple[str, ...] | dict[str, int] = ()
    per_arm: int | None = None
    match: tuple[str, ...] = USUAL_MATCH
    ages: tuple[int, int] | None = None
    scenario: str | None = None
    sampler: str = DEFAULT_SAMPLER
    steps: int | None = None
    guidance: float | None = None
    checkpoint: str | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        _require(_rules_of_arms(self) | _rules_of_matching(self) | _rules_of_numbers(self) | _rules_of_drawing(self))

    def asdict(self) -> dict[str, object]:
        """As TOML holds it: without what is None."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: list(map(str, value)) if name in ("arms", "match") else value
            for name, value in values.items()
            if value is not None
        }


@dataclass(frozen=True)
class Template:
    """A study that is still to be composed."""

    about: About
    study: Shown
    ecgs: Ecgs
    protocol: StudyProtocol = field(default_factory=StudyProtocol)


def read(text: str, name: str) -> Template:
    """A template from TOML; `name` is that of the file. Raises TemplateError."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(f"{name} is not TOML: {error}.") from error
    return from_tables(tables, name)


def from_tables(tables: Mapping[str, Any], name: str) -> Template:
    """A template from the tables of its file. Raises TemplateError."""
    _require_tables(tables, name)
    return Template(
        _table(About, tables["template"], f"{name}, [template]"),
        _table(Shown, tables["study"], f"{name}, [study]"),
        _table(Ecgs, tables["ecgs"], f"{name}, [ecgs]"),
        _protocol(tables.get("protocol", {}), f"{name}, [protocol]"),
    )


def write(template: Template) -> str:
    """The template as TOML, such that `read` gives it back."""
    import tomli_w

    tables = {
        "template": vars(template.about),
        "study": vars(template.study),
        "ecgs": template.ecgs.asdict(),
        "protocol": template.protocol.asdict(),
    }
    return tomli_w.dumps(tables, multiline_strings=True)


@cache
def shipped() -> Mapping[str, Template]:
    """The templates in assets by the name of their file, in the order of these names. Raises TemplateError."""
    paths = sorted(FOLDER.glob("*.toml"))
    return MappingProxyType({path.stem: read(path.read_text(encoding="utf-8"), path.name) for path in paths})


# ------------------------------------------------------------------------------------------------------ reading


def _require_tables(tables: Mapping[str, Any], name: str) -> None:
    known = {"template", "study", "ecgs", "protocol"}
    if absent := sorted(known - set(tables) - {"protocol"}):
        raise TemplateError(f"{name} has no table [{absent[0]}].")
    if unknown := sorted(set(tables) - known):
        raise TemplateError(f"{name}: {unknown[0]} belongs to no template; its tables are {', '.join(sorted(known))}.")
    if plain := [key for key, table in tables.items() if not isinstance(table, Mapping)]:
        raise TemplateError(f"{name}: {plain[0]} must be a table.")


def _table(kind: type[Table], values: Mapping[str, Any], where: str) -> Table:
    """Raises TemplateError."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(values) - known):
        raise TemplateError(f"{where} has no key {unknown[0]}; it may have {', '.join(sorted(known))}.")
    try:
        return _reader(kind).validate_json(json.dumps(dict(values), default=str), strict=True)
    except ValidationError as error:
        problems = dict.fromkeys(_in_words(problem) for problem in error.errors())
        raise TemplateError(f"{where} {' '.join(problems)}") from error


@cache
def _reader(kind: type[Table]) -> TypeAdapter[Table]:
    return TypeAdapter(kind)


def _in_words(problem: ErrorDetails) -> str:
    """Our own sentences name their keys; pydantic's do not, and say little of a key that may be of two kinds."""
    if problem["loc"][:1] == ("findings",):
        return "findings: a list of findings, or a table with the number of ECGs that show each."
    said = problem["msg"].removesuffix(".").removeprefix("Value error, ") + "."
    if not problem["loc"] or isinstance(problem.get("ctx", {}).get("error"), TemplateError):
        return said
    return f"{problem['loc'][0]}: {said}"


def _protocol(values: Mapping[str, Any], where: str) -> StudyProtocol:
    try:
        return from_mapping(values)
    except InvalidProtocol as error:
        raise TemplateError(f"{where} {error}") from error


# -------------------------------------------------------------------------------------------------------- rules


def _require(rules: Mapping[str, bool]) -> None:
    if problems := " ".join(sentence for sentence, holds in rules.items() if not holds):
        raise TemplateError(problems)


def _rules_of_arms(ecgs: Ecgs) -> dict[str, bool]:
    known = (REAL_AT_HAND, *ARMS)
    return {
        f"arms: there are {', '.join(known)}; name each once.": (
            set(ecgs.arms) <= set(known) and len(set(ecgs.arms)) == len(ecgs.arms)
        ),
        "findings: name at least one, such as AFIB + LVH, each once.": (
            len(ecgs.findings) > 0 and len(set(ecgs.findings)) == len(ecgs.findings)
        ),
    }


def _rules_of_matching(ecgs: Ecgs) -> dict[str, bool]:
    youngest, oldest = ecgs.ages or (0, OLDEST)
    return {
        f"match: there are {', '.join(Trait)}.": set(ecgs.match) <= set(Trait),
        "match: labels cannot be left out, or the stated finding would tell the arms apart.": (
            Trait.LABELS in ecgs.match
        ),
        f"ages: two whole years from 0 to {OLDEST}, the younger first.": 0 <= youngest <= oldest <= OLDEST,
    }


def _rules_of_numbers(ecgs: Ecgs) -> dict[str, bool]:
    is_table = isinstance(ecgs.findings, dict)
    numbers = list(ecgs.findings.values()) if isinstance(ecgs.findings, dict) else [ecgs.per_arm or 0]
    return {
        "per_arm: leave it out where findings say how many ECGs show each.": not is_table or ecgs.per_arm is None,
        f"{'findings' if is_table else 'per_arm'}: ask for 1 to {MOST_PER_ARM} ECGs.": (
            all(number >= 1 for number in numbers) and sum(numbers) <= MOST_PER_ARM
        ),
        "per_arm: ask for at least as many ECGs as there are findings.": is_table or numbers[0] >= len(ecgs.findings),
    }


def _rules_of_drawing(ecgs: Ecgs) -> dict[str, bool]:
    choice = SAMPLER_CHOICES.get(ecgs.sampler)
    most = choice.max_steps if choice else LARGEST_SEED
    return {
        f"scenario: there are {', '.join(SCENARIOS)}.": ecgs.scenario is None or ecgs.scenario in SCENARIOS,
        f"sampler: there are {', '.join(SAMPLER_CHOICES)}.": choice is not None,
        f"steps: {ecgs.sampler} takes 1 to {most}.": ecgs.steps is None or 1 <= ecgs.steps <= most,
        f"guidance: between 0 and {LARGEST_GUIDANCE:g}.": (
            ecgs.guidance is None or 0 <= ecgs.guidance <= LARGEST_GUIDANCE
        ),
        f"seed: between 0 and {LARGEST_SEED}.": ecgs.seed is None or 0 <= ecgs.seed <= LARGEST_SEED,
    }
