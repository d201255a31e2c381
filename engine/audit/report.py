"""The audit of two arms, and in plain words which property gives one away.

Two questions, each answered wrongly for one in twenty pairs of arms that are alike: do all properties together tell the
arms apart, and does any by itself? The second has one rule for all properties: chance is the largest AUC that any of
them reaches when the arms are permuted (Westfall & Young, Resampling-Based Multiple Testing, 1993). The first decides
the verdict. A property that stands out while all together do not is named as that, not as a leak.

Knows: the judgement and its words. Does not know: studies, files, thresholds for opening a study.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from engine.audit.classify import PERMUTATIONS, AuditError, Separation, separation, single_aucs, steps
from engine.audit.features import Feature, Kind, measure, measured_of
from engine.audit.received import Arm, Received
from engine.audit.shown import shown_of

ALIKE = "is alike"
BLAME: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.FORMAT: "Numbers, bytes or times alone tell the arms apart: send both through the same pipeline.",
        Kind.MEASUREMENTS: (
            "What is missing among the measurements below the ECGs, or their step, tells the arms apart: show none."
        ),
    }
)


@dataclass(frozen=True)
class Finding:
    """One property: its kind, its AUC alone (0.5 to 1), its median (or share) in each arm, and a sentence.

    gives_away: alone it separates the arms by more than chance gives the best of all properties.
    """

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
        """The properties that alone separate the arms beyond chance, strongest first."""
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
        first = (
            f"{self._verdict()}: AUC {found.auc:.2f} ({found.low:.2f} to {found.high:.2f}), chance reaches "
            f"{found.null_95:.2f}."
        )
        return " ".join([first, *(finding.words for finding in self.giveaways), *self._blame()])

    def _verdict(self) -> str:
        if self.separation.beyond_chance:
            return "The arms can be told apart without looking at the heart"
        if self.giveaways:
            return f"Taken together, {len(self.findings)} properties tell the arms apart no better than chance"
        return "The arms do not differ from chance in anything but physiology"

    def _blame(self) -> list[str]:
        if not self.separation.beyond_chance:
            return [self._by_itself()] if self.giveaways else []
        blamed = [words for kind, words in BLAME.items() if kind in self.by_kind and self.by_kind[kind].beyond_chance]
        rest = "Format says nothing; what is left is noise, baseline or edges that are drawn unlike recorded ones."
        return blamed or [rest]

    def _by_itself(self) -> str:
        return (
            f"The best of {len(self.findings)} properties reaches {self.single_null_95:.2f} by chance in one of twenty "
            "such audits: a study with more ECGs would tell."
        )


def audit(real: Arm, synthetic: Arm, permutations: int = PERMUTATIONS, seed: int = 0) -> LeakAudit:
    """Measure every property of every ECG and ask how well they tell the arms apart; times, and what stands below the
    ECGs, only where there are such.

    Raises AuditError if an arm has fewer than ten ECGs, or if times or measurements are there for some ECGs only.
    """
    ecgs = (*real.ecgs, *synthetic.ecgs)
    _require_alike(ecgs)
    features = {**measured_of(ecgs), **shown_of(ecgs)}
    columns = np.array([measure(received, features) for received in ecgs]).reshape(-1, len(features))
    arms = np.arange(len(columns)) >= len(real.ecgs)
    together = separation(steps(columns), arms, permutations, seed)
    kinds = np.array([feature.kind for feature in features.values()])
    present = [kind for kind in Kind if kind in kinds]
    by_kind = {kind: separation(steps(columns[:, kinds == kind]), arms, permutations, seed) for kind in present}
    alone, by_chance = single_aucs(columns, arms, permutations, seed)
    findings = [
        _finding(name, feature, float(auc), column[~arms], column[arms], _verb(float(auc) > by_chance, together))
        for (name, feature), auc, column in zip(features.items(), alone, columns.T, strict=True)
    ]
    return LeakAudit(together, by_kind, tuple(sorted(findings, key=lambda finding: -finding.auc)), by_chance)


def _require_alike(ecgs: Sequence[Received]) -> None:
    if len({received.seconds is None for received in ecgs}) > 1:
        raise AuditError("Times were measured for some ECGs only; measure them for all, or for none.")
    if len({received.measured is None for received in ecgs}) > 1:
        raise AuditError("Measurements stand below some ECGs only; show them below all, or below none.")


def _verb(stands_out: bool, together: Separation) -> str:
    if not stands_out:
        return ALIKE
    return "gives the arm away" if together.beyond_chance else "by itself separates the arms somewhat"


def _finding(name: str, feature: Feature, auc: float, real: np.ndarray, synthetic: np.ndarray, verb: str) -> Finding:
    of_real, of_synthetic = float(feature.summary.of(real)), float(feature.summary.of(synthetic))
    both = feature.summary.words.format(real=of_real, synthetic=of_synthetic, unit=feature.unit)
    words = f"{feature.words[0].upper()}{feature.words[1:]} {verb} (AUC {auc:.2f}; {both})."
    return Finding(name, feature.kind, auc, of_real, of_synthetic, verb != ALIKE, words)
