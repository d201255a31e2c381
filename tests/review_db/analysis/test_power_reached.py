"""The power that a study reached: its components, its errors, its power, against brute force and closed forms."""

from __future__ import annotations

import json
from statistics import NormalDist
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from review_db.analysis import grades, outcomes, variance_analysis
from review_db.analysis.analyse import analyse
from review_db.analysis.components import Layout, layout, layout_of, variances
from review_db.analysis.decision_power import WANTED, Power
from review_db.analysis.equivalence import tost, tost_of_draws
from review_db.analysis.mixed import population_share
from review_db.analysis.plan import Plan, as_json
from review_db.analysis.power import detection_power, equivalence_power, mean_logit
from review_db.analysis.power_reached import of_accuracy, of_grades, power_of_mean, power_of_share
from review_db.analysis.printed import as_text
from review_db.analysis.proportions import exact
from review_db.analysis.resampling import percentiles
from review_db.analysis.table import Bools, Floats, Ratings, Readings
from tests.review_db.analysis.scripted import study_of

Z = NormalDist().inv_cdf
SHARES = (np.array([0.5]), np.array([1.0]))
PLAN = Plan(draws=200)


def columns(readers: int, items: int, seen: Bools | None = None) -> dict[str, Any]:
    """The columns of a study in which every second ECG is synthetic and `seen` (R, I) says who read what."""
    reader, item = np.nonzero(np.ones((readers, items), dtype=np.bool_) if seen is None else seen)
    return {
        "readers": tuple(map(str, range(readers))), "items": tuple(map(str, range(items))), "labels": (),
        "arms": ("real", "synthetic"), "item_is_synthetic": np.arange(items) % 2 == 1,
        "item_labels": np.zeros((items, 0), dtype=np.bool_), "item_arm": np.arange(items) % 2, "reader": reader,
        "item": item, "nth": np.zeros(len(reader), dtype=np.int64), "plausibility": None, "seconds": None,
        "position": None,
    }  # fmt: skip


def verdicts(right: Bools, seen: Bools | None = None) -> Ratings:
    """The study of the right answers (R, I)."""
    of = columns(*right.shape, seen)
    says = right[of["reader"], of["item"]] == of["item_is_synthetic"][of["item"]]
    return Ratings(**of, step=None, says_synthetic=says, confidence=None)


def graded(steps: Floats) -> Readings:
    """The study of the grades (R, I)."""
    of = columns(*steps.shape)
    return Readings(**of, step=steps[of["reader"], of["item"]])


def simulated(
    draw: np.random.Generator, size: tuple[int, int], sds: tuple[float, float], mean: float, lean: float = 0.0
) -> Bools:
    """Right answers (R, I); `lean` is towards calling ECGs real, on the logit."""
    of_reader, of_item = draw.normal(0, sds[0], size[0]), draw.normal(0, sds[1], size[1])
    leaning = lean * np.where(np.arange(size[1]) % 2 == 1, -1, 1)
    return np.less(draw.random(size), expit(mean + of_reader[:, None] + of_item + leaning))


def complete(readers: int, items: int) -> Layout:
    return layout_of(verdicts(np.ones((readers, items), dtype=np.bool_)))


def reached(right: Bools, seen: Bools | None = None) -> dict[str, Any]:
    return of_accuracy(verdicts(right, seen), PLAN)["power_reached"]  # type: ignore[return-value]


def at(found: dict[str, Any], truth: float) -> dict[str, Any]:
    return next(row for row in found["curve"] if row["truth"] == pytest.approx(truth))


# ------------------------------------------------------------------------------------------------ components


@given(st.integers(1, 5), st.integers(4, 9), st.floats(0.3, 1.0), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_expected_sums_of_squares_are_those_of_the_matrices_written_out(
    readers: int, items: int, share: float, seed: int
) -> None:
    seen = np.random.default_rng(seed).random((readers, items)) < share
    seen[0] = True
    reader, item = np.nonzero(seen)
    origin = item % 2
    n = len(reader)
    of = [np.equal.outer(codes, np.unique(codes)).astype(float) for codes in (reader, item, np.arange(n), origin)]
    rest = np.eye(n) - of[3] @ np.linalg.inv(of[3].T @ of[3]) @ of[3].T
    expected = [[np.sum((a.T @ rest @ b) ** 2) for b in of[:3]] for a in of[:3]]
    assert layout(reader, item, origin).expected == pytest.approx(np.array(expected), abs=1e-8)


def test_in_a_complete_table_the_components_are_those_of_the_analysis_of_variance() -> None:
    values = np.random.default_rng(2).normal(size=(4, 30)) + np.arange(4)[:, None] + 0.2 * np.arange(30)
    reader, item = np.indices(values.shape).reshape(2, -1)
    table = Readings(**columns(4, 30) | {"item_is_synthetic": np.zeros(30, dtype=np.bool_)}, step=None)
    by_reader, by_item, mean = values.mean(axis=1), values.mean(axis=0), values.mean()
    reader_square, item_square = 30 * np.var(by_reader, ddof=1), 4 * np.var(by_item, ddof=1)
    rest = np.sum((values - by_reader[:, None] - by_item + mean) ** 2) / (3 * 29)
    found = variances(values.ravel(), table, layout(reader, item, np.zeros(120, dtype=np.int64)))
    assert found == pytest.approx([(reader_square - rest) / 30, (item_square - rest) / 4, rest])


def test_components_are_recovered_where_readers_see_half_of_the_ecgs_and_lean() -> None:
    draw = np.random.default_rng(5)
    seen = draw.random((12, 80)) < 0.5
    truth = np.array([0.02, 0.05, 0.1])
    found = []
    for _ in range(200):
        parts = [draw.normal(0, sd, size) for sd, size in zip(np.sqrt(truth), (12, 80, (12, 80)), strict=True)]
        values = parts[0][:, None] + parts[1] + parts[2] + np.where(np.arange(80) % 2 == 1, 3.0, -1.0)
        table = verdicts(np.ones((12, 80), dtype=np.bool_), seen)
        found.append(variances(values[seen], table, layout_of(table)))
    assert np.mean(found, axis=0) == pytest.approx(truth, rel=0.08)


def test_the_bootstraps_variance_is_that_of_its_draws() -> None:
    for seed, seen in ((1, None), (2, np.random.default_rng(0).random((9, 60)) < 0.6)):
        table = verdicts(simulated(np.random.default_rng(seed), (9, 60), (0.5, 0.5), 0.3, 0.8), seen)
        of = layout_of(table)
        rest = table.is_correct - np.where(table.is_synthetic, *(table.is_correct[s].mean() for s in
                                           (table.is_synthetic, ~table.is_synthetic)))  # fmt: skip
        squares = [np.sum(np.bincount(codes, rest) ** 2) for codes in (table.reader, table.item, np.arange(table.n))]
        draws = outcomes.bootstrap(table, 4000, 0).draws["accuracy"]
        assert of.of_bootstrap @ np.array(squares) == pytest.approx(np.var(draws), rel=0.1)


def test_the_reference_study_has_the_planners_standard_error() -> None:
    """Accuracy one half, standard deviations 0.3 and 0.5 on the logit, 5 x 60: .044, with design effect 2.3."""
    of_share = [population_variance(0.0, one, other) for one, other in ((0.3, 0.5), (0.5, 0.3))]
    found = np.array([*of_share, 0.25 - sum(of_share)])
    assert power_of_share(complete(5, 60), found, SHARES, PLAN).error(0.5).value == pytest.approx(0.044, rel=0.04)


def population_variance(mean: float, sd: float, other_sd: float) -> float:
    """Of the share right of a reader (an ECG), over all ECGs (readers)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    shares = np.array([population_share(mean + sd * node, other_sd) for node in nodes])
    weights = weights / weights.sum()
    return float(weights @ shares**2 - (weights @ shares) ** 2)


# ----------------------------------------------------------------------------------------------------- power


@pytest.mark.parametrize("n", [44, 100, 400, 1000])
def test_independent_ratings_have_the_power_of_the_exact_binomial_tests(n: int) -> None:
    """One reader, of whom no other is inferred: exact binomial test and exact TOST (scipy's binomial distribution)."""
    power = power_of_share(complete(1, n), np.array([0.0, 0.125, 0.125]), SHARES, PLAN)
    for truth in (0.5, 0.52, 0.55, 0.6, 0.65, 0.7):
        exactly = float(detection_power(np.array([n]), truth, PLAN.alpha)[0])
        equally = float(equivalence_power(np.array([n]), PLAN.margin, PLAN.alpha, truth)[0])
        assert power.detection(truth).value == pytest.approx(exactly, abs=0.03)
        assert power.equivalence(truth).value == pytest.approx(equally, abs=0.03)


@given(
    st.integers(2, 12), st.integers(10, 120), st.floats(0, 0.03), st.floats(0, 0.08), st.floats(0.5, 0.9),
    st.floats(0.001, 0.05),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_power_grows_with_the_distance_of_the_truth(
    readers: int, items: int, reader: float, item: float, truth: float, step: float
) -> None:
    power = power_of_share(complete(readers, items), np.array([reader, item, 0.25 - reader - item]), SHARES, PLAN)
    assert power.detection(truth + step).value >= power.detection(truth).value - 1e-6
    assert power.equivalence(truth + step).value <= power.equivalence(truth).value + 1e-6


@given(st.integers(3, 10), st.integers(10, 80), st.integers(2, 80), st.floats(0, 0.03), st.floats(0, 0.08))
@settings(max_examples=40, deadline=None)
def test_more_ecgs_have_more_power(readers: int, items: int, more: int, reader: float, item: float) -> None:
    found = np.array([reader, item, 0.25 - reader - item])
    few, many = (
        power_of_share(complete(readers, of), found, SHARES, PLAN) for of in (items - items % 2, items + 2 * more)
    )
    assert many.error(0.5).value < few.error(0.5).value
    most, least = (np.nan_to_num(of.smallest().value, nan=1.0) for of in (few, many))  # none is detected: 1
    assert least <= most + 0.01
    if few.equivalence(0.5).value > 0.05:
        assert many.equivalence(0.5).value >= few.equivalence(0.5).value - 0.02


def test_the_smallest_truth_is_where_the_curve_crosses_the_power_wanted() -> None:
    found = reached(simulated(np.random.default_rng(1), (6, 60), (0.3, 0.5), 0.0))
    smallest = found["smallest"]
    below, above = at(found, np.floor(100 * smallest.value) / 100), at(found, np.ceil(100 * smallest.value) / 100)
    assert below["detection"].value <= WANTED <= above["detection"].value
    assert smallest.low < smallest.value < smallest.high


def test_where_nothing_is_detected_with_certainty_the_smallest_truth_is_unknown() -> None:
    found = reached(np.array([[True, False, True, True, False]]))  # five of five have p = 0.06
    assert np.isnan(found["smallest"].value) and found["equivalence"].value == 0.0


def test_the_power_follows_the_layout_and_not_the_result() -> None:
    """Studies that differ in nothing but the true accuracy claim the same power at 60 %, whatever p-value they have."""
    claims = {}
    for truth in (0.5, 0.65):
        draw, mean = np.random.default_rng(7), mean_logit(truth, float(np.hypot(0.3, 0.5)))
        studies = [verdicts(simulated(draw, (8, 60), (0.3, 0.5), mean)) for _ in range(60)]
        claims[truth] = np.mean([claimed(study, 0.6)[0].value for study in studies])
    assert claims[0.5] == pytest.approx(claims[0.65], abs=0.06)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "sds", "truth", "lean"),
    [
        ((8, 60), (0.3, 0.5), 0.5, 0.0),
        ((8, 60), (0.3, 0.5), 0.6, 0.0),
        ((5, 40), (0.6, 0.8), 0.7, 0.0),
        ((8, 60), (0.3, 0.5), 0.56, 1.2),
    ],
)
def test_studies_of_known_truth_come_to_their_answer_as_often_as_they_claim(
    size: tuple[int, int], sds: tuple[float, float], truth: float, lean: float
) -> None:
    """600 studies with the tests of the report, 200 bootstrap draws each; three standard errors are 6 points."""
    draw, mean, spread = np.random.default_rng(2026), mean_logit(truth, float(np.hypot(*sds))), float(np.hypot(*sds))
    population = np.mean([population_share(mean + side * lean, spread) for side in (-1, 1)])
    answers, claims = [], []
    for seed in range(600):
        table = verdicts(simulated(draw, size, sds, mean, lean))
        answers.append(decisions(table, seed))
        if seed < 150:
            claims.append([of.value for of in claimed(table, float(population))])
    assert np.mean(answers, axis=0) == pytest.approx(np.mean(claims, axis=0), abs=0.065)


def decisions(table: Ratings, seed: int) -> tuple[bool, bool]:
    """Could tell, could not tell: as the report decides."""
    if not variance_analysis.missing(table):
        found = variance_analysis.of_accuracy(table, PLAN)
        return found["accuracy_anova"].p_value < PLAN.alpha, found["tost_anova"].equivalent  # type: ignore[attr-defined]
    drawn, right = outcomes.bootstrap(table, PLAN.draws, seed), int(table.is_correct.sum())
    accuracy, draws = drawn.estimate("accuracy"), drawn.draws["accuracy"]
    intervals = exact(right, table.n, PLAN.level), percentiles(accuracy.value, draws, table.n, "", PLAN.level)
    wider = max(intervals, key=lambda e: e.high - e.low)
    both = tost(right, table.n), tost_of_draws(accuracy, draws, PLAN.margin, PLAN.alpha)
    return not wider.low <= 0.5 <= wider.high, all(test.equivalent for test in both)


def claimed(table: Ratings, truth: float) -> tuple[Any, Any]:
    of, sides = layout_of(table), (~table.is_synthetic, table.is_synthetic)
    shares = np.array([table.is_correct[side].mean() for side in sides]), np.array([0.5, 0.5])
    power = power_of_share(of, variances(table.is_correct.astype(float), table, of), shares, PLAN)
    return power.detection(truth), power.equivalence(truth)


# ---------------------------------------------------------------------------------------------------- grades


def test_the_error_of_the_auc_of_independent_grades_is_that_of_the_rank_test() -> None:
    """Mann and Whitney's with the correction for ties, and no difference."""
    table = graded(np.random.default_rng(3).integers(1, 5, (1, 2000)))
    found = of_grades(table, PLAN)["power_reached"]
    cells = [np.bincount(table.step[side], minlength=5)[1:] for side in (~table.is_synthetic, table.is_synthetic)]
    assert found["standard_error"].value == pytest.approx(grades.rank_error(np.array(cells, dtype=float)), rel=0.02)
    assert found["of"] == "auc" and "detection_if_independent" not in found["curve"][0]


def test_the_smallest_difference_of_independent_shares_is_the_textbooks() -> None:
    """(z_0.975 + z_0.8) sqrt(2 p q / n) for two groups of n (Fleiss, Levin & Paik 2003, chapter 4, no correction)."""
    table = graded(np.random.default_rng(4).integers(1, 5, (1, 2000)))
    expected = (Z(0.975) + Z(WANTED)) * np.sqrt(2 * 0.25 / 1000)
    difference = of_grades(table, PLAN)["power_reached"]["smallest_difference"]
    assert difference.value == pytest.approx(expected, rel=0.03)


def test_the_power_of_a_mean_is_that_of_students_t_with_a_known_bootstrap() -> None:
    """Nothing but readers differ, as many of them that their variance is known: a z test of means of readers."""
    power: Power = power_of_mean(complete(2000, 10), np.array([0.04, 0.0, 0.0]), PLAN, 0.5)
    error = np.sqrt(0.04 / 2000)
    expected = 1 - NormalDist().cdf(Z(0.975) - 0.01 / error)
    assert power.detection(0.51).value == pytest.approx(expected, abs=0.02)


# --------------------------------------------------------------------------------------------- in the analysis


@pytest.mark.parametrize("names", [("perfect",), ("straight-liner",)])
def test_a_study_without_both_kinds_of_answers_says_why_there_is_no_power(names: tuple[str, ...]) -> None:
    answers = analyse(study_of(*names), PLAN)
    assert "power_reached" not in answers
    assert "answers that differ" in answers["left_out"]["power_reached"]  # type: ignore[index]


def test_of_one_origin_there_is_no_accuracy_and_no_power() -> None:
    table = study_of("random")
    answers = analyse(table.where(table.is_synthetic), PLAN)
    assert "on real and on synthetic" in answers["left_out"]["power_reached"]  # type: ignore[index]


def test_the_analysis_has_the_power_as_json_and_as_text() -> None:
    answers = analyse(study_of(), PLAN)
    kept = json.loads(json.dumps(as_json(answers), allow_nan=False))["power_reached"]
    assert kept["readers"] == 5 and kept["fewest_per_reader"] == kept["most_per_reader"] == 100
    assert [row["truth"] for row in kept["curve"]][:2] == [0.5, 0.51] and len(kept["curve"]) == 46
    assert "power.smallest" in as_text(answers) and "power at 0.65.detection" in as_text(answers)


def test_two_hundred_readers_of_a_hundred_ecgs_take_no_time() -> None:
    table = verdicts(simulated(np.random.default_rng(0), (200, 100), (0.3, 0.5), 0.2))
    started = perf_counter()
    of_accuracy(table, PLAN)
    assert perf_counter() - started < 5
