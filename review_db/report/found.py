"""The analysis as it comes back from its process (`analyse.as_json`), read by name.

Knows: names and estimates. Does not know: how a number was computed, words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite, nan
from typing import Any

from review_db.analysis.estimate import Estimate, unknown
from review_db.protocol import Design

NOT_COMPUTED = "not computed"


@dataclass(frozen=True)
class Found:
    """All answers of one analysis, as JSON has them."""

    answers: Mapping[str, Any]

    def estimate(self, *names: str) -> Estimate:
        """The estimate behind these names, such as ("by_reader", "Dr Ada", "auc"); unknown where there is none."""
        value: Any = self.answers
        for name in names:
            value = value.get(name) if isinstance(value, Mapping) else None
        return estimate_of(value) if isinstance(value, Mapping) and "method" in value else unknown(NOT_COMPUTED)

    def group(self, name: str) -> Mapping[str, Any]:
        """Answers by label, by reader, by verdict; empty where the analysis has none."""
        group = self.answers.get(name)
        return group if isinstance(group, Mapping) else {}

    def rows(self, name: str) -> list[Any]:
        """A list of the analysis: quarters, flags, notes; empty where there is none."""
        rows = self.answers.get(name)
        return rows if isinstance(rows, list) else []

    def words(self, name: str) -> str:
        """A sentence of the analysis, or an empty text."""
        return str(self.answers.get(name) or "")

    @property
    def design(self) -> Design:
        """What was shown and asked."""
        return Design(self.answers.get("design", Design.SINGLE))

    @property
    def registered(self) -> str:
        """The registered margin and alpha in words."""
        plan = self.group("plan")
        return f"margin {plan['margin']:g}, alpha {plan['alpha']:g}"

    @property
    def has_both(self) -> bool:
        """Were both real and synthetic ECGs rated? Without both nobody tells anything from anything."""
        return bool(self.answers["real_items"] and self.answers["synthetic_items"])

    @property
    def share_title(self) -> str:
        """What the share of right answers is: of one origin it is no more than how often it was called so."""
        if self.design is Design.PAIRS:
            return "Right choices"
        if self.has_both:
            return "Right verdicts"
        return "Called synthetic" if self.answers["synthetic_items"] else "Called real"


def estimate_of(value: Mapping[str, Any]) -> Estimate:
    """The estimate that `as_json` made a mapping of; what JSON could not hold is NaN or without a limit."""
    number, low, high = (value.get(name) for name in ("value", "low", "high"))
    return Estimate(
        value=nan if number is None else float(number),
        low=-inf if low is None else float(low),
        high=inf if high is None else float(high),
        n=int(value["n"]),
        method=str(value["method"]),
    )


def is_known(estimate: Estimate) -> bool:
    """Is there a number at all?"""
    return estimate.n > 0 and isfinite(estimate.value)
