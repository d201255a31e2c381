"""Can readers tell? One plain sentence, drawn from the wider interval and from the test of equivalence.

Knows: which interval decides and what may be said. Does not know: how either was computed.

An interval that contains chance shows nothing; that no difference was found is not that there is none (Altman &
Bland, BMJ 1995). "Could not tell" is said only when both tests of equivalence, the exact one and that by bootstrap,
say so within the margin.
"""

from math import isfinite

from review_db.analysis.estimate import Estimate
from review_db.protocol import Design
from review_db.report.found import Found
from review_db.report.written import decimal

CHANCE = 0.5


def deciding_interval(found: Found, name: str = "accuracy") -> Estimate:
    """The naive interval or that of the bootstrap, whichever is wider."""
    naive, clustered = (_decides(found, f"{name}{of}") for of in ("", "_bootstrap"))
    return clustered if isfinite(clustered.value) and _width(clustered) > _width(naive) else naive


def _decides(found: Found, name: str) -> Estimate:
    """The estimate with the interval of the registered alpha, where the analysis has one."""
    return found.estimate(f"{name}_at_alpha" if found.group(f"{name}_at_alpha") else name)


def is_equivalent(found: Found) -> bool:
    """True when both tests show that accuracy is chance within the margin."""
    return all(found.group(test).get("equivalent") is True for test in ("tost", "tost_bootstrap"))


def can_readers_tell(found: Found) -> str:
    """The sentence; of a study without both origins only what cannot be said."""
    if not found.has_both:
        return "Real and synthetic ECGs were not both rated, so this study cannot show whether readers tell them apart."
    return are_graded_alike(found) if found.design is Design.GRADED else _of_verdicts(found)


def are_graded_alike(found: Found) -> str:
    """The sentence on grades, drawn from the AUC with the interval of the bootstrap."""
    area, margin = _decides(found, "auc"), decimal(float(found.group("plan")["margin"]), 2)
    if found.group("tost_bootstrap").get("equivalent") is True:
        return f"Synthetic ECGs were graded like real ones: the AUC is 0.5, to within {margin} to either side."
    if area.high < CHANCE:
        return "Synthetic ECGs were graded worse than real ones: the interval of the AUC lies below 0.5."
    if area.low > CHANCE:
        return "Synthetic ECGs were graded better than real ones: the interval of the AUC lies above 0.5."
    return (
        "It is not settled whether synthetic ECGs are graded like real ones: the interval of the AUC contains 0.5, but "
        f"it is too wide to show that the AUC lies within {margin} of it."
    )


def _of_verdicts(found: Found) -> str:
    right = deciding_interval(found)
    margin = f"{decimal(100 * float(found.group('plan')['margin']), 0)} points"
    if is_equivalent(found):
        return f"Readers could not tell: their accuracy is that of guessing, to within {margin} to either side."
    if right.low > CHANCE:
        return "Readers could tell: even the wider interval lies above the 50 % of guessing."
    if right.high < CHANCE:
        return "Readers were misled: even the wider interval lies below the 50 % of guessing."
    return (
        "It is not settled whether readers can tell: the wider interval contains the 50 % of guessing, but it is too "
        f"wide to show that accuracy lies within {margin} of it."
    )


def _width(estimate: Estimate) -> float:
    return estimate.high - estimate.low if isfinite(estimate.high - estimate.low) else 0.0
