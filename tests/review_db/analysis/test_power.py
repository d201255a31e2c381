"""The planner's numbers: nested sizes of one simulation, reference sizes, what is fewest, pairs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review_db.analysis.errors import InvalidTest
from review_db.analysis.power import (
    PORTION,
    Assumptions,
    PowerGrid,
    accuracy_in_pairs,
    detection_power,
    equivalence_power,
    nested_accuracy_and_error,
    pooled,
    power_grid,
    power_portion,
    ratings_to_detect,
    ratings_to_show_equivalence,
    simulated_studies,
    t_quantile,
)

TYPICAL = Assumptions(accuracy=0.65, reader_sd=0.3, item_sd=0.5)


def grid_of(power: list[list[float]], readers: tuple[int, ...], items: tuple[int, ...]) -> PowerGrid:
    shape = (len(readers), len(items))
    return PowerGrid("detection", readers, items, np.array(power), np.full(shape, 2.0), TYPICAL, 100)


# ---------------------------------------------------------------------------------- independent ratings


@pytest.mark.parametrize(("margin", "published"), [(0.05, 888), (0.10, 228), (0.15, 100)])
def test_the_reference_sizes_show_equivalence_and_no_larger_one_falls_below(margin: float, published: int) -> None:
    """Exact TOST, alpha 0.05, power 0.8, accuracy one half; the reference searched even numbers only."""
    assert ratings_to_show_equivalence(margin) in (published, published - 1)
    assert equivalence_power(np.arange(published, published + 400), margin, 0.05).min() >= 0.8


@pytest.mark.parametrize(("accuracy", "published"), [(0.60, 210), (0.65, 92), (0.70, 54)])
def test_the_reference_sizes_detect_but_for_one_dip_that_is_not_hidden(accuracy: float, published: int) -> None:
    """Exact binomial test, alpha 0.05, power 0.8. At 0.65 the power of 96 ratings dips to 79.9 %: hence 97, not 92."""
    assert detection_power(np.array([published]), accuracy, 0.05)[0] >= 0.8
    assert ratings_to_detect(accuracy) == {0.65: 97}.get(accuracy, published)
    assert detection_power(np.array([96]), 0.65, 0.05)[0] == pytest.approx(0.7989, abs=1e-4)


@given(st.sampled_from([0.01, 0.05, 0.1]), st.floats(0.4, 0.6), st.integers(20, 300))
def test_the_power_of_equivalence_is_that_of_the_test_at_any_accuracy(alpha: float, accuracy: float, n: int) -> None:
    from scipy.stats import binom

    k, margin = np.arange(n + 1), 0.15
    below = binom.sf(k - 1, n, 0.5 - margin) < alpha
    above = binom.cdf(k, n, 0.5 + margin) < alpha
    expected = binom.pmf(k, n, accuracy) @ (below & above)
    assert equivalence_power(np.array([n]), margin, alpha, accuracy)[0] == pytest.approx(expected, abs=1e-9)


def test_the_further_from_chance_readers_are_the_more_ratings_equivalence_takes() -> None:
    needed = [ratings_to_show_equivalence(0.1, accuracy=accuracy) for accuracy in (0.5, 0.52, 0.54, 0.56)]
    assert needed == sorted(needed) and needed[-1] > 4 * needed[0]
    assert needed[1] == ratings_to_show_equivalence(0.1, accuracy=0.48)


def test_d_prime_is_the_same_in_pairs_where_more_choices_are_right() -> None:
    """d' = 1: 69 % of unbiased yes-no answers and 76 % of pairs (Macmillan & Creelman 2005, table A5.2)."""
    assert accuracy_in_pairs(0.6915) == pytest.approx(0.760, abs=1e-3)
    assert accuracy_in_pairs(0.5) == pytest.approx(0.5)
    assert accuracy_in_pairs(0.3) == pytest.approx(1 - accuracy_in_pairs(0.7))


# --------------------------------------------------------------------------------------- crossed studies


def test_the_reference_study_has_its_standard_error_and_design_effects() -> None:
    """Accuracy one half, standard deviations 0.3 and 0.5: 5 x 60 ratings SE .044 (effect 2.3), 10 x 100 effect 3.5."""
    grid = power_grid("detection", (5, 10), (60, 100), Assumptions(0.5), simulations=4000, seed=3)
    effect = grid.size(5, 60).design_effect
    assert effect == pytest.approx(2.3, rel=0.08)
    assert np.sqrt(effect * 0.25 / 300) == pytest.approx(0.044, rel=0.04)
    assert grid.size(10, 100).design_effect == pytest.approx(3.5, rel=0.08)


def test_the_power_of_a_size_does_not_depend_on_the_grid_it_stands_in() -> None:
    small = power_grid("detection", (3, 5), (20, 60), TYPICAL, simulations=120)
    large = power_grid("detection", (2, 3, 5, 9), (20, 44, 60, 80), TYPICAL, simulations=120)
    for readers in small.readers:
        for items in small.items:
            assert small.size(readers, items) == large.size(readers, items)


def test_the_corner_of_a_study_is_analysed_as_the_small_study_it_is() -> None:
    right = simulated_studies(np.random.default_rng(4), 30, 7, 50, TYPICAL)
    readers, items = np.array([2, 4, 7]), np.array([3, 20, 50])
    nested = nested_accuracy_and_error(right, readers, items)
    for r, of_readers in enumerate(readers):
        for i, of_items in enumerate(items):
            alone = nested_accuracy_and_error(right[:, :of_readers, :of_items], readers[[r]], items[[i]])
            for found, expected in zip(nested, alone, strict=True):
                assert found[:, r, i] == pytest.approx(expected[:, 0, 0])


def test_the_standard_error_is_that_of_the_analysis_of_variance_written_out() -> None:
    (study,) = right = simulated_studies(np.random.default_rng(5), 1, 4, 12, TYPICAL)
    readers, items = study.shape
    mean, by_reader, by_item = study.mean(), study.mean(axis=1), study.mean(axis=0)
    reader_square = items * np.sum((by_reader - mean) ** 2) / (readers - 1)
    item_square = readers * np.sum((by_item - mean) ** 2) / (items - 1)
    residual = study - by_reader[:, None] - by_item + mean
    rest = np.sum(residual**2) / ((readers - 1) * (items - 1))
    _, error, _ = nested_accuracy_and_error(right, np.array([readers]), np.array([items]))
    assert error[0, 0, 0] ** 2 == pytest.approx(max(reader_square + item_square - rest, rest) / study.size)


def test_portions_put_together_are_the_whole() -> None:
    sizes, simulations = ((2, 4), (10, 30)), 2 * PORTION + 10
    parts = [power_portion("equivalence", *sizes, TYPICAL, number) for number in range(2)]
    parts.append(power_portion("equivalence", *sizes, TYPICAL, 2, simulations=10))
    whole = power_grid("equivalence", *sizes, TYPICAL, simulations=simulations)
    assert pooled(parts).simulations == whole.simulations == simulations
    assert pooled(parts).power == pytest.approx(whole.power)
    assert pooled(parts).design_effect == pytest.approx(whole.design_effect)


@pytest.mark.parametrize("goal", ["detection", "equivalence"])
def test_small_studies_of_what_is_not_so_keep_alpha_too(goal: str) -> None:
    assumed = Assumptions(0.5 if goal == "detection" else 0.65, margin=0.15)
    grid = power_grid(goal, (2, 3, 5), (10, 20, 40), assumed, simulations=3000)
    assert grid.power.max() < 0.065


@given(st.floats(1, 1e6), st.sampled_from([0.9, 0.95, 0.975, 0.995]))
@settings(max_examples=40)
def test_the_quantile_of_students_t_is_scipys(freedom: float, share: float) -> None:
    from scipy.stats import t

    assert t_quantile(share, np.array([freedom]))[0] == pytest.approx(t.ppf(share, freedom), rel=1e-4)


def test_the_interval_of_a_power_covers_what_many_more_simulations_find() -> None:
    few = power_grid("detection", (5,), (60,), TYPICAL, simulations=500, seed=8).size(5, 60)
    many = power_grid("detection", (5,), (60,), TYPICAL, simulations=6000, seed=9).size(5, 60)
    assert few.power.low < many.power.value < few.power.high and few.power.n == 500


# ----------------------------------------------------------------------------------------- what is fewest


def test_the_fewest_are_counted_after_the_last_dip() -> None:
    grid = grid_of([[0.5, 0.82, 0.79, 0.85], [0.81, 0.9, 0.95, 1.0]], (3, 6), (10, 20, 30, 40))
    assert grid.fewest_items(3, 0.8) == 40 and grid.fewest_items(6, 0.8) == 10
    assert grid.fewest_readers(10, 0.8) == 6 and grid.fewest_readers(40, 0.8) == 3


def test_where_the_most_is_not_enough_there_is_no_fewest() -> None:
    grid = grid_of([[0.5, 0.7], [0.6, 0.75]], (3, 6), (10, 20))
    assert grid.fewest_items(3, 0.8) is None and grid.fewest_readers(20, 0.8) is None


def test_a_size_knows_what_its_ratings_are_worth() -> None:
    size = grid_of([[0.5, 0.7]], (5,), (10, 60)).size(5, 60)
    assert (size.ratings, size.independent, size.power.value) == (300, 150, 0.7)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (lambda: grid_of([[0.5]], (5,), (10,)).size(5, 11), "not a size"),
        (lambda: ratings_to_detect(0.5), "cannot be detected"),
        (lambda: ratings_to_show_equivalence(0.1, accuracy=0.6), "beyond the margin"),
        (lambda: power_portion("superiority", (5,), (20,), TYPICAL, 0), "choose detection or equivalence"),
    ],
)
def test_a_question_without_an_answer_is_refused_in_words(plan, words: str) -> None:
    with pytest.raises(InvalidTest, match=words):
        plan()
