from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ecg import Ecg
from engine.ptbxl import PtbXl
from engine.rate import heart_rate


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(35, 180), st.sampled_from([100, 250, 500]))
def test_the_rate_of_made_up_beats_is_found(make_ecg: Callable[..., Ecg], seed: int, wanted: float, rate: int) -> None:
    found = heart_rate(make_ecg(seed, rate, heart_rate=wanted))
    assert found.per_minute == pytest.approx(wanted, rel=0.02)
    assert found.rr_cv is not None and found.rr_cv < 0.06


def test_peaks_lie_on_the_beats(make_ecg: Callable[..., Ecg]) -> None:
    ecg = make_ecg(5, heart_rate=60)
    found = heart_rate(ecg)
    tallest = ecg.signal[np.abs(ecg.signal).max(axis=1).argmax()]
    for peak in found.peaks[1:-1]:
        near = np.abs(tallest[peak - 10 : peak + 11])
        assert near.max() > 0.7 * np.abs(tallest).max()
    np.testing.assert_allclose(found.times, found.peaks / 100)


def test_a_late_beat_shows_in_the_variation(make_ecg: Callable[..., Ecg]) -> None:
    regular = make_ecg(2, heart_rate=60)
    longer = Ecg(np.concatenate([regular.signal[:, :500], regular.signal[:, 460:]], axis=1), 100)
    assert (heart_rate(longer).rr_cv or 0) > (heart_rate(regular).rr_cv or 0) + 0.05


def test_missing_samples_do_not_stop_it(make_ecg: Callable[..., Ecg]) -> None:
    signal = make_ecg(1, heart_rate=72).signal.copy()
    signal[:, 990:] = np.nan
    signal[8] = np.nan
    assert heart_rate(Ecg(signal, 100)).per_minute == pytest.approx(72, rel=0.03)


@pytest.mark.parametrize("samples", [2, 30, 1000])
def test_a_signal_without_beats_has_no_rate(samples: int) -> None:
    found = heart_rate(Ecg(np.zeros((12, samples)), 100))
    assert (found.per_minute, found.rr_cv) == (None, None)


def test_real_rhythms_have_the_rates_their_names_say(ptbxl: PtbXl) -> None:
    for code, low, high in (("SBRAD", 30, 66), ("STACH", 95, 200)):
        records = ptbxl.with_labels([code])[:40]
        rates = [heart_rate(Ecg(signal, 100)).per_minute or 0 for signal in ptbxl.read_many(records)]
        assert np.mean([low <= rate <= high for rate in rates]) >= 0.95


def test_fibrillation_is_more_irregular_than_sinus_rhythm(ptbxl: PtbXl) -> None:
    irregularity = [
        np.median([heart_rate(Ecg(s, 100)).rr_cv or 0 for s in ptbxl.read_many(ptbxl.with_labels([code])[:40])])
        for code in ("AFIB", "SR")
    ]
    assert irregularity[0] > 3 * irregularity[1]


def test_it_takes_milliseconds(make_ecg: Callable[..., Ecg]) -> None:
    ecg = make_ecg()
    heart_rate(ecg)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        heart_rate(ecg)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.01  # 1 ms where it was measured; generous for a busy machine
