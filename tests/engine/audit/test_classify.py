"""Numbers with a known answer: normal distributions, chance, and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, norm
from sklearn.metrics import roc_auc_score

from engine.audit.classify import AuditError, auc, separation, single_aucs, steps


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=2, max_size=60))
def test_the_auc_is_scikit_learns(cases: list[tuple[int, bool]]) -> None:
    scores, arms = (np.array(column) for column in zip(*cases, strict=True))
    if arms.all() or not arms.any():
        return
    assert auc(scores.astype(float), arms)[0] == pytest.approx(roc_auc_score(arms, scores))


def normals(number: int, distance: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    arms = np.arange(2 * number) >= number
    return random.standard_normal((2 * number, 1)) + distance * arms[:, None], arms


@pytest.mark.parametrize("distance", [0.5, 1.0, 2.0])
def test_two_normal_distributions_have_the_auc_of_theory(distance: float) -> None:
    """AUC = Phi(d / sqrt 2) for equal variances (Green & Swets 1966)."""
    columns, arms = normals(1000, distance, 1)
    found = separation(columns, arms, permutations=50)
    theory = norm.cdf(distance / np.sqrt(2))
    assert found.low < theory < found.high and found.auc == pytest.approx(theory, abs=0.02)
    assert single_aucs(columns, arms, permutations=50)[0][0] == pytest.approx(theory, abs=0.02)


@pytest.mark.slow
def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    theory = norm.cdf(1 / np.sqrt(2))
    hits = 0
    for seed in range(60):
        found = separation(*normals(100, 1.0, seed), permutations=20)
        hits += found.low <= theory <= found.high
    assert 51 <= hits <= 60  # 95 % of 60 are 57


@pytest.mark.slow
def test_p_values_of_arms_that_do_not_differ_are_uniform() -> None:
    random = np.random.default_rng(3)
    found = []
    for seed in range(80):
        columns, arms = random.standard_normal((60, 4)), np.arange(60) >= 30
        found.append(separation(steps(columns), arms, permutations=99, seed=seed).p_value)
    assert kstest(found, "uniform").pvalue > 0.01
    assert np.mean(np.array(found) <= 0.05) <= 0.125  # 4 expected of 80, 10 at most


def test_what_no_straight_line_separates_is_found_by_the_steps() -> None:
    """One arm lies on both sides of the other: the AUC of the number itself is one half."""
    random = np.random.default_rng(0)
    arms = np.arange(200) >= 100
    column = np.where(arms, random.choice([-3, 3], 200), 0) + random.standard_normal(200)
    assert single_aucs(column[:, None], arms, 50)[0][0] < 0.6
    assert separation(steps(column[:, None]), arms, 50).auc > 0.9


def test_constant_columns_say_nothing() -> None:
    arms = np.arange(40) >= 20
    constant = np.full((40, 3), 7.0)
    found = separation(steps(constant), arms, 50)
    assert (found.auc, found.low, found.high, found.beyond_chance) == (0.5, 0.5, 0.5, False)
    assert single_aucs(constant, arms, 50)[0].tolist() == [0.5, 0.5, 0.5]


def test_the_same_seed_gives_the_same_answer() -> None:
    columns, arms = normals(50, 0.5, 2)
    assert separation(columns, arms, 50, seed=1) == separation(columns, arms, 50, seed=1)
    assert separation(columns, arms, 50, seed=1) != separation(columns, arms, 50, seed=2)


def test_too_few_ecgs_are_refused() -> None:
    with pytest.raises(AuditError, match="only 9 ECGs; the audit needs at least 10"):
        separation(np.zeros((30, 1)), np.arange(30) >= 21)
