"""Many tests at once: one per label or reader. Without correction one in twenty is "significant" by chance.

Sources: Holm, Scand J Stat 1979 (no false finding at all, with probability 1 - alpha); Benjamini & Hochberg,
J R Stat Soc B 1995 (few false ones among the findings).
"""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given; compare each with alpha."""
    return _adjusted(p_values, "holm")


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given; compare each with the share of false findings that is acceptable."""
    return _adjusted(p_values, "fdr_bh")


def _adjusted(p_values: Sequence[float], method: str) -> list[float]:
    if not p_values:
        return []
    # Imported here: statsmodels takes seconds to load.
    from statsmodels.stats.multitest import multipletests

    return [float(p) for p in multipletests(list(p_values), method=method)[1]]
