"""Two arms of different real ECGs, and what can be done to one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from engine.audit.received import Arm, Received, from_payloads
from engine.ecg import Ecg
from engine.harmonise import encode, harmonise

Signals = Sequence[np.ndarray]
NUMBER = 50  # ECGs per arm


def as_received(signals: Signals, rate: float = 100) -> Arm:
    """Signals (12, n) in mV as an arm that nothing was done to."""
    return Arm(tuple(Received(Ecg(signal, rate), signal.size * 2) for signal in signals))


def as_sent(signals: Signals) -> Arm:
    """Signals (12, n) in mV as a study sends them."""
    return from_payloads([encode(harmonise(Ecg(signal, 100))) for signal in signals])


@pytest.fixture(scope="session")
def two_arms(complete_real_ecgs: list[Ecg]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Real ECGs of PTB-XL, in two arms by lot, in mV on the grid of 1 uV as float64."""
    sound = [ecg for ecg in complete_real_ecgs if not ecg.problems()]
    order = np.random.default_rng(5).permutation(len(sound))[: 2 * NUMBER]
    signals = [np.round(sound[at].signal.astype(np.float64), 3) for at in order]
    return signals[:NUMBER], signals[NUMBER:]


@pytest.fixture(scope="session")
def sent_real(two_arms: tuple[list[np.ndarray], list[np.ndarray]]) -> Arm:
    """The first arm as a study sends it."""
    return as_sent(two_arms[0])


@pytest.fixture(scope="session")
def made_up_arms(make_ecg: Callable[..., Ecg]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The same without PTB-XL."""
    lot = np.random.default_rng(3).permutation(80)
    signals = [np.round(make_ecg(int(seed)).signal.astype(np.float64), 3) for seed in lot]
    return signals[:40], signals[40:]
