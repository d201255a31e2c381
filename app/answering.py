"""The answer that a reader is giving: what is chosen so far, under which name it will be stored, which keys.

Knows: the scales as buttons and keys, when an answer is complete.
Does not know: Streamlit, the store, anything about the ECG but the random code of its presentation.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from review_db.model import LastAnswer, Plausibility, Submission, Verdict

# Streamlit keeps C and R for itself; A to G lie side by side on most keyboards.
VERDICT_KEYS: Mapping[Verdict, str] = MappingProxyType({verdict: str(int(verdict)) for verdict in Verdict})
PLAUSIBILITY_KEYS: Mapping[Plausibility, str] = MappingProxyType(dict(zip(Plausibility, "ASDFG", strict=True)))


def _new_name() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True)
class Draft:
    """An answer in the making. Its `submission_id` is made once, so that sending it twice stores it once."""

    presentation: str
    verdict: Verdict | None = None
    plausibility: Plausibility | None = None
    submission_id: str = field(default_factory=_new_name)

    @classmethod
    def of(cls, answer: LastAnswer) -> Draft:
        """The draft of a correction: begins with the answer as it stands."""
        return cls(answer.item.presentation, answer.verdict, answer.plausibility)

    def choosing(self, step: Verdict | Plausibility) -> Draft:
        """The same answer with another step of one of its scales."""
        if isinstance(step, Verdict):
            return replace(self, verdict=step)
        return replace(self, plausibility=step)

    def what_is_missing(self, asks_plausibility: bool) -> str | None:
        """A sentence if the answer is not complete yet."""
        if self.verdict is None:
            return f"Choose one of the six verdicts first: keys {_span(VERDICT_KEYS)}."
        if asks_plausibility and self.plausibility is None:
            return f"Say how well the finding fits, too: keys {_span(PLAUSIBILITY_KEYS)}."
        return None

    def submission(self, comment: str) -> Submission:
        """The answer as the store takes it; it must be complete."""
        assert self.verdict is not None
        return Submission(self.presentation, self.verdict, self.plausibility, comment, self.submission_id)


def _span(keys: Mapping[Verdict, str] | Mapping[Plausibility, str]) -> str:
    first, *_, last = keys.values()
    return f"{first} to {last}"
