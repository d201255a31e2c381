"""The audit of two arms, and in plain words which property gives one away.

Knows: the judgement and its words. Does not know: studies, files, thresholds for opening a study.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from engine.audit.classify import PERMUTATIONS, AuditError, Separation, separation, single_aucs, steps
from engine.audit.features import FEATURES, Feature, Kind, measure
from engine.audit.received import Arm


@dataclass(frozen=True)
class Finding:
    """One property: its kind, its AUC alone (0.5 to 1), its median in each arm, and a sentence."""

    name: str
    kind: Kind
    auc: float
    real: float
    synthetic: float
    gives_away: bool
    words: str


@dataclass(frozen=True)
class LeakAudit:
    """What properties that have nothing to do with physiology reveal about the arm.

    separation: all of them together, by a cross-validated classifier; by_kind: those of one kind together.
    findings: each alone, largest AUC first.
    single_null_95: the largest AUC that any single property reaches by chance, in 95 % of permutations.
    """

    separation: Separation
    by_kind: Mapping[Kind, Separation]
    findings: tuple[Finding, ...]
    single_null_95: float

    @property
    def giveaways(self) -> tuple[Finding, ...]:
        """The properties that separate the arms beyond chance, strongest first."""
        return tuple(finding for finding in self.findings if finding.gives_away)

    def asdict(self) -> dict[str, Any]:
        """Plain values, for JSON: auc, null_95, features and the rest."""
        features = {f.name: {key: value for key, value in asdict(f).items() if key != "name"} for f in self.findings}
        return {
            **asdict(self.separation),
            "beyond_chance": self.separation.beyond_chance,
            "by_kind": {kind.value: asdict(found) for kind, found in self.by_kind.items()},
            "features": features,
            "feature_null_95": self.single_null_95,
            "giveaways": [finding.name for finding in self.giveaways],
            "words": self.words(),
        }

    def words(self) -> str:
        """The result in sentences for an investigator."""
        found = self.separation
        verdict = (
            "can be told apart without looking at the heart"
            if found.beyond_chance
            else "do not differ from chance in anything but physiology"
        )
        first = (
            f"The arms {verdict}: AUC {found.auc:.2f} ({found.low:.2f} to {found.high:.2f}), chance reaches "
            f"{found.null_95:.2f}."
        )
        return " ".join([first, *(finding.words for finding in self.giveaways), *self._blame()])

    def _blame(self) -> list[str]:
        if not self.separation.beyond_chance:
            return []
        if self.by_kind[Kind.FORMAT].beyond_chance:
            return ["Numbers, bytes or times alone tell the arms apart: send both through the same pipeline."]
        return ["Format says nothing; what is left is noise, baseline or edges that are drawn unlike recorded ones."]


def audit(real: Arm, synthetic: Arm, permutations: int = PERMUTATIONS, seed: int = 0) -> LeakAudit:
    """Measure every property of every ECG and ask how well they tell the arms apart.

    Raises AuditError if an arm has fewer than ten ECGs, or if times were measured in one arm only.
    """
    if len({received.seconds is None for received in (*real.ecgs, *synthetic.ecgs)}) > 1:
        raise AuditError("Times were measured for some ECGs only; measure them for all, or for none.")
    columns = np.array([measure(received) for received in (*real.ecgs, *synthetic.ecgs)])
    columns = columns.reshape(-1, len(FEATURES))
    arms = np.arange(len(columns)) >= len(real.ecgs)
    together = separation(steps(columns), arms, permutations, seed)
    by_kind = {kind: separation(steps(columns[:, _of(kind)]), arms, permutations, seed) for kind in Kind}
    alone, by_chance = single_aucs(columns, arms, permutations, seed)
    findings = [
        _finding(name, feature, float(auc), column[~arms], column[arms], by_chance)
        for (name, feature), auc, column in zip(FEATURES.items(), alone, columns.T, strict=True)
    ]
    return LeakAudit(together, by_kind, tuple(sorted(findings, key=lambda finding: -finding.auc)), by_chance)


def _of(kind: Kind) -> list[bool]:
    return [feature.kind is kind for feature in FEATURES.values()]


def _finding(
    name: str, feature: Feature, auc: float, real: np.ndarray, synthetic: np.ndarray, by_chance: float
) -> Finding:
    middle_real, middle_synthetic = float(np.median(real)), float(np.median(synthetic))
    gives_away = auc > by_chance
    words = (
        f"{feature.words[0].upper()}{feature.words[1:]} {'gives the arm away' if gives_away else 'is alike'} "
        f"(AUC {auc:.2f}; typically {middle_real:.3g} {feature.unit} in real, "
        f"{middle_synthetic:.3g} {feature.unit} in synthetic ECGs)."
    )
    return Finding(name, feature.kind, auc, middle_real, middle_synthetic, gives_away, words)
