"""Agreement beyond chance against published worked examples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from review_db.analysis.agreement import (
    COEFFICIENTS,
    agreement,
    counts_per_item,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    krippendorff_alpha_ordinal,
)


def of_all(coefficient, counts) -> float:
    return float(coefficient(np.asarray(counts, dtype=float), np.ones((1, len(counts))))[0])


def counts_of(observers: list[str]) -> np.ndarray:
    """Counts per unit from one line per observer; a dot is a missing rating, answers start at the lowest digit."""
    lines = [line.split() for line in observers]
    cells = [(unit, int(answer)) for line in lines for unit, answer in enumerate(line) if answer != "."]
    unit, answer = np.array(cells).T
    answer = answer - answer.min()
    return counts_per_item(unit, answer, len(lines[0]), answer.max() + 1)


# Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011, sections C to E: 4 observers, 12 units.
KRIPPENDORFF = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]
# The same, section A: 2 observers, 10 units, two answers.
TWO_OBSERVERS = ["0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"]
# Gwet, Handbook of Inter-Rater Reliability, 4th ed. 2014; irrCAC's cac.raw4raters and the values it prints.
GWET = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . .",
    ". 3 3 3 2 3 4 2 2 5 1 3",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]
# Fleiss 1971, table 1: 30 patients, 6 psychiatrists, 5 diagnoses; kappa 0.430.
FLEISS = (
    "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 "
    "00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"
)


def test_krippendorffs_alpha_of_his_own_examples() -> None:
    counts = counts_of(KRIPPENDORFF)
    assert of_all(krippendorff_alpha, counts) == pytest.approx(0.743, abs=5e-4)
    assert of_all(krippendorff_alpha_ordinal, counts) == pytest.approx(0.815, abs=5e-4)
    assert of_all(krippendorff_alpha, counts_of(TWO_OBSERVERS)) == pytest.approx(0.095, abs=5e-4)


def test_gwets_example_with_missing_ratings() -> None:
    counts = counts_of(GWET)
    assert of_all(gwet_ac1, counts) == pytest.approx(0.77544, abs=5e-6)
    assert of_all(fleiss_kappa, counts) == pytest.approx(0.76117, abs=5e-6)
    assert of_all(krippendorff_alpha, counts) == pytest.approx(0.74342, abs=5e-6)


def test_fleiss_kappa_of_the_psychiatrists() -> None:
    counts = np.array([[int(c) for c in patient] for patient in FLEISS.split()])
    assert counts.shape == (30, 5) and set(counts.sum(axis=1)) == {6}
    assert of_all(fleiss_kappa, counts) == pytest.approx(0.4302445, abs=1e-7)


def test_gwets_ac1_of_a_published_table() -> None:
    """irrCAC, cont3x3abstractors: AC1 0.8493305, alpha 0.7972585."""
    table = np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]])
    counts = [np.eye(3)[i] + np.eye(3)[j] for i in range(3) for j in range(3) for _ in range(table[i, j])]
    assert of_all(gwet_ac1, counts) == pytest.approx(0.8493305, abs=1e-7)
    assert of_all(krippendorff_alpha, counts) == pytest.approx(0.7972585, abs=1e-7)


@given(arrays(np.int64, (12, 3), elements=st.integers(0, 4)))
@settings(max_examples=60)
def test_weights_are_copies_of_items(counts: np.ndarray) -> None:
    """A bootstrap draw by weights is the coefficient of a table in which items stand several times."""
    counts = counts.astype(float)
    weights = np.arange(12) % 3
    copies = np.repeat(counts, weights, axis=0)
    for coefficient in (*COEFFICIENTS.values(), krippendorff_alpha_ordinal):
        by_weight = coefficient(counts, weights[None, :].astype(float))[0]
        assert by_weight == pytest.approx(of_all(coefficient, copies), nan_ok=True, abs=1e-9)


@given(arrays(np.int64, (10,), elements=st.integers(0, 2)).filter(lambda a: len(set(a.tolist())) > 1))
def test_readers_who_always_agree_have_an_agreement_of_1(answers: np.ndarray) -> None:
    counts = counts_per_item(np.tile(np.arange(10), 4), np.tile(answers, 4), 10, 3)
    for coefficient in (*COEFFICIENTS.values(), krippendorff_alpha_ordinal):
        assert of_all(coefficient, counts) == pytest.approx(1.0)


def test_readers_who_guess_agree_as_chance_has_it_and_the_interval_says_so() -> None:
    chance = np.random.default_rng(0)
    counts = counts_per_item(np.tile(np.arange(200), 5), chance.integers(0, 2, 1000), 200, 2)
    for coefficient in COEFFICIENTS.values():
        found = agreement(coefficient, counts, draws=500, seed=1)
        assert abs(found.value) < 0.06 and found.low < 0 < found.high and found.n == 200


def test_the_bootstrap_interval_is_as_wide_as_the_published_standard_error() -> None:
    """cac.raw4raters: irrCAC prints a standard error of 0.14295 for AC1, of items drawn from a population."""
    found = agreement(gwet_ac1, counts_of(GWET), draws=4000, seed=2)
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(0.143, rel=0.25)


def test_kappa_falls_and_ac1_stays_when_nearly_all_answers_are_the_same() -> None:
    """The paradox of kappa (Gwet 2008): 95 of 100 items agreed on, nearly all "real"."""
    counts = np.array([[2, 0]] * 95 + [[1, 1]] * 5)
    assert of_all(fleiss_kappa, counts) < 0 and of_all(gwet_ac1, counts) > 0.9


def test_without_two_ratings_of_an_item_nothing_is_claimed() -> None:
    found = agreement(fleiss_kappa, np.array([[1.0, 0.0], [0.0, 1.0]]), draws=100, seed=0)
    assert np.isnan(found.value) and found.n == 0
