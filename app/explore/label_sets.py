"""Other label sets to put beside the one of an ECG: one label fewer, the label sets to start from, one label more.

Knows: which labels leave when another comes. Does not know: widgets, ECGs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from app.language.words import finding
from app.language.words import gettext as _
from engine.label_relations import Weight, contradictions, presets
from engine.labels import LabelSet


@dataclass(frozen=True)
class OtherLabels:
    """codes in the order of the label set; how they differ, in the words of the visitor."""

    codes: tuple[str, ...]
    words: str

    @property
    def short(self) -> str:
        """The codes alone: "LVH + AFIB"."""
        return " + ".join(self.codes)

    @property
    def title(self) -> str:
        """As a field of choice shows it; typing a name or a code finds it."""
        return f"{self.words} · {self.short}"


def other_label_sets(
    label_set: LabelSet, present: tuple[str, ...], known: Collection[str]
) -> dict[tuple[str, ...], OtherLabels]:
    """By codes, the nearest first, each once and none of them the present one; of known codes alone."""
    found: dict[tuple[str, ...], OtherLabels] = {}
    for other in (*_fewer(label_set, present), *_to_start_from(), *_more(label_set, present, known)):
        if other.codes != present and set(other.codes) <= set(known):
            found.setdefault(other.codes, other)
    return found


def _fewer(label_set: LabelSet, present: tuple[str, ...]) -> Iterator[OtherLabels]:
    """One label removed; nothing where it is the only one, because no ECG that a network learnt from had none."""
    for code in present if len(present) > 1 else ():
        rest = tuple(other for other in present if other != code)
        yield OtherLabels(rest, _("{finding} removed").format(finding=finding(label_set[code].plain_name)))


def _to_start_from() -> Iterator[OtherLabels]:
    return (OtherLabels(preset.codes, _(preset.title)) for preset in presets())


def _more(label_set: LabelSet, present: tuple[str, ...], known: Collection[str]) -> Iterator[OtherLabels]:
    """One label added; those that contradict it leave."""
    for statement in label_set.statements:
        if statement.code not in known or statement.code in present:
            continue
        leaving = [code for code in present if _contradict(code, statement.code)]
        codes = label_set.select([*(set(present) - set(leaving)), statement.code]).codes
        how = _("{finding} instead of {labels}") if leaving else _("{finding} added")
        yield OtherLabels(codes, how.format(finding=finding(statement.plain_name), labels=" + ".join(leaving)))


def _contradict(one: str, other: str) -> bool:
    return any(pair.weight is Weight.CONTRADICTION for pair in contradictions((one, other)))
