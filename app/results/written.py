"""Numbers as the report writes them (`review_db.report.written`), in the language of the visitor.

Knows: which ways of writing the results screen needs. Does not know: the typography, which is the report's.
"""

from __future__ import annotations

from app.wording import numerals
from review_db.report import written as report
from review_db.report.written import NOTHING as NOTHING
from review_db.statistics import Estimate


def share(estimate: Estimate) -> str:
    """For example "60.5 %"."""
    return numerals(report.share(estimate))


def share_interval(estimate: Estimate) -> str:
    """For example "53.1 to 67.6 %"; empty where there is no interval."""
    return numerals(report.share_interval(estimate))


def share_in_words(estimate: Estimate) -> str:
    """For example "60.5 % (53.1 to 67.6 %)"."""
    return numerals(report.share_in_words(estimate))


def score(estimate: Estimate) -> str:
    """For example "0.53"."""
    return numerals(report.score(estimate))


def score_interval(estimate: Estimate) -> str:
    """For example "−0.24 to 1.53"; empty where there is no interval."""
    return numerals(report.score_interval(estimate))


def score_in_words(estimate: Estimate) -> str:
    """For example "0.53 (−0.24 to 1.53)"."""
    return numerals(report.score_in_words(estimate))


def seconds_in_words(estimate: Estimate) -> str:
    """For example "10.5 s (8.9 to 11.8 s)"."""
    return numerals(report.seconds_in_words(estimate))


def p_value(p: float | None) -> str:
    """For example "0.034", "< 0.001"; a dash for none."""
    return numerals(report.p_value(p))


def decimal(number: float, decimals: int) -> str:
    """A number with so many decimals."""
    return numerals(report.decimal(number, decimals))
