"""Noise schedules."""

import numpy as np
import pytest

from engine.schedule import SCHEDULES, published_linear, zero_snr_cosine


def test_the_published_schedule_never_reaches_noise():
    schedule = published_linear(200)
    assert schedule.alpha_bar[-1] == pytest.approx(0.132, abs=5e-4)
    assert schedule.terminal_snr == pytest.approx(0.152, abs=5e-4)


def test_the_cosine_schedule_ends_in_noise_exactly():
    schedule = zero_snr_cosine(200)
    assert schedule.terminal_snr == 0.0
    assert schedule.log_snr[-1] == -np.inf


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("steps", [2, 10, 200, 1000])
def test_every_schedule_adds_noise_at_every_step(name, steps):
    schedule = SCHEDULES[name](steps)
    assert schedule.steps == steps
    assert (np.diff(schedule.alpha_bar) < 0).all()
    assert ((schedule.betas > 0) & (schedule.betas <= 1)).all()
    assert schedule.posterior_deviation[0] == 0
