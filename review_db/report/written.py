"""How numbers of a report are written: shares in per cent, scores with two decimals, a dash for what is unknown.

Knows: the typography. Does not know: what the numbers mean. A proper minus sign, no -0.00.
"""

from math import isfinite

from review_db.analysis.estimate import Estimate

NOTHING = "–"


def share(estimate: Estimate) -> str:
    """For example "60.5 %"."""
    return _value(estimate, 100, 1, " %")


def share_interval(estimate: Estimate) -> str:
    """For example "53.1 to 67.6 %"; empty where there is no interval."""
    return _interval(estimate, 100, 1, " %")


def score(estimate: Estimate) -> str:
    """For example "0.53"."""
    return _value(estimate, 1, 2, "")


def score_interval(estimate: Estimate) -> str:
    """For example "−0.24 to 1.53"; empty where there is no interval."""
    return _interval(estimate, 1, 2, "")


def share_in_words(estimate: Estimate) -> str:
    """For example "60.5 % (53.1 to 67.6 %)"."""
    return _with_interval(share(estimate), share_interval(estimate))


def score_in_words(estimate: Estimate) -> str:
    """For example "0.53 (−0.24 to 1.53)"."""
    return _with_interval(score(estimate), score_interval(estimate))


def seconds(estimate: Estimate) -> str:
    """For example "10.5 s"."""
    return _value(estimate, 1, 1, " s")


def seconds_interval(estimate: Estimate) -> str:
    """For example "8.9 to 11.8 s"."""
    return _interval(estimate, 1, 1, " s")


def seconds_in_words(estimate: Estimate) -> str:
    """For example "10.5 s (8.9 to 11.8 s)"."""
    return _with_interval(seconds(estimate), seconds_interval(estimate))


def p_value(p: float | None) -> str:
    """For example "0.034", "< 0.001"; a dash for none."""
    if p is None or not isfinite(p):
        return NOTHING
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def decimal(number: float, decimals: int) -> str:
    """A number with so many decimals."""
    return f"{round(number, decimals) + 0.0:.{decimals}f}".replace("-", "−")  # adding zero makes 0.00 of −0.00


def counted(number: int, noun: str) -> str:
    """For example "1 reader", "2 readers"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _value(estimate: Estimate, factor: float, decimals: int, unit: str) -> str:
    if not isfinite(estimate.value) or not estimate.n:
        return NOTHING
    return decimal(factor * estimate.value, decimals) + unit


def _interval(estimate: Estimate, factor: float, decimals: int, unit: str) -> str:
    if not all(map(isfinite, (estimate.value, estimate.low, estimate.high))) or not estimate.n:
        return ""
    return f"{decimal(factor * estimate.low, decimals)} to {decimal(factor * estimate.high, decimals)}{unit}"


def _with_interval(value: str, interval: str) -> str:
    return f"{value} ({interval})" if interval else value
