"""Statistics that take ratings as independent, against published numbers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review_db.analysis.confusion import Confusion
from review_db.analysis.detection import corrected_rate, criterion, d_prime, discriminability, leaning, quantile
from review_db.analysis.equivalence import tost, tost_of_draws
from review_db.analysis.errors import InvalidTest
from review_db.analysis.multiplicity import benjamini_hochberg, holm
from review_db.analysis.pairs import (
    Pairs,
    position_bias,
    side_criterion,
    two_afc_d_prime,
)
from review_db.analysis.proportions import binomial_test, exact, wilson
from review_db.analysis.repeats import kappa


def test_wilson_interval_of_the_published_reader_study() -> None:
    """SSSD-ECG (Alcaraz & Strodthoff 2023, metadata_results.csv): 22 of 44 right, 17 of 22 synthetic called real."""
    right, fooled = wilson(22, 44), wilson(17, 22)
    assert (round(right.low, 3), round(right.high, 3)) == (0.358, 0.642)
    assert (round(fooled.low, 3), round(fooled.high, 3)) == (0.566, 0.899)


def test_binomial_test_and_tost_of_a_published_two_alternative_study() -> None:
    """dieterich-lab/LLM_2AFC, README: n = 1,436, 50.77 %, exact interval 48.15 to 53.38 %, p = .579, TOST +-5 pp."""
    tested = binomial_test(729, 1436)
    assert round(100 * tested.value, 2) == 50.77 and round(tested.p_value, 3) == 0.579
    assert (round(100 * tested.low, 2), round(100 * tested.high, 2)) == (48.15, 53.38)
    shown = tost(729, 1436, margin=0.05)
    assert shown.equivalent and 0.45 < shown.low < shown.high < 0.55


@pytest.mark.parametrize(("margin", "p_value", "shown"), [(0.10, 0.116, False), (0.15, 0.029, True)])
def test_44_ratings_show_equivalence_within_15_points_but_not_within_10(margin, p_value, shown) -> None:
    found = tost(22, 44, margin)
    assert found.p_value == pytest.approx(p_value, abs=5e-4) and found.equivalent is shown


def test_a_large_p_value_of_a_plain_test_is_not_equivalence() -> None:
    assert binomial_test(10, 20).p_value == 1.0 and not tost(10, 20, 0.10).equivalent


@given(st.integers(1, 300), st.floats(0, 1), st.floats(0.02, 0.4))
def test_equivalence_is_the_same_for_right_and_wrong(n: int, share: float, margin: float) -> None:
    right = round(share * n)
    assert tost(right, n, margin).p_value == pytest.approx(tost(n - right, n, margin).p_value, abs=1e-9)


@given(st.integers(5, 300), st.floats(0, 1), st.floats(0.02, 0.4))
def test_equivalence_means_that_the_90_percent_interval_lies_in_the_margin(n: int, share: float, margin: float) -> None:
    found = tost(round(share * n), n, margin)
    inside = 0.5 - margin < found.low and found.high < 0.5 + margin
    assert inside == found.equivalent or found.p_value == pytest.approx(0.05, abs=1e-6)


def test_equivalence_from_draws_is_the_interval_of_the_draws() -> None:
    draws = np.linspace(0.42, 0.58, 1001)
    assert tost_of_draws(exact(50, 100), draws, 0.10, 0.05).equivalent
    wide = tost_of_draws(exact(50, 100), draws, 0.05, 0.05)
    assert not wide.equivalent and wide.p_value == pytest.approx(0.1875, abs=0.002)


@pytest.mark.parametrize("plan", [(0.0, 0.05), (0.5, 0.05), (-0.1, 0.05), (0.1, 0.0), (0.1, 0.5)])
def test_a_margin_or_alpha_that_no_test_can_have_is_refused(plan) -> None:
    with pytest.raises(InvalidTest, match="must lie between 0 and 0.5"):
        tost(5, 10, *plan)


def test_d_prime_of_the_textbook() -> None:
    """Macmillan & Creelman, Detection Theory, 2nd ed., chapter 1: faces, 20 of 25 hits and 10 of 25 false alarms."""
    z_hit, z_alarm = quantile(20 / 25), quantile(10 / 25)
    assert discriminability(z_hit, z_alarm) == pytest.approx(1.095, abs=5e-4)
    assert leaning(z_hit, z_alarm) == pytest.approx(-0.294, abs=5e-4)


def test_d_prime_with_the_log_linear_correction() -> None:
    """Hautus 1995: 9 of 10 hits become 9.5 / 11, 2 of 9 false alarms 2.5 / 10; z from a table: 1.0968 and -0.6745."""
    table = Confusion(
        real_called_real=7, real_called_synthetic=2, synthetic_called_real=1, synthetic_called_synthetic=9
    )
    assert d_prime(table).value == pytest.approx(1.0968 + 0.6745, abs=1e-4)
    assert criterion(table).value == pytest.approx(-(1.0968 - 0.6745) / 2, abs=1e-4)
    assert corrected_rate(0, 10) == pytest.approx(0.5 / 11)


def test_the_interval_of_d_prime_holds_the_truth_in_95_percent_of_studies() -> None:
    chance = np.random.default_rng(1)
    hits, alarms = chance.binomial(60, 0.7, 500), chance.binomial(60, 0.4, 500)
    truth = float(quantile(0.7) - quantile(0.4))
    found = [d_prime(Confusion(60 - a, a, 60 - h, h)) for h, a in zip(hits.tolist(), alarms.tolist(), strict=True)]
    assert 0.92 <= np.mean([e.low < truth < e.high for e in found]) <= 0.98


# Benjamini & Hochberg 1995, section 3.2: 15 p-values of a trial of thrombolysis; 4 rejected, by Bonferroni 3.
THROMBOLYSIS = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_multiplicity_control_of_the_published_trial() -> None:
    assert sum(p <= 0.05 for p in benjamini_hochberg(THROMBOLYSIS)) == 4
    assert sum(p <= 0.05 for p in holm(THROMBOLYSIS)) == 3
    assert holm([]) == benjamini_hochberg([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
@settings(max_examples=10, deadline=None)  # statsmodels collects garbage at every call
def test_holm_is_stricter_than_benjamini_hochberg_and_both_than_nothing(p_values: list[float]) -> None:
    for plain, by_bh, by_holm in zip(p_values, benjamini_hochberg(p_values), holm(p_values), strict=True):
        assert plain <= by_bh + 1e-12 and by_bh <= by_holm + 1e-12 and by_holm <= 1


def test_cohens_kappa_of_a_published_table() -> None:
    """irrCAC, cont3x3abstractors (Gwet 2014): three diagnoses, kappa 0.7964 (0.68 to 0.913)."""
    found = kappa(np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]]))
    assert found.value == pytest.approx(0.7964094, abs=1e-7) and found.n == 100
    assert (found.low, found.high) == (pytest.approx(0.68, abs=0.005), pytest.approx(0.913, abs=0.005))


def test_kappa_of_a_reader_who_only_ever_says_one_thing_is_unknown() -> None:
    assert math.isnan(kappa(np.array([[9, 0], [0, 0]])).value)
    assert kappa(np.array([[5, 0], [0, 5]])).value == 1.0


def pairs_of(left_right: int, left_n: int, right_right: int, right_n: int) -> Pairs:
    """Counts of right answers by true side."""
    synthetic_left = [True] * left_n + [False] * right_n
    chose_left = [i < left_right for i in range(left_n)] + [i >= right_right for i in range(right_n)]
    return Pairs(np.array(synthetic_left), np.array(chose_left))


def test_an_unbiased_observer_of_d_prime_1_is_right_in_76_percent_of_pairs() -> None:
    """Macmillan & Creelman, chapter 7: p(c) = Phi(d' / sqrt 2)."""
    many = pairs_of(7602, 10000, 7602, 10000)
    assert two_afc_d_prime(many).value == pytest.approx(1.0, abs=0.001)
    assert side_criterion(many).value == pytest.approx(0.0, abs=1e-9)


def test_a_leaning_to_the_left_lowers_the_share_but_not_the_d_prime_of_both_sides() -> None:
    z = np.array([1.2, 0.2])  # d' = 1 on sqrt(2) scale of z(H) - z(F): the same sum, shifted
    shares = [0.5 * (1 + math.erf(v / math.sqrt(2))) for v in z]
    leaning_left = pairs_of(round(1e5 * shares[0]), 100_000, round(1e5 * shares[1]), 100_000)
    assert two_afc_d_prime(leaning_left).value == pytest.approx(1.4 / math.sqrt(2), abs=1e-3)
    assert leaning_left.table.right / leaning_left.table.total < 0.76 - 0.02  # of d-prime 1 without a leaning
    assert side_criterion(leaning_left).value < 0


def test_position_bias_is_the_share_that_chose_the_left() -> None:
    biased = pairs_of(18, 20, 4, 20)
    assert position_bias(biased).value == (18 + 16) / 40 and position_bias(biased).p_value < 0.001
    assert biased.table.right == 22 and position_bias(biased).n == 40
