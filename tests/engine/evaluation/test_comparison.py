"""Bootstrap, distances between sets, copies, gates: numbers that are known beforehand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, recall_score, roc_auc_score

from engine.evaluation import bootstrap, fidelity, memorisation
from engine.evaluation.gates import LIMITS, gates
from engine.evaluation.matched import Cohort
from engine.evaluation.measurement import measure
from engine.evaluation.physiology import physiology
from engine.evaluation.report import failures


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_area_f1_and_g_mean_agree_with_scikit_learn(seed: int, levels: int) -> None:
    random = np.random.default_rng(seed)
    truth, scores = np.arange(60) % 3 == 0, random.integers(0, levels, 60).astype(float)  # many ties
    called, counts = scores > 0, bootstrap.resamples(60, seed, 3)
    areas = [roc_auc_score(truth, scores, sample_weight=row) for row in counts]
    np.testing.assert_allclose(bootstrap.auc(truth, scores, counts), areas)
    f1 = [f1_score(truth, called, sample_weight=row, zero_division=0) for row in counts]
    np.testing.assert_allclose(bootstrap.f1(truth, called, counts), f1)
    recalls = [recall_score(truth, called, sample_weight=row, average=None) for row in counts]
    np.testing.assert_allclose(bootstrap.g_mean(truth, called, counts), [np.sqrt(r.prod()) for r in recalls])


def test_an_interval_holds_its_value_and_shrinks_with_n() -> None:
    def width(n: int) -> float:
        truth = np.arange(n) % 2 == 0
        scores = np.random.default_rng(1).standard_normal(n) + truth
        found = bootstrap.estimate(bootstrap.auc(truth, scores, bootstrap.resamples(n)))
        assert found["low"] < found["value"] < found["high"]
        return found["high"] - found["low"]

    assert width(800) < 0.5 * width(80)


def test_one_class_alone_has_no_area() -> None:
    nothing = bootstrap.auc(np.ones(5, dtype=bool), np.arange(5.0), bootstrap.resamples(5))
    assert bootstrap.estimate(nothing) == {"value": None, "low": None, "high": None}


@given(st.floats(0, 10))
def test_the_frechet_distance_of_a_shift_is_its_square(shift: float) -> None:
    one = np.random.default_rng(0).standard_normal((50, 4))
    assert fidelity.frechet(one, one + np.array([shift, 0, 0, 0])) == pytest.approx(shift**2, abs=1e-4)


def test_the_frechet_distance_of_two_widths_is_the_squared_difference() -> None:
    one = np.random.default_rng(0).standard_normal((50, 1))
    deviation = one.std(ddof=1)
    assert fidelity.frechet(one, 3 * (one - one.mean()) + one.mean()) == pytest.approx((2 * deviation) ** 2, rel=1e-3)


def test_no_patient_is_in_both_halves(cohort: Cohort) -> None:
    for one, other in fidelity.halves(cohort.patients):
        assert not set(cohort.patients[one]) & set(cohort.patients[other])
        assert (one ^ other).all()


def test_the_real_ecgs_themselves_have_ratio_one_and_distorted_ones_more(cohort: Cohort) -> None:
    measured = measure(cohort.ecgs())
    real = fidelity.describe(cohort, measured)
    same = fidelity.ratios(cohort, real, real)
    assert all(row["ratio"] == pytest.approx(1) for row in same.values() if row["ratio"] is not None)
    louder = cohort.with_signals(3 * cohort.signals)
    found = fidelity.ratios(cohort, real, fidelity.describe(louder, measure(louder.ecgs())))
    assert found["amplitude"]["ratio"] > 3 and found["v2"]["ratio"] > 3
    assert found["rate"]["ratio"] == pytest.approx(1, abs=0.05)


def test_a_copy_is_found_however_it_is_shifted_and_scaled(cohort: Cohort) -> None:
    shifted = np.roll(cohort.signals[:1], 120, axis=-1) * 0.5
    records = memorisation.spectra(cohort)
    copy = memorisation.spectra(cohort.rows(np.arange(1)).with_signals(shifted))
    found = memorisation.distances(copy[0], records)
    assert found.argmin() == 0 and found[0] < 0.2 and np.sort(found)[1] > 2 * found[0]
    assert memorisation.distances(records[5], records)[5] == pytest.approx(0, abs=1e-5)


def test_the_share_of_copies_counts_what_is_nearer_than_real_ecgs_are() -> None:
    real, synthetic = np.linspace(0.2, 0.8, 101), np.array([0.1, 0.19, 0.3, 0.5])
    found = memorisation.copies(real, synthetic)
    assert found["limit"] == pytest.approx(0.206) and found["copies"] == 0.5


def test_repeating_one_ecg_shows_as_lack_of_diversity(cohort: Cohort) -> None:
    real = memorisation.spectra(cohort)
    rows = memorisation.diversity(cohort, real, np.repeat(real[:1], len(real), axis=0))
    assert {tuple(row["labels"]) for row in rows} == {("NORM", "SR"), ("STACH",)}
    assert all(row["synthetic"] < 1e-5 < 0.05 < row["real"] for row in rows)


def test_criteria_count_what_the_labels_promise(cohort: Cohort) -> None:
    measured = measure(cohort.ecgs())
    slow = {**measured, "rate": np.full(len(cohort), 70.0), "qrs": np.full(len(cohort), np.nan)}
    found = {row["name"]: row for row in physiology(cohort, measured, slow)["criteria"]}
    assert found["stach_fast"]["real"]["share"] == 1 and found["stach_fast"]["synthetic"]["share"] == 0
    assert found["stach_fast"]["real"]["n"] == 20
    assert found["norm_narrow"]["synthetic"]["share"] == 0  # what can't be measured does not hold
    assert found["clbbb_wide"]["real"] == {"n": 0, "share": None, "low": None, "high": None}


FIGURES: dict[str, Any] = {
    "checkpoint": {"samples": 2_000_000},
    "physiology": {
        "criteria": [
            {"name": name, "synthetic": {"share": 0.7}} for name in ("stach_fast", "sbrad_slow", "clbbb_wide")
        ],
        "by_label": [
            {"labels": [], "real": {"v2": 2.0, "v5": 1.0}, "synthetic": {"v2": 2.2, "v5": 0.8}},
            {"labels": ["NORM", "SR"], "real": {}, "synthetic": {"rr_cv": 0.05}},
        ],
    },
}


def test_gates_hold_or_fail_by_their_figures_and_what_was_not_measured_fails() -> None:
    found = {gate["name"]: gate for gate in gates(FIGURES)}
    assert len(found) == len(LIMITS)
    holding = {name for name, gate in found.items() if gate["holds"]}
    wanted = {"samples_seen", "rr_cv_norm_sr", "stach_above_100", "sbrad_below_60", "qrs_v2_to_real"}
    assert holding == wanted | {"clbbb_qrs_120_ms"}
    assert found["samples_seen"]["want"] == ">= 1,000,000" and found["copies"]["want"] == "<= 0.02"
    assert found["qrs_v5_to_real"]["want"] == "0.85 to 1.15" and found["discriminator_auc"]["want"] == "reported"
    assert found["qrs_v5_to_real"]["value"] == pytest.approx(0.8)
    assert found["tstr_to_trtr_auc"]["value"] is None


def test_the_report_says_in_words_what_is_missed_and_only_that() -> None:
    criterion = {"name": "afib_irregular", "labels": ["AFIB"], "want": "irregular"}
    rows = [{**criterion, "real": {"share": 0.9}, "synthetic": {"share": share}} for share in (0.1, 0.85)]
    figures = {
        "gates": gates(FIGURES),
        "physiology": {"criteria": rows},
        "fidelity": {"rr_cv": {"ratio": 8.0}, "qt": {"ratio": 1.2}, "pr": {"ratio": None}},
    }
    assert failures(figures) == [
        "QRS in V5, peak to peak, median to real: 0.8; wanted 0.85 to 1.15.",
        "AFIB: irregular in 10% of the synthetic ECGs, 90% of the real.",
        "The distribution of RR variability (CV) is 8.0 times as far from real ECGs as chance.",
    ]
