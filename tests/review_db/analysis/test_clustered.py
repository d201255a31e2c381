"""Bootstrap, mixed model and power: intervals for readers and ECGs that are samples, on data of known truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from review_db.analysis import mixed, outcomes, resampling, roc
from review_db.analysis.confusion import SHARES
from review_db.analysis.errors import InvalidTest
from review_db.analysis.mixed import Crossed, fit, mode_at, population_share, start_of
from review_db.analysis.power import (
    Assumptions,
    detection_power,
    equivalence_power,
    mean_logit,
    nested_accuracy_and_error,
    power_grid,
    ratings_to_detect,
    ratings_to_show_equivalence,
    simulated_studies,
)
from tests.review_db.analysis.scripted import crossed, study_of

# ------------------------------------------------------------------------------------------------ ROC curve


@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans(), st.integers(0, 3)), min_size=4, max_size=40))
def test_the_area_is_scikit_learns_with_and_without_weights(rows: list[tuple[int, bool, int]]) -> None:
    confidence, truth, weights = (np.array(column) for column in zip(*rows, strict=True))
    scale = roc.scale_of(confidence.astype(float), truth)
    for weight in (np.ones(len(rows)), weights.astype(float)):
        if 0 < weight[truth].sum() and 0 < weight[~truth].sum():
            kept = weight > 0
            expected = roc_auc_score(truth[kept], confidence[kept], sample_weight=weight[kept])
            assert roc.area(*scale.curve(weight)) == pytest.approx(expected)


def test_the_curve_of_a_rating_scale_is_the_published_one() -> None:
    """Hanley & McNeil 1982, table I: 109 CT images, five steps; area 0.893, standard error 0.032."""
    normal, abnormal = [33, 6, 6, 11, 2], [3, 2, 2, 11, 33]
    confidence = np.repeat(np.tile(np.arange(5.0), 2), normal + abnormal)
    scale = roc.scale_of(confidence, np.repeat([False, True], [58, 51]))
    found = roc.auc(scale)
    assert found.value == pytest.approx(0.893, abs=5e-4) and found.n == 109
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(0.032, abs=1e-3)
    alarm, hit = scale.curve()
    assert (alarm[1], hit[1]) == (2 / 58, 33 / 51) and (alarm[-1], hit[-1]) == (1.0, 1.0)


# ------------------------------------------------------------------------------------------------ bootstrap


@given(st.integers(2, 6), st.integers(4, 12), st.integers(0, 100))
@settings(max_examples=30)
def test_every_draw_has_as_many_readers_and_ecgs_of_each_origin_as_the_study(
    readers: int, items: int, seed: int
) -> None:
    table = crossed(readers, items, (0.5, 0.5), 0.0, seed)
    (drawn,) = resampling.draws_of(table, 5, seed)
    for weights in drawn.of_rows(table):
        for side in (False, True):
            of_arm = table.is_synthetic == side
            assert weights[of_arm].sum() == of_arm.sum()
        assert np.all(weights == np.round(weights))


def test_sums_of_cells_are_weighted_sums_of_readings_dense_or_sparse() -> None:
    table = crossed(6, 30, (0.5, 0.5), 0.0, 1)
    values = np.random.default_rng(0).normal(size=table.n)
    thinned = table.where(np.arange(table.n) % 17 == 0)  # few readings per cell: the sparse way
    for part, kept in ((table, values), (thinned, values[::17])):
        (weights,) = resampling.draws_of(part, 7, 3)
        expected = [float(of_rows @ kept) for of_rows in weights.of_rows(part)]
        assert resampling.Cells.of(part, kept).total(weights) == pytest.approx(expected)
    assert isinstance(resampling.Cells.of(table, values).values, np.ndarray)
    assert not isinstance(resampling.Cells.of(thinned, values[::17]).values, np.ndarray)


def test_many_draws_come_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    table = crossed(4, 20, (0.5, 0.5), 0.3, 0)
    monkeypatch.setattr(resampling, "HELD", 24 * 30)
    assert [len(weights.items) for weights in resampling.draws_of(table, 70, 0)] == [30, 30, 10]


def test_a_seed_draws_the_same_again() -> None:
    table = crossed(4, 20, (0.5, 0.5), 0.3, 0)
    first, again, other = (outcomes.bootstrap(table, 200, seed).estimate("accuracy") for seed in (1, 1, 2))
    assert first == again != other


def test_statistics_of_whole_cells_are_those_of_the_table() -> None:
    table = crossed(5, 40, (0.3, 0.5), 0.5, 3)
    values, naive = outcomes.bootstrap(table, 100, 0).values, outcomes.naive(table)
    assert {name: naive[name].value for name in (*SHARES, "d_prime", "criterion")} == pytest.approx(
        {name: values[name] for name in (*SHARES, "d_prime", "criterion")}
    )
    assert values["balanced_accuracy"] == pytest.approx((values["sensitivity"] + values["specificity"]) / 2)


def test_with_one_reader_only_ecgs_are_drawn_and_the_method_says_so() -> None:
    found = outcomes.bootstrap(study_of("random"), 300, 0).estimate("accuracy")
    assert found.method == resampling.ONE_READER and 0.15 < found.high - found.low < 0.25


@pytest.mark.slow
def test_intervals_for_other_readers_and_ecgs_hold_the_truth_where_naive_ones_do_not() -> None:
    """100 studies of 8 readers x 50 ECGs, standard deviations 0.5 and 0.7 on the logit."""
    truth = population_share(0.3, float(np.hypot(0.5, 0.7)))
    held = {"naive": 0, "bootstrap": 0, "mixed": 0}
    for seed in range(100):
        table = crossed(8, 50, (0.5, 0.7), 0.3, seed)
        found = {
            "naive": outcomes.naive(table)["accuracy_wilson"],
            "bootstrap": outcomes.bootstrap(table, 300, seed).estimate("accuracy"),
            "mixed": fit(table.is_correct, table.reader, table.item).share,
        }
        held = {name: held[name] + (e.low < truth < e.high) for name, e in found.items()}
    assert held["naive"] < 80 and held["bootstrap"] >= 90 and held["mixed"] >= 88


# ---------------------------------------------------------------------------------------------- mixed model


def test_the_mixed_model_recovers_known_standard_deviations() -> None:
    table = crossed(60, 120, (0.5, 0.8), 0.4, 1)
    model = fit(table.is_correct, table.reader, table.item)
    assert model.reader_sd == pytest.approx(0.5, abs=0.12) and model.item_sd == pytest.approx(0.8, abs=0.12)
    truth = population_share(0.4, float(np.hypot(0.5, 0.8)))
    assert model.share.low < truth < model.share.high


def test_exchanging_readers_and_ecgs_exchanges_their_standard_deviations() -> None:
    table = crossed(6, 40, (0.6, 0.3), 0.2, 5)
    one, other = fit(table.is_correct, table.reader, table.item), fit(table.is_correct, table.item, table.reader)
    assert (one.reader_sd, one.item_sd) == pytest.approx((other.item_sd, other.reader_sd), rel=1e-3)
    assert one.share.value == pytest.approx(other.share.value, rel=1e-4)


def test_without_differences_between_readers_and_ecgs_the_model_is_the_plain_share() -> None:
    chance = np.random.default_rng(3)
    reader, item = np.divmod(np.arange(2000), 100)
    right = chance.random(2000) < 0.6
    model = fit(right, reader, item)
    naive = 1.96 * np.sqrt(0.24 / 2000)
    assert model.share.value == pytest.approx(right.mean(), abs=0.005)
    assert model.share.high - model.share.low == pytest.approx(2 * naive, rel=0.35)


def test_laplace_agrees_with_numerical_integration() -> None:
    """One factor of 4 levels with 30 answers each: the restricted likelihood is a product of integrals."""
    chance = np.random.default_rng(4)
    level = np.repeat(np.arange(4), 30)
    right = (chance.random(120) < np.array([0.3, 0.5, 0.6, 0.8])[level]).astype(float)
    data = Crossed(right, np.zeros(120, dtype=np.int64), level, np.arange(120) % 30, (1, 4, 30))
    laplace = [mode_at(data, (sd, 0.001), start_of(data)).log_likelihood for sd in (0.4, 0.8, 1.5)]
    exact = [_integrated(np.bincount(level, right), 30, sd) for sd in (0.4, 0.8, 1.5)]
    assert np.diff(laplace) == pytest.approx(np.diff(exact), abs=0.05)


def _integrated(right: np.ndarray, n: int, sd: float) -> float:
    """Log of the likelihood, integrated over effects N(0, sd^2) of each level and over the mean."""
    mean, effect = np.linspace(-6, 6, 1201), np.linspace(-6 * sd, 6 * sd, 601)
    logit = mean[:, None] + effect
    prior = np.exp(-((effect / sd) ** 2) / 2) / sd
    levels = [np.exp(k * logit - n * np.logaddexp(0, logit)) @ prior * (effect[1] - effect[0]) for k in right]
    return float(np.log(np.prod(levels, axis=0).sum()))


@pytest.mark.parametrize("right", [np.ones(12, dtype=bool), np.zeros(12, dtype=bool)])
def test_a_model_of_answers_that_are_all_the_same_claims_nothing(right: np.ndarray) -> None:
    model = fit(right, np.arange(12) % 3, np.arange(12) // 3)
    assert np.isnan(model.share.value) and (model.share.low, model.share.high) == (0.0, 1.0)


def test_a_share_of_the_population_is_nearer_to_one_half_than_that_of_the_mean_reader() -> None:
    assert population_share(0.0, 2.0) == pytest.approx(0.5)
    assert 0.5 < population_share(1.0, 1.5) < population_share(1.0, 0.0) == pytest.approx(1 / (1 + np.exp(-1)))
    assert population_share(mean_logit(0.7, 1.2), 1.2) == pytest.approx(0.7)
    assert mixed.MOST_LEVELS >= 200  # a study of 200 readers x 100 items is modelled


# ---------------------------------------------------------------------------------------------------- power


@pytest.mark.parametrize(("accuracy", "expected"), [(0.60, 210), (0.70, 54), (0.40, 210)])
def test_ratings_to_detect_an_accuracy_with_80_percent_power(accuracy: float, expected: int) -> None:
    """From n = 210 (for 0.60) and 54 (for 0.70) on the exact test has the power; one rating less has not."""
    n = ratings_to_detect(accuracy)
    power = detection_power(np.arange(n - 1, n + 500), accuracy, 0.05)
    assert n == expected and power[0] < 0.8 <= power[1:].min()


@pytest.mark.parametrize(("margin", "expected"), [(0.05, 888), (0.15, 100)])
def test_ratings_to_show_equivalence_with_80_percent_power(margin: float, expected: int) -> None:
    n = ratings_to_show_equivalence(margin)
    power = equivalence_power(np.arange(n - 1, n + 500), margin, 0.05)
    assert n == expected and power[0] < 0.8 <= power[1:].min()


def test_the_exact_powers_are_those_of_the_tests_themselves() -> None:
    from scipy.stats import binom

    from review_db.analysis.equivalence import tost
    from review_db.analysis.proportions import p_value

    for n in (20, 77):
        k = np.arange(n + 1)
        detects = binom.pmf(k, n, 0.7) @ [p_value(int(i), n) <= 0.05 for i in k]
        shows = binom.pmf(k, n, 0.5) @ [tost(int(i), n, 0.2).equivalent for i in k]
        assert detection_power(np.array([n]), 0.7, 0.05)[0] == pytest.approx(detects)
        assert equivalence_power(np.array([n]), 0.2, 0.05)[0] == pytest.approx(shows)


def test_the_design_effect_of_the_reference_study() -> None:
    """Standard deviations 0.3 and 0.5 on the logit: about 2.3 for 5 x 60 ratings, 3.5 for 10 x 100."""
    grid = power_grid("detection", (5, 10), (60, 100), Assumptions(accuracy=0.5), simulations=3000)
    assert grid.design_effect[0, 0] == pytest.approx(2.4, abs=0.25)
    assert grid.design_effect[1, 1] == pytest.approx(3.5, abs=0.35)


@pytest.mark.parametrize(("goal", "accuracy"), [("detection", 0.5), ("equivalence", 0.6)])
def test_a_study_of_what_is_not_so_finds_it_in_at_most_alpha_of_cases(goal: str, accuracy: float) -> None:
    assumed = Assumptions(accuracy=accuracy, margin=0.1)
    grid = power_grid(goal, (5, 10), (60, 100), assumed, simulations=2000, seed=1)
    assert grid.power.max() < 0.075


def test_power_grows_with_readers_and_items_and_falls_with_their_differences() -> None:
    alike, different = Assumptions(0.6, reader_sd=0.0, item_sd=0.0), Assumptions(0.6, reader_sd=0.6, item_sd=0.8)
    easy, hard = (power_grid("detection", (3, 6, 12), (20, 60), a, simulations=600) for a in (alike, different))
    assert np.all(np.diff(hard.power, axis=0) > 0) and np.all(np.diff(easy.power, axis=1) > 0)
    assert np.all(hard.power < easy.power) and easy.design_effect == pytest.approx(np.ones((3, 2)), abs=0.2)
    assert easy.power.shape == hard.design_effect.shape == (3, 2)


def test_past_some_number_of_ecgs_more_readers_help_more_than_more_ecgs() -> None:
    assumed = Assumptions(0.6, reader_sd=0.5, item_sd=0.3)
    grid = power_grid("detection", (5, 10), (100, 200), assumed, simulations=1000)
    assert grid.power[1, 0] - grid.power[0, 0] > 3 * (grid.power[0, 1] - grid.power[0, 0])


def test_the_standard_error_of_a_crossed_study_is_that_of_repeated_studies() -> None:
    right = simulated_studies(np.random.default_rng(0), 4000, 8, 40, Assumptions(0.6, 0.4, 0.6))
    accuracy, error, freedom = nested_accuracy_and_error(right, np.array([8]), np.array([40]))
    assert accuracy.mean() == pytest.approx(0.6, abs=0.005)
    assert np.sqrt(np.mean(error**2)) == pytest.approx(accuracy.std(), rel=0.06)
    assert np.all(freedom >= 1)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (lambda: power_grid("superiority", (5,), (20,), Assumptions()), "choose detection or equivalence"),
        (lambda: power_grid("detection", (1, 5), (20,), Assumptions()), "at least two"),
        (lambda: Assumptions(accuracy=1.0), "between 0 and 1"),
        (lambda: Assumptions(reader_sd=-1.0), "0 or more"),
        (lambda: Assumptions(margin=0.6), "between 0 and 0.5"),
        (lambda: ratings_to_detect(0.5), "cannot be detected|wider margin"),
        (lambda: ratings_to_show_equivalence(0.001), "wider margin"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_words(plan, words: str) -> None:
    with pytest.raises(InvalidTest, match=words):
        plan()
