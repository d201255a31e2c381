from __future__ import annotations

import numpy as np
import pytest

from engine.ecg import Ecg, EcgError, einthoven_residual
from engine.harmonise import encode, harmonise
from engine.labels import ptbxl_statements
from engine.rate import heart_rate
from engine.simulator import HEART_RATES, NAME, simulate


@pytest.fixture(scope="module")
def simulated() -> Ecg:
    return simulate(7)


def test_it_is_named_a_simulator() -> None:
    assert "simulator" in NAME


def test_the_same_seed_gives_the_same_ecg_and_another_seed_another(simulated: Ecg) -> None:
    assert np.array_equal(simulate(7).signal, simulated.signal)
    assert not np.array_equal(simulate(8).signal, simulated.signal)


def test_a_simulated_ecg_is_sound_and_goes_through_the_pipeline(simulated: Ecg) -> None:
    assert (simulated.signal.shape, simulated.rate) == ((12, 1000), 100)
    assert simulated.problems() == ()
    assert np.abs(einthoven_residual(simulated)).max() < 1e-5
    assert len(encode(harmonise(simulated))) == 24000


def test_amplitudes_are_plausible(simulated: Ecg) -> None:
    spans = np.ptp(simulated.signal, axis=1)
    assert spans.min() > 0.3 and spans.max() < 3.5


@pytest.mark.parametrize("wanted", [45, 75, 130])
def test_the_heart_beats_as_asked(wanted: float) -> None:
    assert heart_rate(simulate(1, heart_rate=wanted)).per_minute == pytest.approx(wanted, rel=0.04)


@pytest.mark.parametrize("code", HEART_RATES)
def test_the_rhythm_sets_the_heart_rate(code: str) -> None:
    low, high = HEART_RATES[code]
    found = heart_rate(simulate(3, ptbxl_statements().select([code, "LVH"]))).per_minute
    assert found is not None and low - 3 <= found <= high + 3


@pytest.mark.parametrize("wanted", [0, 29, 221, float("nan")])
def test_impossible_heart_rates_are_refused(wanted: float) -> None:
    with pytest.raises(EcgError, match="30 to 220"):
        simulate(1, heart_rate=wanted)
