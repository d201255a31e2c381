from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ecg import NLE_LEADS, Ecg, complete_leads
from engine.evaluation import waves
from engine.evaluation.matched import Cohort, read_cohort
from engine.evaluation.measurement import Measured, measure
from engine.measuring.beat import Beat, typical_beat
from engine.ptbxl import PtbXl

TIME = (np.arange(500) - 200) / 500  # seconds from the middle of the QRS complex


def drawn_beat(lead_heights: dict[str, float], width: float = 0.012, p_at: float = -0.16) -> Beat:
    """One bell for the QRS complex, one for a P and one for a T wave, in the leads named."""
    shape = np.exp(-0.5 * (TIME / width) ** 2)
    shape += 0.12 * np.exp(-0.5 * ((TIME - p_at) / 0.02) ** 2) + 0.3 * np.exp(-0.5 * ((TIME - 0.25) / 0.04) ** 2)
    signal = np.outer([lead_heights.get(lead, 0.0) for lead in NLE_LEADS], shape)
    return Beat(signal, np.stack([signal] * 5), 0.9)


@settings(max_examples=40, deadline=None)
@given(st.floats(-175, 175))
def test_the_axis_is_the_direction_of_the_dipole(angle: float) -> None:
    radians = math.radians(angle)
    beat = drawn_beat({"I": math.cos(radians), "aVF": math.sin(radians) * math.sqrt(3) / 2, "V4": 0.5})
    assert waves.axis_degrees(beat) == pytest.approx(angle, abs=1)


@given(st.floats(0.008, 0.03), st.floats(0.008, 0.03))
def test_a_wider_complex_is_measured_wider(one: float, other: float) -> None:
    widths = [waves.qrs_ms(drawn_beat({"V2": 1, "V5": 1}, width)) for width in sorted((one, other))]
    assert widths[0] <= widths[1]


@settings(max_examples=30, deadline=None)
@given(st.floats(-0.26, -0.14))
def test_an_earlier_p_wave_lengthens_pr_by_as_much(at: float) -> None:
    early, late = (waves.pr_ms(drawn_beat({"I": 1, "V5": 1}, p_at=p_at)) for p_at in (at, -0.14))
    assert early - late == pytest.approx(1000 * (-0.14 - at), abs=6)


@given(st.floats(0.2, 5))
def test_voltages_follow_the_gain(gain: float) -> None:
    one, more = (drawn_beat({"V1": -0.8 * g, "V2": g, "V5": 1.2 * g, "V6": g}) for g in (1.0, gain))
    assert waves.sokolow_lyon_mv(one) == pytest.approx(2.0, abs=0.03)
    assert waves.sokolow_lyon_mv(more) == pytest.approx(gain * waves.sokolow_lyon_mv(one), rel=1e-6)
    assert waves.qrs_peak_to_peak_mv(more, "V2") == pytest.approx(gain * waves.qrs_peak_to_peak_mv(one, "V2"))


def test_beats_of_equal_height_have_no_variability() -> None:
    assert waves.beat_height_cv(drawn_beat({"V2": 1})) == pytest.approx(0)


@pytest.mark.parametrize("signal", [np.zeros((12, 990)), np.zeros((12, 30)), np.ones((12, 2))])
def test_what_shows_no_beats_is_measured_as_nothing(signal: np.ndarray) -> None:
    assert typical_beat(Ecg(signal, 100)) is None
    measured = measure([Ecg(signal, 100)])
    assert np.isnan([measured[name][0] for name in ("rate", "rr_cv", "pr", "qrs", "qt", "v2")]).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_noise_stops_nothing(seed: int) -> None:
    noise = np.random.default_rng(seed).standard_normal((8, 990))
    measured = measure([Ecg(complete_leads(noise, NLE_LEADS), 100)])
    assert measured["einthoven"][0] < 1e-5


def test_beats_found_early_or_late_do_not_widen_the_typical_one(make_ecg: Callable[..., Ecg]) -> None:
    widths = [waves.qrs_ms(beat) for rate in (60, 61.7, 73) if (beat := typical_beat(make_ecg(3, heart_rate=rate)))]
    assert len(widths) == 3 and np.ptp(widths) <= 12


@pytest.fixture(scope="module")
def fold9(ptbxl: PtbXl) -> tuple[Cohort, Measured]:
    cohort = read_cohort(ptbxl, [9])
    return cohort, measure(cohort.ecgs())


def share(fold9: tuple[Cohort, Measured], codes: tuple[str, ...], name: str, above: float) -> float:
    cohort, measured = fold9
    values = measured[name][cohort.carrying(*codes)]
    return float((values[~np.isnan(values)] >= above).mean())


@pytest.mark.slow
def test_real_bundle_branch_blocks_are_wide_and_normal_complexes_are_not(fold9: tuple[Cohort, Measured]) -> None:
    assert share(fold9, ("CLBBB",), "qrs", 120) >= 0.9
    assert share(fold9, ("CRBBB",), "qrs", 120) >= 0.8
    assert share(fold9, ("NORM", "SR"), "qrs", 120) <= 0.02


@pytest.mark.slow
def test_real_first_degree_blocks_have_a_long_pr(fold9: tuple[Cohort, Measured]) -> None:
    assert share(fold9, ("1AVB",), "pr", 200) >= 0.85
    assert share(fold9, ("NORM", "SR"), "pr", 200) <= 0.2


@pytest.mark.slow
def test_real_hypertrophies_and_pacemakers_are_told_from_normal_ecgs(fold9: tuple[Cohort, Measured]) -> None:
    assert share(fold9, ("LVH",), "sokolow_lyon", 3.5) > 5 * share(fold9, ("NORM", "SR"), "sokolow_lyon", 3.5)
    assert share(fold9, ("PACE",), "spikes", 0.5) >= 0.6
    assert share(fold9, ("NORM", "SR"), "spikes", 0.5) <= 0.05


@pytest.mark.slow
def test_the_rate_corrected_qt_of_normal_ecgs_is_normal(fold9: tuple[Cohort, Measured]) -> None:
    cohort, measured = fold9
    corrected = measured["qt"] / np.sqrt(60 / measured["rate"])  # Bazett 1920
    assert 370 <= np.nanmedian(corrected[cohort.carrying("NORM", "SR")]) <= 430
