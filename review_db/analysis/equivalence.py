"""Equivalence to chance: two one-sided tests (TOST). A large p-value of a plain test never shows it.

Sources: Schuirmann, J Pharmacokinet Biopharm 1987 (TOST); statsmodels' exact binomial TOST.
"""

import numpy as np

from review_db.analysis.errors import InvalidTest
from review_db.analysis.estimate import Equivalence, Estimate
from review_db.analysis.proportions import CHANCE
from review_db.analysis.resampling import SAME_DRAWS, are_the_same, share_of_draws
from review_db.analysis.table import Floats

DEFAULT_MARGIN, DEFAULT_ALPHA = 0.10, 0.05


def tost(count: int, n: int, margin: float = DEFAULT_MARGIN, alpha: float = DEFAULT_ALPHA) -> Equivalence:
    """Exact binomial TOST of a share against chance +- `margin`; takes ratings as independent.

    Raises InvalidTest for a margin outside (0, 0.5) or an alpha outside (0, 0.5).
    """
    check_margin(margin, alpha)
    method = f"exact binomial TOST against {CHANCE:g} +- {margin:g}"
    if n == 0:
        return Equivalence(float("nan"), 0.0, 1.0, 0, method, 1.0, CHANCE, margin, alpha, False)
    from scipy.stats import binomtest
    from statsmodels.stats.proportion import binom_tost

    p_value = float(binom_tost(count, n, CHANCE - margin, CHANCE + margin)[0])
    interval = binomtest(count, n).proportion_ci(1 - 2 * alpha)
    low, high = float(interval.low), float(interval.high)
    return Equivalence(count / n, low, high, n, method, p_value, CHANCE, margin, alpha, p_value < alpha)


def tost_of_draws(share: Estimate, draws: Floats, margin: float, alpha: float) -> Equivalence:
    """The same by bootstrap draws of the share: equivalent when their 1 - 2 alpha interval lies in the margin.

    The p-value is that of the larger share of draws beyond either end of the margin, see `share_of_draws`. From draws
    that are all the same nothing is known, which `method` says.
    """
    check_margin(margin, alpha)
    method = f"TOST by reader x item bootstrap against {CHANCE:g} +- {margin:g}"
    if are_the_same(draws):
        nothing = f"{method}: {SAME_DRAWS}"
        return Equivalence(share.value, np.nan, np.nan, share.n, nothing, 1.0, CHANCE, margin, alpha, False)
    low, high = (float(q) for q in np.quantile(draws, [alpha, 1 - alpha]))
    p_value = max(share_of_draws(draws <= CHANCE - margin), share_of_draws(draws >= CHANCE + margin))
    within = CHANCE - margin < low and high < CHANCE + margin
    return Equivalence(share.value, low, high, share.n, method, p_value, CHANCE, margin, alpha, within)


def check_margin(margin: float, alpha: float) -> None:
    """Raise InvalidTest, in words, for a margin or an alpha that no test can have."""
    if not 0 < margin < CHANCE:
        raise InvalidTest(f"The margin must lie between 0 and 0.5, and {margin:g} does not: state it as a share.")
    if not 0 < alpha < CHANCE:
        raise InvalidTest(f"Alpha must lie between 0 and 0.5, and {alpha:g} does not: state it as a share.")
