"""Shares with their intervals, and the test against chance. All take the ratings as independent.

Sources: Clopper & Pearson, Biometrika 1934 (exact interval); Wilson, J Am Stat Assoc 1927 (score interval).
"""

from typing import Literal

from review_db.analysis.estimate import LEVEL, Estimate, Tested, unknown

CHANCE = 0.5
METHODS: dict[Literal["exact", "wilson"], str] = {"exact": "exact (Clopper-Pearson)", "wilson": "Wilson score"}


def exact(count: int, n: int, level: float = LEVEL) -> Estimate:
    """`count` of `n` with the exact interval of Clopper and Pearson."""
    return _proportion(count, n, "exact", level)


def wilson(count: int, n: int) -> Estimate:
    """`count` of `n` with Wilson's score interval: narrower, right on average."""
    return _proportion(count, n, "wilson", LEVEL)


def binomial_test(count: int, n: int, null: float = CHANCE) -> Tested:
    """Exact two-sided test of the share `null`, with the exact interval."""
    share = exact(count, n)
    method = f"exact binomial test against {null:g}"
    return Tested(share.value, share.low, share.high, n, method, p_value(count, n, null), null)


def p_value(count: int, n: int, null: float = CHANCE) -> float:
    """Two-sided exact p-value; 1 without data."""
    # Imported here, because the web process is quick only while it keeps its modules few.
    from scipy.stats import binomtest

    return float(binomtest(count, n, null).pvalue) if n else 1.0


def _proportion(count: int, n: int, method: Literal["exact", "wilson"], level: float) -> Estimate:
    if n == 0:
        return unknown(METHODS[method], 0, 0.0, 1.0)
    from scipy.stats import binomtest

    interval = binomtest(count, n).proportion_ci(level, method=method)
    return Estimate(count / n, float(interval.low), float(interval.high), n, METHODS[method])
