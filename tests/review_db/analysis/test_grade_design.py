"""Grades: published areas, the null, mirror images, and readers who agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from review_db.analysis.analyse_grades import analyse_grades
from review_db.analysis.estimate import Estimate
from review_db.analysis.grades import area, difference, draws_of_groups, mann_whitney
from review_db.analysis.plan import Plan
from review_db.analysis.rows import GradeRow
from review_db.analysis.table import Readings, grades
from review_db.scales import Grade

EDGES = [-1.2, -0.4, 0.6]
HANLEY_MCNEIL = np.array([[33, 6, 6, 11, 2], [3, 2, 2, 11, 33]], dtype=float)
COUNTS = st.lists(st.integers(0, 40), min_size=8, max_size=8).map(lambda cells: np.array(cells, float).reshape(2, 4))


def graded(reader: str, item: int, step: int, **more: Any) -> GradeRow:
    is_synthetic = item % 2 == 1
    arm, labels = ("model" if is_synthetic else "archive"), ("NORM",) if item % 4 < 2 else ("AFIB", "LVH")
    return GradeRow(reader, str(item), arm, is_synthetic, labels, step, **more)


def simulated(worse: float, readers: int = 8, items: int = 40, seed: int = 0, spread: float = 0.5) -> list[GradeRow]:
    """Synthetic ECGs look `worse` standard deviations worse; ECGs and readers differ by `spread` beside that."""
    chance = np.random.default_rng(seed)
    of_item, of_reader = chance.normal(0, spread, items), chance.normal(0, spread, readers)
    rows = []
    for r in range(readers):
        for i in range(items):
            seen = chance.normal(of_item[i] + of_reader[r] - worse * (i % 2))
            step, seconds = int(np.searchsorted(EDGES, seen)) + 1, float(chance.exponential(9)) + 1
            rows.append(graded(f"reader {r}", i, step, position=float(i + 1), seconds=seconds))
    return rows


def found(rows: list[GradeRow], plan: Plan = Plan(draws=200)) -> dict[str, Any]:  # noqa: B008 - Plan is frozen
    return analyse_grades(grades(rows), plan)


def test_the_area_of_a_published_rating_study() -> None:
    """Hanley & McNeil, Radiology 1982, table I: 58 normal and 51 abnormal CT images in five classes, area 0.893."""
    assert area(HANLEY_MCNEIL) == pytest.approx(0.893, abs=0.0005)
    shown = mann_whitney(HANLEY_MCNEIL)
    assert (shown.high - shown.value) / 1.96 == pytest.approx(0.032, abs=0.001) or shown.high == 1.0
    assert shown.p_value < 1e-10 and shown.n == 109


@settings(max_examples=50, deadline=None)
@given(COUNTS)
def test_area_and_p_value_are_those_of_scipys_mann_whitney_test(counts: np.ndarray) -> None:
    real, synthetic = (np.repeat(np.arange(4), row.astype(int)) for row in counts)
    if not len(real) or not len(synthetic) or len(np.unique(np.concatenate([real, synthetic]))) < 2:
        return
    expected = mannwhitneyu(synthetic, real, method="asymptotic", use_continuity=False)
    shown = mann_whitney(counts)
    assert shown.value == pytest.approx(expected.statistic / (len(real) * len(synthetic)))
    assert shown.p_value == pytest.approx(expected.pvalue)


@given(COUNTS)
def test_exchanging_real_and_synthetic_mirrors_area_and_difference(counts: np.ndarray) -> None:
    assert area(counts) == pytest.approx(1 - area(counts[::-1]), nan_ok=True)
    assert difference(counts) == pytest.approx(-difference(counts[::-1]), nan_ok=True)


def test_grades_that_are_all_the_same_show_no_difference() -> None:
    same = np.array([[0, 0, 9, 0], [0, 0, 7, 0]], dtype=float)
    assert mann_whitney(same).value == 0.5 and mann_whitney(same).p_value == 1.0


def area_of(table: Readings) -> Estimate:
    everything = np.ones(len(table.items), dtype=np.bool_)
    return draws_of_groups(table, [everything], 200, 0).estimate(0, "auc")


def test_without_a_difference_the_interval_holds_one_half_in_about_95_percent_of_studies() -> None:
    """The two-way bootstrap errs to the wide side; 60 studies with 95 % each give fewer than 51 in one of 10,000."""
    areas = [area_of(grades(simulated(0.0, seed=seed))) for seed in range(60)]
    assert sum(e.low <= 0.5 <= e.high for e in areas) >= 51
    assert np.mean([e.value for e in areas]) == pytest.approx(0.5, abs=0.03)


def test_ecgs_that_look_worse_are_found_to_be_graded_worse() -> None:
    answers = found(simulated(1.2))
    assert answers["auc"].high < 0.5 and answers["difference"].high < 0 and answers["p_value_bootstrap"] < 0.05
    assert answers["acceptable_real_bootstrap"].value == answers["acceptable_real"].value
    assert not answers["tost_bootstrap"].equivalent
    assert answers["mann_whitney"].value == answers["auc"].value  # the same area, another interval


def test_equivalence_is_shown_within_a_wide_margin_only() -> None:
    rows = simulated(0.0, readers=10, items=120, spread=0.1)
    assert found(rows, Plan(margin=0.2, draws=200))["tost_bootstrap"].equivalent
    assert not found(rows, Plan(margin=0.005, draws=200))["tost_bootstrap"].equivalent


def test_arms_labels_and_readers_add_up_to_the_study() -> None:
    rows = simulated(0.5)
    answers = found(rows)
    by_arm = answers["by_arm"]
    assert list(by_arm) == ["archive", "model"] and by_arm["model"]["origin"] == "synthetic"
    assert sum(map(sum, (of["grades"] for of in by_arm.values()))) == len(rows)
    assert by_arm["archive"]["acceptable"] == answers["acceptable_real"]
    assert by_arm["model"]["acceptable_bootstrap"].value == answers["acceptable_synthetic"].value
    assert answers["by_label"]["AFIB"]["auc"] == answers["by_label"]["LVH"]["auc"]
    assert sum(of["auc"].n for of in answers["by_reader"].values()) == len(rows)
    assert {"p_holm", "p_benjamini_hochberg_bootstrap"} <= answers["by_label"]["NORM"].keys()


def test_readers_with_the_same_grades_agree_and_random_ones_do_not() -> None:
    rows = [graded("a", item, 1 + item % 4) for item in range(40)]
    same = found([*rows, *(row._replace(reader="b") for row in rows)])
    assert same["krippendorff_alpha_ordinal"].value == pytest.approx(1.0) == same["fleiss_kappa"].value
    assert abs(found(simulated(0.0, spread=0.0))["krippendorff_alpha_ordinal"].value) < 0.1


def test_a_reader_who_repeats_every_grade_has_a_weighted_kappa_of_one() -> None:
    rows = [graded("a", item, 1 + item % 4, repeat=0) for item in range(20)]
    answers = found([*rows, *(row._replace(repeat=1) for row in rows)])
    assert (answers["weighted_kappa"].value, answers["same_again"].value) == (pytest.approx(1.0), 1.0)
    assert answers["first_readings"] == 20 and answers["within_readers"]["a"]["weighted_kappa"].n == 20
    near = found([*rows, *(row._replace(repeat=1, step=max(row.step - 1, 1)) for row in rows)])
    assert 0 < near["weighted_kappa"].value < 1 and near["same_again"].value == 0.25


def test_one_origin_alone_is_described_and_not_compared() -> None:
    answers = found([row for row in simulated(0.0) if not row.is_synthetic])
    assert answers["acceptable_real"].n == 160 and answers["acceptable_synthetic"].n == 0
    assert np.isnan(answers["auc"].value) and "tost_bootstrap" not in answers


def test_reasons_are_counted_by_arm_and_grade() -> None:
    rows = [graded("a", item, 1 + item % 4, reasons=("noise", "QRS") if item % 4 == 1 else ()) for item in range(8)]
    counted = {(row["arm"], row["answer"]): row for row in found(rows)["reasons"]}
    assert counted["model", "poor or unusable"]["given"] == {"QRS": 2, "noise": 2}
    assert counted["archive", "acceptable or good"]["given"] == {"QRS": 0, "noise": 0}
    assert Grade.POOR == 2 and counted["model", "acceptable or good"]["n"] == 2
