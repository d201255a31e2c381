"""The drawn curve is the band-limited one: exact for what a recording can hold, quiet at its ends."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.display.interpolate import REACH, interpolate

RATE, TARGET = 100.0, 500.0
TENTH_OF_A_PIXEL = 0.0025  # mV, at 4 px/mm and 10 mm/mV


def tone(frequency: float, phase: float, rate: float, seconds: float = 10.0) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate + phase)[None]


signals = arrays(np.float32, (2, 120), elements=st.floats(-5, 5, width=32))


@given(frequency=st.floats(0.05, 40.0), phase=st.floats(0, 2 * np.pi))
def test_a_tone_within_the_printed_band_is_drawn_exactly(frequency: float, phase: float) -> None:
    drawn = interpolate(tone(frequency, phase, RATE), RATE, TARGET)
    inside = slice(5 * REACH, -5 * REACH)  # away from the ends, where no neighbours are made up
    assert np.abs(drawn - tone(frequency, phase, TARGET))[:, inside].max() < TENTH_OF_A_PIXEL


@given(signals)
def test_the_curve_runs_through_the_samples(signal: np.ndarray) -> None:
    np.testing.assert_allclose(interpolate(signal, RATE, TARGET)[:, ::5], signal, atol=1e-5)


@given(st.floats(-5, 5), st.sampled_from([100.0, 128.0, 250.0, 257.0, 360.0, 500.0]))
def test_a_constant_stays_constant_to_the_very_ends(level: float, rate: float) -> None:
    drawn = interpolate(np.full((1, 300), level), rate, TARGET)
    np.testing.assert_allclose(drawn, level, atol=1e-5)


@given(signals, signals, st.floats(-3, 3))
def test_interpolation_is_linear(one: np.ndarray, other: np.ndarray, factor: float) -> None:
    together = interpolate(one + factor * other, RATE, TARGET)
    apart = interpolate(one, RATE, TARGET) + factor * interpolate(other, RATE, TARGET)
    np.testing.assert_allclose(together, apart, atol=2e-4)


@given(signals)
def test_it_draws_the_same_curve_backwards(signal: np.ndarray) -> None:
    # The points from the first to the last sample; after the last one the forward curve runs on for 8 ms.
    forward = interpolate(signal, RATE, TARGET)[:, :-4]
    backward = interpolate(signal[:, ::-1], RATE, TARGET)[:, :-4]
    np.testing.assert_allclose(forward, backward[:, ::-1], atol=2e-4)


def test_a_recording_that_starts_inside_a_qrs_complex_does_not_swing_at_its_ends() -> None:
    time = np.arange(1000) / RATE
    signal = (3 * np.exp(-((time - 0.01) ** 2) / (2 * 0.015**2)))[None]  # a 3 mV R wave cut near its top
    drawn = interpolate(signal, RATE, TARGET)
    exact = 3 * np.exp(-((np.arange(5000) / TARGET - 0.01) ** 2) / (2 * 0.015**2))
    assert np.abs(drawn[0] - exact).max() < 0.15  # zero padding: 22.7 mm = 2.27 mV


def test_straight_lines_would_cut_an_r_peak_and_this_curve_does_not() -> None:
    fine = np.arange(5000) / TARGET
    peak = np.exp(-((fine - 5.004) ** 2) / (2 * 0.012**2))[None]  # its top lies between two samples
    signal = peak[:, ::5]
    assert peak.max() - signal.max() > 0.04
    assert abs(interpolate(signal, RATE, TARGET).max() - peak.max()) < TENTH_OF_A_PIXEL


@pytest.mark.parametrize("rate", [100.0, 125.0, 250.0, 500.0])
def test_ten_seconds_are_always_as_many_points(rate: float) -> None:
    drawn = interpolate(np.zeros((12, round(10 * rate))), rate, TARGET)
    assert drawn.shape == (12, 5000) and drawn.dtype == np.float32


def test_it_agrees_with_the_polyphase_filter_of_scipy() -> None:
    from scipy.signal import resample_poly

    generator = np.random.default_rng(3)
    spectrum = np.fft.rfft(generator.normal(size=(4, 1000)))
    spectrum[:, 350:] = 0  # nothing above 35 Hz
    signal = np.fft.irfft(spectrum)
    expected = resample_poly(signal, 5, 1, axis=1, window=("kaiser", 8.96))
    difference = np.abs(interpolate(signal, RATE, TARGET) - expected)[:, 100:-100]
    assert difference.max() < 0.03 * np.abs(signal).max()
