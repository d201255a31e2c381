"""Can readers tell? One plain sentence, drawn from the interval and the test of equivalence that decide.

Knows: which interval decides and what may be said. Does not know: how either was computed.

Where every reader read every ECG the analysis of variance decides, by which the planner plans. Where not, the wider one
of the exact interval and that by bootstrap does, and both tests of equivalence have to agree. Of grades it is the
bootstrap. Which one it is depends on who read what, not on what came out.

An interval that contains chance shows nothing; that no difference was found is not that there is none (Altman &
Bland, BMJ 1995). Nor is anything shown by readers who hardly varied their answers (ICH E10, 2000: assay sensitivity).
"""

from collections.abc import Mapping
from math import isfinite

from review_db.analysis.estimate import Estimate
from review_db.protocol import Design
from review_db.report.found import Found
from review_db.report.written import decimal

CHANCE = 0.5
ANOVA, WIDER, BOOTSTRAP = "accuracy_anova", "wider", "bootstrap"
RULES: Mapping[str, str] = {
    ANOVA: "an analysis of variance in which readers and ECGs are random (Satterthwaite's degrees of freedom), as "
    "every reader read every ECG",
    WIDER: "the wider one of the exact interval and that by bootstrap, and by both tests of equivalence",
    BOOTSTRAP: "the bootstrap of readers and ECGs",
}

NOTHING_SHOWN = "Readers did not discriminate, because they hardly varied their answers: nothing is shown."


def rule_of(found: Found) -> str:
    """Which of RULES decides."""
    if found.design is Design.GRADED:
        return BOOTSTRAP
    return ANOVA if found.group("tost_anova") else WIDER


def decided(found: Found) -> str:
    """A sentence on which test decides."""
    return f"What is concluded is decided by {RULES[rule_of(found)]}."


def deciding_interval(found: Found, name: str = "accuracy") -> Estimate:
    """That of the analysis of variance; else the naive interval or that of the bootstrap, whichever is wider."""
    if name == "accuracy" and rule_of(found) == ANOVA:
        return _decides(found, ANOVA)
    naive, clustered = (_decides(found, f"{name}{of}") for of in ("", "_bootstrap"))
    return clustered if isfinite(clustered.value) and _width(clustered) > _width(naive) else naive


def _decides(found: Found, name: str) -> Estimate:
    """The estimate with the interval of the registered alpha, where the analysis has one."""
    return found.estimate(f"{name}_at_alpha" if found.group(f"{name}_at_alpha") else name)


def is_equivalent(found: Found) -> bool:
    """True when the tests that decide show that accuracy is chance within the margin."""
    tests = ("tost_anova",) if rule_of(found) == ANOVA else ("tost", "tost_bootstrap")
    return all(found.group(test).get("equivalent") is True for test in tests)


def is_on_one_side(found: Found) -> bool:
    """Did every reader answer on one side, whatever was shown?"""
    bias = found.group("response_bias")
    return bool(bias) and bias["on_one_side"] == bias["readers"]


def hardly_varied(found: Found) -> bool:
    """Or did every reader at least look as if answering without looking?"""
    bias = found.group("response_bias")
    return bool(bias) and bias["hardly_varied"] == bias["readers"]


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
    if is_on_one_side(found):
        return NOTHING_SHOWN
    if right.low > CHANCE:
        return f"Readers could tell: {_interval(found)} lies above the 50 % of guessing."
    if right.high < CHANCE:
        return f"Readers were misled: {_interval(found)} lies below the 50 % of guessing."
    return NOTHING_SHOWN if hardly_varied(found) else _of_no_difference(found)


def _of_no_difference(found: Found) -> str:
    margin = f"{decimal(100 * float(found.group('plan')['margin']), 0)} points"
    if is_equivalent(found):
        return f"Readers could not tell: their accuracy is that of guessing, to within {margin} to either side."
    return (
        f"It is not settled whether readers can tell: {_interval(found).removeprefix('even ')} contains the 50 % of "
        f"guessing, but it is too wide to show that accuracy lies within {margin} of it."
    )


def _interval(found: Found) -> str:
    return "the interval of accuracy" if rule_of(found) == ANOVA else "even the wider interval"


def _width(estimate: Estimate) -> float:
    return estimate.high - estimate.low if isfinite(estimate.high - estimate.low) else 0.0
