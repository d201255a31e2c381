"""What the sections of the results screen share: one unblinded study and, once it is made, its analysis.

Knows: the facts that several sections ask for. Does not know: how they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.language.words import N_, finding
from app.language.words import gettext as _
from engine.labels import LabelSet
from review_db import statistics
from review_db.model import Origin, StudySummary
from review_db.report.found import Found
from review_db.statistics import Confusion

CALLED = {Origin.REAL: N_("Called real"), Origin.SYNTHETIC: N_("Called synthetic")}


@dataclass(frozen=True)
class Unblinded:
    """The answers of a closed study: as rows, and as the CSV that is analysed and exported."""

    observations: Sequence[Any]  # of the kind that the design of the study has
    csv: str


@dataclass(frozen=True)
class Results:
    """One study on the screen. `found` is None while the analysis is made."""

    study: StudySummary
    observations: Sequence[Any]
    label_set: LabelSet
    found: Found | None

    @cached_property
    def firsts(self) -> list[Any]:
        """First readings: what every number but the agreement within readers rests on."""
        return [o for o in self.observations if not o.repeat]

    @cached_property
    def readers(self) -> Mapping[str, Sequence[Any]]:
        """The first readings of each reader."""
        return statistics.by_reader(self.firsts)

    @cached_property
    def by_label(self) -> list[tuple[str, Confusion]]:
        """Verdicts by truth for each label, the most frequent label first."""
        tables = statistics.confusion_by_label(self.firsts)
        return sorted(tables.items(), key=lambda item: -(item[1].real + item[1].synthetic))

    @cached_property
    def has_both(self) -> bool:
        """Were both real and synthetic ECGs rated?"""
        return {o.origin for o in self.observations} == set(Origin)

    @property
    def share_title(self) -> str:
        """What the share of right verdicts is: of one origin it is no more than how often it was called so."""
        return _("Right verdicts") if self.has_both else _(CALLED[self.observations[0].origin])

    @property
    def arms(self) -> list[str]:
        """Names of the arms."""
        return [arm.name for arm in self.study.arms]

    def label_name(self, code: str) -> str:
        """For example "Atrial fibrillation [AFIB]"."""
        return f"{finding(self.label_set[code].plain_name)} [{code}]" if code in self.label_set else code

    def short_name(self, code: str) -> str:
        """The name without what explains it in brackets."""
        if code not in self.label_set:
            return code
        return f"{finding(self.label_set[code].plain_name).partition(' (')[0]} [{code}]"
