"""Every shipped template: who answers as soon as the store takes an answer is flagged as too fast."""

from __future__ import annotations

import numpy as np
import pytest

from app.composition.template import shipped
from review_db.analysis.flags import Answers, too_fast

SHIPPED = shipped()


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_who_answers_as_soon_as_an_answer_is_taken_is_flagged(name: str) -> None:
    minimum = SHIPPED[name].protocol.minimum_view_seconds
    draw = np.random.default_rng(2)
    hasty = Answers(draw.integers(1, 5, 40), np.full(40, minimum + 0.05), np.arange(40.0), minimum=minimum)
    assert "40 of 40 readings" in too_fast(hasty)


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_who_looks_at_the_ecgs_is_not(name: str) -> None:
    minimum = SHIPPED[name].protocol.minimum_view_seconds
    seconds = np.maximum(np.random.default_rng(3).lognormal(np.log(8), 0.6, 40), minimum + 0.4)
    assert too_fast(Answers(np.ones(40, dtype=np.int64), seconds, np.arange(40.0), minimum=minimum)) == ""
