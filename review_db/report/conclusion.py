"""Can readers tell? One plain sentence, drawn from the wider interval and from the test of equivalence.

Knows: which interval decides and what may be said. Does not know: how either was computed.

An interval that contains chance shows nothing; that no difference was found is not that there is none (Altman &
Bland, BMJ 1995). "Could not tell" is said only when both tests of equivalence, the exact one and that by bootstrap,
say so within the margin.
"""

from math import isfinite

from review_db.analysis.estimate import Estimate
from review_db.report.found import Found
from review_db.report.written import decimal

CHANCE = 0.5


def deciding_interval(found: Found, name: str = "accuracy") -> Estimate:
    """The naive interval or that of the bootstrap, whichever is wider."""
    naive, clustered = found.estimate(name), found.estimate(f"{name}_bootstrap")
    return clustered if isfinite(clustered.value) and _width(clustered) > _width(naive) else naive


def is_equivalent(found: Found) -> bool:
    """True when both tests show that accuracy is chance within the margin."""
    return all(found.group(test).get("equivalent") is True for test in ("tost", "tost_bootstrap"))


def can_readers_tell(found: Found) -> str:
    """The sentence; of a study without both origins only what cannot be said."""
    if not found.has_both:
        return "Real and synthetic ECGs were not both rated, so this study cannot show whether readers tell them apart."
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
