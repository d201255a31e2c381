"""The analysis of variance that decides: the planner's estimate, the leaning taken out, and who may not use it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from review_db.analysis.analyse import analyse
from review_db.analysis.plan import Plan
from review_db.analysis.power import Assumptions, nested_accuracy_and_error, power_grid, simulated_studies
from review_db.analysis.table import Ratings, ratings
from review_db.analysis.variance_analysis import mean_squares, missing, of_accuracy
from tests.review_db.analysis.scripted import row, study_of

PLAN = Plan(draws=100)
TYPICAL = Assumptions(accuracy=0.6, reader_sd=0.3, item_sd=0.5)


def study(right: np.ndarray) -> Ratings:
    """The table of right answers (R, I), every second ECG synthetic."""
    return ratings([
        row(f"r{reader}", item, item % 2 == 1, 5 if (item % 2 == 1) == right[reader, item] else 2)
        for reader, item in np.ndindex(right.shape)
    ])  # fmt: skip


def decides(right: np.ndarray, goal: str) -> bool:
    found: dict[str, Any] = of_accuracy(study(right), PLAN)
    return found["accuracy_anova"].p_value < PLAN.alpha if goal == "detection" else found["tost_anova"].equivalent


def test_without_origins_it_is_the_planners_estimate() -> None:
    right = simulated_studies(np.random.default_rng(3), 20, 6, 40, TYPICAL)
    planned = (of[:, 0, 0] for of in nested_accuracy_and_error(right, np.array([6]), np.array([40])))
    for one, accuracy, error, freedom in zip(right, *planned, strict=True):
        found = mean_squares(one.astype(float), np.zeros(40, dtype=np.int64))
        assert (found.mean, found.error, found.freedom_of_error) == pytest.approx((accuracy, error, freedom))


def test_a_leaning_of_the_readers_is_no_difference_between_ecgs() -> None:
    """All call 75 % of either origin real, by lot: the error is that of independent answers."""
    draw, origin = np.random.default_rng(4), np.arange(400) % 2
    right = draw.random((10, 400)) < np.where(origin == 1, 0.25, 0.75)
    independent = np.sqrt(0.25 * 0.75 / right.size)
    assert mean_squares(right.astype(float), origin).error == pytest.approx(independent, rel=0.15)
    assert mean_squares(right.astype(float), 0 * origin).error > 2 * independent


@pytest.mark.parametrize(("goal", "truth"), [("equivalence", 0.5), ("detection", 0.6)])
def test_a_study_is_decided_as_often_as_the_planner_promises(goal: str, truth: float) -> None:
    """150 studies of 8 x 60; three standard errors are 12 points."""
    assumed = replace(TYPICAL, accuracy=truth)
    right = simulated_studies(np.random.default_rng(11), 150, 8, 60, assumed)
    promised = power_grid(goal, [8], [60], assumed, 1000).power[0, 0]
    assert np.mean([decides(one, goal) for one in right]) == pytest.approx(promised, abs=0.12)


@pytest.mark.parametrize(("goal", "truth"), [("equivalence", 0.6), ("detection", 0.5)])
def test_what_is_not_so_is_found_in_about_alpha_of_studies(goal: str, truth: float) -> None:
    right = simulated_studies(np.random.default_rng(12), 300, 8, 60, replace(TYPICAL, accuracy=truth))
    assert np.mean([decides(one, goal) for one in right]) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_it_needs_three_readers_of_the_same_ecgs_who_differ() -> None:
    table = study_of("random", "leaning", "drifting", items=20)
    assert (
        missing(table) == ""
        and {"accuracy_anova", "accuracy_anova_at_alpha", "tost_anova"} <= analyse(table, PLAN).keys()
    )
    assert "3 readers" in missing(study_of("random", "leaning", items=20))
    assert "every ECG" in missing(table.where(np.arange(table.n) > 0))


def test_readers_who_all_say_the_same_decide_nothing() -> None:
    same = study(np.arange(40)[None, :].repeat(4, axis=0) % 2 == 0)
    answers: dict[str, Any] = analyse(same, PLAN)
    assert "differ" in answers["left_out"]["accuracy_anova"]
    assert not answers["tost"].equivalent and not answers["tost_bootstrap"].equivalent
    assert answers["tost_bootstrap"].p_value == 1.0 and "all draws are the same" in answers["tost_bootstrap"].method
    assert np.isnan(answers["accuracy_bootstrap"].low) and answers["response_bias"]["on_one_side"] == 4
