"""The machine reader reads waveforms, learns nothing from an ECG's match, and says how sure it is."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from engine.audit import machine
from engine.audit.checking import AuditProcess
from engine.audit.classify import FEWEST, AuditError, _folds, judged
from engine.audit.machine import machine_reader, measured
from engine.audit.received import from_payloads
from engine.audit.report import audit
from engine.ecg import STANDARD_LEADS, Ecg, complete_leads
from engine.harmonise import encode, harmonise

FEW = 100  # permutations
TIME = np.arange(1000) / 100


def beats(seed: int, t_wave: float = 1.0) -> bytes:
    """P, QRS and T with noise as a study sends them; every ECG has its own rate, axis and heights. T times `t_wave`."""
    random = np.random.default_rng(seed)
    interval = random.uniform(0.7, 1.0)
    phase = (TIME + random.uniform(0, 1)) % interval - 0.4 * interval
    waves = [(-0.16, 0.025, 0.12), (0.0, 0.014, 1.0), (0.03, 0.012, -0.25), (0.25, 0.05, 0.3 * t_wave)]
    beat = np.array([height * np.exp(-0.5 * ((phase - at) / width) ** 2) for at, width, height in waves])
    eight = random.uniform(0.3, 1.5, (8, 4)) @ beat + 0.01 * random.standard_normal((8, len(TIME)))
    return encode(harmonise(Ecg(complete_leads(eight, ("I", "II", *STANDARD_LEADS[6:])), 100)))


def arm(first: int, number: int, t_wave: float = 1.0) -> list[bytes]:
    return [beats(first + at, t_wave) for at in range(number)]


def ecgs(payloads: list[bytes]) -> list[Ecg]:
    return [received.ecg for received in from_payloads(payloads).ecgs]


@pytest.fixture(scope="module")
def alike() -> tuple[list[bytes], list[bytes]]:
    return arm(0, 40), arm(1000, 40)


@pytest.fixture(scope="module")
def inverted() -> tuple[list[bytes], list[bytes]]:
    return arm(0, 40), arm(1000, 40, t_wave=-1)


CASES = [*range(40)] * 2


# ---------------------------------------------------------------------------------------------- what it tells apart


def test_inverted_t_waves_are_read_by_the_machine_and_are_no_leak(inverted: tuple[list[bytes], list[bytes]]) -> None:
    found = machine_reader(*map(ecgs, inverted), FEW, cases=CASES)
    assert found.auc > 0.97 and found.low > 0.9 and found.beyond_chance
    assert found.accuracy.value > 0.9 and found.pairs is not None and found.pairs.value > 0.95
    leaks = audit(*map(from_payloads, inverted), FEW)
    assert leaks.separation.auc < found.low and not leaks.by_kind["format"].beyond_chance  # type: ignore[index]


def test_arms_of_one_distribution_have_one_half_in_every_interval(alike: tuple[list[bytes], list[bytes]]) -> None:
    found = machine_reader(*map(ecgs, alike), FEW, cases=CASES)
    assert found.low < 0.5 < found.high and not found.beyond_chance
    assert found.accuracy.low < 0.5 < found.accuracy.high
    assert found.pairs is not None and found.pairs.low < 0.5 < found.pairs.high


def test_real_ecgs_are_not_told_from_real_ecgs(
    two_arms: tuple[list[np.ndarray], list[np.ndarray]],
) -> None:
    real, others = ([harmonise(Ecg(signal, 100)) for signal in signals] for signals in two_arms)
    found = machine_reader(real, others, FEW, cases=[*range(len(real))] * 2)
    assert found.low < 0.5 < found.high and not found.beyond_chance


def test_the_same_ecgs_give_the_same_figure_twice(inverted: tuple[list[bytes], list[bytes]]) -> None:
    arms = [from_payloads(payloads) for payloads in inverted]
    once, again = (json.dumps(measured(*arms, FEW, cases=CASES)) for _ in range(2))
    assert once == again
    assert once != json.dumps(measured(*arms, FEW, seed=1, cases=CASES))


# ------------------------------------------------------------------------------------------------- nothing is learnt


def twins(number: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns in which the two ECGs of a case are nearly the same and the arms do not differ; arms; cases."""
    random = np.random.default_rng(seed)
    shared = random.standard_normal((number, 60))
    columns = np.concatenate([shared, shared]) + 0.1 * random.standard_normal((2 * number, 60))
    return columns, np.arange(2 * number) >= number, np.tile(np.arange(number), 2)


def test_a_match_in_another_fold_would_lead_astray_and_is_never_there() -> None:
    """Who has seen the real twin takes the synthetic one for real: without cases the AUC falls below chance."""
    apart, together = [], []
    for seed in range(5):
        columns, arms, cases = twins(60, seed)
        apart.append(judged(columns, arms, 20, seed)[0].auc)
        together.append(judged(columns, arms, 20, seed, cases)[0].auc)
    assert np.mean(apart) < 0.3
    assert np.mean(together) == pytest.approx(0.5, abs=0.06)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 25), min_size=2 * FEWEST, max_size=60), st.integers(0, 99))
def test_every_ecg_is_judged_once_and_with_all_ecgs_of_its_case(numbers: list[int], seed: int) -> None:
    cases, arms = np.array(numbers), np.arange(len(numbers)) % 2 == 0
    if len(set(numbers)) < 5:
        with pytest.raises(AuditError, match="fewer than 5 cases"):
            list(_folds(arms, seed, cases))
        return
    folds = list(_folds(arms, seed, cases))
    assert sorted(np.concatenate(folds).tolist()) == list(range(len(numbers)))
    assert sum(len(set(cases[fold].tolist())) for fold in folds) == len(set(numbers))


@pytest.mark.slow
def test_the_interval_over_cases_covers_the_truth_of_matched_ecgs() -> None:
    """What the ECGs of a case share moves both: AUC = Phi(d / sqrt(2 (1 + shared variance)))."""
    theory, hits = norm.cdf(1 / np.sqrt(2 * 1.5)), 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        shared = np.sqrt(0.5) * random.standard_normal(100)
        column = np.concatenate([shared, shared + 1]) + random.standard_normal(200)
        found, _ = judged(column[:, None], np.arange(200) >= 100, 20, seed, np.tile(np.arange(100), 2))
        hits += found.low <= theory <= found.high
    assert 51 <= hits <= 60  # 95 % of 60 are 57


# ------------------------------------------------------------------------------------------------------ its numbers


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=1, max_size=30))
def test_choices_in_pairs_are_counted_case_by_case(pairs: list[tuple[float, float]]) -> None:
    real, synthetic = (np.array(column) for column in zip(*pairs, strict=True))
    scores, arms = np.concatenate([real, synthetic]), np.arange(2 * len(pairs)) >= len(pairs)
    found = machine._choices(scores, arms, np.tile(np.arange(len(pairs)), 2))
    assert found is not None and found.n == len(pairs)
    assert found.value == pytest.approx((synthetic > real).mean()) and found.low <= found.value <= found.high


def test_a_case_with_three_ecgs_is_no_pair() -> None:
    arms = np.array([False, True, True])
    assert machine._choices(np.array([0.1, 0.5, 0.4]), arms, np.array([1, 1, 1])) is None


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(-4, 4), st.booleans()), min_size=4, max_size=30))
def test_the_curve_rises_to_the_corner_and_lies_below_no_real_point(cases: list[tuple[int, bool]]) -> None:
    scores, arms = np.array([float(score) for score, _ in cases]), np.array([arm for _, arm in cases])
    if arms.all() or not arms.any():
        return
    curve = machine._curve(scores, arms)
    assert list(curve.hit_rate) == sorted(curve.hit_rate) and curve.hit_rate[-1] == 1
    for alarms, hits in zip(curve.false_alarm_rate, curve.hit_rate, strict=True):
        allowed = [level for level in (*scores, np.inf) if (scores[~arms] >= level).mean() <= alarms + 1e-12]
        assert hits == pytest.approx(max((scores[arms] >= level).mean() for level in allowed))


def test_chance_is_one_half_in_unequal_arms_too() -> None:
    """Three times as many synthetic ECGs: one who calls all of them synthetic would have 75 %."""
    arms, right = np.arange(80) >= 20, []
    for seed in range(30):
        columns = np.random.default_rng(seed).standard_normal((80, 20))
        right.append(machine._verdicts(judged(columns, arms, 20, seed)[1], arms).value)
    assert np.mean(right) == pytest.approx(0.5, abs=0.05)


def test_of_very_many_ecgs_whole_cases_are_read_by_lot(
    alike: tuple[list[bytes], list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "MOST", 50)
    found = machine_reader(*map(ecgs, alike), 20, cases=CASES)
    assert (found.n_real, found.n_synthetic, found.of_real, found.of_synthetic) == (25, 25, 40, 40)
    assert found.pairs is not None and found.pairs.n == 25
    assert found == machine_reader(*map(ecgs, alike), 20, cases=CASES)


def test_too_few_ecgs_are_not_measured_and_it_says_why() -> None:
    few = from_payloads(arm(0, 9))
    assert measured(few, few, FEW) == {"not_measured": "An arm has only 9 ECGs; the audit needs at least 10 in each."}
    nobody = from_payloads([])
    assert "only 0 ECGs" in measured(nobody, nobody)["not_measured"]


def test_no_number_belongs_to_a_single_ecg(alike: tuple[list[bytes], list[bytes]]) -> None:
    """A list as long as the study would tell, ECG by ECG, what the classifier takes it for."""
    found = asdict(machine_reader(*map(ecgs, alike), 20, cases=CASES))
    lists = [value for part in (found, *found.values()) if isinstance(part, dict) for value in part.values()]
    assert {len(value) for value in lists if isinstance(value, list | tuple)} == {len(machine.ALARM_RATES)}


# ----------------------------------------------------------------------------------------------- the audit's process


def finished(process: AuditProcess) -> dict[str, object]:
    deadline = time.monotonic() + 120
    while (found := process.result()) is None:
        assert time.monotonic() < deadline, "the audit did not end"
        time.sleep(0.05)
    return found


def test_the_audit_of_a_study_brings_the_machine_reader_along() -> None:
    real, synthetic = arm(0, 15), arm(1000, 15, t_wave=-1)
    found = finished(AuditProcess(real, synthetic, [*range(15)] * 2))
    kept = found["machine_reader"]
    assert isinstance(kept, dict) and kept["auc"] > 0.9 and kept["pairs"]["n"] == 15
    assert kept == json.loads(
        json.dumps(measured(from_payloads(real), from_payloads(synthetic), cases=[*range(15)] * 2))
    )
    assert found["auc"] != kept["auc"]


def test_the_audits_process_does_not_load_torch() -> None:
    code = "import sys, engine.audit.answering; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_audit_that_is_stopped_ends_at_once() -> None:
    process = AuditProcess(arm(0, 30), arm(1000, 30), [*range(30)] * 2)
    started = time.monotonic()
    process.stop()
    assert time.monotonic() - started < 5


@pytest.mark.slow
def test_five_hundred_ecgs_per_arm_take_less_than_a_minute() -> None:
    arms = [ecgs(arm(first, 100)) * 5 for first in (0, 1000)]
    started = time.process_time()
    machine_reader(*arms, cases=[*range(500)] * 2)
    assert time.process_time() - started < 60
