"""What a shipped checkpoint must reach, and whether this one does.

Knows: limits for a checkpoint trained on a CPU.  Does not know: how figures come about.  A figure whose section was
not run, or that could not be measured, is None and does not hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Limit:
    """A figure read from the results, and the bounds it must keep; without bounds it is only reported."""

    name: str
    title: str
    read: Callable[[Figures], float | None]
    at_least: float = -math.inf
    at_most: float = math.inf

    @property
    def want(self) -> str:
        """The bounds in words."""
        low, high = math.isfinite(self.at_least), math.isfinite(self.at_most)
        if low and high:
            return f"{self.at_least:,g} to {self.at_most:,g}"
        return f">= {self.at_least:,.7g}" if low else f"<= {self.at_most:,.7g}" if high else "reported"

    def holds(self, value: float | None) -> bool:
        """Whether it was measured and keeps the bounds."""
        return value is not None and self.at_least <= value <= self.at_most


@dataclass(frozen=True)
class Gate:
    """One line of the verdict."""

    name: str
    title: str
    value: float | None
    want: str
    holds: bool


def _criterion(name: str) -> Callable[[Figures], float | None]:
    return lambda figures: next(c for c in figures["physiology"]["criteria"] if c["name"] == name)["synthetic"]["share"]


def _medians(figures: Figures, labels: list[str]) -> Figures:
    return next(row for row in figures["physiology"]["by_label"] if row["labels"] == labels)


def _rr_cv(figures: Figures) -> float | None:
    return _medians(figures, ["NORM", "SR"])["synthetic"]["rr_cv"]


def _amplitude(lead: str) -> Callable[[Figures], float | None]:
    def ratio(figures: Figures) -> float | None:
        row = _medians(figures, [])
        real, synthetic = row["real"][lead], row["synthetic"][lead]
        return synthetic / real if real and synthetic is not None else None

    return ratio


def _samples(figures: Figures) -> float | None:
    return figures["checkpoint"]["samples"]


def _tstr_to_trtr(figures: Figures) -> float | None:
    return figures["classifier"]["auc_ratio"]["tstr_to_trtr"]["value"]


def _discriminator(figures: Figures) -> float | None:
    return figures["discriminator"]["auc"]["value"]


def _copies(figures: Figures) -> float | None:
    return figures["memorisation"]["copies"]["copies"]


LIMITS = (
    Limit("samples_seen", "training samples seen", _samples, at_least=1_000_000),
    Limit("rr_cv_norm_sr", "RR variability (median CV) of NORM + SR", _rr_cv, at_most=0.06),
    Limit("stach_above_100", "share of STACH above 100/min", _criterion("stach_fast"), at_least=0.6),
    Limit("sbrad_below_60", "share of SBRAD below 60/min", _criterion("sbrad_slow"), at_least=0.6),
    Limit("qrs_v2_to_real", "QRS in V2, peak to peak, median to real", _amplitude("v2"), 0.85, 1.15),
    Limit("qrs_v5_to_real", "QRS in V5, peak to peak, median to real", _amplitude("v5"), 0.85, 1.15),
    Limit("clbbb_qrs_120_ms", "share of CLBBB with QRS of 120 ms or more", _criterion("clbbb_wide"), at_least=0.4),
    Limit("tstr_to_trtr_auc", "macro ROC-AUC, TSTR to TRTR", _tstr_to_trtr, at_least=0.8),
    Limit("discriminator_auc", "ROC-AUC of the discriminator", _discriminator),
    Limit("copies", "share of copies of training records", _copies, at_most=0.02),
)


def gates(figures: Figures) -> list[dict[str, Any]]:
    """All limits, as plain values."""
    return [asdict(_judge(limit, figures)) for limit in LIMITS]


def _judge(limit: Limit, figures: Figures) -> Gate:
    try:
        value = limit.read(figures)
    except KeyError:  # the section was not chosen
        value = None
    return Gate(limit.name, limit.title, value, limit.want, limit.holds(value))
